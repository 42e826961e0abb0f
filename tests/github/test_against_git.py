"""What is fetched, and every line on which something is said, against git itself: changes of all kinds, by chance.

`EXAMPLES=200 pytest tests/github/test_against_git.py` looks longer.
"""

import itertools
import os
import re
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.analysis.syntax import still_parses
from server.effects.app import GitHubApp
from server.effects.github import github_for
from server.effects.snapshot import fetch_snapshot
from server.reviews.finding import Finding, apply_edits
from server.reviews.publish import Comment, finding_fingerprints, to_file_comments, to_review
from server.reviews.snapshot import Coverage, LineRange, Report, SourceFile
from tests.github.git_project import GitProject
from tests.github.repository import run_git
from tests.github.standin import GitHubStandIn
from tests.github.test_snapshot import ref_of
from tests.github.test_to_review import changes, findings_in, suggestion_of

EXAMPLES = int(os.environ.get("EXAMPLES", "8"))

PATHS = [
    "app.py",
    "notes.txt",
    "two words.md",
    "ünïcode/naïve.py",
    'quo"ted.txt',
    "tab\there.txt",
    "back\\slash.txt",
    "-dash.txt",
    "a#b?c%20d.txt",
    "mode.sh",
]
BINARY = st.sampled_from([b"\0", b"\x89PNG\0\1", b"gr\xfcn\n"])
SUBMODULE = "1" * 40


class Change(NamedTuple):
    """*act*: `edit`, `add`, `delete`, `move`, `mode`, `link`, `submodule`, `binary` or `none`."""

    path: str
    act: str
    old: str
    new: str
    content: bytes


ACTS = ["edit"] * 6 + ["add", "delete", "move", "mode", "link", "submodule", "binary", "none"]


@st.composite
def changed_projects(draw: st.DrawFn) -> list[Change]:
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=len(PATHS), unique=True))
    return [Change(path, draw(st.sampled_from(ACTS)), *draw(changes()), draw(BINARY)) for path in paths]


def make(project: GitProject, made: list[Change]) -> None:
    """The commits before and after, on `main` and `feature`."""
    project.commit({"kept": "", **{c.path: c.old for c in made if c.act not in ("add", "submodule")}})
    project.branch("feature")
    for change in made:
        act(project, change)
    project.git("commit", "--quiet", "--allow-empty", "-m", "Change it")


def act(project: GitProject, change: Change) -> None:
    target = project.directory / change.path
    match change.act:
        case "edit" | "add" | "binary" | "move":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(change.content if change.act == "binary" else change.new.encode())
            if change.act == "move":
                project.git("mv", "--", change.path, f"{change.path}.moved")
        case "delete":
            target.unlink()
        case "mode":
            target.chmod(0o755)
        case "link":
            target.unlink()
            target.symlink_to("kept")
        case "submodule":
            # Not in the working tree, so that nothing is added after it.
            project.git("update-index", "--add", "--cacheinfo", f"160000,{SUBMODULE},{change.path}")
            return
    project.git("add", "--all", "--", *({change.path, f"{change.path}.moved"} & present(project, change)))


def present(project: GitProject, change: Change) -> set[str]:
    """Paths that git knows, or can."""
    paths = {change.path, f"{change.path}.moved"}
    known = {path for path in paths if project.git("ls-files", "--", path)}
    return known | {path for path in paths if os.path.lexists(project.directory / path)}


class Git:
    """What git says of the two commits: by other ways than those that are tested."""

    def __init__(self, directory: Path, base: str, head: str) -> None:
        self._directory = directory
        self._base, self._head = base, head

    def paths(self) -> set[str]:
        """Of the head, or of the base where they are gone."""
        fields = iter(self._git("diff", "--name-status", "-z", "-M", self._base, self._head).split("\0")[:-1])
        found = set()
        for status in fields:
            found.add([next(fields) for _ in range(1 + (status[0] in "RC"))][-1])
        return found

    def text(self, path: str) -> str:
        return run_git(self._directory, "show", f"{self._head}:{path}").decode()

    def added_lines(self, path: str) -> set[int]:
        """By a diff without context, in which each hunk's header is all there is to read."""
        shown = self._git("diff", "-U0", "-M", self._base, self._head)
        own = next((part for part in re.split(r"(?m)^diff --git ", shown) if is_about(part, path)), "")
        headers = re.findall(r"(?m)^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", own)
        return {int(start) + n for start, count in headers for n in range(int(count or "1"))}

    def _git(self, *arguments: str) -> str:
        return run_git(self._directory, *arguments).decode("utf-8", "surrogateescape")


def is_about(part: str, path: str) -> bool:
    """git quotes what is not plain, and ends a name that holds a space with a tab."""
    quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return any(f"\n+++ {name}\n" in part for name in (f"b/{path}", f"b/{path}\t", f'"b/{quoted}"'))


def numbers(ranges: tuple[LineRange, ...] | None) -> set[int]:
    return {n for lines in ranges or () for n in range(lines.start, lines.end + 1)}


_names = itertools.count()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
async def test_what_is_read_is_what_git_says_and_what_is_said_github_takes(
    standin: GitHubStandIn, app: GitHubApp, tmp_path: Path, data: st.DataObject
) -> None:
    name = f"demo{next(_names)}"
    project = GitProject(tmp_path / name)
    make(project, data.draw(changed_projects(), label="project"))
    repository = await standin.create_repository(project.directory, f"octo/{name}")
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    github = await github_for(app, ref)

    snapshot = await fetch_snapshot(github, ref, lambda done, total, note: None)

    git = Git(project.directory, ref.base_sha, ref.head_sha)
    assert {file.path for file in (*snapshot.files, *snapshot.skipped)} == git.paths()
    for file in snapshot.files:
        assert file.text == git.text(file.path)
        assert numbers(file.changed) == git.added_lines(file.path)
        assert numbers(file.changed) <= numbers(file.hunks) or not file.hunks
    findings = [f for file in snapshot.files if file.text for f in data.draw(findings_in(file.path, file.text))]
    report = Report(tuple(findings), Coverage())
    on_files = to_file_comments(ref, report, snapshot)
    for comment in on_files:
        await github.create_file_comment(ref.number, ref.head_sha, comment)
    told = {comment.fingerprint for comment in on_files}
    review = to_review(ref, report, snapshot, on_files=told, still_parses=still_parses)
    if review is None:
        assert findings == []
        return
    await github.create_review(ref.number, review)  # the stand-in refuses a line that the diff does not show
    files = {file.path: file for file in snapshot.files}
    for inline in review.comments:
        (fingerprint,) = finding_fingerprints(inline.body)
        told.add(fingerprint)
        (finding,) = (finding for finding in findings if finding.fingerprint == fingerprint)
        assert_suggestion_is_the_fix(files[inline.path], finding, inline)
    assert told | finding_fingerprints(review.body) == {finding.fingerprint for finding in findings}


def assert_suggestion_is_the_fix(file: SourceFile, finding: Finding, comment: Comment) -> None:
    """What somebody gets who commits it, if there is one."""
    suggested = suggestion_of(comment.body)
    if suggested is None:
        return
    assert finding.fix is not None
    lines = file.text.split("\n")
    after = "\n".join([*lines[: (comment.start_line or comment.line) - 1], *suggested, *lines[comment.line :]])
    assert after == apply_edits(file.text, finding.fix.edits)


async def test_files_of_all_names_are_read(standin: GitHubStandIn, app: GitHubApp, project: GitProject) -> None:
    make(project, [Change(path, "edit", "a\nb\n", "a\nc\n", b"") for path in PATHS])
    await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(standin.repositories["octo/demo"], head="feature"))

    snapshot = await fetch_snapshot(await github_for(app, ref), ref, lambda done, total, note: None)

    assert {file.path: file.changed for file in snapshot.files} == dict.fromkeys(PATHS, (LineRange(2, 2),))

"""Collect a Snapshot from a folder of this machine: changes, a commit, a whole directory, one file.

What cannot be reviewed is skipped with its reason. Pull requests come from GitHub instead: `pull_request.py`.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from server.reviews.context import MAX_CONTEXT_BYTES, VENDORED, nearest, vendored_folder
from server.reviews.git import DIFF_OPTIONS, CannotCollect, Git, GitFailed, NoCommits
from server.reviews.git_diff import PATCH_OPTIONS, SUMMARY_OPTIONS, Candidate, changed_files, changed_lines
from server.reviews.project import Project, identify_project, is_git_directory
from server.reviews.snapshot import MAX_BASE_BYTES, MAX_FILE_BYTES, SkippedFile, Snapshot, SourceFile
from server.reviews.working_files import TOO_LARGE, Skip, WorkingFiles, printable, text_of, why_unreadable

MAX_FILES = 20_000
MAX_SNAPSHOT_BYTES = 36 * 1024 * 1024
"""Of all files together, as JSON; what does not fit is skipped. The API takes a little more: `server/api/routes.py`."""

MAX_CONTEXT_FILES = 2_000

BULKY_SUFFIXES = {".csv", ".json", ".lock", ".map", ".md", ".po", ".rst", ".snap", ".svg", ".tsv", ".txt", ".xml"}
"""Text of which there is much and which seldom holds code: read where there is room after the rest."""

NOT_SOURCE = VENDORED | {".git", ".hg", ".svn", "venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
"""Also passed over where no .gitignore can say so."""


class Collected(NamedTuple):
    """*what* says in a few words for people what the snapshot shows."""

    snapshot: Snapshot
    project: Project
    what: str


class NoSuchPath(CannotCollect):
    """There is nothing to review at the path."""


class TooManyFiles(CannotCollect):
    """More than anybody means to review at once."""


def collect(
    path: Path,
    env: Mapping[str, str],
    *,
    base: str | None = None,
    head: str | None = None,
    everything: bool = False,
) -> Collected:
    """What a person means by reviewing *path*.

    A file is reviewed whole. Of a repository: the working tree's changes against HEAD, or the last commit when there
    are none; before the first commit all files are changes. *base*: the changes since the merge base with it, up to
    *head* or the working tree. *head* alone: that commit. *everything*, or no repository: all files. Raises
    `CannotCollect`.
    """
    place = _existing(path)
    project = identify_project(place)
    _refuse_git_directory(place, project)
    within = place.relative_to(project.root).as_posix()
    if (base or head) and not project.is_repository:
        raise CannotCollect(
            f"{place} is not in a git repository", hint="without --base and --head all files are reviewed"
        )
    if everything and (base or head):
        raise CannotCollect("--all goes with neither --base nor --head")
    if not project.is_repository:
        if place.is_file():
            return _one_file(project, within)
        return _snapshot(project, _walk(place), _on_disk(place), "all files")
    repository = _Repository(project, Git(project.root, env), within)
    if base or head:
        return repository.since(base, head)
    if place.is_file():
        return repository.with_context(_one_file(project, within))
    if everything:
        return repository.all_files()
    return repository.latest()


_Reader = Callable[[Candidate], bytes]
"""Gives a candidate's content or raises `Skip`."""


def _existing(path: Path) -> Path:
    try:
        place = Path(os.path.realpath(path, strict=True))
    except (OSError, ValueError) as error:
        raise NoSuchPath(f"cannot review {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error
    if not (place.is_file() or place.is_dir()):
        raise NoSuchPath(f"{str(path)!r} is neither a file nor a folder")
    return place


def _refuse_git_directory(place: Path, project: Project) -> None:
    """git's own files are nobody's code: a clean review of them would praise what was not read."""
    if not project.is_repository and is_git_directory(place):
        raise CannotCollect(f"{place} is a bare repository", hint="clone it, and review the clone")
    if ".git" in place.relative_to(project.root).parts:
        raise CannotCollect(f"{place} is git's own", hint=f"review its repository: {project.root}")


def _one_file(project: Project, path: str) -> Collected:
    collected = _snapshot(project, [Candidate(path)], _on_disk(project.root), path)
    for skipped in collected.snapshot.skipped:
        raise CannotCollect(f"{skipped.path!r} cannot be reviewed: {skipped.reason}")
    return collected


class _Repository:
    """What git knows of the path asked for (`.` is all of it)."""

    def __init__(self, project: Project, git: Git, within: str) -> None:
        self._project = project
        self._git = git
        self._within = [] if within == "." else [within]
        folder = "/" if (project.root / within).is_dir() else ""
        self._where = f" in {printable(within)}{folder}" if self._within else ""

    def all_files(self) -> Collected:
        return self._from_files(self._listed(self._within), "all files")

    def with_context(self, collected: Collected) -> Collected:
        """And the code around it, as it lies in the working tree: what it calls, and who calls it."""
        files = {file.path for file in collected.snapshot.files}
        others = {candidate.path: candidate for candidate in self._listed(())}
        near = [others[path] for path in nearest(others, files, MAX_CONTEXT_FILES)]
        context = _context(near, _on_disk(self._project.root))
        return collected._replace(snapshot=msgspec.structs.replace(collected.snapshot, context=context))

    def latest(self) -> Collected:
        """Changes not committed yet; without any, the last commit."""
        try:
            head_sha = self._git.commit("HEAD")
        except NoCommits:
            return self._before_any_commit()
        changes = self._uncommitted(head_sha)
        if not changes:
            return self._one_commit(head_sha)
        return self.with_context(self._from_files(changes, "uncommitted changes", head_sha))

    def since(self, base: str | None, head: str | None) -> Collected:
        head_sha = self._git.commit(head or "HEAD")
        if base is None:
            return self._one_commit(head_sha)
        base_sha = self._git.merge_base(self._git.commit(base), head_sha)
        if head is None:
            return self.with_context(self._from_files(self._uncommitted(base_sha), f"changes since {base}", base_sha))
        changes = self._changes("diff-tree", base_sha, head_sha)
        return self._from_commit(changes, f"changes from {base} to {head}", base_sha, head_sha)

    def _before_any_commit(self) -> Collected:
        listed = self._listed(self._within)
        if not listed:
            hint = "what git ignores is reviewed only where a file is named: hive review FILE"
            raise NoCommits("the repository has no commits yet, and no files to review", hint=hint)
        return self._from_files(listed, "uncommitted changes")

    def _one_commit(self, sha: str) -> Collected:
        parent = self._git.parent(sha)
        changes = self._changes("diff-tree", parent or self._git.empty_tree(), sha)
        return self._from_commit(changes, f"commit {sha[:7]} “{self._git.subject(sha)}”", parent or "", sha)

    def _from_files(self, candidates: Iterable[Candidate], what: str, base_sha: str = "") -> Collected:
        chosen = list(candidates)
        collected = _snapshot(self._project, chosen, _on_disk(self._project.root), f"{what}{self._where}", base_sha)
        return self._with_bases(collected, chosen)

    def _from_commit(self, candidates: list[Candidate], what: str, base_sha: str, head_sha: str) -> Collected:
        collected = _snapshot(
            self._project, candidates, _Blobs(self._git, candidates), f"{what}{self._where}", base_sha, head_sha
        )
        collected = self._with_bases(collected, candidates)
        changed = {file.path for file in collected.snapshot.files}
        others = {candidate.path: candidate for candidate in self._tree(head_sha)}
        near = [others[path] for path in nearest(others, changed, MAX_CONTEXT_FILES)]
        context = _context(near, _Blobs(self._git, near, room=MAX_CONTEXT_BYTES))
        return collected._replace(snapshot=msgspec.structs.replace(collected.snapshot, context=context))

    def _with_bases(self, collected: Collected, candidates: Iterable[Candidate]) -> Collected:
        """And what the changed files were before, of as many as there is room for."""
        blobs = {candidate.path: candidate.base for candidate in candidates if candidate.base}
        files = [file for file in collected.snapshot.files if file.path in blobs]
        if not files:
            return collected
        read = _Blobs(self._git, (Candidate(file.path, blob=blobs[file.path]) for file in files))
        room = MAX_SNAPSHOT_BYTES - len(msgspec.json.encode(collected.snapshot))
        bases: dict[str, str] = {}
        for file in files:
            with suppress(Skip):
                text = text_of(read(Candidate(file.path, blob=blobs[file.path])))
                size = len(msgspec.json.encode(text))
                if size <= min(room, MAX_BASE_BYTES):
                    room -= size
                    bases[file.path] = text
        known = tuple(msgspec.structs.replace(f, base=bases.get(f.path)) for f in collected.snapshot.files)
        return collected._replace(snapshot=msgspec.structs.replace(collected.snapshot, files=known))

    def _listed(self, within: Sequence[str]) -> list[Candidate]:
        """All that git knows or would add."""
        listed = self._git.records("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *within)
        return [Candidate(path) for path in dict.fromkeys(listed)]

    def _tree(self, sha: str) -> list[Candidate]:
        """All files of a commit."""
        entries = (entry.partition("\t") for entry in self._git.records("ls-tree", "-r", "-z", sha))
        return [Candidate(path, blob=about.split()[2]) for about, _, path in entries if about.startswith("100")]

    def _uncommitted(self, base_sha: str) -> list[Candidate]:
        untracked = self._git.records("ls-files", "--others", "--exclude-standard", "-z", "--", *self._within)
        unmerged = self._git.records("ls-files", "--unmerged", "-z", "--", *self._within)
        conflicts = {record.split("\t", 1)[1] for record in unmerged}
        changes = {
            change.path: change._replace(blob="", skip=change.skip or (_CONFLICT if change.path in conflicts else ""))
            for change in self._without_touched(self._changes("diff-index", base_sha))
        }
        return list((changes | {path: Candidate(path) for path in untracked}).values())

    def _without_touched(self, candidates: list[Candidate]) -> list[Candidate]:
        """Leave out files with a new time and the old content, as a copied repository is full of.

        Where git counts lines it compared the content; of binaries it only saw the time.
        """
        guessed = [c for c in candidates if c.was and not c.skip and "\n" not in c.path and not c.path.startswith('"')]
        try:
            now = self._git.hashes([candidate.path for candidate in guessed])
        except GitFailed:
            return candidates
        same = {candidate.path for candidate, sha in zip(guessed, now, strict=True) if sha == candidate.was}
        return [candidate for candidate in candidates if candidate.path not in same]

    def _changes(self, command: str, *trees: str) -> list[Candidate]:
        """Changed files with their changed lines. A file of which only the mode changed is none."""
        arguments = (*DIFF_OPTIONS, *trees, "--", *self._within)
        summary = self._git.records(command, *SUMMARY_OPTIONS, *arguments)
        patch = self._git.output(command, *PATCH_OPTIONS, *arguments)
        return changed_files(summary, changed_lines(patch.split(b"\n")))


def _walk(root: Path) -> Iterator[Candidate]:
    """All files below *root* in a stable order, folders that hold no source named once."""
    unreadable: list[OSError] = []
    for folder, subfolders, files in os.walk(root, onerror=unreadable.append):
        inside = Path(folder).relative_to(root)
        for name in sorted(subfolders):
            if name in NOT_SOURCE or os.path.islink(os.path.join(folder, name)):
                subfolders.remove(name)
                reason = _VENDORED if name in VENDORED else "not source" if name in NOT_SOURCE else "symbolic link"
                yield Candidate(f"{(inside / name).as_posix()}/", skip=reason)
        subfolders.sort()
        yield from (Candidate((inside / name).as_posix()) for name in sorted(files))
    for error in unreadable:
        yield Candidate(os.path.relpath(error.filename, root) + "/", skip=why_unreadable(error))


def _on_disk(root: Path) -> _Reader:
    files = WorkingFiles(root)
    return lambda candidate: files.read(candidate.path)


class _Blobs:
    """Reads the candidates' content at the head commit, fetched from git all at once."""

    def __init__(self, git: Git, candidates: Iterable[Candidate], room: int = MAX_SNAPSHOT_BYTES) -> None:
        wanted = list(dict.fromkeys(c.blob for c in candidates if not c.skip))
        self._sizes = dict(zip(wanted, git.blob_sizes(wanted), strict=True))
        chosen = _that_fit(self._sizes, room)
        self._contents = dict(zip(chosen, git.blobs(chosen), strict=True))

    def __call__(self, candidate: Candidate) -> bytes:
        content = self._contents.get(candidate.blob)
        if content is not None:
            return content
        size = self._sizes[candidate.blob]
        if size is None:
            raise Skip("missing in this partial clone")
        raise Skip(TOO_LARGE if size > MAX_FILE_BYTES else _FULL)


def _that_fit(sizes: Mapping[str, int | None], room: int) -> list[str]:
    """Those that are not too large, as long as there is room for them together."""
    chosen = []
    for blob, size in sizes.items():
        if size is not None and size <= min(MAX_FILE_BYTES, room):
            room -= size
            chosen.append(blob)
    return chosen


def _snapshot(
    project: Project, candidates: Iterable[Candidate], read: _Reader, what: str, base_sha: str = "", head_sha: str = ""
) -> Collected:
    """Read what is source; give a reason for all else."""
    files: list[SourceFile] = []
    skipped: list[SkippedFile] = []
    vendored: Counter[str] = Counter()
    room = MAX_SNAPSHOT_BYTES
    for candidate in sorted(candidates, key=_is_bulky):
        if len(files) + len(skipped) >= MAX_FILES:
            hint = "name a smaller folder, or review changes with --base"
            raise TooManyFiles(f"more than {MAX_FILES:,} files", hint=hint)
        try:
            if not candidate.skip and (folder := vendored_folder(candidate.path)):
                vendored[folder] += 1
                continue
            file = SourceFile(_name(candidate), text_of(read(candidate)), candidate.changed)
            size = len(msgspec.json.encode(file))
            if size > room:
                raise Skip(_FULL)
            room -= size
            files.append(file)
        except Skip as skip:
            skipped.append(SkippedFile(printable(candidate.path), str(skip)))
    skipped += (SkippedFile(printable(f"{folder}/"), f"{_VENDORED} ({n:,} files)") for folder, n in vendored.items())
    return Collected(Snapshot(project.name, tuple(files), tuple(skipped), base_sha, head_sha), project, what)


def _is_bulky(candidate: Candidate) -> bool:
    return PurePosixPath(candidate.path).suffix.lower() in BULKY_SUFFIXES


def _context(candidates: Iterable[Candidate], read: _Reader) -> tuple[SourceFile, ...]:
    """As many as there is room for. What cannot be read is not there."""
    context: list[SourceFile] = []
    room = MAX_CONTEXT_BYTES
    for candidate in candidates:
        try:
            file = SourceFile(_name(candidate), text_of(read(candidate)))
        except Skip:
            continue
        size = len(msgspec.json.encode(file))
        if size <= room:
            room -= size
            context.append(file)
    return tuple(context)


def _name(candidate: Candidate) -> str:
    if candidate.skip:
        raise Skip(candidate.skip)
    if candidate.path != printable(candidate.path):
        raise Skip("its name is not UTF-8")
    return candidate.path


_FULL = f"over the {MAX_SNAPSHOT_BYTES // 1024 // 1024} MiB that one review takes"
_VENDORED = "vendored"
_CONFLICT = "has merge conflicts"

"""What people show of findings on a pull request is kept, counted by rule, and taken back when they take it back."""

import aiohttp
import asyncpg
import msgspec
import pytest

from server.reviews.feedback import FeedbackStore, is_applied, suggestion_in
from server.reviews.finding import Finding
from server.reviews.findings import FindingStore
from server.reviews.snapshot import Coverage, Report
from tests.github.doing import Doing
from tests.github.git_project import GitProject
from tests.github.payloads import example
from tests.github.repository import Repository
from tests.github.standin import APP_LOGIN, GitHubStandIn, Interruption
from tests.reviews.test_findings import a_finding

PROJECT, PULL = "github.com/octo/demo", "pull_request:octo/demo#1"
CODE = "import os\n\n\ndef run(command):\n    os.system(command)\n"
MENDED = "    subprocess.run(shlex.split(command), check=True)"


class Scene(Doing):
    repository: Repository
    project: GitProject
    finding: Finding

    @property
    def comment_id(self) -> int:
        comments = self.standin.comments(self.repository, 1)
        return next(comment["id"] for comment in comments if comment["user"]["login"] == APP_LOGIN)

    async def push(self, text: str) -> None:
        self.project.commit({"app.py": text})
        await self.deliver("pull_request", await self.standin.push(self.repository, 1), "feedback.read")

    async def close(self) -> None:
        await self.deliver("pull_request", self.standin.close(self.repository, 1), "feedback.read")

    async def kept(self) -> list[tuple[str, str]]:
        known = await FeedbackStore(self.pool).of(PROJECT, self.finding.fingerprint)
        assert {feedback.place for feedback in known} <= {PULL}
        return sorted((feedback.kind.value, feedback.by) for feedback in known)


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    """One finding, which we spoke of at line 5 with a suggestion."""
    scene = Scene(standin, pool, session)
    scene.project, scene.finding = project, a_finding()
    project.commit({"app.py": "import os\n"})
    project.branch("feature")
    project.commit({"app.py": CODE})
    scene.repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(scene.repository, head="feature")
    report = Report((scene.finding,), Coverage(full=("app.py",)))
    async with pool.acquire() as connection:
        await FindingStore(pool, nobody).record(connection, PROJECT, None, report, place=PULL)
    pull_request = standin.pull_requests["octo/demo", 1]
    body = f"```suggestion\n{MENDED}\n```\n\n<!-- hive:findings {scene.finding.fingerprint} -->"
    review = standin.review_facts(pull_request, pull_request.head_sha, "", APP_LOGIN)
    pull_request.comments.append(
        standin.comment_facts(pull_request, review, {"path": "app.py", "line": 5, "body": body})
    )
    return scene


async def nobody(_: object) -> None:
    """No door is open."""


async def test_thumbs_of_people_are_kept_and_taken_back(scene: Scene) -> None:
    thumb = scene.standin.thumb
    thumb(scene.repository, 1, scene.comment_id, "-1", login="ada")
    thumb(scene.repository, 1, scene.comment_id, "+1", login="bob")
    thumb(scene.repository, 1, scene.comment_id, "-1", login="other[bot]")
    thumb(scene.repository, 1, scene.comment_id, "heart", login="ada")

    await scene.push(CODE + "# more\n")
    assert await scene.kept() == [("disliked", "github:ada"), ("liked", "github:bob")]

    scene.standin.take_thumbs_back(scene.repository, 1, scene.comment_id)
    await scene.push(CODE + "# even more\n")
    assert await scene.kept() == []


async def test_a_thread_that_a_person_resolved_is_kept_and_one_that_we_resolved_is_not(scene: Scene) -> None:
    scene.standin.resolve_thread(scene.repository, 1, scene.comment_id, login="ada")
    payload = example("pull_request_review_thread", "resolved") | {
        name: value
        for name, value in scene.standin.payload(scene.repository, 1, "resolved").items()
        if name in ("pull_request", "repository", "installation", "sender")
    }
    await scene.deliver("pull_request_review_thread", payload)
    assert await scene.kept() == [("resolved", "github:ada")]

    scene.standin.resolve_thread(scene.repository, 1, scene.comment_id, login="hive-under-test")
    await scene.close()
    assert await scene.kept() == []


async def test_a_suggestion_that_was_taken_over_stays_applied(scene: Scene) -> None:
    scene.standin.comments(scene.repository, 1)[0].pop("line")  # as GitHub shows it once its lines have changed
    await scene.push("import shlex\n" + CODE.replace("    os.system(command)", MENDED))
    assert await scene.kept() == [("applied", "")]

    await scene.push(CODE)
    await scene.close()

    assert await scene.kept() == [("applied", "")]


async def test_lines_that_became_something_else_are_no_applied_suggestion(scene: Scene) -> None:
    scene.standin.comments(scene.repository, 1)[0].pop("line")
    await scene.push(CODE.replace("os.system(command)", "pass"))

    assert await scene.kept() == []


async def test_where_threads_cannot_be_seen_the_rest_is_kept_and_it_says_so(scene: Scene) -> None:
    scene.standin.thumb(scene.repository, 1, scene.comment_id, "-1", login="ada")
    scene.standin.interrupt(Interruption("graphql/reviewThreads", status=403, message="not accessible"))

    await scene.close()

    assert await scene.kept() == [("disliked", "github:ada")]
    assert "could not be seen" in scene.results[-1].note


async def test_rules_are_counted_the_most_rejected_first(scene: Scene) -> None:
    other = msgspec.structs.replace(scene.finding, fingerprint="f" * 32, rule="hive.other")
    findings, feedback = FindingStore(scene.pool, nobody), FeedbackStore(scene.pool)
    report = Report((scene.finding, other), Coverage(full=("app.py",)))
    async with scene.pool.acquire() as connection:
        await findings.record(connection, PROJECT, None, report, place=PULL)
    scene.standin.thumb(scene.repository, 1, scene.comment_id, "-1", login="ada")
    await scene.close()
    await findings.dismiss(PROJECT, scene.finding.fingerprint, by="github:ada", why="it is quoted")

    first, second = await feedback.by_rule(project=PROJECT)

    assert (first.rule, first.findings, first.dismissed, first.disliked) == (scene.finding.rule, 1, 1, 1)
    assert first.rejected == 1, "dismissed and disliked, but one finding"
    assert (second.rule, second.rejected) == ("hive.other", 0)
    assert await feedback.by_rule(project="github.com/octo/elsewhere") == []


SUGGESTIONS = {
    "one block": ("words\n\n```suggestion\na\nb\n```\n", ["a", "b"]),
    "a longer fence": ("````suggestion\n```\n````", ["```"]),
    "nothing": ("no block", None),
    "two": ("```suggestion\na\n```\n\n```suggestion\nb\n```", None),
    "other code": ("```python\na\n```", None),
    "a deletion": ("```suggestion\n```", []),
}


@pytest.mark.parametrize(("body", "lines"), SUGGESTIONS.values(), ids=SUGGESTIONS)
def test_a_suggestion_is_read_back(body: str, lines: list[str] | None) -> None:
    assert suggestion_in(body) == lines


PLACES = {
    "at its line": (["b"], "a\nb\n", 2, True),
    "moved a little": (["b", "c"], "x\n" * 30 + "b\nc\n", 2, True),
    "far away": (["b"], "x\n" * 200 + "b\n", 2, False),
    "only a part of a line": (["b"], "a\nbb\n", 2, False),
    "nothing but space": (["", "  "], "\n  \n", 1, False),
}


@pytest.mark.parametrize(("lines", "text", "line", "applied"), PLACES.values(), ids=PLACES)
def test_a_suggestion_is_applied_where_the_code_says_it(lines: list[str], text: str, line: int, applied: bool) -> None:
    assert is_applied(lines, text, line) is applied

"""What is kept of a project follows its repository to another name, or goes out of sight."""

from collections.abc import Collection
from typing import Any

import asyncpg
import pytest

from server.effects.projects import Followed, leave_project, move_project
from server.memory.context import ContextKind, NewContext
from server.memory.contexts import Contexts
from server.reviews.feedback import Feedback, FeedbackKind, FeedbackStore
from server.reviews.finding import Finding, FindingStatus
from server.reviews.findings import FindingNotFound, FindingStore
from server.reviews.moves import ProjectLeft, ProjectMoved
from server.reviews.pauses import Pauses
from server.reviews.snapshot import Coverage, Report
from tests.reviews.test_findings import a_finding

OLD, NEW = "github.com/octo/demo", "github.com/ada/shop"
MOVED = ProjectMoved(OLD, NEW, "octo/demo", "Ada/Shop")
HERE, THERE = "pull_request:octo/demo#7", "pull_request:Ada/Shop#7"


class Scene:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.findings = FindingStore(pool, nobody)
        self.feedback = FeedbackStore(pool)
        self.contexts = Contexts(pool, redact=str)
        self.pauses = Pauses(pool)

    async def met(self, project: str, place: str, *found: Finding) -> None:
        report = Report(found, Coverage(full=tuple({finding.path for finding in found})))
        async with self.pool.acquire() as connection, connection.transaction():
            await self.findings.record(connection, project, None, report, place=place)

    async def remember(self, project: str, text: str) -> None:
        await self.contexts.add(NewContext(project=project, kind=ContextKind.NOTE, text=text, owner="ada"))

    async def remembered(self, project: str, query: str) -> Collection[str]:
        return [found.text for found in await self.contexts.search(project, query)]


async def nobody(_: Any) -> None:
    """No door is open."""


@pytest.fixture
def scene(pool: asyncpg.Pool) -> Scene:
    return Scene(pool)


async def test_findings_decisions_feedback_and_memory_follow_to_the_new_name(scene: Scene) -> None:
    seen, dismissed = a_finding(), a_finding("exec(text)", line=9)
    await scene.met(OLD, HERE, seen, dismissed)
    await scene.findings.dismiss(OLD, dismissed.fingerprint, by="github:ada", why="it is quoted")
    await scene.feedback.keep(OLD, HERE, [Feedback(seen.fingerprint, FeedbackKind.DISLIKED, "github:bob")])
    await scene.remember(OLD, "Prices are integers of cents.")
    await scene.pauses.pause(OLD, 7, by="github:ada")

    followed = await move_project(scene.pool, MOVED)
    again = await move_project(scene.pool, MOVED)

    assert (followed, again) == (Followed(2, 1), Followed())
    known = await scene.findings.get(NEW, dismissed.fingerprint)
    assert known.finding.status is FindingStatus.DISMISSED
    assert [place.place for place in known.places] == [THERE]
    assert [decision.why for decision in await scene.findings.history(NEW, dismissed.fingerprint)] == ["it is quoted"]
    assert [f.place for f in await scene.feedback.of(NEW, seen.fingerprint)] == [THERE]
    assert await scene.remembered(NEW, "integers of cents") == ["Prices are integers of cents."]
    assert await scene.remembered(OLD, "integers of cents") == []
    assert await scene.pauses.paused_by(NEW, 7) == "github:ada"
    with pytest.raises(FindingNotFound):
        await scene.findings.get(OLD, seen.fingerprint)


async def test_a_dismissal_counts_also_where_the_new_name_knows_the_finding(scene: Scene) -> None:
    finding = a_finding()
    await scene.met(OLD, HERE, finding)
    await scene.findings.dismiss(OLD, finding.fingerprint, by="github:ada", why="it is quoted")
    await scene.met(NEW, THERE, finding)

    await move_project(scene.pool, MOVED)

    known = await scene.findings.get(NEW, finding.fingerprint)
    assert known.dismissal is not None
    assert known.dismissal.why == "it is quoted"
    assert (
        await scene.findings.reopen(NEW, finding.fingerprint, by="ada", why="")
    ).finding.status is FindingStatus.OPEN


@pytest.mark.parametrize("is_deleted", [False, True], ids=["the App is gone", "the repository is gone"])
async def test_nothing_is_present_any_more_on_pull_requests_that_nobody_sees(scene: Scene, is_deleted: bool) -> None:
    here, also_in_editor, dismissed = a_finding(), a_finding("exec(text)"), a_finding("open(path)")
    await scene.met(OLD, HERE, here, also_in_editor, dismissed)
    await scene.met(OLD, "editor", also_in_editor)
    await scene.findings.dismiss(OLD, dismissed.fingerprint, by="github:ada", why="it is quoted")
    await scene.remember(OLD, "Prices are integers of cents.")

    await leave_project(scene.pool, ProjectLeft(OLD, "octo/demo", is_deleted))

    found = [await scene.findings.get(OLD, f.fingerprint) for f in (here, also_in_editor, dismissed)]
    assert [known.finding.status.value for known in found] == ["fixed", "open", "dismissed"]
    assert bool(await scene.remembered(OLD, "integers of cents")) is not is_deleted

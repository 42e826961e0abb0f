"""A reviewing agent asleep: no linter runs, and the first file wakes it."""

from collections.abc import AsyncIterator

import pytest

from server.agents.reviewer import Reviewer
from server.agents.sleep import ReviewerSleep, resident_bytes
from server.reviews.snapshot import Report, Snapshot, SourceFile

SNAPSHOT = Snapshot("github.com/o/r", (SourceFile("app.py", "import os\n\n\ndef run(text):\n    return eval(text)\n"),))


@pytest.fixture
async def reviewer() -> AsyncIterator[Reviewer]:
    reviewer = Reviewer()
    await reviewer.start()
    yield reviewer
    await reviewer.stop()


def progress(done: int, total: int, note: str) -> None:
    """Nobody looks."""


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


async def test_who_sleeps_has_no_linter_and_who_woke_finds_the_same(reviewer: Reviewer) -> None:
    sleep = ReviewerSleep(reviewer)
    before = await reviewer.review(SNAPSHOT, progress)

    told = await sleep.consolidate()
    asleep = reviewer.is_resting
    await sleep.wake()
    after = await reviewer.review(SNAPSHOT, progress)

    assert (asleep, reviewer.is_resting) == (True, False)
    assert told.endswith("MiB, and no linter")
    assert rules(after) == rules(before) != set()
    assert before.coverage == after.coverage


async def test_work_that_does_not_wait_for_the_waking_is_done_in_full(reviewer: Reviewer) -> None:
    await ReviewerSleep(reviewer).consolidate()

    report = await reviewer.review(SNAPSHOT, progress)

    assert report.coverage.full == ("app.py",)


def test_what_a_process_has_in_memory_is_known_here() -> None:
    assert 1 << 20 < resident_bytes() < 1 << 36

"""Beats are written together, and one that cannot be written keeps no other back."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from server.jobs.beats import PAGE, Beats
from server.jobs.job import new_job_id
from server.jobs.wire import Beat
from server.messaging import Role


def beat_of(agent_id: UUID, *, capacity: int = 1) -> Beat:
    return Beat(agent_id, "agent", Role.AGENT, ("review",), capacity)


class Paper:
    """Keeps what is written to it; *refused* is an agent that it does not take."""

    def __init__(self, refused: UUID | None = None) -> None:
        self.pages: list[Sequence[Beat]] = []
        self.refused = refused
        self.written = asyncio.Event()

    async def write(self, beats: Sequence[Beat]) -> None:
        if any(beat.agent_id == self.refused for beat in beats):
            raise ValueError("not this one")
        self.pages.append(beats)
        self.written.set()


async def test_beats_of_many_agents_are_written_together_and_of_each_only_its_latest() -> None:
    paper = Paper()
    beats = Beats(paper.write)
    first, second = new_job_id(), new_job_id()
    running = asyncio.create_task(beats.run())
    beats.gather([beat_of(first, capacity=1), beat_of(second)])
    beats.gather([beat_of(first, capacity=2)])
    async with asyncio.timeout(60):
        await paper.written.wait()
    running.cancel()
    [page] = paper.pages
    assert {beat.agent_id: beat.capacity for beat in page} == {first: 2, second: 1}


@pytest.mark.parametrize(
    ("count", "pages"), [(0, []), (1, [1]), (PAGE, [PAGE]), (2 * PAGE + 1, [PAGE, PAGE, 1])], ids=str
)
async def test_more_than_a_page_is_written_page_by_page(count: int, pages: list[int]) -> None:
    paper = Paper()
    beats = Beats(paper.write)
    beats.gather(beat_of(new_job_id()) for _ in range(count))
    await beats.write()
    assert [len(page) for page in paper.pages] == pages


async def test_a_beat_that_cannot_be_written_keeps_no_other_back() -> None:
    good, bad = [new_job_id() for _ in range(3)], new_job_id()
    paper = Paper(refused=bad)
    beats = Beats(paper.write)
    beats.gather(beat_of(agent_id) for agent_id in [*good, bad])
    await beats.write()
    assert [beat.agent_id for page in paper.pages for beat in page] == good


async def test_how_late_beats_are_is_counted_from_the_first_that_waits() -> None:
    beats = Beats(Paper().write)
    assert beats.late_seconds() == 0.0
    beats.gather([beat_of(new_job_id())])
    assert beats.late_seconds() >= 0.0
    await beats.write()
    assert beats.late_seconds() == 0.0

"""Places: who gets them, what of them is for people, and what is owed to those who wait."""

from uuid import UUID

import pytest

from server.jobs.job import new_job_id
from server.jobs.room import RESERVED_EVERY, Member, Room, share
from server.messaging import Role


def room_of(*free: int, capacity: int = 10, queues: tuple[str, ...] = ("review",)) -> tuple[Room, list[UUID]]:
    room, ids = Room(), [new_job_id() for _ in free]
    room.set(
        Member(agent_id, Role.AGENT, queues, free=places, capacity=capacity)
        for agent_id, places in zip(ids, free, strict=True)
    )
    return room, ids


def test_places_go_to_the_idlest_and_are_spread() -> None:
    room, (busy, idle, full) = room_of(1, 3, 0)
    taken = room.take("review", 10)
    assert taken[:2] == [idle, idle]
    assert sorted(taken) == sorted([busy, idle, idle, idle])
    assert full not in taken
    assert room.take("review", 1) == []


def test_who_holds_too_much_gets_nothing_until_it_holds_less_than_it_can() -> None:
    room, (agent,) = room_of(-2)
    assert room.freed(agent, 2) == ("review",)
    assert room.take("review", 1) == []
    room.freed(agent, 1)
    assert room.take("review", 2) == [agent]


def test_a_place_that_was_not_used_is_there_again() -> None:
    room, (agent,) = room_of(1)
    room.give_back(room.take("review", 1))
    assert room.take("review", 1) == [agent]


def test_places_of_an_agent_of_several_queues_are_the_same_places() -> None:
    room, _ = room_of(2, queues=("review", "publish"))
    assert len(room.take("review", 1)) == 1
    assert (room.free("review"), room.free("publish")) == (1, 1)


def test_nothing_is_taken_of_a_queue_that_nobody_works_on() -> None:
    room, _ = room_of(1)
    assert room.take("other", 1) == []
    assert room.free("other") == 0


def test_of_many_places_some_are_for_interactive_jobs_alone() -> None:
    room, _ = room_of(*[10] * RESERVED_EVERY)
    others = room.take("review", 10 * RESERVED_EVERY)
    assert len(others) == 10 * (RESERVED_EVERY - 1)
    assert room.free("review") == 0
    assert len(room.take("review", 100, urgent=True)) == room.free("review", urgent=True) + 10 == 10


def test_of_few_places_none_is_reserved() -> None:
    room, _ = room_of(8, capacity=8)
    assert len(room.take("review", 8)) == 8


def test_every_tenth_place_is_owed_to_a_lower_class_even_if_only_the_reserve_is_left() -> None:
    room, agents = room_of(*[10] * RESERVED_EVERY)
    room.line_grew(["review"], urgent=["review"])
    room.take("review", 10 * RESERVED_EVERY)
    owed, _ = room.keep("review")
    assert owed == (RESERVED_EVERY - 1) * 10 // 10
    assert len(room.take("review", 10, urgent=True)) == 10
    room.freed(agents[0], 2)
    assert len(room.take("review", 2)) == 1
    assert room.keep("review") == (1, owed)
    assert len(room.take("review", 2)) == 0


def test_nothing_is_owed_once_the_line_was_empty() -> None:
    room, _ = room_of(100, capacity=100)
    room.line_grew(["review"], urgent=[])
    room.take("review", 90)
    room.line_is_empty("review")
    assert room.keep("review") == (0, 9)


def test_a_line_of_which_it_is_not_said_stands_in_nobodys_way() -> None:
    room, _ = room_of(1)
    assert not room.has_line("review")
    room.line_grew(["review"], urgent=[])
    assert (room.has_line("review"), room.has_urgent_line("review")) == (True, False)
    room.line_grew(["review"], urgent=["review"])
    room.urgent_line_is_empty("review")
    assert (room.has_line("review"), room.has_urgent_line("review")) == (True, False)


def test_who_is_forgotten_has_no_places() -> None:
    room, (first, second) = room_of(1, 1)
    room.forget([first])
    assert room.role_of(first) is None
    assert room.take("review", 2) == [second]


@pytest.mark.parametrize("places", [-7, -1, 0, 1, 7, 512], ids=str)
@pytest.mark.parametrize("hubs", [1, 2, 3], ids=str)
def test_the_parts_of_all_hubs_are_the_whole(places: int, hubs: int) -> None:
    agent = new_job_id()
    assert sum(share({agent: places}, ordinal, hubs)[agent] for ordinal in range(hubs)) == places

"""How much more each agent may be handed: hints in the orchestrator's memory, set right from Postgres each second.

Hints are enough: who is handed too much begins it later, and who is handed too little gets more at the next look.
"""

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from server.messaging import Role

RESERVED_EVERY = 50
"""One place in so many is for interactive jobs alone, so that in a large fleet nobody's keystroke waits for an end."""
KEPT_EVERY = 10
"""The starvation guarantee: while work of a lower class is in line, every tenth place of a queue goes to it."""


@dataclass(eq=False, slots=True)
class Member:
    """A living agent. *free*: how many attempts this hub may still hand to it, of *capacity* in all; less than none
    when it holds too much."""

    id: UUID
    role: Role
    queues: tuple[str, ...]
    free: int
    capacity: int


@dataclass(slots=True)
class _Places:
    """Of one queue. *idlest*: a heap of members by how much room they had; an entry counts while that is still so.

    *handed_out*: while there was a line; *kept*: of them for a lower class.
    """

    free: int = 0
    reserve: int = 0
    idlest: list[tuple[int, int, Member]] = field(default_factory=list)
    handed_out: int = 0
    kept: int = 0

    @property
    def owed(self) -> int:
        return self.handed_out // KEPT_EVERY - self.kept


class Room:
    def __init__(self) -> None:
        self._members: dict[UUID, Member] = {}
        self._places: dict[str, _Places] = {}
        self._lines: set[str] = set()
        self._urgent_lines: set[str] = set()
        self._nth = itertools.count()

    # --- lines ------------------------------------------------------------------------------------------------------

    def has_line(self, queue: str) -> bool:
        """Whether jobs may be in line there, before whom nobody is to be served."""
        return queue in self._lines

    def has_urgent_line(self, queue: str) -> bool:
        """Whether interactive jobs may be."""
        return queue in self._urgent_lines

    def line_grew(self, queues: Iterable[str], *, urgent: Iterable[str]) -> None:
        """*urgent*: those of them where interactive jobs may be in line now."""
        self._lines.update(queues)
        self._urgent_lines.update(urgent)

    def line_is_empty(self, queue: str) -> None:
        """To nobody anything is owed then."""
        self._lines.discard(queue)
        self._urgent_lines.discard(queue)
        places = self._places.get(queue)
        if places is not None:
            places.kept = places.handed_out // KEPT_EVERY

    def urgent_line_is_empty(self, queue: str) -> None:
        self._urgent_lines.discard(queue)

    # --- places -----------------------------------------------------------------------------------------------------

    @property
    def queues(self) -> Sequence[str]:
        """Those that somebody works on."""
        return tuple(queue for queue, places in self._places.items() if places.idlest)

    def set(self, members: Iterable[Member]) -> None:
        """What Postgres says now."""
        self._members = {member.id: member for member in members}
        for places in self._places.values():
            places.free, places.reserve, places.idlest = 0, 0, []
        for member in self._members.values():
            for queue in member.queues:
                places = self._places.setdefault(queue, _Places())
                places.free += max(0, member.free)
                places.reserve += member.capacity
                places.idlest.append((-member.free, next(self._nth), member))
        for places in self._places.values():
            places.reserve //= RESERVED_EVERY
            heapq.heapify(places.idlest)

    def role_of(self, agent_id: UUID) -> Role | None:
        member = self._members.get(agent_id)
        return member.role if member else None

    def queues_of(self, agent_id: UUID) -> Sequence[str]:
        member = self._members.get(agent_id)
        return member.queues if member else ()

    def free(self, queue: str, *, urgent: bool = False) -> int:
        """How many places `take` would find."""
        places = self._places.get(queue)
        if places is None:
            return 0
        return places.free if urgent else max(0, places.free - places.reserve, min(places.free, places.owed))

    def take(self, queue: str, count: int, *, urgent: bool = False) -> list[UUID]:
        """Up to *count* places, spread over the agents of *queue*, the idlest first: an agent's id for each.

        *urgent*: for interactive jobs, which alone may take the reserve - but for what of it is owed to others.
        """
        places = self._places.get(queue)
        if places is None:
            return []
        taken: list[UUID] = []
        for _ in range(min(count, self.free(queue, urgent=urgent))):
            member = self._idlest(places)
            self._change(member, -1)
            taken.append(member.id)
        if queue in self._lines:
            places.handed_out += len(taken)
        return taken

    def keep(self, queue: str) -> tuple[int, int]:
        """How many of the places that were taken are for a lower class, and how many it was given before."""
        places = self._places[queue]
        owed, before = places.owed, places.kept
        places.kept += owed
        return owed, before

    def give_back(self, agent_ids: Iterable[UUID]) -> None:
        """Places that were taken and not used, or whose attempts have ended."""
        for agent_id in agent_ids:
            self.freed(agent_id, 1)

    def freed(self, agent_id: UUID, count: int) -> Sequence[str]:
        """*count* attempts of the agent have ended; returns the queues that now have room."""
        member = self._members.get(agent_id)
        if member is None:
            return ()
        self._change(member, count)
        return member.queues

    def forget(self, agent_ids: Iterable[UUID]) -> None:
        gone = set(agent_ids)
        self.set([member for member in self._members.values() if member.id not in gone])

    def _idlest(self, places: _Places) -> Member:
        """Entries of before are dropped on the way. There is one who has room."""
        while True:
            had, _, member = heapq.heappop(places.idlest)
            if -had == member.free:
                return member

    def _change(self, member: Member, by: int) -> None:
        before, member.free = max(0, member.free), member.free + by
        for queue in member.queues:
            places = self._places[queue]
            places.free += max(0, member.free) - before
            heapq.heappush(places.idlest, (-member.free, next(self._nth), member))


def share(places: Mapping[UUID, int], ordinal: int, hubs: int) -> dict[UUID, int]:
    """This hub's part of each agent's places, when *hubs* hand out side by side; all parts together are the whole."""
    return {agent_id: (count + (agent_id.int + ordinal) % hubs) // hubs for agent_id, count in places.items()}

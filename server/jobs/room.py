"""How much more each agent may be handed: hints in the orchestrator's memory, set right from Postgres each second.

Hints are enough: who is handed too much begins it later, and who is handed too little gets more at the next look.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.messaging import Role


@dataclass
class Member:
    """A living agent. *free*: how many attempts this hub may still hand to it."""

    id: UUID
    role: Role
    queues: tuple[str, ...]
    free: int


class Room:
    def __init__(self) -> None:
        self._members: dict[UUID, Member] = {}
        self._by_queue: dict[str, list[Member]] = {}
        self._lines: set[str] = set()

    def has_line(self, queue: str) -> bool:
        """Whether jobs may be in line there, before whom nobody is to be served."""
        return queue in self._lines

    def line_grew(self, queues: Iterable[str]) -> None:
        self._lines.update(queues)

    def line_is_empty(self, queue: str) -> None:
        self._lines.discard(queue)

    @property
    def queues(self) -> Sequence[str]:
        """Those that somebody works on."""
        return tuple(self._by_queue)

    def set(self, members: Iterable[Member]) -> None:
        """What Postgres says now."""
        self._members = {member.id: member for member in members}
        self._by_queue = {}
        for member in self._members.values():
            for queue in member.queues:
                self._by_queue.setdefault(queue, []).append(member)

    def role_of(self, agent_id: UUID) -> Role | None:
        member = self._members.get(agent_id)
        return member.role if member else None

    def free(self, queue: str) -> int:
        return sum(member.free for member in self._by_queue.get(queue, ()))

    def take(self, queue: str, count: int) -> list[UUID]:
        """Up to *count* places, spread over the agents of *queue*, the idlest first: an agent's id for each."""
        members = [member for member in self._by_queue.get(queue, ()) if member.free > 0]
        taken: list[UUID] = []
        while members and len(taken) < count:
            for member in heapq.nlargest(count - len(taken), members, key=_free):
                member.free -= 1
                taken.append(member.id)
            members = [member for member in members if member.free > 0]
        return taken

    def give_back(self, agent_ids: Iterable[UUID]) -> None:
        """Places that were taken and not used, or whose attempts have ended."""
        for agent_id in agent_ids:
            member = self._members.get(agent_id)
            if member is not None:
                member.free += 1

    def freed(self, agent_id: UUID, count: int) -> Sequence[str]:
        """*count* attempts of the agent have ended; returns the queues that now have room."""
        member = self._members.get(agent_id)
        if member is None:
            return ()
        member.free += count
        return member.queues

    def forget(self, agent_ids: Iterable[UUID]) -> None:
        gone = set(agent_ids)
        self.set([member for member in self._members.values() if member.id not in gone])


def share(free: Mapping[UUID, int], *, ordinal: int, hubs: int) -> dict[UUID, int]:
    """This hub's part of the free places, when *hubs* hand out side by side; all parts together are the whole."""
    return {
        agent_id: max(0, (places + (agent_id.int + ordinal) % hubs) // hubs) if places > 0 else 0
        for agent_id, places in free.items()
    }


def _free(member: Member) -> int:
    return member.free

"""Who may say what to whom, and under which key of Redis it travels.

Pure values: the streams, the roles that write and read them, and the names of the keys beside each stream. What is
said is `message.py`; the rules that Redis itself enforces from this table are `acl.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

INLINE_LIMIT_BYTES = 256 * 1024
"""A larger body travels as an attachment: sealed apart, named by its digest in the message."""

EVENT_INLINE_LIMIT_BYTES = 32 * 1024
"""Lower for events: the newest 20,000 of them stay in Redis, so they are to be small."""

EVENTS_KEPT = 20_000
"""About how many events a door may fall behind before it misses one (and asks Postgres instead)."""


class Role(StrEnum):
    """A kind of process: what it signs as, and the group to which others seal."""

    DOOR = "door"
    ORCHESTRATOR = "orchestrator"
    AGENT = "agent"
    EFFECTS = "effects"


@dataclass(frozen=True, slots=True)
class Route:
    """A stream: only *senders* are heard on it, and only *recipients* can open it.

    *kept*: of a broadcast, where every reader sees every entry and none is acknowledged, about so many of the newest
    stay; any other stream is read by a consumer group and never capped. *attachment_seconds*: when an attachment that
    nobody fetched leaves Redis. *key_seconds*: when the whole key leaves Redis, counted from the last append; None for
    never. *inbox*: of the streams that many processes of one role have each for itself, the id
    of the one; they share what they are sealed for (so one epoch serves all of them) and their dead letters.
    """

    stream: str
    senders: frozenset[Role]
    recipients: Role
    kept: int | None = None
    inline_limit_bytes: int = INLINE_LIMIT_BYTES
    attachment_seconds: int = 7 * 24 * 3600
    key_seconds: int | None = None
    inbox: str = ""

    @property
    def key(self) -> str:
        """The key in Redis: the stream itself, or one process's own."""
        if not self.inbox:
            return self.stream
        shared, _, rest = self.stream.partition("}")
        return f"{shared}.{self.inbox}}}{rest}"

    @property
    def tag(self) -> str:
        """The part of the key in braces, braces included: all keys of one tag live in one slot of a Redis Cluster."""
        return self.key[: self.key.index("}") + 1]

    @property
    def dead_key(self) -> str:
        """The stream of what could not be opened."""
        return f"{self.stream[: self.stream.index('}') + 1]}:dead"

    def attachment_key(self, digest: bytes) -> str:
        return f"{self.tag}:attachment:{digest.hex()}"


INTAKE = Route("hive:{intake}", frozenset({Role.DOOR}), Role.ORCHESTRATOR)
INTAKES = (INTAKE, replace(INTAKE, stream="hive:{intake}:1"), replace(INTAKE, stream="hive:{intake}:2"))
"""By urgency, so that nobody's keystroke stands behind ten thousand batch jobs that are still to be taken in."""
OUTCOMES = Route("hive:{outcomes}", frozenset({Role.AGENT, Role.EFFECTS}), Role.ORCHESTRATOR)
EVENTS = Route(
    "hive:{events}",
    frozenset({Role.ORCHESTRATOR}),
    Role.DOOR,
    kept=EVENTS_KEPT,
    inline_limit_bytes=EVENT_INLINE_LIMIT_BYTES,
    attachment_seconds=600,
)

EFFECTS_QUEUE = "effects"
"""The one queue that is worked by the process that may act on the outside world."""


def role_of(queue: str) -> Role:
    """Who works on *queue*."""
    return Role.EFFECTS if queue == EFFECTS_QUEUE else Role.AGENT


def inboxes(role: Role) -> Route:
    """What the inboxes of all processes of *role* have in common."""
    return Route(f"hive:{{{role}}}", frozenset({Role.ORCHESTRATOR}), role, attachment_seconds=3600)


CLOSED_INBOX_SECONDS = 60
"""For how long a process that was given up may come back and read that it was."""


@lru_cache(maxsize=16_384)
def inbox(role: Role, agent_id: UUID, *, closing: bool = False) -> Route:
    """Where one worker process hears: its work, what to stop, and what else it is to do.

    *closing*: this is the last that it hears.
    """
    key_seconds = CLOSED_INBOX_SECONDS if closing else None
    return replace(inboxes(role), inbox=str(agent_id), key_seconds=key_seconds)

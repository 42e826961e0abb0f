"""What each role may do in Redis: the second fence, behind the envelopes.

Pure data, for whoever makes the Redis users (the embedded server, docker-compose). Redis 6.2 grants commands and key
patterns apart, so a role that reads one stream and writes another could also delete from the second; what it can never
do is read or forge there, because everything is sealed and signed.
"""

from collections.abc import Iterable
from typing import NamedTuple

from server.messaging.routes import EFFECTS_QUEUE, EVENTS, INTAKE, OUTCOMES, Role, work_route

AGENT_QUEUES = ("review",)
"""The queues whose work agents read; the effects queue is never among them."""

CONNECT = ("ping", "select", "client|setname")
APPEND = ("xadd", "set")
BURY = ("xadd", "multi", "exec")
"""A reader moves what it cannot open to the dead letters, in one transaction."""
LISTEN = ("xread", "xrevrange", "getrange")
CONSUME = (
    "xreadgroup",
    "xack",
    "xdel",
    "xautoclaim",
    "xclaim",
    "xgroup|create",
    "xgroup|delconsumer",
    "xinfo|consumers",
    "getrange",
    "unlink",
)
OVERSEE = ("xlen", "xrange", "xpending", "xinfo|groups", "xinfo|stream", "info")
"""For /ready, /metrics and the dead letters, which the hub serves on the orchestrator's connection."""


class Grant(NamedTuple):
    keys: tuple[str, ...]
    commands: tuple[str, ...]


def grant(role: Role, agent_queues: Iterable[str]) -> Grant:
    match role:
        case Role.DOOR:
            return Grant(beside(INTAKE.tag, EVENTS.tag), APPEND + LISTEN + BURY)
        case Role.ORCHESTRATOR:
            return Grant(("hive:*",), APPEND + CONSUME + LISTEN + BURY + OVERSEE)
        case Role.AGENT:
            return Grant(beside(*map(work_tag, agent_queues), OUTCOMES.tag), APPEND + CONSUME + LISTEN + BURY)
        case Role.EFFECTS:
            return Grant(beside(work_tag(EFFECTS_QUEUE), OUTCOMES.tag), APPEND + CONSUME + LISTEN + BURY)


def work_tag(queue: str) -> str:
    return work_route(queue, 0).tag


def beside(*tags: str) -> tuple[str, ...]:
    """Patterns of each tag's stream, its priorities, dead letters and attachments."""
    return tuple(pattern for tag in tags for pattern in (tag, f"{tag}:*"))


def acl_rules(role: Role, *, agent_queues: Iterable[str] = AGENT_QUEUES) -> list[str]:
    """The rules of the role's Redis user, for ACL SETUSER or an ACL file; name, password and `on` are the caller's.

    They start from nothing, so that setting them again after an upgrade takes old rights away.
    """
    keys, commands = grant(role, agent_queues)
    allowed = dict.fromkeys(CONNECT + commands)
    return ["resetkeys", "resetchannels", "-@all", *(f"~{key}" for key in keys), *(f"+{each}" for each in allowed)]

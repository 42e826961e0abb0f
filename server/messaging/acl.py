"""What each role may do in Redis: the second fence, behind the envelopes.

Pure data, for whoever makes the Redis users (the embedded server, docker-compose). Redis 6.2 grants commands and key
patterns apart, so a role that reads one stream and writes another could also delete from the second; what it can never
do is read or forge there, because everything is sealed and signed.
"""

from typing import NamedTuple

from server.messaging.routes import EVENTS, INTAKE, OUTCOMES, Role, inboxes

CONNECT = ("ping", "select", "client|setname", "cluster|slots", "asking")
"""The last two are for a Cluster: who has which key, also while it is on its way to another node."""
APPEND = ("xadd", "set", "expire")
BURY = ("xadd", "multi", "exec")
"""A reader moves what it cannot open to the dead letters, in one transaction."""
LISTEN = ("xread", "xrevrange", "getrange")
TAKE = (*LISTEN, "xtrim", "unlink")
"""From an inbox of one's own."""
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


def grant(role: Role) -> Grant:
    match role:
        case Role.DOOR:
            return Grant(beside(INTAKE.tag, EVENTS.tag), APPEND + LISTEN + BURY)
        case Role.ORCHESTRATOR:
            return Grant(("hive:*",), APPEND + CONSUME + LISTEN + BURY + OVERSEE)
        case Role.AGENT | Role.EFFECTS:
            return Grant((*inbox_keys(role), *beside(OUTCOMES.tag)), APPEND + TAKE + BURY)


def inbox_keys(role: Role) -> tuple[str, ...]:
    """Patterns of what every process of the role has for itself, and of what they share."""
    shared = inboxes(role).tag
    return (f"{shared[:-1]}.*", f"{shared}:*")


def beside(*tags: str) -> tuple[str, ...]:
    """Patterns of each tag's stream, its priorities, dead letters and attachments."""
    return tuple(pattern for tag in tags for pattern in (tag, f"{tag}:*"))


def acl_rules(role: Role) -> list[str]:
    """The rules of the role's Redis user, for ACL SETUSER or an ACL file; name, password and `on` are the caller's.

    They start from nothing, so that setting them again after an upgrade takes old rights away.
    """
    keys, commands = grant(role)
    allowed = dict.fromkeys(CONNECT + commands)
    return ["resetkeys", "resetchannels", "-@all", *(f"~{key}" for key in keys), *(f"+{each}" for each in allowed)]

"""What an agent works with besides its model: tools, and what they noticed in what they showed."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from server.agents.hostile import Flag
from server.agents.loop import Tools


def _nothing() -> Sequence[Flag]:
    return ()


class Equipment(NamedTuple):
    """*flags*: asked when the work is done."""

    tools: Tools
    flags: Callable[[], Sequence[Flag]] = _nothing


def told_flags(flags: Iterable[Flag]) -> tuple[str, ...]:
    """For people, each once."""
    return tuple(dict.fromkeys(map(_told, flags)))


def _told(flag: Flag) -> str:
    where = f" in {flag.origin}" if flag.origin else ""
    excerpt = f": {flag.excerpt}" if flag.excerpt else ""
    return f"{flag.kind}{where}{excerpt}"

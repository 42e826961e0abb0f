"""Whose values are told of where: a stranger's everywhere, those of others only where they let them run something.

What nobody is told of is not followed either: it would be most of the work in programs that read files.
"""

from typing import Final

from server.analysis.flow.models import Danger, Origin
from server.analysis.flow.taints import REAL, bits

PROGRAMS: Final = frozenset({Danger.SQL, Danger.COMMAND, Danger.CODE, Danger.DESERIALIZATION, Danger.TEMPLATE})
"""Dangers that let whoever chooses the value run something."""

_HEARD: Final[dict[Origin, frozenset[Danger]]] = {
    Origin.NETWORK: PROGRAMS | {Danger.ARCHIVE},
    Origin.ARCHIVE: frozenset({Danger.PATH, Danger.ARCHIVE}),
    Origin.DOWNLOAD: frozenset({Danger.PATH}),
    Origin.DATABASE: frozenset({Danger.HTML, Danger.TEMPLATE, Danger.SQL}),
    Origin.FILE: frozenset(),
    Origin.ENVIRONMENT: frozenset(),
    Origin.ARGUMENT: frozenset({Danger.SQL, Danger.COMMAND, Danger.CODE, Danger.DESERIALIZATION}),
    Origin.PARAMETER: PROGRAMS | {Danger.HTML, Danger.LDAP},
}
"""Where values of those who are no strangers are told of at all. What is missing here: everywhere."""

_UNHEARD: Final = {origin: REAL & ~bits(heard) for origin, heard in _HEARD.items()}


def is_heard(origin: Origin, danger: Danger) -> bool:
    heard = _HEARD.get(origin)
    return heard is None or danger in heard


def unheard(origin: Origin) -> int:
    """The dangers of which nobody is told, as a mask: a value of this origin has none of them from the start."""
    return _UNHEARD.get(origin, 0)

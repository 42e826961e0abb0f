"""The states of an agent, and which may follow which. Pure.

Their names are the first Agent Hive's (https://github.com/LeanVibe/bee-hive, `SleepState`), with those that a member of
a team needs besides.
"""

from enum import StrEnum


class AgentState(StrEnum):
    """`expected`: announced, and no process of the name is here. `error`: it could not fall asleep or wake up.

    `draining`: it finishes what it holds and gets nothing new. The last three are final: it `left` with a
    good-bye, was `lost` without one, or `retired` because an admin wished so.
    """

    EXPECTED = "expected"
    AWAKE = "awake"
    PREPARING_SLEEP = "preparing_sleep"
    CONSOLIDATING = "consolidating"
    SLEEPING = "sleeping"
    PREPARING_WAKE = "preparing_wake"
    ERROR = "error"
    DRAINING = "draining"
    LEFT = "left"
    LOST = "lost"
    RETIRED = "retired"


_S = AgentState
_ENDS = frozenset({_S.LEFT, _S.LOST})
HERE = frozenset({_S.AWAKE, _S.PREPARING_SLEEP, _S.CONSOLIDATING, _S.SLEEPING, _S.PREPARING_WAKE, _S.ERROR})
"""What a process may be when nothing is wished of it."""

TRANSITIONS: dict[AgentState, frozenset[AgentState]] = {
    _S.EXPECTED: frozenset({_S.AWAKE, _S.DRAINING}),
    _S.AWAKE: frozenset({_S.PREPARING_SLEEP, _S.DRAINING}) | _ENDS,
    _S.PREPARING_SLEEP: frozenset({_S.CONSOLIDATING, _S.DRAINING}) | _ENDS,
    _S.CONSOLIDATING: frozenset({_S.SLEEPING, _S.ERROR, _S.DRAINING}) | _ENDS,
    _S.SLEEPING: frozenset({_S.PREPARING_WAKE, _S.DRAINING}) | _ENDS,
    _S.PREPARING_WAKE: frozenset({_S.AWAKE, _S.ERROR, _S.DRAINING}) | _ENDS,
    _S.ERROR: frozenset({_S.PREPARING_WAKE, _S.DRAINING}) | _ENDS,
    _S.DRAINING: HERE | {_S.RETIRED} | _ENDS,  # when it may go on, it is what it was meanwhile
    _S.LEFT: frozenset(),
    _S.LOST: frozenset(),
    _S.RETIRED: frozenset(),
}
"""What may follow in the life of one process. Others may see less of it: what did not last may be left out."""

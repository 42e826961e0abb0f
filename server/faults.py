"""Points on a job's way at which a test lets the process die, or stand still.

Off unless `arm` was called, and then `reach` is one comparison. Nothing in production arms: `hive up` refuses to start
while `VARIABLE` is set, and hands its agents none. The tests' own processes arm themselves.
"""

import os
import signal
from dataclasses import dataclass
from typing import Literal, get_args

from server.errors import ConfigurationInvalid

VARIABLE = "HIVE_FAULT"

Point = Literal[
    "door.after_append",  # Redis has the request, and its caller has not heard so
    "intake.before_commit",
    "transaction.before_commit",  # within it: what it locked stays locked
    "intake.after_commit",  # what it changed is neither handed out nor told
    "dispatch.before_append",  # work is claimed, and in no stream
    "dispatch.after_append",
    "agent.before_work",  # taken from the inbox
    "agent.in_work",  # reached by the tests' own handlers
    "agent.after_work",  # done, and told nobody
    "agent.after_append",  # its outcome is in Redis, and still held here
    "outcomes.before_commit",
    "outcomes.after_commit",
    "orchestrator.before_ack",  # of intake or outcomes: done and told, and still pending
    "rescue.before_commit",
    "rescue.after_commit",
]
POINTS: tuple[Point, ...] = get_args(Point)

_ACTS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass
class _Armed:
    point: Point
    signum: signal.Signals
    passings: int
    """Until it happens."""


_armed: _Armed | None = None


def reach(point: Point) -> None:
    """This process is at *point*."""
    if _armed is not None and _armed.point == point:
        _pass(_armed)


def arm(fault: str) -> None:
    """`point`, `point:stop`, `point:kill:3`: what happens to this process there, at which passing (else the first).

    It happens once, and is logged before it does. Raises `ConfigurationInvalid`.
    """
    global _armed
    name, _, rest = fault.partition(":")
    act, _, passing = rest.partition(":")
    found = next((point for point in POINTS if point == name), None)
    if found is None or (act or "kill") not in _ACTS or not (passing or "1").isdecimal():
        raise ConfigurationInvalid(f"{fault} is not a fault", hint=f"point[:kill|stop[:n]], of {', '.join(POINTS)}")
    _armed = _Armed(found, _ACTS[act or "kill"], int(passing or 1))
    _say("this process will fail on purpose", fault=fault)


def _pass(armed: _Armed) -> None:
    global _armed
    armed.passings -= 1
    if armed.passings > 0:
        return
    _armed = None
    _say("fault point reached", point=armed.point, signal=armed.signum.name)
    os.kill(os.getpid(), armed.signum)


def _say(what: str, **details: str) -> None:
    import structlog  # here: commands that only read the settings are to start at once

    structlog.get_logger().warning(what, pid=os.getpid(), **details)

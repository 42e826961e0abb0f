"""What `hive doctor` looks at. Each check says how one part is, and how to mend it; none raises, none mends.

`machine.py`: what is installed and free. `engines.py`: Postgres and Redis. `services.py`: the hub, GitHub, the model.
"""

from enum import StrEnum

import msgspec

from server.errors import HiveError


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Check(msgspec.Struct, frozen=True):
    """*hint* says how to mend it, or what would be gained."""

    name: str
    state: State
    detail: str
    hint: str = ""


def ok(name: str, detail: str, hint: str = "") -> Check:
    return Check(name, State.OK, detail, hint)


def warning(name: str, detail: str, hint: str = "") -> Check:
    return Check(name, State.WARNING, detail, hint)


def skipped(name: str, detail: str, hint: str = "") -> Check:
    return Check(name, State.SKIPPED, detail, hint)


def failed(name: str, error: HiveError | str, hint: str = "") -> Check:
    return Check(name, State.FAILED, str(error), error.hint if isinstance(error, HiveError) else hint)

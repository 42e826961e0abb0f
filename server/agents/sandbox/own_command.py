"""Which command runs a repository's tests: what its base says, never what a change wants it to be. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from server.reviews.configuration import FILE_NAME, HiveTomlInvalid, read_configuration
from server.reviews.snapshot import Snapshot


class OwnCommand(NamedTuple):
    """*source*: the file of the base that says so."""

    argv: tuple[str, ...]
    source: str


def own_command(snapshot: Snapshot) -> OwnCommand | None:
    """None where the base names none, or nobody knows the base: there is nothing to run then."""
    base = base_texts(snapshot)
    settings = snapshot.configuration or base.get(FILE_NAME)
    if settings:
        argv = _configured(settings)
        if argv:
            return OwnCommand(argv, FILE_NAME)
    return next((OwnCommand(argv, path) for path, tells, argv in _DETECTED if tells(base.get(path) or "")), None)


def base_texts(snapshot: Snapshot) -> Mapping[str, str]:
    """The files at the base, as far as the snapshot shows: changed ones as they were, others as they are."""
    if not snapshot.base_sha:
        return {}
    touched = {file.path for file in snapshot.files} | {file.path for file in snapshot.skipped}
    unchanged = {file.path: file.text for file in snapshot.context if file.path not in touched}
    return unchanged | {file.path: file.base for file in snapshot.files if file.base is not None}


def _configured(text: str) -> tuple[str, ...]:
    """() where it says nothing of tests, or nothing that can be understood."""
    try:
        test = read_configuration(text).test
    except HiveTomlInvalid:
        return ()
    return test.command if test is not None else ()


def _has_npm_test(text: str) -> bool:
    try:
        script = msgspec.json.decode(text, type=_Package).scripts.get("test", "")
    except (msgspec.MsgspecError, RecursionError):
        return False
    return bool(script) and "no test specified" not in script


class _Package(msgspec.Struct):
    scripts: dict[str, str] = {}


_PYTEST = ("python3", "-m", "pytest", "-q")
_DETECTED: tuple[tuple[str, Callable[[str], bool], tuple[str, ...]], ...] = (
    ("pytest.ini", lambda text: "[pytest]" in text, _PYTEST),
    ("pyproject.toml", lambda text: "[tool.pytest" in text, _PYTEST),
    ("setup.cfg", lambda text: "[tool:pytest]" in text, _PYTEST),
    ("tox.ini", lambda text: "[pytest]" in text, _PYTEST),
    ("conftest.py", bool, _PYTEST),
    ("tests/conftest.py", bool, _PYTEST),
    ("package.json", _has_npm_test, ("npm", "test", "--silent")),
    ("go.mod", bool, ("go", "test", "./...")),
    ("Makefile", lambda text: text.startswith("test:") or "\ntest:" in text, ("make", "test")),
)
"""File of the base, whether it tells of tests, and the command."""

"""The command line as a whole: every command is there, and none waits for what another needs."""

import json
import subprocess
import sys
from typing import Any

import pytest

from server.cli import COMMANDS

LOADED = """
import contextlib, io, sys
from server.cli import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main(sys.argv[1:])
print(*sys.modules)
"""


def loaded_by(*argv: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOADED, *argv], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_help_loads_no_command() -> None:
    loaded = loaded_by("--help")

    assert not {f"server.cli.{name}" for name in COMMANDS} & loaded
    assert not {"rich", "msgspec", "asyncio", "subprocess"} & loaded


@pytest.mark.parametrize("argv", [["review", "/nowhere"], ["jobs", "--help"], ["keys", "--help"], ["dead", "--help"]])
def test_a_command_loads_nothing_of_the_hub(argv: list[str]) -> None:
    loaded = loaded_by(*argv)

    assert not {"aiohttp", "asyncpg", "redis", "pygls", "structlog", "cryptography", "rich.progress"} & loaded


HELPS = """
import contextlib, io, json, sys
from server.cli import main
said = {}
for command in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            main([command, "--help"])
        except SystemExit as ended:
            said[command] = [ended.code or 0, out.getvalue()]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def helps() -> dict[str, list[Any]]:
    """What each command says of itself. One process for all: starting one for each is most of the time."""
    done = subprocess.run([sys.executable, "-c", HELPS, *COMMANDS], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    said: dict[str, list[Any]] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(helps: dict[str, list[Any]], command: str) -> None:
    code, text = helps[command]

    assert code == 0
    assert text.startswith(f"Usage: hive {command} ")
    assert not [line for line in text.splitlines() if line.startswith("  ") and line.endswith("...")]  # cut short


def test_the_help_lists_every_command_with_what_it_does() -> None:
    done = subprocess.run([sys.executable, "-m", "server", "--help"], capture_output=True, text=True, check=True)

    for name, (_, what) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert what in done.stdout
    assert "  lsp " in done.stdout

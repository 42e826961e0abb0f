"""Finding the hub of a data directory. Starting one is in `test_hub_commands.py`."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.data_directory import default_data_directory
from server.launch import Hub, HubDidNotStart, ensure_hub, log_file, run_file, running_hub, write_run_file
from tests.cli.peer import a_peer


def test_a_hub_that_lives_and_answers_is_found(tmp_path: Path) -> None:
    with a_peer(b"") as (at, _):
        hub = Hub(os.getpid(), at, at, "token")
        write_run_file(tmp_path, hub)

        assert running_hub(tmp_path) == hub
        assert ensure_hub({"HIVE_DATA": str(tmp_path)}) == hub


def test_its_token_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_run_file(tmp_path, Hub(1, "127.0.0.1:1", "127.0.0.1:2", "secret"))

    assert stat.S_IMODE(run_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(run_file(tmp_path).parent.stat().st_mode) == 0o700
    assert [file.name for file in run_file(tmp_path).parent.iterdir()] == ["hub.json"]


def test_a_hub_that_was_killed_is_none(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with a_peer() as (at, _):
        write_run_file(tmp_path, Hub(ended.pid, at, at, "token"))

        assert running_hub(tmp_path) is None


def test_a_hub_that_does_not_answer_is_none(tmp_path: Path) -> None:
    with a_peer() as (at, _):
        pass
    write_run_file(tmp_path, Hub(os.getpid(), at, at, "token"))

    assert running_hub(tmp_path) is None


GARBAGE = [
    b"", b"{", b"[]", b"null", b"\xff", b'{"pid": 1}', b"[" * 100_000,
    json.dumps({"pid": 10**30, "http": "127.0.0.1:1", "lsp": "", "token": ""}).encode(),
    json.dumps({"pid": None, "http": "x", "lsp": "", "token": ""}).encode(),
    json.dumps({"pid": 1, "http": "nowhere", "lsp": "", "token": ""}).encode(),
    json.dumps({"pid": 1, "http": "[::1", "lsp": "", "token": ""}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE)
def test_a_file_that_says_nothing_is_no_hub(tmp_path: Path, content: bytes) -> None:
    run_file(tmp_path).parent.mkdir()
    run_file(tmp_path).write_bytes(content)

    assert running_hub(tmp_path) is None


def test_a_directory_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(HubDidNotStart, match="cannot use the data directory") as refused:
        ensure_hub({"HIVE_DATA": str(tmp_path / "file")})

    assert "HIVE_DATA" in refused.value.hint


def test_a_hub_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    announced: list[str] = []
    log_file(tmp_path).parent.mkdir(parents=True)
    log_file(tmp_path).write_text("of an earlier start\n")

    with pytest.raises(HubDidNotStart, match="the hub ended while starting") as refused:
        ensure_hub({**os.environ, "HIVE_DATA": str(tmp_path), "HIVE_HTTP": "nonsense"}, announce=announced.append)

    assert "HIVE_HTTP" in str(refused.value)
    assert "of an earlier start" not in str(refused.value)
    assert str(log_file(tmp_path)) in refused.value.hint
    assert announced == [f"starting a hub in {tmp_path}"]


def test_the_data_directory_is_named_or_the_platforms(tmp_path: Path) -> None:
    assert default_data_directory({"HIVE_DATA": str(tmp_path)}) == tmp_path
    assert default_data_directory({"HIVE_DATA": "relative"}) == Path.cwd() / "relative"
    assert default_data_directory({"HIVE_DATA": ""}).name == "agent-hive"


def test_it_imports_little() -> None:
    """An editor waits for `hive lsp` each time that it starts."""
    script = "import sys; before = set(sys.modules); import server.launch; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()

    heavy = {"click", "rich", "msgspec", "asyncio", "subprocess", "platformdirs", "aiohttp", "http.client"}
    assert not heavy & set(loaded)

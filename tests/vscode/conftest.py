"""One editor for the scenes that can share it; what is slow to make is made once."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import pytest

from server.launch import running_hub
from tests.conftest import make_directory
from tests.vscode.code_server import CodeServer
from tests.vscode.tools import (
    EXTENSION,
    HERE,
    SCREENSHOTS,
    install_code_server,
    install_driver,
    package_extension,
    what_is_missing,
)

Journey = Callable[..., None]


class Outcome(msgspec.Struct):
    """Of one test in the extension host."""

    name: str
    seconds: float
    error: str | None


JOURNEY_SECONDS = 300.0

STOP_SECONDS = 20.0

HIVE = Path(sys.executable).parent / "hive"

SHOP = '''"""A shop."""


def price(amount: float) -> float:
    return amount * 1.2
'''


@pytest.fixture(scope="session")
def installed_code_server() -> Path:
    missing = what_is_missing()
    if missing is not None:
        pytest.skip(f"the extension was NOT tried in a real VS Code; {missing}")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    install_driver()
    return install_code_server()


@pytest.fixture(scope="session")
def vsix(installed_code_server: Path) -> Path:
    return package_extension()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with one clean Python file."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "shop.py").write_text(SHOP)
    return folder


class Shared(NamedTuple):
    """An editor that is connected to a hub, for all scenes that begin so; each opens a folder of its own."""

    editor: CodeServer
    url: str
    data_dir: Path


@pytest.fixture(scope="session")
def shared(installed_code_server: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    data_dir = make_directory()
    editor = CodeServer(installed_code_server, tmp_path_factory.mktemp("editor"), environment_of(data_dir))
    editor.install(vsix)
    editor.configure({"hive.path": str(HIVE)})
    with editor.running() as url:
        yield Shared(editor, url, data_dir)
    stop_hub(data_dir)
    shutil.rmtree(data_dir)


@pytest.fixture
def travel(shared: Shared, workspace: Path, tmp_path: Path) -> Journey:
    """`travel(name)` runs journeys/NAME.mjs with the extension installed and a hub beside it."""

    def travel(name: str) -> None:
        url = f"{shared.url}/?folder={workspace}"
        run_journey([name], tmp_path, shared.editor, url=url, data_dir=str(shared.data_dir))

    return travel


@pytest.fixture
def hub_environment(data_dir: Path) -> Iterator[dict[str, str]]:
    """Of a hub for one scene. What was started there is stopped afterwards."""
    yield environment_of(data_dir)
    stop_hub(data_dir)


@pytest.fixture
def editor(installed_code_server: Path, hub_environment: dict[str, str], tmp_path: Path) -> CodeServer:
    return CodeServer(installed_code_server, tmp_path / "editor", hub_environment)


@pytest.fixture
def travel_alone(editor: CodeServer, vsix: Path, workspace: Path, tmp_path: Path) -> Journey:
    """As `travel`, one or more journeys in a row, in an editor with *settings* that other scenes could not bear.

    More keywords go to the journeys.
    """

    def travel_alone(*names: str, settings: dict[str, Any], trusts_all: bool = True, **given: Any) -> None:
        editor.install(vsix)
        editor.configure({"hive.path": str(HIVE), **settings})
        with editor.running(trusts_all=trusts_all) as url:
            run_journey(names, tmp_path, editor, url=f"{url}/?folder={workspace}", **given)

    return travel_alone


@pytest.fixture
def run_host_tests(editor: CodeServer, vsix: Path, workspace: Path, tmp_path: Path) -> Callable[[], list[Outcome]]:
    """Runs the extension from its folder, with the tests that `npm run build` bundled beside it."""

    def run_host_tests() -> list[Outcome]:
        results = tmp_path / "results.json"
        editor.configure({"hive.path": str(HIVE)})
        with editor.running(HIVE_HOST_RESULTS=str(results)) as url:
            remote = f"vscode-remote://{url.removeprefix('http://')}{EXTENSION}"
            payload = [
                ["extensionDevelopmentPath", remote],
                ["extensionTestsPath", f"{remote}/out/test/host/index.js"],
            ]
            query = urlencode({"folder": str(workspace), "payload": json.dumps(payload)})
            run_journey(["host"], tmp_path, editor, url=f"{url}/?{query}", results=str(results))
        return msgspec.json.decode(results.read_bytes(), type=list[Outcome])

    return run_host_tests


def environment_of(data_dir: Path) -> dict[str, str]:
    """Where a hub keeps its data; it takes any free ports."""
    return {"HIVE_DATA": str(data_dir), "HIVE_HTTP": "127.0.0.1:0", "HIVE_LSP": "127.0.0.1:0"}


def run_journey(names: Sequence[str], directory: Path, editor: CodeServer, **given: Any) -> None:
    journey = {"profile": str(directory / "browser"), "screenshots": str(SCREENSHOTS), **given}
    done = subprocess.run(
        ["node", "journey.mjs", *names],
        cwd=HERE,
        env={**os.environ, "JOURNEY": json.dumps(journey)},
        capture_output=True,
        text=True,
        timeout=JOURNEY_SECONDS,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{editor.said()}"


def stop_hub(data_dir: Path) -> None:
    """Stop the hub of *data_dir*, if one runs, and wait until it is gone."""
    hub = running_hub(data_dir)
    if hub is None:
        return
    process = os.pidfd_open(hub.pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        assert select.select([process], [], [], STOP_SECONDS)[0], "the hub did not stop"
    finally:
        os.close(process)

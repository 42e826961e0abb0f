"""A data directory in which a hub ran before: setting one up anew for every test would take most of their time."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from server.embedded.postgres import EmbeddedPostgres
from tests.conftest import make_directory


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _set_up_once() -> AsyncIterator[Path]:
    directory = make_directory()
    postgres = EmbeddedPostgres(directory / "postgres", settings={"fsync": "off"})
    await postgres.start()
    await postgres.stop()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def set_up(_set_up_once: Path, data_dir: Path) -> Path:
    """`data_dir` after a first start and a clean stop."""
    shutil.rmtree(data_dir)
    subprocess.run(["cp", "-a", _set_up_once, data_dir], check=True)  # keeps owners, as copytree does not
    return data_dir

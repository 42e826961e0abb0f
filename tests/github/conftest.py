"""What scenes with GitHub share."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from server.config import Secret
from server.effects.app import GitHubApp
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn


@pytest.fixture
async def standin() -> AsyncIterator[GitHubStandIn]:
    """A GitHub that was asked nothing wrong, unless the test says so by clearing `violations`."""
    async with GitHubStandIn() as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest.fixture
def app(standin: GitHubStandIn, session: aiohttp.ClientSession) -> GitHubApp:
    return GitHubApp(
        session, app_id=standin.app_id, private_key=Secret(standin.private_key_pem), api_url=standin.url
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")

"""What scenes with GitHub share."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from server.config import Secret
from server.db import open_pool
from server.effects.app import GitHubApp
from tests.github.git_project import GitProject
from tests.github.operating import Operator
from tests.github.standin import GitHubStandIn


@pytest.fixture
async def standin() -> AsyncIterator[GitHubStandIn]:
    """A GitHub that was asked nothing wrong, unless the test says so by clearing `violations`."""
    async with GitHubStandIn() as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@pytest.fixture
def app(standin: GitHubStandIn, session: aiohttp.ClientSession) -> GitHubApp:
    return GitHubApp(
        session, app_id=standin.app_id, private_key=Secret(standin.private_key_pem), api_url=standin.url
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


@pytest.fixture
async def operator(
    standin: GitHubStandIn, session: aiohttp.ClientSession, project: GitProject, postgres_url: str
) -> AsyncIterator[Operator]:
    """Whoever carries out operations on `octo/demo`, which has one commit."""
    project.commit({"app.py": "print(1)\n"})
    repository = await standin.create_repository(project.directory)
    pool = await open_pool(postgres_url, max_size=2)
    yield Operator(standin, pool, session, repository)
    await pool.close()

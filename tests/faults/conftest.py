"""What the chaos tests share: a nursery for all of a module's processes, chance by a seed that is printed, a hive."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from tests.faults.hive import ChaosHive, Engines, Places, open_hive
from tests.faults.nursery import Nursery, open_nursery

SEED = "HIVE_CHAOS_SEED"
LEASE_SECONDS = 3.0
PATIENCE_SECONDS = 180.0

OpenHive = Callable[[Places], AbstractAsyncContextManager[ChaosHive]]


@pytest.fixture
def chance() -> Random:
    """Another at every run; `HIVE_CHAOS_SEED` brings one back."""
    seed = os.environ.get(SEED) or str(int.from_bytes(os.urandom(4), "big"))
    print(f"{SEED}={seed}")
    return Random(seed)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nursery]:
    async with open_nursery(tmp_path_factory.mktemp("nursery") / "log") as nursery:
        yield nursery


@pytest.fixture
def hive_at(nursery: Nursery, tmp_path: Path) -> OpenHive:
    """A hive over given engines, none of whose processes runs yet."""

    @asynccontextmanager
    async def open_(places: Places) -> AsyncIterator[ChaosHive]:
        async with open_hive(
            nursery, places, tmp_path, lease_seconds=LEASE_SECONDS, patience_seconds=PATIENCE_SECONDS
        ) as hive:
            yield hive

    return open_


@pytest.fixture
def places(postgres_url: str, redis_urls: dict[str, str]) -> Places:
    """The session's engines, which no test may stop."""
    return Places(postgres_url, redis_urls)


@pytest_asyncio.fixture(loop_scope="module")
async def engines(data_dir: Path) -> AsyncIterator[Engines]:
    """The test's own, not started."""
    engines = Engines(data_dir)
    yield engines
    await engines.stop()

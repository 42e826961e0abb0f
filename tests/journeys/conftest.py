"""What journeys share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.scene import Scene, a_scene


@pytest.fixture
async def scene(data_dir: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(data_dir, tmp_path / "demo") as scene:
        yield scene

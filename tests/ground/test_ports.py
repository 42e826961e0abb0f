"""A port that somebody else has is named before anything is started for it."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.config import Address, Settings
from server.hub import run_hub
from server.ports import PortTaken

FREE = Address("127.0.0.1", 0)


@pytest.fixture
def taken() -> Iterator[list[Address]]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        yield [Address("127.0.0.1", listener.getsockname()[1]) for listener in listeners]


@pytest.mark.parametrize("names", [["HIVE_HTTP"], ["HIVE_LSP"], ["HIVE_HTTP", "HIVE_LSP"]], ids=" and ".join)
async def test_every_taken_port_is_named_before_anything_starts(
    data_dir: Path, taken: list[Address], names: list[str]
) -> None:
    wanted = dict(zip(names, taken, strict=False))

    with pytest.raises(PortTaken) as refused:
        async with run_hub(Settings(data_dir, wanted.get("HIVE_HTTP", FREE), wanted.get("HIVE_LSP", FREE))):
            pass

    assert [name for name in ("HIVE_HTTP", "HIVE_LSP") if name in refused.value.hint] == names
    assert all(f"{address}: Address already in use" in str(refused.value) for address in wanted.values())
    assert os.listdir(data_dir) == ["hub.lock"]

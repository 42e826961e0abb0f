"""A hub's door for editors, behind which the test says what happens; the door and its sessions are the real ones."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lsp.server import LspDoor
from server.config import Address
from tests.lsp.conftest import NEVER
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, authenticate

START_SECONDS = 10.0


@contextmanager
def running(door: ScriptedDoor, **given: Any) -> Iterator[Address]:
    """Listens on TCP in a thread of its own. *given*: what else the hub has behind it."""
    loop, addresses = asyncio.new_event_loop(), []
    ready = threading.Event()

    async def serve(stop: asyncio.Event) -> None:
        editors = LspDoor(door, ScriptedFindings(door), authenticate, rest_seconds=NEVER, **given)
        addresses.append(await editors.start(Address("127.0.0.1", 0)))
        ready.set()
        await stop.wait()
        await editors.stop()

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
    thread.start()
    try:
        assert ready.wait(START_SECONDS), "the door does not open"
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()

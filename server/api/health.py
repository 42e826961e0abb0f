"""`/health`, `/ready` and `/metrics`: for whoever keeps the hub running."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from server.api.guard import is_local
from server.api.parts import PartState
from server.api.route import Answer, Call


class Health(msgspec.Struct, frozen=True):
    status: str


class Readiness(msgspec.Struct, frozen=True):
    """Ready when every part is."""

    ready: bool
    parts: Mapping[str, PartState]


async def health(call: Call[Any, None]) -> Health:
    """The process lives and its loop turns: nothing else is asked, so that an engine's failure restarts no hub."""
    return Health("ok")


async def ready(call: Call[Any, None]) -> Answer:
    """The notes are for this machine: strangers learn only which part is not ready."""
    parts = await call.parts.readiness()
    if not is_local(call.request, call.parts):
        parts = {name: PartState(state.ready) for name, state in parts.items()}
    all_ready = all(state.ready for state in parts.values())
    return Answer(Readiness(all_ready, parts), HTTPStatus.OK if all_ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def metrics(call: Call[Any, None]) -> web.Response:
    return web.Response(body=generate_latest(call.parts.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

"""Grant what was wished about jobs that exist: to cancel, retry or discard, to pause or resume; each wish once."""

from collections.abc import Mapping

import asyncpg
import msgspec

from server.jobs.changes import Changes
from server.jobs.store import JobStore
from server.jobs.wire import StepWish, Wish

_WISHES: Mapping[str, type[Wish | StepWish]] = {"retry_from": StepWish}


def wish_of(kind: str, body: bytes) -> Wish | StepWish:
    """Raises `msgspec.MsgspecError` for what is no wish of that kind."""
    return msgspec.json.decode(body, type=_WISHES.get(kind, Wish))


async def grant(store: JobStore, kind: str, wish: Wish | StepWish) -> Changes:
    try:
        return await _granted(store, kind, wish)
    except asyncpg.UniqueViolationError:  # another hub gave a key away meanwhile: now that is seen
        return await _granted(store, kind, wish)


async def _granted(store: JobStore, kind: str, wish: Wish | StepWish) -> Changes:
    """Once, however often it is made; but what is to be cancelled may come behind the first of several."""
    async with store.in_one() as store_in_one:
        if kind != "cancel" and not await store_in_one.is_new_wish(wish.id):
            return Changes()
        if isinstance(wish, StepWish):
            return await store_in_one.retry_from(wish.workflow_id, wish.step, by=wish.by)
        act = {
            "cancel": store_in_one.cancel,
            "retry": store_in_one.retry_dead,
            "discard": store_in_one.discard_dead,
            "pause": store_in_one.pause,
            "resume": store_in_one.resume,
        }[kind]
        return await act(wish.job_ids, by=wish.by)

"""The agent process: thinks about untrusted code, and holds no credential but its own sealed mailbox."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from server.agents.indexer import IndexingDesk
from server.agents.keyless import KEY_TAKEN, without_model
from server.agents.reviewer import Reviewer, preload
from server.agents.sleep import ReviewerSleep
from server.jobs.process import read_bootstrap, run_worker
from server.jobs.worker import Handler
from server.observability.logs import configure_logs
from server.settling import settle

SWITCH_SECONDS = 0.0005


@asynccontextmanager
async def _handlers(reviewer: Reviewer, indexing: IndexingDesk) -> AsyncIterator[Mapping[str, Handler]]:
    await reviewer.start()
    try:
        yield {"review": reviewer.handle, "memory.index": indexing.handle, **without_model(KEY_TAKEN)}
    finally:
        indexing.stop()
        await reviewer.stop()


def main() -> None:
    bootstrap = read_bootstrap()
    configure_logs("json" if bootstrap.log == "json" else "console", level=bootstrap.log_level)
    preload()
    reviewer = Reviewer()
    indexing = IndexingDesk()
    sleeper = ReviewerSleep(reviewer)
    _share_time_and_memory()
    asyncio.run(run_worker(bootstrap, lambda: _handlers(reviewer, indexing), sleeper))


def _share_time_and_memory() -> None:
    """For a process in which one thread parses while the loop talks.

    A syntax tree is thousands of objects and no cycle: at its stock pace the collector looks through them again and
    again. The loop has a few short steps for each review, none of which should wait 5 ms for the thread to let go.
    """
    settle()
    sys.setswitchinterval(SWITCH_SECONDS)


if __name__ == "__main__":
    main()

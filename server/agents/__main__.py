"""The agent process: thinks about untrusted code, and holds no credential but its own sealed mailbox."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from server.agents.reviewer import Reviewer, preload
from server.jobs.process import read_bootstrap, run_worker
from server.jobs.worker import Handler
from server.observability.logs import configure_logs


@asynccontextmanager
async def _handlers() -> AsyncIterator[Mapping[str, Handler]]:
    reviewer = Reviewer()
    await reviewer.start()
    try:
        yield {"review": reviewer.handle}
    finally:
        await reviewer.stop()


def main() -> None:
    bootstrap = read_bootstrap()
    configure_logs("json" if bootstrap.log == "json" else "console", level=bootstrap.log_level)
    preload()
    asyncio.run(run_worker(bootstrap, _handlers))


if __name__ == "__main__":
    main()

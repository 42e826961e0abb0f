"""The process that ends work for a model while nobody who thinks is there. Holds no credential, and no model."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from server.agents.keyless import NOBODY_THERE, without_model
from server.jobs.process import read_bootstrap, run_worker
from server.jobs.worker import Handler
from server.observability.logs import configure_logs


@asynccontextmanager
async def _handlers() -> AsyncIterator[Mapping[str, Handler]]:
    yield without_model(NOBODY_THERE)


def main() -> None:
    bootstrap = read_bootstrap()
    configure_logs("json" if bootstrap.log == "json" else "console", level=bootstrap.log_level)
    asyncio.run(run_worker(bootstrap, _handlers))


if __name__ == "__main__":
    main()

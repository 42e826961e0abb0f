"""A hub's ground floor and nothing else, to be killed: `python -m tests.ground.owner DATA_DIR`.

Prints a line of JSON once both engines answer, then stays.
"""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from server.config import Settings
from server.embedded import start_engines
from server.embedded.account import prepare_data_directory
from server.embedded.lock import DataDirectoryLock

USERS = {"writer": ["~*", "+@all"]}


async def main(data_dir: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    prepare_data_directory(data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(DataDirectoryLock(data_dir))
        engines = await start_engines(Settings(data_dir=data_dir), stack, USERS)
        pids = [pid_in(data_dir / "postgres/data/postmaster.pid"), pid_in(data_dir / "redis/redis.pid")]
        urls = {"database_url": engines.database_url, "redis_url": engines.redis_urls["writer"]}
        print(json.dumps({"pid": os.getpid(), "engines": pids, **urls}), flush=True)
        await asyncio.Event().wait()


def pid_in(file: Path) -> int:
    return int(file.read_text().split()[0])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

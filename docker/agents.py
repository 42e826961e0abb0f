"""Agents in a container or on a host of their own: what a hub hands its agents over a pipe, from files instead.

Needs REDIS_URL_AGENT, and in /keys (or the directory named as argument) three files of the hub's `keys`: `agent.key`,
`registry.json` and `root.pub`, mode 0600. From a hub in compose:

    mkdir -m 700 docker/keys
    for key in agent.key registry.json root.pub; do docker compose cp hub:/data/keys/$key docker/keys/; done
    docker compose --profile agents up --detach --scale agents=4

HIVE_AGENT_NAME is the name under which admins know them (`hive agents`); without it they are named after their host.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from server.jobs.process import Bootstrap
from server.jobs.supervisor import Supervisor
from server.messaging import Keyring, Role
from server.reviews.workflow import REVIEW_QUEUE

CAPACITY = 8


async def main() -> None:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "/keys")
    bootstrap = Bootstrap(
        queue=REVIEW_QUEUE,
        name=os.environ.get("HIVE_AGENT_NAME") or f"{REVIEW_QUEUE}@{socket.gethostname()}",
        capacity=CAPACITY,
        redis_url=os.environ["REDIS_URL_AGENT"],
        identity=Keyring.open(directory).identity(Role.AGENT).export(),
        log=os.environ.get("HIVE_LOG", "console"),
        run_as="nobody",
    )
    agents = asyncio.create_task(Supervisor("server.agents", bootstrap).run())
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, agents.cancel)
    await asyncio.wait([agents])


if __name__ == "__main__":
    asyncio.run(main())

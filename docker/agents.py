"""Agents in a container or on a host of their own: what a hub hands its agents over a pipe, from files instead.

Needs REDIS_URL_AGENT, and in /keys (or the directory named as argument) three files of the hub's `keys`: `agent.key`,
`registry.json` and `root.pub`, mode 0600. From a hub in compose:

    mkdir -m 700 docker/keys
    for key in agent.key registry.json root.pub; do docker compose cp hub:/data/keys/$key docker/keys/; done
    docker compose --profile agents up --detach --scale agents=4

HIVE_QUEUE says what they work on: `review` (the rules and the memory; no credential) or `think` (with a model: needs
ANTHROPIC_API_KEY, and HIVE_THINKERS=elsewhere at the hub, which then starts no thinker of its own):

    docker compose --profile thinkers up --detach

HIVE_AGENT_NAME is the name under which admins know them (`hive agents`); without it they are named after their host.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec

from server.agents.settings import claude_settings
from server.config import Settings
from server.errors import HiveError
from server.jobs.job import NULL
from server.jobs.process import Bootstrap
from server.jobs.supervisor import Supervisor
from server.messaging import Keyring, Role
from server.reviews.workflow import REVIEW_QUEUE, THINK_QUEUE

CAPACITY = 8
MODULES = {REVIEW_QUEUE: "server.agents", THINK_QUEUE: "server.agents.thinker"}


async def main() -> None:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "/keys")
    queue = os.environ.get("HIVE_QUEUE") or REVIEW_QUEUE
    if queue not in MODULES:
        sys.exit(f"HIVE_QUEUE: expected {' or '.join(MODULES)}")
    bootstrap = Bootstrap(
        queue=queue,
        name=os.environ.get("HIVE_AGENT_NAME") or f"{queue}@{socket.gethostname()}",
        capacity=CAPACITY,
        redis_url=os.environ["REDIS_URL_AGENT"],
        identity=Keyring.open(directory).identity(Role.AGENT).export(),
        log=os.environ.get("HIVE_LOG", "console"),
        run_as="nobody",
        settings=_model() if queue == THINK_QUEUE else NULL,
    )
    agents = asyncio.create_task(Supervisor(MODULES[queue], bootstrap).run())
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, agents.cancel)
    await asyncio.wait([agents])


def _model() -> msgspec.Raw:
    """Of the environment's settings those of the model alone."""
    names = (
        "HIVE_DATA",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "HIVE_MODEL",
        "HIVE_MODEL_FAST",
        "HIVE_SANDBOX_PATHS",
    )
    try:
        given = claude_settings(Settings.load({name: os.environ[name] for name in names if name in os.environ}))
    except HiveError as error:
        sys.exit(str(error))
    if given is None:
        sys.exit("HIVE_QUEUE=think needs ANTHROPIC_API_KEY")
    return msgspec.Raw(msgspec.json.encode(given))


if __name__ == "__main__":
    asyncio.run(main())

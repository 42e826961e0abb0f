"""The effects process: holds the GitHub App's key and reads only typed results; no code of a pull request runs here."""

import asyncio

import msgspec

from server.effects.handlers import open_handlers
from server.effects.settings import EffectsSettings
from server.jobs.process import read_bootstrap, run_worker
from server.observability.logs import configure_logs
from server.settling import settle


def main() -> None:
    bootstrap = read_bootstrap()
    configure_logs("json" if bootstrap.log == "json" else "console", level=bootstrap.log_level)
    settle()
    settings = msgspec.json.decode(bootstrap.settings, type=EffectsSettings)
    asyncio.run(run_worker(bootstrap, lambda: open_handlers(settings)))


if __name__ == "__main__":
    main()

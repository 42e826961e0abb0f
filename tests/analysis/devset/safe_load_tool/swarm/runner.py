from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

import requests

from swarm.environment import Environment, Worker

log = logging.getLogger(__name__)


class Runner:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.session = requests.Session()
        self._processes: list[subprocess.Popen] = []

    def start(self) -> None:
        for number in range(self.environment.options.users):
            worker = Worker(f"worker-{number}")
            self.environment.workers[worker.name] = worker
            self._processes.append(subprocess.Popen([sys.executable, worker.script, str(number)]))
        log.info("started %d users", self.environment.options.users)
        self.environment.events.fire("start", users=self.environment.options.users)

    def stop(self) -> None:
        time.sleep(self.environment.options.stop_timeout)
        for process in self._processes:
            process.terminate()
        self.environment.workers.clear()

    def ping(self) -> bool:
        return self.session.get(self.environment.options.host, timeout=5).ok

    def count(self, name: str) -> None:
        self.environment.stats[name] = self.environment.stats.get(name, 0) + 1

    def last_lines(self, number: int) -> list[str]:
        path = os.path.join(self.environment.log_folder, "swarm.log")
        with open(path, encoding="utf-8") as file:
            return file.readlines()[-number:]

    def configure(self, **settings: object) -> None:
        for name in ("host", "users"):
            if name in settings:
                setattr(self.environment.options, name, settings[name])

"""What all parts of a run share: options, users, statistics."""
from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, Callable

log = logging.getLogger(__name__)


@dataclass
class Options:
    host: str = "http://localhost"
    users: int = 1
    stop_timeout: float = 1.0
    title: str = ""


class Events:
    def __init__(self) -> None:
        self._handlers: dict[str, list[Callable[..., None]]] = {}

    def on(self, name: str, handler: Callable[..., None]) -> None:
        self._handlers.setdefault(name, []).append(handler)

    def fire(self, name: str, **details: Any) -> None:
        for handler in self._handlers.get(name, ()):
            try:
                handler(**details)
            except Exception:
                log.exception("a handler of %s failed", name)


@dataclass
class Environment:
    options: Options = field(default_factory=Options)
    events: Events = field(default_factory=Events)
    workers: dict[str, "Worker"] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=dict)
    log_folder: str = "/var/log/swarm"

    def worker(self, name: str) -> "Worker":
        return self.workers[name]


@dataclass
class Worker:
    name: str
    version: str = "1"
    users: int = 0
    script: str = "scripts/default.py"

"""Logs: structured lines to standard error, for people (console) or machines (json). Secrets never reach them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

SECRETS = re.compile(
    r"hive_[0-9A-Za-z]+_[0-9A-Za-z]+"  # our API keys
    r"|gh[opsur]_[0-9A-Za-z_]{20,}|github_pat_[0-9A-Za-z_]{20,}"
    r"|sk-ant-[0-9A-Za-z_-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)"  # user:password in a URL
    r"|(?<=[Bb]earer )\S+",
    re.DOTALL,
)
"""What looks like a secret wherever it stands."""


def configure_logs(style: Literal["json", "console"], *, level: str = "info") -> None:
    """Once per process, before anything logs. Also takes in what libraries say through `logging`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[structlog.typing.Processor]
    if style == "json":
        ending = [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer()]
    else:
        ending = [
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("asyncpg").setLevel(logging.ERROR)  # its warnings of an outage are tracebacks; our loops say it


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like a secret, wherever in the line it stands; the last fence, not the first."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub("[redacted]", value)
    return event

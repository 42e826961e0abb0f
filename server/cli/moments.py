"""Moments and durations as people write and read them: `7d`, `24h`, `2026-11-22`, `12 ms`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType[datetime]):
    """So long ago, or a date or time by ISO 8601; without a zone it is UTC."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        ago = _AGO.fullmatch(value.strip())
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time such as 2026-11-22T12:00 nor so long ago such as 7d", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def span(seconds: float) -> str:
    """A duration in five characters at most."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms" if seconds >= 0.0005 or seconds == 0 else "<1ms"
    for size, unit, limit in _SPANS:
        if seconds < limit:
            return f"{seconds / size:.1f}{unit}" if seconds < 9.95 * size else f"{seconds / size:.0f}{unit}"
    return f"{seconds / 86400:.0f}d"


_SPANS = ((1, "s", 99.5), (60, "m", 99.5 * 60), (3600, "h", 48 * 3600))
"""Up to the limit in seconds."""

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: list[float]) -> str:
    """A character for each value, the highest full; a blank where there was nothing."""
    highest = max(values, default=0)
    return "".join(_BARS[min(7, int(8 * value / highest))] if value > 0 else " " for value in values)

"""Code as a model may see it: line for line, without secrets, and with what is invisible written out. Pure."""

import re
from functools import lru_cache

from server.agents.hostile import redact, reveal

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY")


@lru_cache(maxsize=512)
def shown_lines(text: str) -> tuple[str, ...]:
    """`lines_to_show` of a text that is shown again and again."""
    return lines_to_show(text)


def lines_to_show(text: str) -> tuple[str, ...]:
    """As many as the text has: what is cited by its line must stay on it."""
    lines = _lines(text)
    shown = _lines(reveal(redact(text)).text)
    return tuple(shown if len(shown) == len(lines) else _one_by_one(lines))


def _one_by_one(lines: list[str]) -> list[str]:
    """For who holds a secret of several lines."""
    shown = []
    is_key = False
    for line in lines:
        is_key = is_key and not _KEY_ENDS.search(line)
        shown.append("[redacted: private key]" if is_key else reveal(redact(line)).text)
        is_key = is_key or bool(_KEY_BEGINS.search(line))
    return shown


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").removesuffix("\n").split("\n") if text else []

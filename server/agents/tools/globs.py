"""Which paths a pattern like `src/**/*.py` means, in linear time: the pattern may be hostile."""

import re
from collections.abc import Callable
from typing import Any

import re2

MAX_LENGTH = 300
_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def paths_like(pattern: str) -> Callable[[str], bool]:
    """`**` crosses folders; a pattern without `/` means names in any folder, one that ends in `/` all below it."""
    pattern = pattern[:MAX_LENGTH].removeprefix("./")
    if not pattern:
        return lambda path: True
    if pattern.endswith("/"):
        pattern += "**"
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    expression = "".join(_MEANING.get(piece) or re2.escape(piece) for piece in _PIECE.findall(pattern))
    compiled: Any = re2.compile(f"(?s){expression}")
    return lambda path: compiled.fullmatch(path) is not None

"""Regular expressions as a test of a text: whether what fits can still be what somebody likes. Pure."""

import re


def is_strict(pattern: str, *, anchored: bool) -> bool:
    """Whether a text that fits cannot hold what it likes: both ends are tested and no `.*` is in it."""
    if not anchored and not pattern.rstrip(")").endswith(("$", r"\Z", r"\z")):
        return False
    return not is_loose(pattern)


def is_loose(pattern: str) -> bool:
    """`.*`, `[^x]`, `\\S+`: parts that fit nearly anything."""
    return re.search(r"(?<!\\)\.[*+]|\[\^|\\S[*+]|(?<!\\)\.\{", pattern) is not None

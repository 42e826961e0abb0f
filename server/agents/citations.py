"""Whether what a model quotes stands where it says: the ground of everything that is told to people. Pure."""

import re

from server.agents.code import Code
from server.reviews.asks import Citation

MAX_QUOTED_LINES = 12

_PREFIX = re.compile(r"^ *\d+ [ +-] ")
"""The numbers and signs beside the lines that it was shown."""


def problem_of(cited: Citation, code: Code) -> str:
    """Nothing when the quote stands at its lines; else what is wrong, in words that help to mend it."""
    place = f"{cited.path}:{cited.start_line}"
    if cited.path not in code.files:
        return f"{place}: there is no such file"
    last = code.last_line(cited.path)
    if not 1 <= cited.start_line <= cited.end_line <= max(1, last):
        return f"{place}-{cited.end_line}: {cited.path} has {last} lines"
    if cited.end_line - cited.start_line >= MAX_QUOTED_LINES:
        return f"{place}-{cited.end_line}: cite at most {MAX_QUOTED_LINES} lines"
    quoted = _folded(cited.quote)
    if not quoted:
        return f"{place}: quote the text of the lines"
    first, end = cited.start_line - 1, cited.end_line
    for lines in (code.source(cited.path).lines, code.shown(cited.path)):
        if quoted in _folded("\n".join(lines[first:end])):
            return ""
    return f"{place}: the quote does not stand there; {_where(quoted, cited.path, code)}"


def _where(quoted: str, path: str, code: Code) -> str:
    """Where its first line does stand."""
    begins = quoted.partition("\n")[0]
    found = [number for number, line in enumerate(code.shown(path), 1) if begins in _folded(line)]
    if not found:
        return f"no line of {path} holds {begins[:80]!r}"
    return f"it begins on line {', '.join(map(str, found[:5]))}"


def _folded(text: str) -> str:
    """Without the white space that differs when code is copied; lines stay lines."""
    lines = (" ".join(_PREFIX.sub("", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)

"""Pug's unescaped outputs: `p!= text`. It is told by lines; `!{text}` is found like other tags."""

import re

from server.analysis.templates.dialect import Role
from server.analysis.templates.tags import Tag

_RAW_LINE = re.compile(r"^[ \t]*(?:[\w.#-]+(?:\([^()\n]*\))?)?!=[ \t]*(\S[^\n]*)$", re.MULTILINE)


def pug_outputs(text: str) -> list[Tag]:
    return [Tag(hit.start(1), hit.end(1), hit[1].strip(), Role.RAW) for hit in _RAW_LINE.finditer(text)]

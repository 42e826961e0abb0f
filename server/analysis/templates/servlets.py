"""The Java of a page of JSP: its scriptlets are read as the body of the servlet that the page becomes, with every line
and column where it is in the page.

What a page only prints (`<%= x %>`) the rules of templates judge; here it is a call that does nothing.
"""

import re

from server.analysis.flow.program import Module
from server.analysis.java.file import JavaFile
from server.analysis.java.lower import lower_page
from server.analysis.language import Language
from server.analysis.source import Source
from server.analysis.templates.dialect import Dialect, Role
from server.analysis.templates.file import TemplateFile

_IMPORTS = re.compile(r"<%@\s*page\b[^%]{0,400}?\bimport\s*=\s*[\"']([^\"']{1,1000})[\"']")
_OPENS = {"<%=": " p(", "<%!": "   "}
"""As long as what they stand for; what is printed is given to a function that nobody knows."""


def lower(file: TemplateFile) -> Module | None:
    """None for a page without scriptlets, and for those of other languages."""
    if file.dialect is not Dialect.JSP:
        return None
    pieces: list[str] = []
    at, has_code = 0, False
    for tag in file.tags:
        text = file.source.text[tag.start : tag.end]
        if tag.role is Role.COMMENT or text.startswith("<%@") or not text.startswith("<%"):
            continue
        head = _OPENS.get(text[:3], "  " + text[2:3])
        tail = ");" if text.startswith("<%=") else "  "
        pieces += (_blank(file.source.text[at : tag.start]), head, text[3:-2], tail)
        has_code = has_code or not text.startswith("<%=")
        at = tag.end
    if not has_code:
        return None
    code = "".join((*pieces, _blank(file.source.text[at:])))
    packages = [name.strip() for found in _IMPORTS.finditer(file.source.text) for name in found[1].split(",")]
    return lower_page(JavaFile.parse(Source(file.source.path, code, Language.JAVA, file.source.is_test)), packages)


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))

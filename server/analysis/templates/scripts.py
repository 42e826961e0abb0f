"""JavaScript wherever it stands: in files of its own, and in pages.

The scripts of a page are read as one JavaScript file, with every line and column where it is in the page.

All that is no script is painted over with spaces; a value that the template puts in becomes a name.
"""

from server.analysis.flow.program import Module
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.lower import lower as lower_file
from server.analysis.language import Language
from server.analysis.source import Source
from server.analysis.templates.dialect import Dialect, Role
from server.analysis.templates.file import TemplateFile
from server.analysis.templates.markup import is_code
from server.analysis.templates.servlets import lower as lower_servlet


def lower(file: JavaScriptFile | TemplateFile) -> Module | None:
    """A file of JavaScript, or the code of a page, as the flow analysis sees them: that of the server where it has any,
    or else its scripts.
    """
    if isinstance(file, TemplateFile) and (servlet := lower_servlet(file)) is not None:
        return servlet
    scripts = scripts_of(file) if isinstance(file, TemplateFile) else file
    return lower_file(scripts) if scripts is not None else None


def scripts_of(file: TemplateFile) -> JavaScriptFile | None:
    """None for a page without scripts."""
    spans = [
        (element.end, element.inner_end)
        for element in file.markup.elements
        if element.name == "script" and element.inner_end > element.end and is_code(element)
    ]
    if not spans:
        return None
    text = _only(_without_template(file), spans)
    if not text.strip():
        return None
    source = file.source
    language = Language.TYPESCRIPT if file.dialect in (Dialect.VUE, Dialect.SVELTE) else Language.JAVASCRIPT
    return JavaScriptFile.parse(Source(source.path, text, language, source.is_test))


def _only(text: str, spans: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += (_blank(text[at:start]), text[start:end])
        if pieces[-1].strip():
            pieces[-2] = pieces[-2][:-1] + ";" if pieces[-2].endswith(" ") else pieces[-2]
        at = end
    pieces.append(_blank(text[at:]))
    return "".join(pieces)


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def _without_template(file: TemplateFile) -> str:
    """Statements of the template become white space, its values a name as long as they are."""
    text, at = file.source.text, 0
    pieces: list[str] = []
    for tag in file.tags:
        is_value = tag.role in (Role.OUTPUT, Role.RAW)
        pieces += (
            text[at : tag.start],
            _name(text[tag.start : tag.end]) if is_value else _blank(text[tag.start : tag.end]),
        )
        at = tag.end
    pieces.append(text[at:])
    return "".join(pieces)


def _name(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join(("_" * len(first), *(" " * len(line) for line in rest)))

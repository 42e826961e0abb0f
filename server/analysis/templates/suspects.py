"""Places of one template where a value may become markup or code. `escaping.py` judges them with the views at hand."""

import re
from enum import StrEnum
from typing import NamedTuple

from server.analysis.source import Span
from server.analysis.templates.dialect import Dialect
from server.analysis.templates.expressions import Value, split_filters
from server.analysis.templates.file import Output, TemplateFile
from server.analysis.templates.harmless import is_encoded, is_number, is_own_markup
from server.analysis.templates.markup import Place


class Peril(StrEnum):
    RAW = "raw"
    SCRIPT = "script"
    HANDLER = "handler"
    UNQUOTED = "unquoted"
    ADDRESS = "address"


class Suspect(NamedTuple):
    """*roots*: the names that the value may come from, through loops and assignments of the template; the first is the
    one written there. *is_macro*: it is a parameter of a macro.
    """

    span: Span
    peril: Peril
    value: Value
    raw: str
    roots: tuple[str, ...]
    is_macro: bool


class TemplateFacts(NamedTuple):
    """*uses*: templates that this one includes or extends. *protects*: whether a form of it has a CSRF token;
    *unprotected*: forms that post without one.
    """

    suspects: tuple[Suspect, ...]
    uses: tuple[str, ...]
    protects: bool
    unprotected: tuple[Span, ...]


def suspects_of(file: TemplateFile) -> tuple[Suspect, ...]:
    if not file.is_page:
        return ()
    aliases, parameters = _aliases(file)
    found = []
    for output in file.outputs:
        peril = _peril(output, file, aliases)
        if peril is None:
            continue
        roots = _roots(output.value, aliases)
        span = file.head_span(output.tag.start, output.tag.end)
        found.append(Suspect(span, peril, output.value, output.raw, roots, output.value.root in parameters))
    return tuple(found)


def _peril(output: Output, file: TemplateFile, aliases: dict[str, set[str]]) -> Peril | None:
    value, place = output.value, output.region.place
    if place is Place.COMMENT or is_encoded(value) or not value.expression:
        return None
    if output.raw:
        is_own = is_own_markup(value) and not (value.root in aliases and "." in value.path)  # t("x"), but t.title
        return None if is_own or _is_control(value.expression) else Peril.RAW
    if not value.path or is_number(value) or is_own_markup(value) or file.dialect in _JUDGED_BY_THE_BROWSER:
        return None
    if place is Place.HANDLER:
        return Peril.HANDLER
    if place is Place.UNQUOTED:
        return Peril.UNQUOTED
    if place is Place.SCRIPT:
        return None if _is_quoted(file.source.text, output.tag.start) else Peril.SCRIPT
    whole = output.tag.start == output.region.start and output.tag.end == output.region.end
    return Peril.ADDRESS if place is Place.ADDRESS and whole else None


_JUDGED_BY_THE_BROWSER = frozenset({Dialect.VUE, Dialect.SVELTE, Dialect.GO, Dialect.PUG})
"""Values do not become text of the page there, or are escaped as their place wants."""


def _is_control(expression: str) -> bool:
    """Handlebars' `{{{#if x}}}` and other blocks."""
    return expression[:1] in "#/>^!"


def _is_quoted(text: str, offset: int) -> bool:
    """Whether the value stands within a text of the script: escaped quotes cannot end that."""
    line = text[text.rfind("\n", max(0, offset - 1_000), offset) + 1 : offset]
    quote = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
    return bool(quote)


_FOR = re.compile(
    r"(?:^|\s)for(?:each)?\s*\(?\s*(?:(?:const|let|var)\s+)?([\w\s,]{1,100}?)\s+(?:in|of)\s+([\w.>\[\]'\"-]{1,200})"
    r"|([\w.]{1,200})\.(?:forEach|map|each)\s*\(\s*(?:function\s*)?\(?\s*(\w{1,100})"
    r"|@?([\w.]{1,200})\.each(?:_with_index)?\s+do\s*\|\s*(\w{1,100})"
)
_SET = re.compile(r"^(?:set|assign)\s+(\w{1,100})\s*=\s*([^%]{1,300})$|^with\s+(\w{1,100})\s*=\s*(\S{1,200})")
_AS = re.compile(r"^with\s+(\S{1,200})\s+as\s+(\w{1,100})")
_MACRO = re.compile(r"^macro\s+\w+\s*\(([^)]{0,500})\)")
_NAMES = re.compile(r"[A-Za-z_]\w*")


def _aliases(file: TemplateFile) -> tuple[dict[str, set[str]], set[str]]:
    """Loop variables and assignments of the template -> what they come from; and parameters of macros."""
    aliases: dict[str, set[str]] = {}
    parameters: set[str] = set()
    for tag in file.statements:
        inner = tag.inner[:1_000]
        for loop in _FOR.finditer(inner):
            targets, source = (loop[1], loop[2]) if loop[2] else (loop[4], loop[3]) if loop[3] else (loop[6], loop[5])
            for name in _NAMES.findall(targets):
                aliases.setdefault(name, set()).add(source.partition(".")[0].partition("-")[0])
        if (hit := _SET.match(inner)) is not None:
            name, source = (hit[1], hit[2]) if hit[1] else (hit[3], hit[4])
            aliases.setdefault(name, set()).update(_NAMES.findall(split_filters(source)[0])[:1])
        elif (hit := _AS.match(inner)) is not None:
            aliases.setdefault(hit[2], set()).add(hit[1].partition(".")[0])
        elif (hit := _MACRO.match(inner)) is not None:
            parameters.update(_NAMES.findall(hit[1]))
    return aliases, parameters


def _roots(value: Value, aliases: dict[str, set[str]]) -> tuple[str, ...]:
    first = value.root or next(iter(_NAMES.findall(value.expression)), "")
    found = [first]
    for name in found:
        found += [source for source in sorted(aliases.get(name, ())) if source not in found]
        if len(found) > 10:
            break
    return tuple(found)

"""Which template language an HTML file is written in, and how that language marks its tags. Data."""

import re
from enum import StrEnum
from typing import NamedTuple


class Dialect(StrEnum):
    """JINJA stands for its kin too: Django, Twig, Nunjucks, Liquid, Tornado."""

    JINJA = "Jinja"
    MAKO = "Mako"
    EJS = "EJS"
    ERB = "ERB"
    HANDLEBARS = "Handlebars"
    BLADE = "Blade"
    VUE = "Vue"
    SVELTE = "Svelte"
    PUG = "Pug"
    JSP = "JSP"
    GO = "Go"
    PLAIN = "HTML"


class Role(StrEnum):
    """OUTPUT: a value, escaped if the language does that by default. RAW: a value as it is."""

    OUTPUT = "output"
    RAW = "raw"
    STATEMENT = "statement"
    COMMENT = "comment"


class Mark(NamedTuple):
    opens: str
    closes: str
    role: Role


_ANGLES = (Mark("<%#", "%>", Role.COMMENT), Mark("<%--", "--%>", Role.COMMENT))

MARKS: dict[Dialect, tuple[Mark, ...]] = {
    Dialect.JINJA: (
        Mark("{{", "}}", Role.OUTPUT),
        Mark("{%", "%}", Role.STATEMENT),
        Mark("{#", "#}", Role.COMMENT),
    ),
    Dialect.MAKO: (
        Mark("<%doc>", "</%doc>", Role.COMMENT),
        Mark("<%", "%>", Role.STATEMENT),
        Mark("${", "}", Role.OUTPUT),
    ),
    Dialect.EJS: (
        *_ANGLES,
        Mark("<%-", "%>", Role.RAW),
        Mark("<%=", "%>", Role.OUTPUT),
        Mark("<%", "%>", Role.STATEMENT),
    ),
    Dialect.ERB: (
        *_ANGLES,
        Mark("<%==", "%>", Role.RAW),
        Mark("<%=", "%>", Role.OUTPUT),
        Mark("<%", "%>", Role.STATEMENT),
    ),
    Dialect.JSP: (
        *_ANGLES,
        Mark("<%=", "%>", Role.RAW),
        Mark("<%", "%>", Role.STATEMENT),
        Mark("${", "}", Role.RAW),
    ),
    Dialect.HANDLEBARS: (
        Mark("{{!--", "--}}", Role.COMMENT),
        Mark("{{!", "}}", Role.COMMENT),
        Mark("{{{", "}}}", Role.RAW),
        Mark("{{&", "}}", Role.RAW),
        Mark("{{", "}}", Role.OUTPUT),
    ),
    Dialect.BLADE: (
        Mark("{{--", "--}}", Role.COMMENT),
        Mark("{!!", "!!}", Role.RAW),
        Mark("{{", "}}", Role.OUTPUT),
    ),
    Dialect.VUE: (Mark("{{", "}}", Role.OUTPUT),),
    Dialect.SVELTE: (
        Mark("{@html", "}", Role.RAW),
        Mark("{@", "}", Role.STATEMENT),
        Mark("{#", "}", Role.STATEMENT),
        Mark("{/", "}", Role.STATEMENT),
        Mark("{:", "}", Role.STATEMENT),
    ),
    Dialect.PUG: (Mark("!{", "}", Role.RAW), Mark("#{", "}", Role.OUTPUT)),
    Dialect.GO: (Mark("{{", "}}", Role.OUTPUT),),
    Dialect.PLAIN: (),
}

_BY_SUFFIX = {
    ".blade.php": Dialect.BLADE,
    **dict.fromkeys((".jinja", ".jinja2", ".j2", ".njk", ".twig", ".liquid"), Dialect.JINJA),
    **dict.fromkeys((".mako", ".mak"), Dialect.MAKO),
    ".ejs": Dialect.EJS,
    **dict.fromkeys((".erb", ".rhtml"), Dialect.ERB),
    ".jsp": Dialect.JSP,
    **dict.fromkeys((".hbs", ".handlebars", ".mustache"), Dialect.HANDLEBARS),
    ".vue": Dialect.VUE,
    ".svelte": Dialect.SVELTE,
    **dict.fromkeys((".pug", ".jade"), Dialect.PUG),
}

_HEAD = 200_000
"""Characters in which a file shows what it is."""

_GO_TAG = re.compile(r"\{\{-? ?(?:\.[A-Za-z]|range |define |template \"|with \.|if \.|end ?-?\}\})")
_HANDLEBARS_TAG = re.compile(r"\{\{\{|\{\{[#/>](?:if|each|with|unless|\w)")
_MAKO_TAG = re.compile(
    r"<%(?:inherit|namespace|def|block|page|include|!)|^\s*% (?:if|for|endif|endfor)\b", re.MULTILINE
)


def dialect_of(path: str, text: str) -> Dialect:
    lowered = path.lower()
    for suffix, dialect in _BY_SUFFIX.items():
        if lowered.endswith(suffix):
            return dialect
    head = text[:_HEAD]
    if "{%" in head:
        return Dialect.JINJA
    if _MAKO_TAG.search(head):
        return Dialect.MAKO
    if _HANDLEBARS_TAG.search(head):
        return Dialect.HANDLEBARS
    if _GO_TAG.search(head):
        return Dialect.GO
    if "{{" in head and not _is_drawn_in_the_browser(head):
        return Dialect.JINJA
    return Dialect.PLAIN


def _is_drawn_in_the_browser(text: str) -> bool:
    """Angular's and Vue's templates look like Jinja's, but their values never pass through the server."""
    return any(
        word in text for word in ("ng-app", "*ngIf", "*ngFor", "ng-repeat", "ng-model", "v-if=", "v-for=", "v-model=")
    )

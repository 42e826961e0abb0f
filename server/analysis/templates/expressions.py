"""What a template's expression says: the name at its root, the filters it passes, and whether it escapes.

Text, not syntax: seven languages write these expressions, and all write the common ones alike.
"""

import re
from typing import NamedTuple

from server.analysis.templates.dialect import Dialect, Role
from server.analysis.templates.tags import Tag


class Value(NamedTuple):
    """*path*: `post.author.name`, or "" for what is no plain path. *filters*: in order, without the unescaping ones."""

    expression: str
    path: str
    filters: tuple[str, ...]

    @property
    def root(self) -> str:
        return self.path.partition(".")[0]


MAX_EXPRESSION = 2_000
"""Characters; longer ones are not written by people."""

_UNESCAPING = frozenset({"safe", "raw", "safeseq", "unescape", "mark_safe", "html_safe", "safehtml", "n"})

_PATH = re.compile(r"[$@]?([A-Za-z_]\w*(?:(?:\.|->|\?\.|\[['\"]?)[A-Za-z_0-9]\w*['\"]?\]?)*)")

_RUBY_RAW = re.compile(r"^raw[ (]|\.html_safe\b")

_MAKES_MARKUP = re.compile(r"[a-z_]\w*\(")
"""A function that the page was given to be called: its result is meant to be markup."""

_WRAPPERS = re.compile(r"^(?:raw|Markup|Markup\.new|Handlebars\.SafeString)\s*\(?\s*")


def value_of(tag: Tag, dialect: Dialect) -> tuple[Value, str]:
    """The value that the tag puts out, and by what it is kept from being escaped ("" where it is not)."""
    expression = tag.inner[:MAX_EXPRESSION].strip()
    if tag.role is Role.STATEMENT:
        inner = expression.removeprefix("raw").strip()
        return _value(inner, ()), "" if _MAKES_MARKUP.match(inner) else "{% raw %}"
    if dialect in (Dialect.JINJA, Dialect.MAKO):
        return _filtered(expression, dialect)
    if dialect is Dialect.ERB and tag.role is Role.OUTPUT and _RUBY_RAW.search(expression):
        raw = "raw" if expression.startswith("raw") else "html_safe"
        return _value(_WRAPPERS.sub("", expression).replace(".html_safe", ""), ()), raw
    return _value(expression, ()), _RAW_BY.get(dialect, "") if tag.role is Role.RAW else ""


_RAW_BY = {
    Dialect.EJS: "<%-",
    Dialect.ERB: "<%==",
    Dialect.HANDLEBARS: "{{{",
    Dialect.BLADE: "{!!",
    Dialect.SVELTE: "{@html}",
    Dialect.PUG: "!",
    Dialect.JSP: "JSP",
    Dialect.VUE: "v-html",
}


def _filtered(expression: str, dialect: Dialect) -> tuple[Value, str]:
    head, *rest = split_filters(expression)
    if dialect is Dialect.MAKO:
        rest = [name for part in rest for name in part.split(",")]
    names = [re.split(r"[(:\s]", part.strip(), maxsplit=1)[0] for part in rest]
    raw = next((name for name in names if name in _UNESCAPING), "")
    value = _value(head.strip(), tuple(name for name in names if name and name not in _UNESCAPING))
    return value, f"|{raw}" if raw else ""


def _value(expression: str, filters: tuple[str, ...]) -> Value:
    path = _PATH.fullmatch(expression.rstrip(";").strip())
    return Value(expression, _normal(path[1]) if path else "", filters)


def _normal(path: str) -> str:
    return re.sub(r"(?:->|\?\.|\[['\"]?)", ".", path).replace("]", "").replace("'", "").replace('"', "")


def split_filters(expression: str) -> list[str]:
    """At each `|` that is not in quotes or parentheses, and no `||`."""
    parts, depth, quote, start = [], 0, "", 0
    for index, character in enumerate(expression):
        if quote:
            if character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif (
            character == "|"
            and depth <= 0
            and "|" not in (expression[index + 1 : index + 2], expression[index - 1 : index])
        ):
            parts.append(expression[start:index])
            start = index + 1
    parts.append(expression[start:])
    return parts

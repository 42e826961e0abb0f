"""Markdown and HTML as a page shows them: comments, hidden elements, attributes and what stands beside images goes.

Not a renderer: whatever is visible stays as it was written. Errs towards taking away, also inside blocks of code, for
no two renderers agree on where those begin.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import re2

ORDINARY = frozenset(
    {"an HTML comment", "a Markdown comment", "text beside an image", "the title of a link", "an attribute"}
)
"""What honest authors leave behind too."""


class Rendered(NamedTuple):
    """*hidden*: kind and text of what was taken away."""

    text: str
    hidden: tuple[tuple[str, str], ...]


def render(text: str) -> Rendered:
    """Linear in the length of the text."""
    hidden: list[tuple[str, str]] = []
    shown = b"".join(_visible(text.encode("utf-8", "replace"), hidden))
    for pattern, replace in _MARKDOWN:
        shown = pattern.sub(lambda found, replace=replace: replace(found, hidden), shown)
    return Rendered(shown.decode("utf-8", "replace"), tuple(hidden))


_COMMENT, _DECLARATION, _CLOSING, _NAME, _ATTRIBUTES = range(1, 6)
_MARK = re2.compile(
    rb"(?s)(<!--(?:.*?)(?:-->|\z))|(<(?:!|\?)[^<>]*(?:>|\z))"
    rb"|<(/?)([A-Za-z][A-Za-z0-9:-]*)((?:[\s/](?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?)>"
)
_NEVER_SHOWN = frozenset(
    (b"script", b"style", b"template", b"noscript", b"head", b"title", b"iframe", b"object", b"noembed", b"noframes")
)
_EMPTY = frozenset((b"img", b"br", b"hr", b"input", b"meta", b"link", b"wbr", b"source", b"area", b"embed", b"col"))
_HIDING = re2.compile(
    rb"(?i)(?:^|[\s/])hidden(?:[\s=/]|$)|display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0+(?:[;\s\"']|$)"
    rb"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|rem|%)?\s*(?:[;\"']|$)|color\s*:\s*(?:white|transparent|#fff(?:fff)?\b)"
    rb"|(?:left|top|text-indent)\s*:\s*-\d{3,}|(?:^|[^-])(?:max-)?(?:width|height)\s*:\s*0(?:px)?\s*(?:[;\"']|$)"
)
_QUOTED = re2.compile(rb"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _visible(text: bytes, hidden: list[tuple[str, str]]) -> Iterator[bytes]:
    """The pieces of *text* that a page shows, attributes left out."""
    at = 0
    inside, depth, since = b"", 0, 0  # the hidden element around, how often it is nested, where its content began
    for mark in _MARK.finditer(text):
        name = (mark[_NAME] or b"").lower()
        if inside:
            if name == inside and not mark[_ATTRIBUTES].endswith(b"/"):
                depth += -1 if mark[_CLOSING] else 1
            if depth == 0:
                hidden.append(("a hidden element", _text(text[since : mark.start()])))
                inside, at = b"", mark.end()
            continue
        yield text[at : mark.start()]
        at = mark.end()
        if mark[_COMMENT]:
            hidden.append(("an HTML comment", _text(mark[_COMMENT][4:]).removesuffix("-->")))
        elif mark[_DECLARATION]:
            hidden.append(("a declaration", _text(mark[_DECLARATION])))
        elif not mark[_CLOSING] and name not in _EMPTY and _is_hiding(name, mark[_ATTRIBUTES]):
            inside, depth, since = name, 1, mark.end()
        else:
            yield _shown_tag(name, mark, hidden)
    if inside:
        hidden.append(("a hidden element", _text(text[since:])))
    else:
        yield text[at:]


def _is_hiding(name: bytes, attributes: bytes) -> bool:
    return name in _NEVER_SHOWN or bool(attributes and _HIDING.search(attributes))


def _shown_tag(name: bytes, mark: Any, hidden: list[tuple[str, str]]) -> bytes:
    for attribute, double, single in _QUOTED.findall(mark[_ATTRIBUTES]):
        said = _text(double or single)
        if name == b"img" and attribute.lower() in (b"alt", b"title"):
            hidden.append(("text beside an image", said))
        elif " " in said:
            hidden.append(("an attribute", said))
    if name == b"img":
        return b"[image]"
    return b"<%s%s>" % (mark[_CLOSING], name) if mark[_ATTRIBUTES] else bytes(mark[0])


def _text(found: bytes) -> str:
    return found.decode("utf-8", "replace").strip()


def _image(found: Any, hidden: list[tuple[str, str]]) -> bytes:
    hidden.append(("text beside an image", _text(found[1])))
    return b"[image]"


def _link(found: Any, hidden: list[tuple[str, str]]) -> bytes:
    """Where it leads is not shown to who reads, and the model follows no link: the host will do."""
    if found[3]:
        hidden.append(("the title of a link", _text(found[3])))
    host = _HOST.match(found[2])
    where = b"link to %s" % host[1] if host else found[2] if _PLAIN_TARGET.fullmatch(found[2]) else b"link"
    return b"[%s](%s)" % (found[1], where)


def _definition(found: Any, hidden: list[tuple[str, str]]) -> bytes:
    hidden.append(("a Markdown comment", _text(found[1])))
    return b""


def _unseen_formula(found: Any, hidden: list[tuple[str, str]]) -> bytes:
    hidden.append(("a formula without colour", _text(found[1])))
    return b""


_HOST = re2.compile(rb"(?i)(?:https?:)?//([A-Za-z0-9.-]{1,253})")
_PLAIN_TARGET = re2.compile(rb"[\w./#-]{1,200}")
_Replace = Callable[[Any, list[tuple[str, str]]], bytes]
_MARKDOWN: tuple[tuple[Any, _Replace], ...] = (
    (re2.compile(rb"!\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])?"), _image),
    (re2.compile(rb"\[([^\[\]]*)\]\(\s*<?([^\s()<>\"']*)>?(?:\s+(\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"), _link),
    (re2.compile(rb"(?m)^ {0,3}\[[^\[\]\n]+\]:[ \t]*(.*)$"), _definition),
    (re2.compile(rb"\\(?:[hv]?phantom|(?:text)?color\{(?:white|transparent)\})\s*\{([^{}]*)\}"), _unseen_formula),
)

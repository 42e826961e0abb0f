"""Pages of plain PHP that others include with the values to show: what such a view writes as it is.

Who fills its variables is out of sight; their names tell what people write.
"""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.rules import HTML_FROM_TEXT
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, text_of
from server.analysis.web.lowered.outline import SCRIPT
from server.analysis.web.lowered.words import snake
from server.reviews.finding import Confidence

_ECHOES = frozenset({"<?=", "echo", "print"})
_SHOWS = frozenset(
    {"nl2br", "trim", "strtoupper", "strtolower", "ucfirst", "ucwords", "substr", "mb_substr", "stripslashes"}
)
_WRITTEN = re.compile(
    r"^(?:\w+_)?(?:q|query|search|term|keyword|keywords|message|msg|notice|flash|warning|name|username|title|text|comment"
    r"|comments|description|subject|bio|intro|summary|remark|remarks|review|email|mail|address|caption|question|answer"
    r"|reason|city|company|note|notes|nick|nickname|quote|error)$"
)
_FOLDER = re.compile(r"(?:^|/)(?:views?|templates?|tpl|partials?|layouts?|themes?)/", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    source = body.source
    if body.function.name != SCRIPT or source.language is not Language.PHP or "<" not in source.text:
        return
    if not _FOLDER.search(source.path):
        return
    for called in body.calls:
        if called.chain in _ECHOES and called.node.args:
            shown = _shown(called.node.args[0])
            if shown is not None and not _is_given_here(shown, body):
                name = snake(text_of(shown.key) if isinstance(shown, p.Item) else chain(shown).rpartition(".")[2])
                message = f"{name} is put into the page as it is"
                hit = Hit(body.span(called.node.line), message, confidence=Confidence.MEDIUM)
                yield Suspect(HTML_FROM_TEXT, hit, "")


def _shown(node: Any) -> Any | None:
    """The variable or field with people's words that is written, also with its lines broken; None of anything else."""
    while node.__class__ is p.Call and chain(node.callee) in _SHOWS and node.args:
        node = node.args[0]
    if node.__class__ is p.Op and node.operator is p.Operator.OR:  # `$q ?? ''`
        node = node.operands[0]
    if node.__class__ is p.Item and node.key is not None and node.base.__class__ is p.Name:
        return node if _WRITTEN.match(snake(text_of(node.key))) else None
    if node.__class__ is p.Attr and node.base.__class__ is p.Name and node.base.id != "$this":
        return node if _WRITTEN.match(snake(node.name)) else None
    return node if node.__class__ is p.Name and _WRITTEN.match(snake(node.id)) else None


def _is_given_here(node: Any, body: Body) -> bool:
    """Whether the page itself makes the value, so that what it is made of is followed."""
    name = chain(node).partition(".")[0]
    values = body.values.get(name, ())
    return any(value.__class__ is not p.Name or value.id in body.values for value in values)

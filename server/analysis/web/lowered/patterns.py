"""Patterns of the request in queries of a document database: `{ title: { $regex: q } }`."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.flow.rules import REGEX_FROM_REQUEST
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, text_of, walk

_ESCAPES = re.compile(r"escape|quote|sanitiz", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    for node in body.nodes(p.Collection):
        for key, value in node.items:
            if key is None or text_of(key) not in ("$regex", "$regexMatch") or not body.is_theirs(value):
                continue
            named = [value, *(v for n in walk(value) if isinstance(n, p.Name) for v in body.values.get(n.id, ()))]
            if not any(isinstance(n, p.Call) and _ESCAPES.search(chain(n.callee)) for n in walk(*named)):
                hit = Hit(body.span(value.line), "A pattern of the request is matched with every document")
                yield Suspect(REGEX_FROM_REQUEST, hit, "")
                return

"""Memory whose size the client names, in any lowered language. Go's `make` is looked at in `go/exposure.py`."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.flow.rules import RESOURCE_EXHAUSTION
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, plain, text_of, walk
from server.analysis.web.lowered.words import snake

_SIZED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"^Buffer\.alloc(?:Unsafe|UnsafeSlow)?$"), 0),
    (re.compile(r"^(?:Array|Array\.from|Uint8Array|Float64Array|ArrayBuffer|Uint32Array|Array\.new)$"), 0),
    (re.compile(r"(?:^|\.)(?:repeat|padStart|padEnd|randomBytes|nCopies|ljust|rjust|center)$"), 0),
    (re.compile(r"^strings\.Repeat$|^bytes\.Repeat$"), 1),
    (re.compile(r"^(?:str_repeat|str_pad|array_pad)$"), 1),
    (re.compile(r"^array_fill$"), 1),
    (re.compile(r"^range$"), 1),
    (re.compile(r"^(?:random_bytes|openssl_random_pseudo_bytes|SecureRandom\.(?:hex|random_bytes|alphanumeric))$"), 0),
    (re.compile(r"^(?:ArrayList|StringBuilder|StringBuffer|HashMap)$"), 0),
)
_BOUNDS = re.compile(r"^(?:min|clamp|in_range|between|limit|max_size|bound|coerce_at_most)$")


def suspects(body: Body) -> Iterator[Suspect]:
    for called in body.calls if body.is_handler else ():
        for pattern, place in _SIZED:
            if not pattern.search(called.chain) or place >= len(called.node.args):
                continue
            size = _length(called.node.args[place])
            if _is_number_of_request(size, body) and not _is_bounded(size, body):
                hit = Hit(body.span(called.node.line), "The client names how much memory is taken")
                yield Suspect(RESOURCE_EXHAUSTION, hit, "" if _is_script(body) else "route")
                return


def _length(given: Any) -> Any:
    """`n` of `Array.from({ length: n })`."""
    if given.__class__ is p.Collection and given.shape is p.Shape.DICT:
        return next((value for key, value in given.items if key is not None and text_of(key) == "length"), given)
    return given


def _is_script(body: Body) -> bool:
    return body.source.language in (Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX)


def _is_number_of_request(size: Any, body: Body) -> bool:
    return size.__class__ is not p.Const and body.is_handler and body.is_theirs(size) and not body.is_mine(size)


def _is_bounded(size: Any, body: Body) -> bool:
    names = {plain(n) for n in walk(size)} - {""}
    values = [size, *(value for name in names for value in body.values.get(name, ()))]
    if any(n.__class__ is p.Call and _BOUNDS.match(snake(chain(n.callee).rpartition(".")[2])) for n in walk(*values)):
        return True
    if any(n.__class__ is p.Attr and n.name in ("length", "size", "count") for n in walk(*values)):
        return True
    compared = (n for node in body.nodes(p.Op) if node.operator is p.Operator.COMPARE for n in walk(*node.operands))
    return any(plain(n) in names for n in compared)

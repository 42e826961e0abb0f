"""Texts that are put together: which of their pieces still decide where an address leads, and what became built."""

import re

from server.analysis.flow.frames import Frame
from server.analysis.flow.models import Danger
from server.analysis.flow.program import Building, Text
from server.analysis.flow.references import Library
from server.analysis.flow.taints import BUILT, DERIVED, ROOT, VAGUE, Taint, Taints, bits, join_taints
from server.analysis.flow.values import HOLE, MAX_TEXT, OR, UNKNOWN, Value, whole

_ADDRESS = bits((Danger.URL, Danger.REDIRECT))
_OPTION = bits((Danger.ARGUMENT,))
_FORMAT = bits((Danger.FORMAT,))

_SCHEME = re.compile(r"(?:[\w+.\-\0]*:)?//|\0:?//")


def text(node: Text, frame: Frame) -> Value:
    values = [frame.evaluate(part, frame) for part in node.parts]
    if values and values[0].refs and node.how is not Building.TEMPLATE:
        escaping = _escaping(values, _METHODS[node.how], frame)
        if escaping is not None:
            return escaping
    if node.how in (Building.PERCENT, Building.FORMAT):
        return _filled(values)
    return _concatenated(values, 0 if node.how is Building.PATH else ROOT)


_METHODS = {
    Building.FORMAT: "format",
    Building.PERCENT: "__mod__",
    Building.CONCAT: "__add__",
    Building.PATH: "__truediv__",
}


def _escaping(values: list[Value], method: str, frame: Frame) -> Value | None:
    """`Markup(...).format(x)`: the type has a `format` of its own."""
    for ref in values[0].refs:
        if isinstance(ref, Library):
            words = frame.solver.vocabulary.of(f"{ref.name}.{method}")
            if words.sanitizers:
                mask = 0
                for sanitizer in words.sanitizers:
                    mask |= bits(sanitizer.dangers)
                taints = _all_taints(values)
                return Value(tuple(Taint(t.seed, t.cleaned | mask, t.flags | BUILT, t.step) for t in taints), (ref,))
    return None


def _all_taints(values: list[Value]) -> Taints:
    taints: Taints = ()
    for value in values:
        taints = join_taints(taints, whole(value))
    return taints


def _concatenated(values: list[Value], behind: int) -> Value:
    """*behind*: what a value that others stand before cannot do."""
    taints: Taints = ()
    before = ""
    is_constant = True
    alone = len(values) < 2
    for value in values:
        parts = whole(value)
        if parts:
            taints = join_taints(taints, _placed(parts, before, behind if before else 0, alone=alone))
        piece = value.text
        if piece is None or parts:
            piece = piece if piece and HOLE in piece else HOLE
        if value.const is UNKNOWN:
            is_constant = False
        if len(before) < MAX_TEXT:
            before += piece.split(OR, 1)[0] if OR in piece else piece
    refs = tuple(ref for ref in values[0].refs if isinstance(ref, Library) and ref.is_instance) if values else ()
    return Value(taints, refs, before if is_constant and not taints else UNKNOWN, before[:MAX_TEXT])


def _filled(values: list[Value]) -> Value:
    """`template % args`, `template.format(...)`: where each value goes is told by the template's places."""
    template = values[0]
    pieces = _PLACES.split(template.text or "") if template.text is not None else [HOLE]
    places = _PLACES.findall(template.text or "")
    taints = join_taints((), _placed(whole(template), "", 0, alone=False))
    before = pieces[0]
    is_constant = template.is_constant
    for index, value in enumerate(values[1:], 1):
        parts = whole(value)
        if index <= len(places) and places[index - 1][0] == "%" and places[index - 1][-1] in _NUMBERS:
            parts = ()
        if parts:
            taints = join_taints(taints, _placed(parts, before, _FORMAT, alone=False))
        is_constant = is_constant and value.is_constant
        before += value.text.split(OR, 1)[0] if value.text is not None and not parts else HOLE
        before += pieces[index] if index < len(pieces) else ""
    before += "".join(pieces[len(values) :])
    return Value(taints, (), before if is_constant and not taints else UNKNOWN, before[:MAX_TEXT])


_NUMBERS = "diufeEgGxXo"

_PLACES = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d.]*[sdrfiuxXeEgGcoa]|\{[^{}]{0,80}\}")


def _placed(taints: Taints, before: str, mask: int, *, alone: bool) -> Taints:
    if before:
        mask |= _OPTION
        if leads_elsewhere(before):
            mask |= _ADDRESS
    flag = 0 if alone else BUILT
    return tuple(
        Taint(t.seed, t.cleaned | mask, (t.flags | flag) & ~(VAGUE | DERIVED) if flag else t.flags, t.step)
        for t in taints
    )


def leads_elsewhere(before: str) -> bool:
    """Whether what stands before a value in an address has already said where it leads."""
    if before.startswith(HOLE) and not before.startswith(HOLE + ":"):
        return True
    scheme = _SCHEME.match(before)
    if scheme is not None:
        host = before[scheme.end() :]
        return bool(host) and (any(mark in host for mark in "/?#") or host.endswith(HOLE))
    if before.startswith(("/", "?", "#")):
        return True
    return any(mark in before for mark in "/?")

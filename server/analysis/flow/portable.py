"""What leaves the evaluation of a function: values without what is bound to it, and whether they changed."""

from server.analysis.flow.frames import NO_FACTS, Facts, Summary, either
from server.analysis.flow.references import Bound, Inner, Instance
from server.analysis.flow.values import NOTHING, UNKNOWN, Value


def portable(value: Value, *, keep_parameters: bool = True, depth: int = 2) -> Value:
    """The value as others may see it: without functions that are bound to this evaluation."""
    taints = value.taints
    if not keep_parameters and taints:
        given = tuple([t for t in taints if t.seed.given is not None])
        taints = taints if len(given) == len(taints) else given
    refs = value.refs
    for ref in refs:
        if ref.__class__ is Inner or (ref.__class__ is Bound and not keep_parameters):
            refs = tuple(r for r in refs if r.__class__ is not Inner and (keep_parameters or r.__class__ is not Bound))
            break
    fields = value.fields
    if fields is not None:
        fields = _portable_parts(fields, keep_parameters, depth)
    if taints is value.taints and refs is value.refs and fields is value.fields:
        return value
    if not taints and not refs and not fields and value.const is UNKNOWN and value.text is None:
        return NOTHING
    return Value(taints, refs, value.const, value.text, fields)


def flat(value: Value) -> Value:
    """The value for the store: what an object's attributes hold is there already, by its class."""
    fields = value.fields
    if fields is None:
        return value
    kept: dict[str, Value] = {}
    if not any(isinstance(ref, Instance) for ref in value.refs):
        for key, part in fields.items():
            if part.taints or part.refs or part.const is not UNKNOWN:
                kept[key] = part if part.fields is None else Value(part.whole, part.refs, part.const, part.text)
    if not kept and not value.taints and not value.refs and value.const is UNKNOWN:
        return NOTHING
    return Value(value.taints, value.refs, value.const, value.text, kept or None)


def _portable_parts(fields: dict[str, Value], keep_parameters: bool, depth: int) -> dict[str, Value] | None:
    """Only parts of which something is known."""
    if depth == 0:
        return None
    kept: dict[str, Value] = {}
    is_same = True
    for key, part in fields.items():
        moved = portable(part, keep_parameters=keep_parameters, depth=depth - 1) if part is not NOTHING else part
        if key[0] == "[" and part.const is UNKNOWN and not (moved.taints or moved.refs or moved.fields):
            is_same = False
            continue
        is_same = is_same and moved is part
        kept[key] = moved
    return fields if is_same else kept or None


def common(ways: list[Facts]) -> Facts:
    if not ways:
        return NO_FACTS
    known = ways[0]
    for facts in ways[1:]:
        known = either(known, facts)
    return known


def of_parameters(ways: list[Facts]) -> Facts:
    return {seed: mask for seed, mask in common(ways).items() if seed.given is None}


def is_same_value(one: Value, other: Value, depth: int = 3) -> bool:
    if one is other:
        return True
    if len(one.taints) != len(other.taints) or len(one.refs) != len(other.refs):
        return False
    if one.taints and {(t.seed, t.cleaned, t.flags) for t in one.taints} != {
        (t.seed, t.cleaned, t.flags) for t in other.taints
    }:
        return False
    if one.refs and {ref.key for ref in one.refs} != {ref.key for ref in other.refs}:
        return False
    if (one.const is UNKNOWN) is not (other.const is UNKNOWN):
        return False
    first, second = one.fields or {}, other.fields or {}
    if first.keys() != second.keys():
        return False
    return depth == 0 or all(is_same_value(part, second[key], depth - 1) for key, part in first.items())


def is_same_summary(one: Summary, other: Summary) -> bool:
    return (
        one.reaches.keys() == other.reaches.keys()
        and one.effects.keys() == other.effects.keys()
        and one.facts == other.facts
        and one.truth == other.truth
        and is_same_value(one.result, other.result)
        and all(is_same_value(value, other.effects[key]) for key, value in one.effects.items())
    )

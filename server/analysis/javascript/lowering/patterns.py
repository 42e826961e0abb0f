"""Destructuring, taken apart into plain assignments: `const {a, b: [c] = d} = e` is `a = e.a`, `%1 = e.b or d`, ..."""

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.scope import Lowering, member

PATTERNS = frozenset({"object_pattern", "array_pattern"})

_DEPTH = 20
"""Patterns nested deeper than anybody writes them are left out."""


def bind(target: Node, value: p.Expr, low: Lowering, out: list[p.Statement], depth: int = 0) -> None:
    """Assign *value* to a name, a member, or the parts of a pattern."""
    kind = target.type
    if kind in PATTERNS:
        if depth < _DEPTH:
            base = low.once(value, target, out)
            (_bind_object if kind == "object_pattern" else _bind_array)(target, base, low, out, depth + 1)
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        inner, default = target.child_by_field_name("left"), target.child_by_field_name("right")
        if inner is not None:
            bind(inner, p.Op(low.line(target), p.Operator.OR, [value, low.expr(default)], "??"), low, out, depth + 1)
    elif kind == "rest_pattern":
        inner = target.named_child(0)
        if inner is not None:
            bind(inner, value, low, out, depth + 1)
    elif kind == "shorthand_property_identifier_pattern":
        out.append(p.Assign(low.line(target), [p.Name(low.line(target), low.text(target))], value, low.span(target)))
    else:
        out.append(p.Assign(low.line(target), [low.expr(target)], value, low.span(target)))


def _bind_object(pattern: Node, base: p.Expr, low: Lowering, out: list[p.Statement], depth: int) -> None:
    for part in pattern.named_children:
        line = low.line(part)
        if part.type == "shorthand_property_identifier_pattern":
            bind(part, p.Attr(line, base, low.text(part)), low, out, depth)
        elif part.type == "object_assignment_pattern":
            bind(part, p.Attr(line, base, low.text(part.child_by_field_name("left"))), low, out, depth)
        elif part.type == "pair_pattern":
            key, inner = part.child_by_field_name("key"), part.child_by_field_name("value")
            if key is not None and inner is not None:
                bind(inner, _keyed(base, key, low), low, out, depth)
        elif part.type == "rest_pattern":
            bind(part, base, low, out, depth)


def _bind_array(pattern: Node, base: p.Expr, low: Lowering, out: list[p.Statement], depth: int) -> None:
    index = 0
    for part in pattern.children:
        if part.type == ",":
            index += 1
        elif part.type == "rest_pattern":
            bind(part, base, low, out, depth)
        elif part.is_named and part.type != "comment":
            line = low.line(part)
            bind(part, p.Item(line, base, p.Const(line, index)), low, out, depth)


def _keyed(base: p.Expr, key: Node, low: Lowering) -> p.Expr:
    line = low.line(key)
    if key.type == "computed_property_name":
        return p.Item(line, base, low.expr(key.named_child(0)))
    return member(base, low.text(key).strip("'\""), line)

"""Expressions of Go."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import binary, null, number, truth

if TYPE_CHECKING:
    from server.analysis.go.lowering.scope import Lowering

_FORMATTERS = frozenset({"fmt.Sprintf", "fmt.Errorf", "fmt.Fprintf", "fmt.Printf"})


_TESTS = {"slices.Contains": (1, 0), "strings.Contains": (1, 0)}
"""Functions that ask whether one is in the other: where the part stands, and where the whole."""


def _inner(node: Node, low: "Lowering") -> p.Expr:
    children = low.parts(node)
    return low.expr(children[0]) if children else p.Unknown(low.line(node), [])


def _spread(node: Node, low: "Lowering") -> p.Expr:
    """`args...`"""
    return p.Spread(low.line(node), _inner(node, low))


def _operand(node: Node, low: "Lowering") -> p.Expr:
    return low.expr(node.child_by_field_name("operand"))


def _identifier(node: Node, low: "Lowering") -> p.Expr:
    return p.Name(low.line(node), low.text(node))


def _string(node: Node, low: "Lowering") -> p.Expr:
    return p.Const(low.line(node), low.text(node)[1:-1])


def _selector(node: Node, low: "Lowering") -> p.Expr:
    return p.Attr(low.line(node), _operand(node, low), low.text(node.child_by_field_name("field")))


def _index(node: Node, low: "Lowering") -> p.Expr:
    return p.Item(low.line(node), _operand(node, low), low.expr(node.child_by_field_name("index")))


def _slice(node: Node, low: "Lowering") -> p.Expr:
    return p.Item(low.line(node), _operand(node, low), None)


def _call(node: Node, low: "Lowering") -> p.Expr:
    function = node.child_by_field_name("function")
    given = low.parts(node.child_by_field_name("arguments"))
    span = low.span(node)
    name = low.text(function)
    if name in _FORMATTERS:
        return _formatted(node, name, given, low)
    if name in _TESTS and len(given) == 2:
        inside, whole = (low.expr(given[at]) for at in _TESTS[name])
        return p.Op(span.start_line, p.Operator.COMPARE, [inside, whole], "in")
    if name == "append" and given:
        items = [(None, low.expr(item)) for item in given]
        return p.Collection(low.line(node), p.Shape.LIST, [(None, p.Spread(low.line(node), items[0][1])), *items[1:]])
    callee = low.expr(function)
    return p.Call(span.start_line, callee, [low.expr(argument) for argument in given], [], span)


def _formatted(node: Node, name: str, given: list[Node], low: "Lowering") -> p.Expr:
    """`fmt.Sprintf` as the text that it makes; to a writer, as the call that writes this text."""
    line, span = low.line(node), low.span(node)
    written = given[:1] if name == "fmt.Fprintf" else []
    rest = given[len(written) :]
    if not rest:
        return p.Unknown(line, [low.expr(argument) for argument in given])
    text = p.Text(line, list(_pieces(rest[0], rest[1:], low)), p.Building.FORMAT, span)
    if name == "fmt.Sprintf":
        return text
    callee = low.expr(node.child_by_field_name("function"))
    return p.Call(line, callee, [*(low.expr(argument) for argument in written), text], [], span)


_VERB = re.compile(r"%[-+# 0]*[\d.*]*([a-zA-Z%])")
_NUMBERS = frozenset("dboxXcUeEfFgGtp")


def _pieces(format_: Node, arguments: list[Node], low: "Lowering") -> Iterator[p.Expr]:
    """The constant pieces and the values between them; one written as a number carries nothing."""
    if format_.type not in ("interpreted_string_literal", "raw_string_literal"):
        yield low.expr(format_)
        yield from map(low.expr, arguments)
        return
    text, line, at = low.text(format_)[1:-1], low.line(format_), 0
    waiting = iter(arguments)
    for verb in _VERB.finditer(text):
        yield p.Const(line, text[at : verb.start()])
        at = verb.end()
        if verb[1] == "%":
            continue
        argument = next(waiting, None)
        if argument is not None:
            value = low.expr(argument)
            yield p.Op(line, p.Operator.ARITHMETIC, [value], verb[0]) if verb[1] in _NUMBERS else value
    yield p.Const(line, text[at:])
    yield from map(low.expr, waiting)


def _unary(node: Node, low: "Lowering") -> p.Expr:
    """Pointers are what they point to; a channel is what comes out of it."""
    sign = low.text(node.child_by_field_name("operator"))
    value = _operand(node, low)
    if sign in ("&", "*", "<-"):
        return value
    return p.Op(low.line(node), p.Operator.NOT if sign == "!" else p.Operator.ARITHMETIC, [value], sign)


def _converted(node: Node, low: "Lowering") -> p.Expr:
    """`string(b)`, `[]byte(s)`, `template.HTML(s)`: of the basic types what is inside, else a call of the type."""
    to, value = node.child_by_field_name("type"), low.expr(node.child_by_field_name("operand"))
    named = low.type(to) if to is not None and to.type == "qualified_type" else None
    return p.Call(low.line(node), named, [value], [], low.span(node)) if named is not None else value


def _composite(node: Node, low: "Lowering") -> p.Expr:
    """`T{a: b}` of a named type is a call with keywords; of a map or a slice a display."""
    line = low.line(node)
    body, kind = node.child_by_field_name("body"), node.child_by_field_name("type")
    items = [_element(child, low) for child in low.parts(body)]
    if kind is not None and kind.type in ("type_identifier", "qualified_type"):
        callee = low.type(kind)
        if callee is not None:
            plain = [value for key, value in items if key is None]
            fields = [(key.id if isinstance(key, p.Name) else "", value) for key, value in items if key is not None]
            return p.Call(
                line, callee, plain, [(name or None, value) for name, value in fields], low.span(node), new=True
            )
    is_map = kind is not None and kind.type == "map_type"
    return p.Collection(line, p.Shape.DICT if is_map else p.Shape.LIST, items)


def _element(node: Node, low: "Lowering") -> tuple[p.Expr | None, p.Expr]:
    if node.type != "keyed_element":
        return None, _inner(node, low) if node.type == "literal_element" else low.expr(node)
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    return (_inner(key, low) if key is not None else None), (
        _inner(value, low) if value is not None else p.Unknown(low.line(node), [])
    )


def _literal_value(node: Node, low: "Lowering") -> p.Expr:
    """An element of a composite that leaves out its type."""
    return p.Collection(low.line(node), p.Shape.LIST, [(None, _element(child, low)[1]) for child in low.parts(node)])


def _closure(node: Node, low: "Lowering") -> p.Expr:
    from server.analysis.go.lowering.declarations import function_of  # here: declarations hold expressions

    return p.Closure(low.line(node), function_of(node, f"%{low.line(node)}", low))


def _nothing(node: Node, low: "Lowering") -> p.Expr:
    return p.Unknown(low.line(node), [])


EXPRESSIONS: dict[str, "Callable[[Node, Lowering], p.Expr]"] = {
    "identifier": _identifier,
    "field_identifier": _identifier,
    "package_identifier": _identifier,
    "interpreted_string_literal": _string,
    "raw_string_literal": _string,
    "rune_literal": _string,
    "int_literal": number,
    "float_literal": number,
    "imaginary_literal": number,
    "iota": number,
    "true": truth,
    "false": truth,
    "nil": null,
    "parenthesized_expression": _inner,
    "selector_expression": _selector,
    "index_expression": _index,
    "slice_expression": _slice,
    "call_expression": _call,
    "binary_expression": binary,
    "unary_expression": _unary,
    "type_assertion_expression": _operand,
    "type_conversion_expression": _converted,
    "type_instantiation_expression": _inner,
    "composite_literal": _composite,
    "literal_value": _literal_value,
    "literal_element": _inner,
    "func_literal": _closure,
    "variadic_argument": _spread,
    "expression_list": _inner,
    "map_type": _nothing,
    "slice_type": _nothing,
    "array_type": _nothing,
    "channel_type": _nothing,
    "pointer_type": _nothing,
    "struct_type": _nothing,
    "interface_type": _nothing,
    "function_type": _nothing,
}

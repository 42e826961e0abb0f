"""Expressions of Java."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import binary, null, truth, whole

if TYPE_CHECKING:
    from server.analysis.java.lowering.scope import Lowering


_COPIES = frozenset({"ArrayList", "LinkedList", "HashSet", "LinkedHashSet"})
"""Collections made of another one."""

_LISTS = frozenset({"Arrays.asList", "List.of", "Set.of", "Stream.of", "ImmutableList.of"})

_TESTS = {"equals": "==", "contains": "in", "containsKey": "in"}


def _inner(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    return low.expr(parts[0]) if parts else p.Unknown(low.line(node), [])


def _identifier(node: Node, low: "Lowering") -> p.Expr:
    name, line = low.text(node), low.line(node)
    if name in low.fields and name not in low.locals:
        return p.Attr(line, p.Name(line, low.fields[name]), name)
    return p.Name(line, name)


def _this(node: Node, low: "Lowering") -> p.Expr:
    return p.Name(low.line(node), "this")


def _super(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    return p.Call(line, p.Name(line, "super"), [], [], low.span(node))


def _string(node: Node, low: "Lowering") -> p.Expr:
    return p.Const(low.line(node), low.text(node).strip('"'))


def _number(node: Node, low: "Lowering") -> p.Expr:
    return p.Const(low.line(node), whole(low.text(node).rstrip("lLfFdD")))


def _field(node: Node, low: "Lowering") -> p.Expr:
    base = low.expr(node.child_by_field_name("object"))
    return p.Attr(low.line(node), base, low.text(node.child_by_field_name("field")))


def _item(node: Node, low: "Lowering") -> p.Expr:
    array, index = node.child_by_field_name("array"), node.child_by_field_name("index")
    return p.Item(low.line(node), low.expr(array), low.expr(index))


def _call(node: Node, low: "Lowering") -> p.Expr:
    name_node, receiver = node.child_by_field_name("name"), node.child_by_field_name("object")
    name, given = low.text(name_node), low.parts(node.child_by_field_name("arguments"))
    span = low.span(name_node) if name_node is not None else low.span(node)
    span = span._replace(end_line=node.end_point.row + 1, end_column=low.span(node).end_column)
    line = span.start_line
    if receiver is not None and name in ("format", "formatted", "concat"):
        text = _text_of(node, receiver, name, given, low)
        if text is not None:
            return text
    if receiver is not None and given and name in _TESTS:
        operands = [low.expr(receiver), low.expr(given[0])]
        return p.Op(line, p.Operator.COMPARE, operands if name == "equals" else operands[::-1], _TESTS[name])
    if receiver is not None and f"{low.text(receiver)[:20]}.{name}" in _LISTS:
        return p.Collection(line, p.Shape.LIST, [(None, low.expr(one)) for one in given])
    return p.Call(line, _callee(receiver, name, line, low), [low.expr(one) for one in given], [], span)


def _callee(receiver: Node | None, name: str, line: int, low: "Lowering") -> p.Expr:
    if receiver is not None:
        return p.Attr(line, low.expr(receiver), name)
    owner = low.methods.get(name)
    return p.Attr(line, p.Name(line, owner), name) if owner else p.Name(line, name)


def _text_of(node: Node, receiver: Node, name: str, given: list[Node], low: "Lowering") -> p.Expr | None:
    """`String.format(f, a)`, `f.formatted(a)` and `a.concat(b)` as the texts that they make."""
    parts = [low.expr(one) for one in given]
    if name == "format":
        if low.text(receiver) != "String":
            return None
    else:
        parts.insert(0, low.expr(receiver))
    how = p.Building.CONCAT if name == "concat" else p.Building.FORMAT
    return p.Text(low.line(node), parts, how, low.span(node)) if parts else None


def _new(node: Node, low: "Lowering") -> p.Expr:
    callee = low.type(node.child_by_field_name("type")) or p.Unknown(low.line(node), [])
    given = low.exprs(node.child_by_field_name("arguments"))
    line, span = low.line(node), low.span(node)
    if isinstance(callee, p.Name) and callee.id == "File" and len(given) == 2:
        given = [p.Text(line, [given[0], p.Const(line, "/"), given[1]], p.Building.CONCAT, span)]
    elif isinstance(callee, p.Name) and callee.id in _COPIES and given and isinstance(given[0], p.Collection):
        return given[0]
    return p.Call(line, callee, given, [], span, new=True)


def _unary(node: Node, low: "Lowering") -> p.Expr:
    sign = low.text(node.child_by_field_name("operator"))
    operator = p.Operator.NOT if sign == "!" else p.Operator.ARITHMETIC
    return p.Op(low.line(node), operator, [low.expr(node.child_by_field_name("operand"))], sign)


def _instance(node: Node, low: "Lowering") -> p.Expr:
    return p.Op(low.line(node), p.Operator.COMPARE, [low.expr(node.child_by_field_name("left"))], "instanceof")


def _ternary(node: Node, low: "Lowering") -> p.Expr:
    test, yes, no = (low.expr(node.child_by_field_name(name)) for name in ("condition", "consequence", "alternative"))
    return p.Choice(low.line(node), test, yes, no)


def _cast(node: Node, low: "Lowering") -> p.Expr:
    """To a number, a value is one."""
    kind, value = low.type(node.child_by_field_name("type")), low.expr(node.child_by_field_name("value"))
    if isinstance(kind, p.Name) and kind.id == "int":
        return p.Op(low.line(node), p.Operator.ARITHMETIC, [value], "cast")
    return value


def _assignment(node: Node, low: "Lowering") -> p.Expr:
    target, value = low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))
    sign, line = low.text(node.child_by_field_name("operator")), low.line(node)
    if sign == "+=":
        value = p.Text(line, [low.expr(node.child_by_field_name("left")), value], p.Building.CONCAT, low.span(node))
    elif sign != "=":
        value = p.Op(line, p.Operator.ARITHMETIC, [target, value], sign)
    return p.Let(line, target, value)


def _array(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    value = node.child_by_field_name("value") if node.type == "array_creation_expression" else node
    return p.Collection(line, p.Shape.LIST, [(None, low.expr(one)) for one in low.parts(value)])


def _lambda(node: Node, low: "Lowering") -> p.Expr:
    from server.analysis.java.lowering.declarations import closure_of  # here: declarations hold expressions

    return p.Closure(low.line(node), closure_of(node, low))


def _reference(node: Node, low: "Lowering") -> p.Expr:
    """`User::getName`, `this::save`."""
    parts = low.parts(node)
    if len(parts) < 2:
        return p.Unknown(low.line(node), [])
    return p.Attr(low.line(node), low.expr(parts[0]), low.text(parts[-1]))


def _chosen(node: Node, low: "Lowering") -> p.Expr:
    """A switch that is a value: any of its values."""
    line = low.line(node)
    body = node.child_by_field_name("body")
    values: list[p.Expr] = [low.expr(node.child_by_field_name("condition"))]
    for rule in low.file.descendants(body, "switch_rule") if body is not None else ():
        values += [low.expr(low.parts(part)[0]) for part in rule.named_children[1:] if low.parts(part)]
    return p.Unknown(line, values[1:])


def _nothing(node: Node, low: "Lowering") -> p.Expr:
    return p.Unknown(low.line(node), [])


EXPRESSIONS: dict[str, "Callable[[Node, Lowering], p.Expr]"] = {
    "identifier": _identifier,
    "type_identifier": _identifier,
    "this": _this,
    "super": _super,
    "string_literal": _string,
    "character_literal": _string,
    "text_block": _string,
    "decimal_integer_literal": _number,
    "hex_integer_literal": _number,
    "octal_integer_literal": _number,
    "binary_integer_literal": _number,
    "decimal_floating_point_literal": _number,
    "true": truth,
    "false": truth,
    "null_literal": null,
    "parenthesized_expression": _inner,
    "field_access": _field,
    "array_access": _item,
    "method_invocation": _call,
    "object_creation_expression": _new,
    "binary_expression": binary,
    "unary_expression": _unary,
    "update_expression": _nothing,
    "instanceof_expression": _instance,
    "ternary_expression": _ternary,
    "cast_expression": _cast,
    "assignment_expression": _assignment,
    "array_creation_expression": _array,
    "array_initializer": _array,
    "lambda_expression": _lambda,
    "method_reference": _reference,
    "switch_expression": _chosen,
    "class_literal": _nothing,
}

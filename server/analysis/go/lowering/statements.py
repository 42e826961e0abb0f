"""Statements of Go."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p

if TYPE_CHECKING:
    from server.analysis.go.lowering.scope import Lowering

Out = list[p.Statement]

_ERRORS = frozenset({"err", "_", "ok", "found", "exists", "e", "error"})


def _declared(node: Node, low: "Lowering", out: Out) -> None:
    """`a, b := c, d` and `a, b = f()`."""
    left, right = low.parts(node.child_by_field_name("left")), low.parts(node.child_by_field_name("right"))
    operator = low.text(node.child_by_field_name("operator"))
    values = [low.expr(value) for value in right]
    if operator not in ("", "=", ":="):
        _augmented(node, left, values, operator, low, out)
    elif len(left) == len(values):
        _assign_each(node, left, values, low, out)
    else:
        _unpack(node, left, values, low, out)


def _assign_each(node: Node, left: list[Node], values: list[p.Expr], low: "Lowering", out: Out) -> None:
    for target, value in zip(left, values, strict=True):
        out.append(p.Assign(low.line(node), [low.expr(target)], value, low.span(node)))


def _unpack(node: Node, left: list[Node], values: list[p.Expr], low: "Lowering", out: Out) -> None:
    """Several results of a call, without the error or the truth that comes last."""
    if len(left) > 1 and _is_error(left[-1], low):
        _asked(node, left[-1], values, low, out)
        left = left[:-1]
    if not left or not values:
        return
    targets = [low.expr(target) for target in left]
    line = low.line(node)
    target = targets[0] if len(targets) == 1 else p.Collection(line, p.Shape.TUPLE, [(None, one) for one in targets])
    out.append(p.Assign(line, [target], values[0], low.span(node)))


def _asked(node: Node, answer: Node, values: list[p.Expr], low: "Lowering", out: Out) -> None:
    """The truth of `value, ok := table[key]`: whether the key is in the table."""
    item = values[0] if values else None
    if isinstance(item, p.Item) and item.key is not None and low.text(answer) not in ("_", "err"):
        line = low.line(node)
        is_there = p.Op(line, p.Operator.COMPARE, [item.key, item.base], "in")
        out.append(p.Assign(line, [low.expr(answer)], is_there, low.span(node)))


def _is_error(node: Node, low: "Lowering") -> bool:
    name = low.text(node)
    return name in _ERRORS or name.lower().endswith("err")


def _augmented(node: Node, left: list[Node], values: list[p.Expr], sign: str, low: "Lowering", out: Out) -> None:
    if len(left) != 1 or len(values) != 1:
        return
    line, span, old = low.line(node), low.span(node), low.expr(left[0])
    new: p.Expr
    if sign == "+=":
        new = p.Text(line, [old, values[0]], p.Building.CONCAT, span)
    else:
        new = p.Op(line, p.Operator.ARITHMETIC, [old, values[0]], sign)
    out.append(p.Assign(line, [low.expr(left[0])], new, span, augmented=True))


def _variables(node: Node, low: "Lowering", out: Out) -> None:
    """`var` and `const`, one or a group in parentheses."""
    for child in low.parts(node):
        if child.type == "var_spec_list":
            _variables(child, low, out)
        elif child.type in ("var_spec", "const_spec"):
            _specified(child, low, out)


def _specified(node: Node, low: "Lowering", out: Out) -> None:
    names = node.children_by_field_name("name")
    names = [name for name in names if name.is_named]
    value, kind = node.child_by_field_name("value"), low.type(node.child_by_field_name("type"))
    values = [low.expr(child) for child in low.parts(value)]
    if value is not None and len(values) != len(names):
        _unpack(node, names, values, low, out)
        return
    for number, name in enumerate(names):
        given = values[number] if values else p.Const(low.line(node), None)
        out.append(p.Assign(low.line(node), [low.expr(name)], given, low.span(node), annotation=kind))


def _if(node: Node, low: "Lowering", out: Out) -> None:
    low.statement(node.child_by_field_name("initializer"), out)
    test = low.expr(node.child_by_field_name("condition"))
    body = low.block(node.child_by_field_name("consequence"))
    out.append(p.If(low.line(node), test, body, low.block(node.child_by_field_name("alternative"))))


def _for(node: Node, low: "Lowering", out: Out) -> None:
    body = low.block(node.child_by_field_name("body"))
    line = low.line(node)
    head = next((child for child in node.named_children if child.type in ("range_clause", "for_clause")), None)
    if head is None:
        tests = [child for child in low.parts(node) if child.type != "block"]
        out.append(p.Loop(line, None, None, low.expr(tests[0]) if tests else p.Const(line, True), body, []))
    elif head.type == "range_clause":
        names = low.parts(head.child_by_field_name("left"))
        target: p.Expr = low.expr(names[-1]) if names else low.fresh(line)
        out.append(p.Loop(line, target, low.expr(head.child_by_field_name("right")), None, body, []))
    else:
        low.statement(head.child_by_field_name("initializer"), out)
        low.statement(head.child_by_field_name("update"), body)
        test = head.child_by_field_name("condition")
        out.append(p.Loop(line, None, None, low.expr(test) if test else p.Const(line, True), body, []))


def _switch(node: Node, low: "Lowering", out: Out) -> None:
    """As a chain of ifs: `switch x { case a, b: }` is `if x == a or x == b`."""
    low.statement(node.child_by_field_name("initializer"), out)
    given = node.child_by_field_name("value")
    value = low.once(low.expr(given), node, out) if given is not None else None
    alias = node.child_by_field_name("alias")
    if alias is not None and value is not None:
        out.append(p.Assign(low.line(node), [low.expr(low.parts(alias)[0])], value, low.span(node)))
    cases = [child for child in node.named_children if child.type.endswith("_case")]
    out += _chain(cases, value, low)


def _chain(cases: list[Node], value: p.Expr | None, low: "Lowering") -> Out:
    chain: Out = []
    for case in sorted(cases, key=lambda case: case.type == "default_case", reverse=True):
        chain = _case(case, value, chain, low)
    return chain


def _case(case: Node, value: p.Expr | None, below: Out, low: "Lowering") -> Out:
    body: Out = []
    for child in case.named_children:
        if child.type == "statement_list":
            body += low.block(child)
    if case.type == "default_case":
        return body
    line, given = low.line(case), low.parts(case.child_by_field_name("value"))
    tests: list[p.Expr] = [
        p.Op(line, p.Operator.COMPARE, [value, low.expr(one)], "==") if value is not None else low.expr(one)
        for one in given
    ]
    if not tests:
        return [p.If(line, p.Unknown(line, []), body, below)]
    test = tests[0] if len(tests) == 1 else p.Op(line, p.Operator.OR, tests, "||")
    return [p.If(line, test, body, below)]


def _select(node: Node, low: "Lowering", out: Out) -> None:
    for case in node.named_children:
        body: Out = []
        for child in case.named_children:
            if child.type == "receive_statement":
                _declared(child, low, body)
            elif child.type == "statement_list":
                body += low.block(child)
            else:
                low.statement(child, body)
        out.append(p.If(low.line(case), p.Unknown(low.line(case), []), body, []))


def _return(node: Node, low: "Lowering", out: Out) -> None:
    given = [low.expr(child) for listed in low.parts(node) for child in low.parts(listed)]
    line, span = low.line(node), low.span(node)
    if len(given) > 1 and (low.tells_error or _is_no_value(low.parts(low.parts(node)[0])[-1], low)):
        out.append(p.Do(line, given.pop()))
    value = given[0] if len(given) == 1 else p.Collection(line, p.Shape.TUPLE, [(None, one) for one in given])
    out.append(p.Return(line, value if given else None, span))


def _is_no_value(node: Node, low: "Lowering") -> bool:
    """What stands last among results for whether it worked."""
    name = low.text(node)
    return node.type in ("nil", "true", "false") or _is_error(node, low) or name.startswith(("fmt.Errorf", "errors."))


def _jump(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Jump(low.line(node)))


def _inside(node: Node, low: "Lowering", out: Out) -> None:
    """`defer`, `go`, labels and plain expressions: what is in them."""
    for child in low.parts(node):
        low.statement(child, out)


def _labelled(node: Node, low: "Lowering", out: Out) -> None:
    for child in low.parts(node)[1:]:
        low.statement(child, out)


def _send(node: Node, low: "Lowering", out: Out) -> None:
    """What is sent into a channel may come out of it."""
    channel, value = node.child_by_field_name("channel"), node.child_by_field_name("value")
    out.append(p.Assign(low.line(node), [low.expr(channel)], low.expr(value), low.span(node)))


def _block(node: Node, low: "Lowering", out: Out) -> None:
    out += low.block(node)


def _counted(node: Node, low: "Lowering", out: Out) -> None:
    """`i++` changes a number."""


STATEMENTS: dict[str, "Callable[[Node, Lowering, Out], None]"] = {
    "short_var_declaration": _declared,
    "assignment_statement": _declared,
    "var_declaration": _variables,
    "const_declaration": _variables,
    "if_statement": _if,
    "for_statement": _for,
    "expression_switch_statement": _switch,
    "type_switch_statement": _switch,
    "select_statement": _select,
    "return_statement": _return,
    "break_statement": _jump,
    "continue_statement": _jump,
    "goto_statement": _jump,
    "expression_statement": _inside,
    "defer_statement": _inside,
    "go_statement": _inside,
    "labeled_statement": _labelled,
    "send_statement": _send,
    "block": _block,
    "inc_statement": _counted,
    "dec_statement": _counted,
}

"""Statements of Java."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p

if TYPE_CHECKING:
    from server.analysis.java.lowering.scope import Lowering

Out = list[p.Statement]


def _variables(node: Node, low: "Lowering", out: Out) -> None:
    kind = low.type(node.child_by_field_name("type"))
    for declared in node.children_by_field_name("declarator"):
        name, value = low.text(declared.child_by_field_name("name")), declared.child_by_field_name("value")
        low.locals.add(name)
        line = low.line(declared)
        out.append(p.Assign(line, [p.Name(line, name)], low.expr(value), low.span(declared), annotation=kind))


def _expression(node: Node, low: "Lowering", out: Out) -> None:
    """An assignment is a statement here; anything else is done for its effect."""
    for child in low.parts(node):
        if child.type == "switch_expression":
            _switch(child, low, out)
            continue
        value = low.expr(child)
        if isinstance(value, p.Let):
            out.append(p.Assign(value.line, [value.target], value.value, low.span(child)))
        else:
            out.append(p.Do(low.line(child), value))


def _if(node: Node, low: "Lowering", out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    body = low.block(node.child_by_field_name("consequence"))
    out.append(p.If(low.line(node), test, body, low.block(node.child_by_field_name("alternative"))))


def _each(node: Node, low: "Lowering", out: Out) -> None:
    name, line = low.text(node.child_by_field_name("name")), low.line(node)
    low.locals.add(name)
    iterable = low.expr(node.child_by_field_name("value"))
    body = low.block(node.child_by_field_name("body"))
    kind = low.type(node.child_by_field_name("type"))
    if kind is not None:
        element = p.Name(line, name)
        body.insert(0, p.Assign(line, [element], element, low.span(node), annotation=kind))
    out.append(p.Loop(line, p.Name(line, name), iterable, None, body, []))


def _for(node: Node, low: "Lowering", out: Out) -> None:
    low.statement(node.child_by_field_name("init"), out)
    test = node.child_by_field_name("condition")
    body = low.block(node.child_by_field_name("body"))
    low.statement(node.child_by_field_name("update"), body)
    line = low.line(node)
    out.append(p.Loop(line, None, None, low.expr(test) if test is not None else p.Const(line, True), body, []))


def _while(node: Node, low: "Lowering", out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    out.append(p.Loop(low.line(node), None, None, test, low.block(node.child_by_field_name("body")), []))


def _try(node: Node, low: "Lowering", out: Out) -> None:
    body: Out = []
    for resource in low.parts(node.child_by_field_name("resources")):
        _resource(resource, low, body)
    body += low.block(node.child_by_field_name("body"))
    handlers = [_handler(child, low) for child in node.named_children if child.type == "catch_clause"]
    final = next((child for child in node.named_children if child.type == "finally_clause"), None)
    out.append(p.Try(low.line(node), body, handlers, [], low.block(final)))


def _resource(node: Node, low: "Lowering", out: Out) -> None:
    name, value = low.text(node.child_by_field_name("name")), node.child_by_field_name("value")
    if name and value is not None:
        low.locals.add(name)
        line, kind = low.line(node), low.type(node.child_by_field_name("type"))
        out.append(p.Assign(line, [p.Name(line, name)], low.expr(value), low.span(node), annotation=kind))


def _handler(node: Node, low: "Lowering") -> p.Handler:
    caught = next((child for child in node.named_children if child.type == "catch_formal_parameter"), None)
    name = low.text(caught.child_by_field_name("name")) if caught is not None else ""
    low.locals.add(name)
    types = [
        low.text(kind)
        for child in (caught.named_children if caught is not None else ())
        if child.type == "catch_type"
        for kind in child.named_children
    ]
    return p.Handler(low.line(node), types, name, low.block(node.child_by_field_name("body")))


def _switch(node: Node, low: "Lowering", out: Out) -> None:
    """Each group as a branch of its own: which of them runs is not followed."""
    value = low.once(low.expr(node.child_by_field_name("condition")), node, out)
    body = node.child_by_field_name("body")
    for group in body.named_children if body is not None else ():
        if group.type not in ("switch_block_statement_group", "switch_rule"):
            continue
        label = next((child for child in group.named_children if child.type == "switch_label"), None)
        tests: list[p.Expr] = [
            p.Op(low.line(one), p.Operator.COMPARE, [value, low.expr(one)], "==") for one in low.parts(label)
        ]
        branch: Out = []
        for child in group.named_children:
            if child.type not in ("switch_label", "break_statement"):
                low.statement(child, branch)
        line = low.line(group)
        test = tests[0] if len(tests) == 1 else p.Op(line, p.Operator.OR, tests, "||") if tests else p.Unknown(line, [])
        out.append(p.If(line, test, branch, []))


def _return(node: Node, low: "Lowering", out: Out) -> None:
    parts = low.parts(node)
    out.append(p.Return(low.line(node), low.expr(parts[0]) if parts else None, low.span(node)))


def _throw(node: Node, low: "Lowering", out: Out) -> None:
    parts = low.parts(node)
    out.append(p.Raise(low.line(node), low.expr(parts[0]) if parts else None))


def _jump(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Jump(low.line(node)))


def _block(node: Node, low: "Lowering", out: Out) -> None:
    out += low.block(node)


def _inside(node: Node, low: "Lowering", out: Out) -> None:
    for child in low.parts(node):
        low.statement(child, out)


STATEMENTS: dict[str, "Callable[[Node, Lowering, Out], None]"] = {
    "local_variable_declaration": _variables,
    "expression_statement": _expression,
    "assignment_expression": lambda node, low, out: out.append(p.Do(low.line(node), low.expr(node))),
    "if_statement": _if,
    "enhanced_for_statement": _each,
    "for_statement": _for,
    "while_statement": _while,
    "do_statement": _while,
    "try_statement": _try,
    "try_with_resources_statement": _try,
    "switch_expression": _switch,
    "return_statement": _return,
    "yield_statement": _inside,
    "throw_statement": _throw,
    "break_statement": _jump,
    "continue_statement": _jump,
    "block": _block,
    "labeled_statement": _inside,
    "synchronized_statement": _inside,
}

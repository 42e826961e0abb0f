"""Statements of PHP."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.php.lowering.declarations import class_of, function_of, included, uses
from server.analysis.php.lowering.dynamic import PAGE, brings_keys, extracted

if TYPE_CHECKING:
    from server.analysis.php.lowering.scope import Lowering

Out = list[p.Statement]

INCLUDES = frozenset({"include_expression", "include_once_expression", "require_expression", "require_once_expression"})


def _expression(node: Node, low: "Lowering", out: Out) -> None:
    """An assignment is a statement here; `die()` ends; anything else is done for its effect."""
    for child in low.parts(node):
        module = included(child, low) if child.type in INCLUDES else None
        if module:
            out.append(p.Import(low.line(child), [("*", module)]))
            continue
        value = low.expr(child)
        if child.type == "function_call_expression":
            out.extend(extracted(child, low))
        if isinstance(value, p.Let):
            augmented = child.type == "augmented_assignment_expression"
            out.append(p.Assign(value.line, [value.target], value.value, low.span(child), augmented))
        elif isinstance(value, p.Call) and isinstance(value.callee, p.Name) and value.callee.id in ("die", "exit"):
            out.append(low.echo(child, value.args))
            out.append(p.Raise(value.line, None))
        else:
            out.append(p.Do(low.line(child), value))


def _echo(node: Node, low: "Lowering", out: Out) -> None:
    values = [part for child in low.parts(node) for part in _listed(child, low)]
    out.append(low.echo(node, [low.expr(value) for value in values]))


def _listed(node: Node, low: "Lowering") -> list[Node]:
    return low.parts(node) if node.type == "sequence_expression" else [node]


def _if(node: Node, low: "Lowering", out: Out) -> None:
    branches = node.children_by_field_name("alternative")
    otherwise: Out = []
    for branch in reversed(branches):
        if branch.type == "else_if_clause":
            test = low.expr(branch.child_by_field_name("condition"))
            otherwise = [p.If(low.line(branch), test, low.block(branch.child_by_field_name("body")), otherwise)]
        else:
            otherwise = low.block(branch.child_by_field_name("body"))
    test = low.expr(node.child_by_field_name("condition"))
    out.append(p.If(low.line(node), test, low.block(node.child_by_field_name("body")), otherwise))


def _each(node: Node, low: "Lowering", out: Out) -> None:
    parts, line = low.parts(node), low.line(node)
    body = low.block(node.child_by_field_name("body"))
    target: p.Expr = low.fresh(line)
    if len(parts) > 1:
        pair = parts[1]
        target = low.expr(low.parts(pair)[-1] if pair.type == "pair" and low.parts(pair) else pair)
        if pair.type == "pair" and brings_keys(parts[0], low):
            key = low.expr(low.parts(pair)[0])
            body.insert(0, p.Assign(line, [key], p.Unknown(line, [low.expr(parts[0])]), low.span(pair)))
    out.append(p.Loop(line, target, low.expr(parts[0]) if parts else p.Unknown(line, []), None, body, []))


def _for(node: Node, low: "Lowering", out: Out) -> None:
    first = node.child_by_field_name("initialize")
    if first is not None:
        out.append(p.Do(low.line(node), low.expr(first)))
    test = node.child_by_field_name("condition")
    body = low.block(node.child_by_field_name("body"))
    line = low.line(node)
    out.append(p.Loop(line, None, None, low.expr(test) if test is not None else p.Const(line, True), body, []))


def _while(node: Node, low: "Lowering", out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    out.append(p.Loop(low.line(node), None, None, test, low.block(node.child_by_field_name("body")), []))


def _switch(node: Node, low: "Lowering", out: Out) -> None:
    """Each case as a branch of its own: which of them runs is not followed."""
    value = low.once(low.expr(node.child_by_field_name("condition")), node, out)
    body = node.child_by_field_name("body")
    for case in low.parts(body):
        given, line = case.child_by_field_name("value"), low.line(case)
        branch: Out = []
        for child in low.parts(case):
            if child != given and child.type != "break_statement":
                low.statement(child, branch)
        test: p.Expr = p.Unknown(line, [])
        if given is not None:
            test = p.Op(line, p.Operator.COMPARE, [value, low.expr(given)], "==")
        out.append(p.If(line, test, branch, []))


def _try(node: Node, low: "Lowering", out: Out) -> None:
    handlers = [_handler(child, low) for child in node.named_children if child.type == "catch_clause"]
    final = next((child for child in node.named_children if child.type == "finally_clause"), None)
    last = low.block(final.child_by_field_name("body")) if final is not None else []
    out.append(p.Try(low.line(node), low.block(node.child_by_field_name("body")), handlers, [], last))


def _handler(node: Node, low: "Lowering") -> p.Handler:
    types = [low.text(kind) for kind in low.parts(node.child_by_field_name("type"))]
    name = low.text(node.child_by_field_name("name"))
    return p.Handler(low.line(node), types, name, low.block(node.child_by_field_name("body")))


def _return(node: Node, low: "Lowering", out: Out) -> None:
    parts = low.parts(node)
    value = low.expr(parts[0]) if parts else None
    if low.answers and isinstance(value, p.Text):
        out.append(p.Do(value.line, p.Call(value.line, p.Name(value.line, PAGE), [value], [], value.span)))
    out.append(p.Return(low.line(node), value, low.span(node)))


def _raise(node: Node, low: "Lowering", out: Out) -> None:
    """`throw` and `exit`: what `exit` says is written into the page."""
    parts = low.parts(node)
    if parts and node.type == "exit_statement":
        out.append(low.echo(node, [low.expr(parts[0])]))
    out.append(p.Raise(low.line(node), low.expr(parts[0]) if parts else None))


def _jump(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Jump(low.line(node)))


def _block(node: Node, low: "Lowering", out: Out) -> None:
    out += low.block(node)


def _define(node: Node, low: "Lowering", out: Out) -> None:
    name = low.text(node.child_by_field_name("name")).lower()
    out.append(p.Define(low.line(node), function_of(node, name, low)))


def _define_class(node: Node, low: "Lowering", out: Out) -> None:
    out.append(class_of(node, low))


def _use(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Import(low.line(node), uses(node, low)))


def _globals(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Outer(low.line(node), [low.text(name) for name in low.parts(node)]))


def _namespace(node: Node, low: "Lowering", out: Out) -> None:
    out += low.block(node.child_by_field_name("body"))


def _ignored(node: Node, low: "Lowering", out: Out) -> None:
    """Carries no values."""


STATEMENTS: dict[str, "Callable[[Node, Lowering, Out], None]"] = {
    "expression_statement": _expression,
    "echo_statement": _echo,
    "if_statement": _if,
    "foreach_statement": _each,
    "for_statement": _for,
    "while_statement": _while,
    "do_statement": _while,
    "switch_statement": _switch,
    "try_statement": _try,
    "return_statement": _return,
    "throw_expression": _raise,
    "exit_statement": _raise,
    "break_statement": _jump,
    "continue_statement": _jump,
    "compound_statement": _block,
    "colon_block": _block,
    "function_definition": _define,
    "class_declaration": _define_class,
    "trait_declaration": _define_class,
    "interface_declaration": _ignored,
    "enum_declaration": _ignored,
    "namespace_use_declaration": _use,
    "namespace_definition": _namespace,
    "global_declaration": _globals,
    "unset_statement": _ignored,
    "declare_statement": _ignored,
}

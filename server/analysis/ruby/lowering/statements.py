"""Statements of Ruby."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.ruby.lowering.declarations import ITERATORS, block_params, class_of, function_of, required
from server.analysis.ruby.lowering.expressions import target_of

if TYPE_CHECKING:
    from server.analysis.ruby.lowering.scope import Lowering

Out = list[p.Statement]


def _assigned(node: Node, low: "Lowering", out: Out) -> None:
    right = node.child_by_field_name("right")
    if right is not None and right.type == "right_assignment_list":
        parts = [(None, low.expr(part)) for part in low.parts(right)]
        value: p.Expr = p.Collection(low.line(right), p.Shape.TUPLE, [*parts])
    else:
        value = low.expr(right)
    target = target_of(node.child_by_field_name("left"), low)
    out.append(p.Assign(low.line(node), [target], value, low.span(node)))


def _augmented(node: Node, low: "Lowering", out: Out) -> None:
    line, sign = low.line(node), low.text(node.child_by_field_name("operator"))
    left, value = node.child_by_field_name("left"), low.expr(node.child_by_field_name("right"))
    target, old = target_of(left, low), target_of(left, low)
    new: p.Expr
    if sign == "+=":
        new = p.Text(line, [old, value], p.Building.CONCAT, low.span(node))
    else:
        new = p.Op(line, p.Operator.OR if sign == "||=" else p.Operator.ARITHMETIC, [old, value], sign)
    out.append(p.Assign(line, [target], new, low.span(node), augmented=True))


def _appended(node: Node, low: "Lowering", out: Out) -> None:
    """`text << value` changes the text."""
    value = low.expr(node)
    left = node.child_by_field_name("left")
    if isinstance(value, p.Text) and left is not None and left.type in ("identifier", "instance_variable"):
        out.append(p.Assign(value.line, [low.expr(left)], value, low.span(node), augmented=True))
    else:
        out.append(p.Do(low.line(node), value))


def _called(node: Node, low: "Lowering", out: Out) -> None:
    """Iterators are loops; what is called with a block at the top of a class or file is a handler."""
    module = required(node, low)
    if module:
        out.append(p.Import(low.line(node), [("*", module)]))
        return
    name = low.text(node.child_by_field_name("method"))
    block, receiver = node.child_by_field_name("block"), node.child_by_field_name("receiver")
    if name in ("raise", "halt", "abort", "exit", "fail"):
        out.append(p.Do(low.line(node), low.expr(node)))
        out.append(p.Raise(low.line(node), None))
    elif name == "scope" and receiver is None and _scope(node, low, out):
        pass
    elif block is not None and receiver is not None and name in ITERATORS:
        _loop(node, block, receiver, low, out)
    else:
        out.append(p.Do(low.line(node), low.expr(node)))


def _scope(node: Node, low: "Lowering", out: Out) -> bool:
    """`scope :about, ->(topic) { ... }` of a model is a method of its class."""
    given = low.parts(node.child_by_field_name("arguments"))
    if len(given) != 2 or given[1].type != "lambda":
        return False
    function = low.expr(given[1])
    if not isinstance(function, p.Closure):
        return False
    name = low.text(given[0]).lstrip(":")
    made = function.function
    made.name, made.qualified, made.is_static = name, f"{low.qualified}.{name}", True
    out.append(p.Define(low.line(node), made))
    return True


def _loop(node: Node, block: Node, receiver: Node, low: "Lowering", out: Out) -> None:
    names = block_params(block, low)
    line = low.line(node)
    target: p.Expr = low.fresh(line)
    if len(names) == 1:
        target = p.Name(line, names[0])
    elif names:
        target = p.Collection(line, p.Shape.TUPLE, [(None, p.Name(line, name)) for name in names])
    with low.inside(set(names), sees_outside=True):
        body = low.block(block.child_by_field_name("body"))
    out.append(p.Loop(line, target, low.expr(receiver), None, body, []))


def _if(node: Node, low: "Lowering", out: Out) -> None:
    test: p.Expr = low.expr(node.child_by_field_name("condition"))
    if node.type == "unless":
        test = p.Op(low.line(node), p.Operator.NOT, [test], "!")
    body = low.block(node.child_by_field_name("consequence"))
    out.append(p.If(low.line(node), test, body, low.block(node.child_by_field_name("alternative"))))


def _modified(node: Node, low: "Lowering", out: Out) -> None:
    """`return x unless y`."""
    test: p.Expr = low.expr(node.child_by_field_name("condition"))
    if node.type.startswith("unless"):
        test = p.Op(low.line(node), p.Operator.NOT, [test], "!")
    body: Out = []
    low.statement(node.child_by_field_name("body"), body)
    out.append(p.If(low.line(node), test, body, []))


def _while(node: Node, low: "Lowering", out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    out.append(p.Loop(low.line(node), None, None, test, low.block(node.child_by_field_name("body")), []))


def _for(node: Node, low: "Lowering", out: Out) -> None:
    target = target_of(node.child_by_field_name("pattern"), low)
    value = node.child_by_field_name("value")
    iterable = low.exprs(value)[0] if value is not None and low.parts(value) else p.Unknown(low.line(node), [])
    out.append(p.Loop(low.line(node), target, iterable, None, low.block(node.child_by_field_name("body")), []))


def _begin(node: Node, low: "Lowering", out: Out) -> None:
    body: Out = []
    handlers: list[p.Handler] = []
    final: Out = []
    for child in node.named_children:
        if child.type == "rescue":
            handlers.append(low.handler(child))
        elif child.type == "ensure":
            final = low.block(child)
        else:
            low.statement(child, body)
    out.append(p.Try(low.line(node), body, handlers, [], final))


def _case(node: Node, low: "Lowering", out: Out) -> None:
    """Each branch by itself: which of them runs is not followed."""
    given = node.child_by_field_name("value")
    value = low.once(low.expr(given), node, out) if given is not None else None
    for branch in node.named_children:
        if branch.type not in ("when", "else"):
            continue
        line = low.line(branch)
        patterns = [part for pattern in branch.children_by_field_name("pattern") for part in low.parts(pattern)]
        tests: list[p.Expr] = [
            p.Op(line, p.Operator.COMPARE, [value, low.expr(part)], "==") if value is not None else low.expr(part)
            for part in patterns
        ]
        test = tests[0] if len(tests) == 1 else p.Op(line, p.Operator.OR, tests, "||") if tests else p.Unknown(line, [])
        body = branch.child_by_field_name("body") if branch.type == "when" else branch
        out.append(p.If(line, test, low.block(body), []))


def _return(node: Node, low: "Lowering", out: Out) -> None:
    given = [low.expr(part) for listed in low.parts(node) for part in low.parts(listed)]
    line = low.line(node)
    value = given[0] if len(given) == 1 else p.Collection(line, p.Shape.TUPLE, [(None, one) for one in given])
    out.append(p.Return(line, value if given else None, low.span(node)))


def _jump(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Jump(low.line(node)))


def _define(node: Node, low: "Lowering", out: Out) -> None:
    out.append(p.Define(low.line(node), function_of(node, low)))


def _define_class(node: Node, low: "Lowering", out: Out) -> None:
    out.append(class_of(node, low))


def _module(node: Node, low: "Lowering", out: Out) -> None:
    """A namespace: its classes are known by their own names, as they are used within it."""
    out += low.block(node.child_by_field_name("body"))


def _block(node: Node, low: "Lowering", out: Out) -> None:
    out += low.block(node)


STATEMENTS: dict[str, "Callable[[Node, Lowering, Out], None]"] = {
    "assignment": _assigned,
    "operator_assignment": _augmented,
    "binary": _appended,
    "call": _called,
    "if": _if,
    "elsif": _if,
    "unless": _if,
    "if_modifier": _modified,
    "unless_modifier": _modified,
    "while": _while,
    "until": _while,
    "while_modifier": _modified,
    "for": _for,
    "begin": _begin,
    "case": _case,
    "return": _return,
    "break": _jump,
    "next": _jump,
    "redo": _jump,
    "method": _define,
    "singleton_method": _define,
    "class": _define_class,
    "singleton_class": _module,
    "module": _module,
    "then": _block,
    "else": _block,
    "body_statement": _block,
}

"""Statements of JavaScript and TypeScript."""

from collections.abc import Callable

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.expressions import augmented_value
from server.analysis.javascript.lowering.functions import FUNCTIONS, class_of, closure, function_of, type_of
from server.analysis.javascript.lowering.modules import define, export_default, lower_export, lower_import
from server.analysis.javascript.lowering.patterns import PATTERNS, bind
from server.analysis.javascript.lowering.scope import Lowering

Out = list[p.Statement]


def _nothing(node: Node, low: Lowering, out: Out) -> None:
    """Types alone."""


def _expression(node: Node, low: Lowering, out: Out) -> None:
    inner = node.named_child(0)
    while inner is not None and inner.type == "parenthesized_expression":
        inner = inner.named_child(0)
    if inner is None:
        return
    if inner.type == "assignment_expression":
        _assign(inner, low, out)
    elif inner.type == "augmented_assignment_expression":
        left = inner.child_by_field_name("left")
        if left is not None:
            low.assign(left)
        target = low.expr(left)
        out.append(p.Assign(low.line(inner), [target], augmented_value(inner, low), low.span(inner), augmented=True))
    elif inner.type == "sequence_expression":
        for part in inner.named_children:
            low.statement(part, out)
    elif inner.type != "call_expression" or not _inlined(inner, low, out):
        out.append(p.Do(low.line(inner), low.expr(inner)))


def _inlined(call: Node, low: Lowering, out: Out) -> bool:
    """`(function ($) { ... })(jQuery)` only makes a scope: what is in it belongs to the code around."""
    function = call.child_by_field_name("function")
    while function is not None and function.type == "parenthesized_expression":
        function = function.named_child(0)
    if function is None or function.type not in FUNCTIONS or function.child_by_field_name("name") is not None:
        return False
    body, listed = function.child_by_field_name("body"), function.child_by_field_name("parameters")
    given = call.child_by_field_name("arguments")
    if body is None or body.type != "statement_block" or listed is None or given is None:
        return False
    values = [child for child in given.named_children if child.type != "comment"]
    for param, value in zip(listed.named_children, values, strict=False):
        pattern = param.child_by_field_name("pattern") or param
        if low.text(pattern) != low.text(value) and pattern.type in ("identifier", *PATTERNS):
            bind(pattern, low.expr(value), low, out)
    for child in body.named_children:
        if child.type != "return_statement":
            low.statement(child, out)
    return True


def _assign(node: Node, low: Lowering, out: Out) -> None:
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if target is None or value is None:
        return
    name = low.text(target) if target.type == "member_expression" else ""
    if name == "module.exports":
        while value.type == "assignment_expression":  # module.exports = exports = f
            value = value.child_by_field_name("right") or value.children[-1]
        export_default(value, low, out)
    elif name.startswith(("exports.", "module.exports.")) and name.rpartition(".")[0] in ("exports", "module.exports"):
        _export_named(name.rpartition(".")[2], value, low, out)
    elif target.type in PATTERNS:
        bind(target, low.expr(value), low, out)
    else:
        if value.type in FUNCTIONS and name.rpartition(".")[2] in _LISTENERS:
            out.append(
                p.Assign(low.line(node), [_target(target, low)], closure(value, low, "onmessage"), low.span(node))
            )
            return
        targets = [_target(target, low)]
        low.assign(target)
        while value.type == "assignment_expression":
            inner = value.child_by_field_name("left")
            if inner is not None and inner.type not in PATTERNS:
                targets.append(low.expr(inner))
            value = value.child_by_field_name("right") or value.children[-1]
        out.append(p.Assign(low.line(node), targets, low.expr(value), low.span(node)))


_LISTENERS = frozenset({"onmessage"})
"""Properties that hold what is called with a message: by that name its parameter is known."""


def _target(node: Node, low: Lowering) -> p.Expr:
    """`window.location = x` is `location.href = x`."""
    target = low.expr(node)
    if isinstance(target, p.Name) and target.id == "location":
        return p.Attr(target.line, target, "href")
    return target


def _export_named(name: str, value: Node, low: Lowering, out: Out) -> None:
    if value.type == "identifier":
        if low.text(value) != name:
            out.append(p.Import(low.line(value), [(name, f"{low.module}.{low.text(value)}")]))
    else:
        define(value, name, low, out)


def _declaration(node: Node, low: Lowering, out: Out) -> None:
    for declarator in node.named_children:
        if declarator.type == "variable_declarator":
            _declare(declarator, low, out)


def _declare(node: Node, low: Lowering, out: Out) -> None:
    target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if target is None:
        return
    low.declare(target)
    declared = node.child_by_field_name("type")
    annotation = type_of(declared.named_child(0), low) if declared is not None else None
    if value is None:
        if target.type == "identifier":
            line = low.line(node)
            name = p.Name(line, low.text(target))
            out.append(p.Assign(line, [name], p.Const(line, None), low.span(node), annotation=annotation))
        return
    if target.type in PATTERNS:
        _declare_pattern(target, _awaited(value), low, out)
    elif _is_bundle(value):
        _define_bundle(low.text(target), value, low, out)
    elif value.type in FUNCTIONS or value.type == "class" or low.required(_awaited(value)) is not None:
        define(_awaited(value), low.text(target), low, out)
    elif (module := _required_member(value, low)) is not None:
        out.append(p.Import(low.line(node), [(low.text(target), module)]))
    else:
        name = p.Name(low.line(target), low.text(target))
        out.append(p.Assign(low.line(node), [name], low.expr(value), low.span(node), annotation=annotation))


def _awaited(value: Node) -> Node:
    inner = value.named_child(0) if value.type == "await_expression" else None
    return inner if inner is not None else value


def _required_member(value: Node, low: Lowering) -> str | None:
    """`require("fs").promises`"""
    if value.type != "member_expression":
        return None
    base = value.child_by_field_name("object")
    module = low.required(base) if base is not None else None
    return f"{module}.{low.text(value.child_by_field_name('property'))}" if module is not None else None


def _declare_pattern(pattern: Node, value: Node, low: Lowering, out: Out) -> None:
    module = low.required(value) or _required_member(value, low)
    if module is None:
        bind(pattern, low.expr(value), low, out)
        return
    bindings: list[tuple[str, str]] = []
    for part in pattern.named_children:
        if part.type == "shorthand_property_identifier_pattern":
            bindings.append((low.text(part), f"{module}.{low.text(part)}"))
        elif part.type == "pair_pattern":
            name = low.text(part.child_by_field_name("value"))
            bindings.append((name, f"{module}.{low.text(part.child_by_field_name('key'))}"))
    if bindings:
        out.append(p.Import(low.line(pattern), bindings))


def _is_bundle(value: Node) -> bool:
    """An object that is there to hold functions: `const controller = { show(req, res) {...}, ... }`."""
    if value.type != "object":
        return False
    functions = 0
    for child in value.named_children:
        held = child.child_by_field_name("value") if child.type == "pair" else None
        if child.type == "method_definition" or (held is not None and held.type in FUNCTIONS):
            functions += 1
        elif child.type == "spread_element":
            return False
    return functions > 0


def _define_bundle(name: str, value: Node, low: Lowering, out: Out) -> None:
    """As a class of static functions, so that `controller.show` is known by that name."""
    line = low.line(value)
    outer, low.qualified = low.qualified, f"{low.qualified}.{name}"
    body: Out = []
    for child in value.named_children:
        held = child.child_by_field_name("value") if child.type == "pair" else None
        key = low.text(child.child_by_field_name("key")).strip("'\"")
        if child.type == "method_definition":
            function = function_of(child, low, low.text(child.child_by_field_name("name")))
            body.append(p.Define(function.line, _as_static(function)))
        elif held is not None and held.type in FUNCTIONS:
            body.append(p.Define(low.line(held), _as_static(function_of(held, low, key))))
        elif held is not None:
            span = low.span(child)
            body.append(p.Assign(span.start_line, [p.Name(span.start_line, key)], low.expr(held), span))
    definition = p.Class(name, low.qualified, [], body, line, value.end_point.row + 1)
    low.qualified = outer
    out.append(p.DefineClass(line, definition))


def _as_static(function: p.Function) -> p.Function:
    function.is_static = True
    return function


def _function(node: Node, low: Lowering, out: Out) -> None:
    function = function_of(node, low)
    out.append(p.Define(function.line, function))


def _class(node: Node, low: Lowering, out: Out) -> None:
    definition = class_of(node, low, "")
    out.append(p.DefineClass(definition.line, definition))


def _enum(node: Node, low: Lowering, out: Out) -> None:
    """Constants all: what they are is of no interest, that they are is."""
    line = low.line(node)
    name = p.Name(line, low.text(node.child_by_field_name("name")))
    out.append(p.Assign(line, [name], p.Collection(line, p.Shape.DICT, []), low.span(node)))


def _return(node: Node, low: Lowering, out: Out) -> None:
    value = next((child for child in node.named_children if child.type != "comment"), None)
    out.append(p.Return(low.line(node), low.expr(value) if value is not None else None, low.file.head_span(node)))


def _throw(node: Node, low: Lowering, out: Out) -> None:
    out.append(p.Raise(low.line(node), low.expr(node.named_child(0))))


def _jump(node: Node, low: Lowering, out: Out) -> None:
    out.append(p.Jump(low.line(node)))


def _if(node: Node, low: Lowering, out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    body = low.block(node.child_by_field_name("consequence"))
    out.append(p.If(low.line(node), test, body, low.block(node.child_by_field_name("alternative"))))


def _switch(node: Node, low: Lowering, out: Out) -> None:
    """One test after the other, none instead of another: a case may fall through into the next."""
    value = low.once(low.expr(node.child_by_field_name("value")), node, out)
    tests: list[p.Expr] = []
    body = node.child_by_field_name("body")
    for case in body.named_children if body is not None else ():
        if case.type not in ("switch_case", "switch_default"):
            continue
        line = low.line(case)
        label = case.child_by_field_name("value")
        tests.append(
            p.Op(line, p.Operator.COMPARE, [value, low.expr(label)], "===")
            if label is not None
            else p.Unknown(line, [])
        )
        statements: Out = []
        for child in case.children_by_field_name("body"):
            if child.type != "break_statement":
                low.statement(child, statements)
        if statements:
            test = tests[0] if len(tests) == 1 else p.Op(line, p.Operator.OR, tests, "||")
            out.append(p.If(line, test, statements, []))
            tests = []


def _for(node: Node, low: Lowering, out: Out) -> None:
    low.statement(node.child_by_field_name("initializer"), out)
    condition, step = node.child_by_field_name("condition"), node.child_by_field_name("increment")
    body = low.block(node.child_by_field_name("body"))
    low.statement(step, body)
    out.append(p.Loop(low.line(node), None, None, low.expr(condition), body, []))


def _for_in(node: Node, low: Lowering, out: Out) -> None:
    line = low.line(node)
    target = node.child_by_field_name("left")
    iterable = low.expr(node.child_by_field_name("right"))
    sign = node.child_by_field_name("operator")
    if sign is not None and sign.type == "in":
        iterable = p.Call(line, p.Attr(line, p.Name(line, "Object"), "keys"), [iterable], [], low.span(node))
    body: Out = []
    if target is None or target.type in PATTERNS:
        name: p.Expr = low.fresh(line)
        if target is not None:
            bind(target, name, low, body)
    else:
        name = low.expr(target)
    body += low.block(node.child_by_field_name("body"))
    out.append(p.Loop(line, name, iterable, None, body, []))


def _while(node: Node, low: Lowering, out: Out) -> None:
    test = low.expr(node.child_by_field_name("condition"))
    out.append(p.Loop(low.line(node), None, None, test, low.block(node.child_by_field_name("body")), []))


def _try(node: Node, low: Lowering, out: Out) -> None:
    handlers: list[p.Handler] = []
    clause = node.child_by_field_name("handler")
    if clause is not None:
        caught: Out = []
        parameter = clause.child_by_field_name("parameter")
        name = low.text(parameter) if parameter is not None and parameter.type == "identifier" else ""
        caught += low.block(clause.child_by_field_name("body"))
        handlers.append(p.Handler(low.line(clause), [], name, caught))
    final = node.child_by_field_name("finalizer")
    body = low.block(node.child_by_field_name("body"))
    last = low.block(final.child_by_field_name("body")) if final is not None else []
    out.append(p.Try(low.line(node), body, handlers, [], last))


def _block(node: Node, low: Lowering, out: Out) -> None:
    for child in node.named_children:
        low.statement(child, out)


def _labeled(node: Node, low: Lowering, out: Out) -> None:
    low.statement(node.child_by_field_name("body"), out)


STATEMENTS: dict[str, Callable[[Node, Lowering, Out], None]] = {
    "expression_statement": _expression,
    "assignment_expression": _assign,
    **dict.fromkeys(("lexical_declaration", "variable_declaration"), _declaration),
    **dict.fromkeys(("function_declaration", "generator_function_declaration"), _function),
    **dict.fromkeys(("class_declaration", "abstract_class_declaration"), _class),
    "enum_declaration": _enum,
    "import_statement": lower_import,
    "export_statement": lower_export,
    "return_statement": _return,
    "throw_statement": _throw,
    **dict.fromkeys(("break_statement", "continue_statement"), _jump),
    "if_statement": _if,
    "switch_statement": _switch,
    "for_statement": _for,
    "for_in_statement": _for_in,
    **dict.fromkeys(("while_statement", "do_statement"), _while),
    "try_statement": _try,
    **dict.fromkeys(("statement_block", "internal_module", "module", "ambient_declaration", "ERROR"), _block),
    "labeled_statement": _labeled,
    "with_statement": _labeled,
    **dict.fromkeys(
        (
            "empty_statement",
            "interface_declaration",
            "type_alias_declaration",
            "function_signature",
            "debugger_statement",
            "import_alias",
            "comment",
            "hash_bang_line",
        ),
        _nothing,
    ),
}

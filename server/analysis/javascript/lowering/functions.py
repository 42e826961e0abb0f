"""Functions, classes and their parameters.

A destructured, defaulted or decorated parameter becomes assignments at the head of the body. A decorated one
(`@Query("q") q: string`) is what calling its decorator gives, so that the tables can say what that is.
"""

import re
from collections.abc import Sequence

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.cleaning import answers_plainly
from server.analysis.javascript.lowering.handlers import type_by_convention
from server.analysis.javascript.lowering.patterns import PATTERNS, bind
from server.analysis.javascript.lowering.scope import SKIPPED, Lowering
from server.analysis.lowering import dotted

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function",
        "generator_function",
        "function_declaration",
        "generator_function_declaration",
    }
)


def closure(node: Node, low: Lowering, name: str = "") -> p.Closure | p.Name:
    """A function that is a value. Outside of all functions it sees nothing but what the module has: there it is one of
    the module's own, so that each handler of a file of routes is analysed by itself.
    """
    line = low.line(node)
    if low.qualified != low.module:
        return p.Closure(line, function_of(node, low, name))
    function = function_of(node, low, f"{name}<{line}:{node.start_point.column}>")
    low.hoisted.append(p.Define(line, function))
    return p.Name(line, function.name)


def function_of(
    node: Node, low: Lowering, name: str = "", *, is_method: bool = False, decorators: "list[p.Expr] | None" = None
) -> p.Function:
    """*name*: what it is known by where it stands; without one, its own or a made-up one."""
    own = node.child_by_field_name("name")
    name = name or low.text(own) or f"<{node.start_point.row + 1}:{node.start_point.column}>"
    name = "__init__" if is_method and name == "constructor" else name
    outer, low.qualified = low.qualified, f"{low.qualified}.{name}"
    plainly, low.answers_plainly = (
        low.answers_plainly,
        low.answers_plainly or answers_plainly(_head(node, low)),
    )
    markers = {child.type for child in node.children if not child.is_named}
    names, low.assigned, low.declared = (low.assigned, low.declared), set(), set()
    body: list[p.Statement] = []
    params = _params(node, low, body, name)
    if is_method and "static" not in markers:
        params.insert(0, p.Param("this"))
    if low.text(own) and low.text(own) != name and node.type in ("function_expression", "function"):
        body.append(p.Import(low.line(node), [(low.text(own), low.qualified)]))
    _body(node.child_by_field_name("body"), low, body)
    if further := low.assigned - low.declared - {param.name for param in params}:
        body.insert(0, p.Outer(low.line(node), sorted(further)))
    low.assigned, low.declared = names
    function = p.Function(
        name=name,
        qualified=low.qualified,
        params=params,
        body=body,
        line=low.line(node),
        end_line=node.end_point.row + 1,
        decorators=[*(decorators or ()), *_directives(body), *_inherited_directive(outer, low)],
        is_async="async" in markers,
        is_method=is_method,
        is_static="static" in markers,
    )
    low.qualified, low.answers_plainly = outer, plainly
    return function


_LONGEST = 4_000
"""Bytes of a function in which it says what its answer is."""


def _head(node: Node, low: Lowering) -> str:
    end = min(node.end_byte, node.start_byte + _LONGEST)
    return low.file.source.encoded[node.start_byte : end].decode("utf-8", "ignore")


def _body(node: Node | None, low: Lowering, out: list[p.Statement]) -> None:
    if node is None:
        return
    if node.type == "statement_block":
        out += low.block(node)
    else:
        out.append(p.Return(low.line(node), low.expr(node), low.span(node)))


def _directives(body: Sequence[p.Statement]) -> list[p.Expr]:
    """`"use server"` at the head makes of a function what a decorator makes of it elsewhere."""
    marks = [statement for statement in body[:3] if isinstance(statement, p.Do) and is_server_mark(statement.value)]
    return [dotted("next.action", mark.line) for mark in marks]


def _inherited_directive(outer: str, low: Lowering) -> list[p.Expr]:
    """`"use server"` at the head of a file speaks for all its functions."""
    return [dotted("next.action", 1)] if low.is_server_side and outer == low.module else []


def is_server_mark(value: p.Expr) -> bool:
    return isinstance(value, p.Const) and value.value == "use server"


def _params(node: Node, low: Lowering, body: list[p.Statement], name: str) -> list[p.Param]:
    single = node.child_by_field_name("parameter")
    listed = node.child_by_field_name("parameters")
    nodes = [single] if single is not None else listed.named_children if listed is not None else []
    nodes = [child for child in nodes if child.type not in SKIPPED]
    names = [low.text(_pattern(child)) for child in nodes]
    return [_param(child, index, names, name, low, body) for index, child in enumerate(nodes)]


def _pattern(node: Node) -> Node:
    """The name or pattern in a parameter, without its type and default."""
    inner = node.child_by_field_name("pattern") or node.child_by_field_name("left")
    return inner if inner is not None else node


def _param(node: Node, index: int, names: list[str], function: str, low: Lowering, body: list[p.Statement]) -> p.Param:
    line = low.line(node)
    pattern = _pattern(node)
    low.declare(pattern)
    kind = p.ParamKind.PLAIN
    if pattern.type == "rest_pattern":
        kind, pattern = p.ParamKind.REST, pattern.named_child(0) or pattern
    is_name = pattern.type in ("identifier", "this")
    param = p.Param(low.text(pattern) if is_name else low.fresh(line).id, kind)
    param.annotation = _declared(node, low) or _conventional(index, names, function, low, line)
    default = node.child_by_field_name("value") or node.child_by_field_name("right")
    if default is not None:
        param.default = low.expr(default)
    if pattern.type in PATTERNS:
        bind(pattern, p.Name(line, param.name), low, body)
    for child in node.children:
        if child.type == "decorator":
            _bind_decorated(child, param, line, low, body)
        elif child.type in ("accessibility_modifier", "readonly") and is_name:
            field = p.Attr(line, p.Name(line, "this"), param.name)
            body.append(p.Assign(line, [field], p.Name(line, param.name), low.span(node), annotation=param.annotation))
            break
    return param


def _declared(node: Node, low: Lowering) -> p.Expr | None:
    """`Request` that nobody imports is the one of the platform, which Next.js, Remix and workers hand out."""
    annotation = _annotation(node, low)
    if (
        isinstance(annotation, p.Name)
        and annotation.id == "Request"
        and not _IMPORTS_REQUEST.search(low.file.source.text)
    ):
        return low.module_as_name("next.server.NextRequest", annotation.line)
    return annotation


_IMPORTS_REQUEST = re.compile(
    r"\bimport\b[^;'\"]{0,400}\bRequest\b[^;'\"]{0,200}\bfrom\b|\b(?:class|interface|type)\s+Request\b"
)


def _conventional(index: int, names: list[str], function: str, low: Lowering, line: int) -> p.Expr | None:
    known = type_by_convention(index, names, function, low.file.source.path)
    return low.module_as_name(known, line) if known else None


def _bind_decorated(decorator: Node, param: p.Param, line: int, low: Lowering, body: list[p.Statement]) -> None:
    value = low.expr(decorator.named_child(0))
    param.decorators.append(value)
    if isinstance(value, p.Call):
        named = value.callee.id if isinstance(value.callee, p.Name) else ""
        if named.startswith("Inject"):  # `@InjectRepository(User) users: Repository<User>`: the type says what it is
            return
        if named in ("Body", "Query") and not value.args and _tells_no_fields(param.annotation):
            value.callee = p.Attr(line, value.callee, "whole")
        annotation = param.annotation
        body.append(p.Assign(line, [p.Name(line, param.name)], value, low.span(decorator), annotation=annotation))


_SHAPELESS = frozenset({"any", "object", "unknown", "Record", "Partial", "Object", "DeepPartial"})


def _tells_no_fields(annotation: p.Expr | None) -> bool:
    """`@Body() body: any`: no class says which fields there may be, so that no validation leaves others out."""
    if isinstance(annotation, p.Item):
        annotation = annotation.base
    return annotation is None or (isinstance(annotation, p.Name) and annotation.id in _SHAPELESS)


def _annotation(node: Node, low: Lowering) -> p.Expr | None:
    declared = node.child_by_field_name("type")
    return type_of(declared.named_child(0), low) if declared is not None else None


def type_of(node: Node | None, low: Lowering) -> p.Expr | None:
    """A declared type as an expression of names; what has no name there is left out."""
    if node is None:
        return None
    line = low.line(node)
    if node.type in ("type_identifier", "predefined_type"):
        return p.Name(line, low.text(node))
    if node.type == "nested_type_identifier":
        return dotted("".join(low.text(node).split()), line)
    if node.type == "generic_type":
        base = type_of(node.child_by_field_name("name"), low)
        given = node.child_by_field_name("type_arguments")
        first = type_of(given.named_child(0), low) if given is not None else None
        return p.Item(line, base, first) if base is not None and first is not None else base
    return None


def class_of(node: Node, low: Lowering, name: str, decorators: "list[p.Expr] | None" = None) -> p.Class:
    name = name or low.text(node.child_by_field_name("name")) or f"<{node.start_point.row + 1}>"
    outer, low.qualified = low.qualified, f"{low.qualified}.{name}"
    definition = p.Class(
        name=name,
        qualified=low.qualified,
        bases=_bases(node, low),
        body=_members(node.child_by_field_name("body"), low),
        line=low.line(node),
        end_line=node.end_point.row + 1,
        decorators=[*(decorators or ()), *_decorators(node, low)],
    )
    low.qualified = outer
    return definition


def _decorators(node: Node, low: Lowering) -> list[p.Expr]:
    return [low.expr(child.named_child(0)) for child in node.children if child.type == "decorator"]


def _bases(node: Node, low: Lowering) -> list[p.Expr]:
    heritage = next((child for child in node.children if child.type == "class_heritage"), None)
    if heritage is None:
        return []
    extends = next((child for child in heritage.named_children if child.type == "extends_clause"), None)
    base = extends.child_by_field_name("value") if extends is not None else heritage.named_child(0)
    return [low.expr(base)] if base is not None and base.type != "implements_clause" else []


def _members(body: Node | None, low: Lowering) -> list[p.Statement]:
    members: list[p.Statement] = []
    decorators: list[p.Expr] = []
    for child in body.named_children if body is not None else ():
        if child.type == "decorator":
            decorators.append(low.expr(child.named_child(0)))
        elif child.type == "method_definition":
            name = low.text(child.child_by_field_name("name")).lstrip("#")
            function = function_of(child, low, name, is_method=True, decorators=decorators)
            members.append(p.Define(function.line, function))
            decorators = []
        elif child.type in ("field_definition", "public_field_definition"):
            _field(child, low, members)
            decorators = []
        elif child.type == "class_static_block":
            members += low.block(child.child_by_field_name("body"))
    return members


def _field(node: Node, low: Lowering, members: list[p.Statement]) -> None:
    key = node.child_by_field_name("name") or node.child_by_field_name("property")
    value = node.child_by_field_name("value")
    name, line = low.text(key).lstrip("#"), low.line(node)
    if value is not None and value.type in FUNCTIONS:
        function = function_of(value, low, name, is_method=True)
        members.append(p.Define(line, function))
    elif value is not None or node.child_by_field_name("type") is not None:
        annotation = _annotation(node, low)
        if value is not None or annotation is not None:
            target = p.Name(line, name)
            members.append(p.Assign(line, [target], low.expr(value), low.span(node), annotation=annotation))

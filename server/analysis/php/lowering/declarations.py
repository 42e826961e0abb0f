"""What PHP declares: namespaces, imports, functions, classes with their properties and methods."""

from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import dotted
from server.analysis.php.file import PhpFile

if TYPE_CHECKING:
    from server.analysis.php.lowering.scope import Lowering

THIS = "$this"

ACTION = "php.action"
"""Decorates what a framework calls with parts of the address: a public method of a controller."""

ROUTE_ARGUMENTS = "slim.arguments"
"""Gives what Slim hands to a handler after the request and the answer."""

_OF_SLIM = 3
"""Parameters."""

SHORTCODE = "wordpress.shortcode"
"""Decorates what writes a shortcode's markup: whoever writes a post chooses its first parameter."""


def namespace_of(root: Node, file: PhpFile) -> str:
    declared = next((child for child in root.named_children if child.type == "namespace_definition"), None)
    return file.text(declared.child_by_field_name("name")).replace("\\", ".") if declared is not None else ""


def uses(node: Node, low: "Lowering") -> list[tuple[str, str]]:
    """`use A\\B as C;` and `use A\\{B, C};`."""
    prefix = next((low.text(child) + "\\" for child in node.named_children if child.type == "namespace_name"), "")
    bindings = []
    for clause in low.file.descendants(node, "namespace_use_clause"):
        alias = clause.child_by_field_name("alias")
        named = next((child for child in clause.named_children if child.type in ("name", "qualified_name")), None)
        name = (prefix + low.text(named)).strip("\\").replace("\\", ".")
        bindings.append((low.text(alias) or name.rpartition(".")[2], name))
    return bindings


def included(node: Node, low: "Lowering") -> str | None:
    """The module that `include __DIR__ . "/lib/db.php"` brings in; None where its name is not written there."""
    texts = [low.text(text) for text in low.file.descendants(node, "string_content")]
    if not texts or not texts[-1].endswith((".php", ".inc")):
        return None
    parts = [part for part in texts[-1].rpartition(".")[0].split("/") if part not in ("", ".", "..")]
    return ".".join(parts)


def function_of(node: Node, name: str, low: "Lowering", own: tuple[p.Param, ...] = ()) -> p.Function:
    decorators = _attributes(node, low)
    if name and name in low.shortcodes:
        decorators.append(dotted(SHORTCODE, low.line(node)))
    qualified = f"{low.qualified}.{name}"
    body = node.child_by_field_name("body")
    if body is not None and node.type == "arrow_function":
        statements: list[p.Statement] = [p.Return(low.line(body), low.expr(body), low.span(body))]
    else:
        with low.answering(node):
            statements = low.block(body)
    params = _params(node.child_by_field_name("parameters"), low)
    if len(params) == _OF_SLIM and params[-1].name == "$args" and params[0].name in ("$request", "$req"):
        line, span = low.line(node), low.span(node)
        given = p.Call(line, dotted(ROUTE_ARGUMENTS, line), [], [], span)
        statements.insert(0, p.Assign(line, [p.Name(line, "$args")], given, span))
    return p.Function(
        name,
        qualified,
        [*own, *params],
        statements,
        low.line(node),
        node.end_point.row + 1,
        decorators,
        low.type(node.child_by_field_name("return_type")),
        is_method=bool(own),
    )


def _params(node: Node | None, low: "Lowering") -> list[p.Param]:
    params = []
    for declared in low.parts(node):
        kind = p.ParamKind.REST if declared.type == "variadic_parameter" else p.ParamKind.PLAIN
        default = declared.child_by_field_name("default_value")
        annotation = low.type(declared.child_by_field_name("type"))
        name = low.text(declared.child_by_field_name("name"))
        params.append(p.Param(name, kind, low.expr(default) if default is not None else None, annotation))
    return params


def class_of(node: Node, low: "Lowering") -> p.Statement:
    name = low.text(node.child_by_field_name("name"))
    members = low.parts(node.child_by_field_name("body"))
    statics = frozenset(low.text(m.child_by_field_name("name")) for m in members if _is_static(m))
    bases = [
        low.expr(part) for child in node.named_children if child.type == "base_clause" for part in low.parts(child)
    ]
    with low.within(name, statics):
        body: list[p.Statement] = []
        for member in members:
            _member(member, low, body)
        made = p.Class(name, low.qualified, bases, body, low.line(node), node.end_point.row + 1, _attributes(node, low))
    return p.DefineClass(low.line(node), made)


def _member(node: Node, low: "Lowering", body: list[p.Statement]) -> None:
    if node.type == "method_declaration":
        body.append(p.Define(low.line(node), _method(node, low)))
    elif node.type in ("property_declaration", "const_declaration"):
        kind = low.type(node.child_by_field_name("type"))
        elements = (child for child in node.named_children if child.type in ("property_element", "const_element"))
        body += [_property(element, kind, low) for element in elements]


def _property(node: Node, kind: p.Expr | None, low: "Lowering") -> p.Statement:
    parts, line = low.parts(node), low.line(node)
    name = low.text(parts[0]).lstrip("$") if parts else ""
    value = low.expr(parts[1]) if len(parts) > 1 else p.Const(line, None)
    return p.Assign(line, [p.Name(line, name)], value, low.span(node), annotation=kind)


def _method(node: Node, low: "Lowering") -> p.Function:
    """A constructor is `__init__`, as the engine knows them; what it promotes to properties it assigns."""
    name = low.text(node.child_by_field_name("name"))
    is_constructor = name.lower() == "__construct"
    own = () if _is_static(node) else (p.Param(THIS),)
    made = function_of(node, "__init__" if is_constructor else name, low, own)
    made.is_static = _is_static(node)
    if _is_action(node, name, made, low):
        made.decorators.append(dotted(ACTION, made.line))
    promoted = [
        _promoted(declared, low)
        for declared in low.parts(node.child_by_field_name("parameters"))
        if declared.type == "property_promotion_parameter"
    ]
    made.body[:0] = promoted
    return made


def _is_action(node: Node, name: str, made: p.Function, low: "Lowering") -> bool:
    """A public method of a controller with a parameter of text, which is a part of the address."""
    is_public = not any(
        child.type == "visibility_modifier" and low.text(child) != "public" for child in node.named_children
    )
    if not low.owner.endswith("Controller") or name.startswith("__") or made.is_static or not is_public:
        return False
    return any(param.annotation is None and param.kind is p.ParamKind.PLAIN for param in made.params[1:])


def _promoted(node: Node, low: "Lowering") -> p.Statement:
    line, name = low.line(node), low.text(node.child_by_field_name("name"))
    target = p.Attr(line, p.Name(line, THIS), name.lstrip("$"))
    return p.Assign(line, [target], p.Name(line, name), low.span(node))


def _is_static(node: Node) -> bool:
    return any(child.type == "static_modifier" for child in node.named_children)


def _attributes(node: Node, low: "Lowering") -> list[p.Expr]:
    """`#[Route("/orders", methods: ["GET"])]` as calls."""
    from server.analysis.php.lowering.expressions import arguments  # here: expressions hold declarations

    listed = node.child_by_field_name("attributes")
    if listed is None:
        return []
    made: list[p.Expr] = []
    for one in low.file.descendants(listed, "attribute"):
        name, given = low.parts(one)[0], one.child_by_field_name("parameters")
        callee = low.expr(name)
        made.append(p.Call(low.line(one), callee, *arguments(given, low), low.span(one)) if given else callee)
    return made

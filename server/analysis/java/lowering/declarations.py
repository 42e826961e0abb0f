"""What stands at the top of a Java file and in its classes: imports, types, fields, methods."""

from collections.abc import Sequence

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.java.file import JavaFile
from server.analysis.java.lowering.scope import THIS, Lowering
from server.analysis.java.models.catalogue import CLASSES
from server.analysis.lowering import dotted

_TYPES = ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration")
_BODIES = ("class_body", "interface_body", "enum_body", "enum_body_declarations")


def package_of(root: Node, file: JavaFile) -> str:
    declared = next((child for child in root.named_children if child.type == "package_declaration"), None)
    return file.text(declared.named_children[-1]) if declared is not None else ""


def top_level(root: Node, low: Lowering) -> list[p.Statement]:
    out: list[p.Statement] = [_language()]
    for node in root.named_children:
        if node.type == "import_declaration":
            out.append(_import(node, low))
        elif node.type in _TYPES:
            out.append(_class(node, low))
    return out


_PAGE = {
    "request": "javax.servlet.http.HttpServletRequest",
    "response": "javax.servlet.http.HttpServletResponse",
    "session": "javax.servlet.http.HttpSession",
    "application": "javax.servlet.ServletContext",
    "out": "javax.servlet.Writer",
}
"""What a page of JSP has without declaring it."""

_PAGE_IMPORTS = ("java.io.*", "java.sql.*", "java.util.*", "javax.servlet.http.*")


def page(root: Node, imports: Sequence[str], low: Lowering) -> list[p.Statement]:
    """The code of a page as one function, beside the methods that it declares."""
    out: list[p.Statement] = [
        _language(),
        *(_imported(1, name) for name in (*_PAGE_IMPORTS, *_PAGE.values(), *imports)),
    ]
    body: list[p.Statement] = []
    with low.inside(set(_PAGE)):
        for node in root.named_children:
            if node.type == "method_declaration" or node.type in _TYPES:
                _member(node, low, out)
            else:
                low.statement(node, body)
    params = [p.Param(name, annotation=p.Name(1, kind.rpartition(".")[2])) for name, kind in _PAGE.items()]
    function = p.Function("_jspService", f"{low.module}._jspService", params, body, 1, root.end_point.row + 1)
    return [*out, p.Define(1, function)]


def closure_of(node: Node, low: Lowering) -> p.Function:
    """A lambda."""
    names = _names_of(node.child_by_field_name("parameters"), low)
    body = node.child_by_field_name("body")
    with low.inside(set(names)):
        if body is not None and body.type == "block":
            statements = low.block(body)
        else:
            statements = [p.Return(low.line(node), low.expr(body), low.span(node))]
    line, qualified = low.line(node), f"{low.qualified}.%{low.line(node)}"
    return p.Function("", qualified, [p.Param(name) for name in names], statements, line, node.end_point.row + 1)


def _names_of(node: Node | None, low: Lowering) -> list[str]:
    if node is None:
        return []
    if node.type == "identifier":
        return [low.text(node)]
    return [low.text(part.child_by_field_name("name") or part) for part in low.parts(node)]


def _language() -> p.Import:
    """What is there without an import."""
    return p.Import(1, [(name, name) for name in CLASSES["java.lang"]])


def _import(node: Node, low: Lowering) -> p.Import:
    name = low.text(node.named_children[0])
    is_all = any(child.type == "asterisk" for child in node.named_children)
    return _imported(low.line(node), f"{name}.*" if is_all else name)


def _imported(line: int, name: str) -> p.Import:
    package, _, last = name.rpartition(".")
    if last == "*":
        return p.Import(line, [("*", package), *((known, f"{package}.{known}") for known in CLASSES.get(package, ()))])
    return p.Import(line, [(last, name)])


def _class(node: Node, low: Lowering) -> p.Statement:
    name, body = low.text(node.child_by_field_name("name")), node.child_by_field_name("body")
    members = _members(body)
    fields = {
        low.text(declared.child_by_field_name("name")): name if _is_static(member, low) else THIS
        for member in members
        if member.type == "field_declaration"
        for declared in member.children_by_field_name("declarator")
    }
    methods = {
        low.text(member.child_by_field_name("name")): name if _is_static(member, low) else THIS
        for member in members
        if member.type == "method_declaration"
    }
    marks = _annotations(node, low)
    with low.within(name, fields, methods):
        made: list[p.Statement] = []
        for member in members:
            _member(member, low, made)
        if any(_mark(mark) == "Controller" for mark in marks) and all(_mark(mark) != "ResponseBody" for mark in marks):
            _name_views(made)
        definition = p.Class(
            name,
            low.qualified,
            _bases(node, low),
            made,
            low.line(node),
            node.end_point.row + 1,
            marks,
        )
    return p.DefineClass(low.line(node), definition)


VIEWED = "spring.viewed"
"""Decorates a handler whose text is the name of a view."""


def _name_views(body: list[p.Statement]) -> None:
    """In a class with `@Controller`, what a handler returns is a name, but where it says that it is the answer."""
    for one in body:
        if not isinstance(one, p.Define) or not isinstance(one.function.returns, p.Name):
            continue
        marks = {_mark(mark) for mark in one.function.decorators}
        is_handler = any(mark.endswith("Mapping") for mark in marks) and "ResponseBody" not in marks
        if is_handler and one.function.returns.id == "String":
            one.function.decorators.append(dotted(VIEWED, one.line))


def _mark(annotation: p.Expr) -> str:
    callee = annotation.callee if isinstance(annotation, p.Call) else annotation
    return callee.name if isinstance(callee, p.Attr) else callee.id if isinstance(callee, p.Name) else ""


def _members(body: Node | None) -> list[Node]:
    members: list[Node] = []
    for child in body.named_children if body is not None else ():
        members += _members(child) if child.type in _BODIES else [child]
    return members


def _member(node: Node, low: Lowering, made: list[p.Statement]) -> None:
    if node.type in _TYPES:
        made.append(_class(node, low))
    elif node.type in ("method_declaration", "constructor_declaration", "compact_constructor_declaration"):
        made.append(p.Define(low.line(node), _method(node, low)))
    elif node.type == "field_declaration":
        kind = low.type(node.child_by_field_name("type"))
        for declared in node.children_by_field_name("declarator"):
            line, name = low.line(declared), low.text(declared.child_by_field_name("name"))
            value = low.expr(declared.child_by_field_name("value"))
            made.append(p.Assign(line, [p.Name(line, name)], value, low.span(declared), annotation=kind))


def _method(node: Node, low: Lowering) -> p.Function:
    """A constructor is `__init__`, as the engine knows them."""
    is_constructor = node.type != "method_declaration"
    name = "__init__" if is_constructor else low.text(node.child_by_field_name("name"))
    is_static = _is_static(node, low)
    params = [*([] if is_static else [p.Param(THIS)]), *_params(node.child_by_field_name("parameters"), low)]
    with low.inside({param.name for param in params}):
        body = low.block(node.child_by_field_name("body"))
    return p.Function(
        name,
        f"{low.qualified}.{name}",
        params,
        body,
        low.line(node.child_by_field_name("name") or node),
        node.end_point.row + 1,
        _annotations(node, low),
        low.type(node.child_by_field_name("type")),
        is_method=not is_static,
        is_static=is_static,
    )


def _is_static(node: Node, low: Lowering) -> bool:
    modifiers = next((child for child in node.named_children if child.type == "modifiers"), None)
    return modifiers is not None and any(child.type == "static" for child in modifiers.children)


def _params(node: Node | None, low: Lowering) -> list[p.Param]:
    params = []
    for declared in low.parts(node):
        if declared.type == "spread_parameter":
            inner = next((child for child in declared.named_children if child.type == "variable_declarator"), declared)
            params.append(p.Param(low.text(inner.child_by_field_name("name")), p.ParamKind.REST))
        elif declared.type == "formal_parameter":
            name, kind = low.text(declared.child_by_field_name("name")), low.type(declared.child_by_field_name("type"))
            params.append(p.Param(name, annotation=kind, decorators=_annotations(declared, low)))
    return params


def _bases(node: Node, low: Lowering) -> list[p.Expr]:
    named = [
        child for child in node.named_children if child.type in ("superclass", "super_interfaces", "extends_interfaces")
    ]
    found = (low.type(kind) for child in named for inner in child.named_children for kind in _listed(inner))
    return [kind for kind in found if kind is not None]


def _listed(node: Node) -> list[Node]:
    return node.named_children if node.type == "type_list" else [node]


def _annotations(node: Node, low: Lowering) -> list[p.Expr]:
    modifiers = next((child for child in node.named_children if child.type == "modifiers"), None)
    found = []
    for child in modifiers.named_children if modifiers is not None else ():
        if child.type in ("annotation", "marker_annotation"):
            line = low.line(child)
            name = dotted(low.text(child.child_by_field_name("name")), line)
            given = child.child_by_field_name("arguments")
            found.append(_annotation_call(name, given, child, low) if given is not None else name)
    return found


def _annotation_call(name: p.Expr, given: Node, node: Node, low: Lowering) -> p.Expr:
    args: list[p.Expr] = []
    keywords: list[tuple[str | None, p.Expr]] = []
    for part in low.parts(given):
        if part.type == "element_value_pair":
            key = low.text(part.child_by_field_name("key"))
            keywords.append((key, low.expr(part.child_by_field_name("value"))))
        else:
            args.append(low.expr(part))
    return p.Call(low.line(node), name, args, keywords, low.span(node))

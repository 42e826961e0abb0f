"""Imports and exports, of ES modules and CommonJS, as `program.Import` says them.

The default export is the module's name `default`: an alias where something is exported that has a name of its own, a
function or a global where not. The members of an exported object literal are exported as such too.
"""

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.functions import FUNCTIONS, class_of, function_of
from server.analysis.javascript.lowering.scope import Lowering


def lower_import(node: Node, low: Lowering, out: list[p.Statement]) -> None:
    specifier = node.child_by_field_name("source")
    bindings: list[tuple[str, str]] = []
    for clause in node.named_children:
        if clause.type == "import_clause":
            module = low.imported(low.text(specifier)[1:-1])
            relative = low.text(specifier)[1:2] in (".", "@", "~") and low.text(specifier)[1:3] in (
                "./",
                "..",
                "@/",
                "~/",
            )
            for child in clause.named_children:
                _import_part(child, module, relative, low, bindings)
        elif clause.type == "import_require_clause":
            name = clause.named_child(0)
            bindings.append((low.text(name), low.imported(low.text(clause.child_by_field_name("source"))[1:-1])))
    if bindings:
        out.append(p.Import(low.line(node), bindings))


def _import_part(node: Node, module: str, relative: bool, low: Lowering, bindings: list[tuple[str, str]]) -> None:
    if node.type == "identifier":
        bindings.append((low.text(node), f"{module}.default" if relative else module))
    elif node.type == "namespace_import":
        bindings.append((low.text(node.named_child(0)), module))
    elif node.type == "named_imports":
        for child in node.named_children:
            name = low.text(child.child_by_field_name("name"))
            local = low.text(child.child_by_field_name("alias")) or name
            bindings.append((local, module if name == "default" and not relative else f"{module}.{name}"))


def lower_export(node: Node, low: Lowering, out: list[p.Statement]) -> None:
    source = node.child_by_field_name("source")
    if source is not None:
        _export_from(node, low.imported(low.text(source)[1:-1]), low, out)
        return
    declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
    markers = {child.type for child in node.children if not child.is_named}
    if declaration is not None:
        _export_declaration(node, declaration, "default" in markers, low, out)
    elif value is not None:
        export_default(value, low, out)
    elif "=" in markers:
        export_default(node.named_children[-1], low, out)
    else:
        clause = next((child for child in node.named_children if child.type == "export_clause"), None)
        for child in clause.named_children if clause is not None else ():
            name = low.text(child.child_by_field_name("name"))
            alias = low.text(child.child_by_field_name("alias"))
            if alias and alias != name:
                out.append(p.Import(low.line(child), [(alias, f"{low.module}.{name}")]))


def _export_from(node: Node, module: str, low: Lowering, out: list[p.Statement]) -> None:
    bindings: list[tuple[str, str]] = []
    for child in node.children:
        if child.type == "*":
            bindings.append(("*", module))
        elif child.type == "namespace_export":
            bindings.append((low.text(child.named_child(0)), module))
        elif child.type == "export_clause":
            for part in child.named_children:
                name = low.text(part.child_by_field_name("name"))
                bindings.append((low.text(part.child_by_field_name("alias")) or name, f"{module}.{name}"))
    if bindings:
        out.append(p.Import(low.line(node), bindings))


def _export_declaration(node: Node, declaration: Node, is_default: bool, low: Lowering, out: list[p.Statement]) -> None:
    decorators = [low.expr(child.named_child(0)) for child in node.children if child.type == "decorator"]
    if declaration.type in ("class_declaration", "abstract_class_declaration"):
        definition = class_of(declaration, low, "", decorators)
        out.append(p.DefineClass(definition.line, definition))
    else:
        low.statement(declaration, out)
    name = low.text(declaration.child_by_field_name("name"))
    if is_default and name:
        out.append(p.Import(low.line(node), [("default", f"{low.module}.{name}")]))


def export_default(value: Node, low: Lowering, out: list[p.Statement]) -> None:
    """`export default value` and `module.exports = value`."""
    line = low.line(value)
    if value.type == "object":
        for child in value.named_children:
            _export_member(child, low, out)
    elif value.type == "identifier":
        out.append(p.Import(line, [("default", f"{low.module}.{low.text(value)}")]))
    elif (module := low.required(value)) is not None:
        out.append(p.Import(line, [("default", module), ("*", module)]))
    else:
        define(value, "default", low, out)


def _export_member(node: Node, low: Lowering, out: list[p.Statement]) -> None:
    line = low.line(node)
    if node.type == "method_definition":
        function = function_of(node, low, low.text(node.child_by_field_name("name")))
        out.append(p.Define(function.line, function))
    elif node.type == "pair":
        name, value = low.text(node.child_by_field_name("key")).strip("'\""), node.child_by_field_name("value")
        if value is None or not name.isidentifier():
            out.append(p.Do(line, low.expr(value)))
        elif value.type != "identifier":
            define(value, name, low, out)
        elif name != low.text(value):
            out.append(p.Import(line, [(name, f"{low.module}.{low.text(value)}")]))
    elif node.type == "spread_element":
        module = low.required(node.named_children[-1]) if node.named_child_count else None
        out.append(p.Import(line, [("*", module)]) if module is not None else p.Do(line, low.expr(node)))


def define(value: Node, name: str, low: Lowering, out: list[p.Statement]) -> None:
    """Give *name* to a function, a class, a module or any other value."""
    line = low.line(value)
    module = low.required(value)
    if value.type in FUNCTIONS:
        out.append(p.Define(line, function_of(value, low, name)))
    elif value.type == "class":
        out.append(p.DefineClass(line, class_of(value, low, name)))
    elif module is not None:
        out.append(p.Import(line, [(name, module)]))
    else:
        out.append(p.Assign(line, [p.Name(line, name)], low.expr(value), low.span(value)))

"""What a module of JavaScript, TypeScript or Go offers to others: names, and how functions are called."""

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from server.analysis.admission import Depth, admit
from server.analysis.go.file import GoFile
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.language import Language
from server.analysis.parsed import CannotParse
from server.analysis.source import Source
from server.analysis.tree import TreeFile

SCRIPTS = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX})


class Exported(NamedTuple):
    """*needs*: the names of parameters that a call must give, None of what is no function. *takes*: the types of all,
    in Go, which checks each. *node*: where it is defined.
    """

    name: str
    node: Node
    needs: tuple[str, ...] | None = None
    takes: str = ""


class Exports(NamedTuple):
    """*is_whole*: every name is known; not so where a module hands on all of another."""

    file: TreeFile
    names: dict[str, Exported]
    is_whole: bool


def exports_of(source: Source) -> Exports | None:
    """None of what is neither, or cannot be read in full."""
    if admit(source).depth is not Depth.FULL:
        return None
    try:
        if source.language in SCRIPTS:
            file: TreeFile = JavaScriptFile.parse(source)
            found = list(_of_script(file))
        elif source.language is Language.GO:
            file = GoFile.parse(source)
            found = list(_of_go(file))
        else:
            return None
    except CannotParse:
        return None
    names = {exported.name: exported for exported in found}
    return None if file.gap else Exports(file, names, is_whole="*" not in names)


def package_of(file: TreeFile) -> str:
    """The name in Go's package clause."""
    clause = next((child for child in file.tree.root_node.children if child.type == "package_clause"), None)
    return file.text(clause).removeprefix("package").strip() if clause is not None else ""


def _of_script(file: TreeFile) -> Iterator[Exported]:
    for statement in file.tree.root_node.children:
        if statement.type != "export_statement":
            continue
        kinds = {child.type for child in statement.children}
        declared = statement.child_by_field_name("declaration")
        if "*" in kinds:
            yield Exported("*", statement)
        elif "default" in kinds:
            yield _named("default", declared or statement.child_by_field_name("value") or statement, file)
        elif declared is not None:
            yield from _declared(declared, file)
        for clause in (child for child in statement.children if child.type == "export_clause"):
            for specifier in file.descendants(clause, "export_specifier"):
                name = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
                yield Exported(file.text(name), specifier)
        if any(child.type == "namespace_export" for child in statement.children):
            yield from (
                Exported(file.text(n.named_children[0]), n) for n in file.descendants(statement, "namespace_export")
            )


def _declared(node: Node, file: TreeFile) -> Iterator[Exported]:
    name = node.child_by_field_name("name")
    if name is not None:
        yield _named(file.text(name), node, file)
    for declarator in (child for child in node.children if child.type == "variable_declarator"):
        target = declarator.child_by_field_name("name")
        if target is not None and target.type == "identifier":
            yield _named(file.text(target), declarator.child_by_field_name("value") or declarator, file)
        elif target is not None:
            kinds = ("identifier", "shorthand_property_identifier_pattern")
            yield from (Exported(file.text(part), declarator) for part in file.descendants(target, *kinds))


def _named(name: str, node: Node, file: TreeFile) -> Exported:
    parameters = node.child_by_field_name("parameters")
    if parameters is None:
        return Exported(name, node)
    return Exported(name, node, tuple(_needed(parameters, file)))


def _needed(parameters: Node, file: TreeFile) -> Iterator[str]:
    """Only TypeScript says which ones: in JavaScript every one may be left out."""
    for parameter in parameters.named_children:
        if parameter.type == "required_parameter" and parameter.child_by_field_name("value") is None:
            pattern = parameter.child_by_field_name("pattern")
            if pattern is not None and pattern.type not in ("rest_pattern", "this"):
                yield file.text(pattern)


def _of_go(file: TreeFile) -> Iterator[Exported]:
    for node in file.tree.root_node.children:
        if node.type == "function_declaration":
            yield _go_function(file.text(node.child_by_field_name("name")), node, file)
        elif node.type == "method_declaration":
            owner = file.text(node.child_by_field_name("receiver")).strip("()").split()[-1:] or [""]
            kind = owner[0].lstrip("*").partition("[")[0]
            if kind[:1].isupper():
                yield _go_function(f"{kind}.{file.text(node.child_by_field_name('name'))}", node, file)
        elif node.type in ("type_declaration", "const_declaration", "var_declaration"):
            for spec in file.descendants(node, "type_spec", "type_alias", "const_spec", "var_spec", outside=("block",)):
                yield from (Exported(file.text(name), spec) for name in spec.children_by_field_name("name"))


def _go_function(name: str, node: Node, file: TreeFile) -> Exported:
    parameters = node.child_by_field_name("parameters")
    types: list[str] = []
    for part in parameters.named_children if parameters is not None else ():
        if part.type in ("parameter_declaration", "variadic_parameter_declaration"):
            count = max(1, len(part.children_by_field_name("name")))
            dots = "..." if part.type.startswith("variadic") else ""
            types += [dots + file.text(part.child_by_field_name("type"))] * count
    return Exported(name, node, tuple(types), ", ".join(" ".join(one.split()) for one in types) or "nothing")

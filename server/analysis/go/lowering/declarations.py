"""What stands at the top of a Go file: imports, functions, types with their methods, variables."""

from collections import defaultdict
from collections.abc import Sequence

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.go.lowering.scope import Lowering, import_name, local_name


def top_level(root: Node, low: Lowering) -> list[p.Statement]:
    out: list[p.Statement] = []
    methods: dict[str, list[Node]] = defaultdict(list)
    for node in root.named_children:
        if node.type == "method_declaration":
            methods[_receiver_type(node, low)].append(node)
    for node in root.named_children:
        if node.type == "import_declaration":
            out.append(_imports(node, low))
        elif node.type == "function_declaration":
            name = low.text(node.child_by_field_name("name"))
            out.append(p.Define(low.line(node), function_of(node, name, low)))
        elif node.type == "type_declaration":
            out += _types(node, methods, low)
        elif node.type in ("var_declaration", "const_declaration"):
            low.statement(node, out)
    out += [_class(name, [], found[0], found, low) for name, found in methods.items()]
    return out


def function_of(node: Node, name: str, low: Lowering, receiver: p.Param | None = None) -> p.Function:
    qualified = f"{low.qualified}.{name}"
    around = low.qualified, low.tells_error
    low.qualified, low.tells_error = qualified, _tells_error(node.child_by_field_name("result"), low)
    try:
        body = low.block(node.child_by_field_name("body"))
    finally:
        low.qualified, low.tells_error = around
    params = _params(node.child_by_field_name("parameters"), low)
    return p.Function(
        name,
        qualified,
        [receiver, *params] if receiver else params,
        body,
        low.line(node),
        node.end_point.row + 1,
        returns=_result(node.child_by_field_name("result"), low),
        is_method=receiver is not None,
    )


def _params(node: Node | None, low: Lowering) -> list[p.Param]:
    params = []
    for declared in low.parts(node):
        kind = p.ParamKind.REST if declared.type == "variadic_parameter_declaration" else p.ParamKind.PLAIN
        annotation = low.type(declared.child_by_field_name("type"))
        names = [low.text(name) for name in declared.children_by_field_name("name") if name.is_named]
        params += [p.Param(name, kind, annotation=annotation) for name in names or ["_"]]
    return params


def _result(node: Node | None, low: Lowering) -> p.Expr | None:
    """Of several results the first: the last is an error, mostly."""
    if node is not None and node.type == "parameter_list":
        first = next(iter(low.parts(node)), None)
        return low.type(first.child_by_field_name("type")) if first is not None else None
    return low.type(node)


def _tells_error(node: Node | None, low: Lowering) -> bool:
    """Whether the last of several results says whether it worked."""
    results = low.parts(node) if node is not None and node.type == "parameter_list" else []
    return len(results) > 1 and low.text(results[-1]).rpartition(" ")[2] in ("error", "bool")


def _imports(node: Node, low: Lowering) -> p.Import:
    bindings = []
    for spec in low.file.descendants(node, "import_spec"):
        path = low.text(spec.child_by_field_name("path")).strip('"`')
        name = low.text(spec.child_by_field_name("name"))
        if name == ".":
            bindings.append(("*", import_name(path)))
        elif name != "_":
            bindings.append((name or local_name(path), import_name(path)))
    return p.Import(low.line(node), bindings)


def _receiver_type(node: Node, low: Lowering) -> str:
    found = low.type(_receiver(node, low))
    return found.id if isinstance(found, p.Name) else ""


def _receiver(node: Node, low: Lowering) -> Node | None:
    declared = next(iter(low.parts(node.child_by_field_name("receiver"))), None)
    return declared.child_by_field_name("type") if declared is not None else None


def _types(node: Node, methods: dict[str, list[Node]], low: Lowering) -> list[p.Statement]:
    made: list[p.Statement] = []
    for spec in low.parts(node):
        name = low.text(spec.child_by_field_name("name"))
        kind = spec.child_by_field_name("type")
        if name and kind is not None and kind.type in ("struct_type", "interface_type"):
            made.append(_class(name, _fields(kind, low), spec, methods.pop(name, []), low, _promised(name, kind, low)))
    return made


def _fields(struct: Node, low: Lowering) -> list[tuple[str, p.Expr]]:
    """(name, type) of those whose type has a name; "" where a type is embedded."""
    fields = []
    for declared in low.file.descendants(struct, "field_declaration", outside=("field_declaration",)):
        kind = low.type(declared.child_by_field_name("type"))
        if kind is not None:
            names = [low.text(name) for name in declared.children_by_field_name("name") if name.is_named]
            fields += [(name, kind) for name in names or [""]]
    return fields


def _promised(name: str, interface: Node, low: Lowering) -> list[p.Statement]:
    """The methods of an interface, whatever they do."""
    receiver = p.Param("_", annotation=p.Name(low.line(interface), name))
    found: list[p.Statement] = []
    for method in interface.named_children:
        if method.type == "method_elem":
            called = low.text(method.child_by_field_name("name"))
            found.append(p.Define(low.line(method), function_of(method, called, low, receiver)))
    return found


def _class(
    name: str,
    fields: list[tuple[str, p.Expr]],
    node: Node,
    methods: list[Node],
    low: Lowering,
    promised: Sequence[p.Statement] = (),
) -> p.Statement:
    line, span = low.line(node), low.span(node)
    around, low.qualified = low.qualified, f"{low.qualified}.{name}"
    try:
        body: list[p.Statement] = [
            p.Assign(line, [p.Name(line, field)], p.Const(line, None), span, annotation=kind)
            for field, kind in fields
            if field
        ]
        body += promised
        body += [p.Define(low.line(method), _method(method, name, low)) for method in methods]
        bases = [kind for field, kind in fields if not field]
        end = node.end_point.row + 1
        definition = p.Class(name, low.qualified, bases, body, line, end, is_interface=bool(promised))
    finally:
        low.qualified = around
    return p.DefineClass(line, definition)


def _method(node: Node, type_name: str, low: Lowering) -> p.Function:
    declared = next(iter(low.parts(node.child_by_field_name("receiver"))), None)
    own = low.text(declared.child_by_field_name("name")) if declared is not None else ""
    receiver = p.Param(own or "_", annotation=p.Name(low.line(node), type_name))
    return function_of(node, low.text(node.child_by_field_name("name")), low, receiver)

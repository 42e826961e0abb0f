"""What Ruby declares: methods, blocks, classes, and which files it brings in."""

from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.source import Span

if TYPE_CHECKING:
    from server.analysis.ruby.lowering.scope import Lowering

SELF = "self"

ITERATORS = frozenset(
    {"each", "each_with_index", "each_pair", "each_value", "each_key", "map", "flat_map", "select", "reject", "collect"}
    | {"find_each", "each_slice", "times", "inject", "reduce", "each_line", "each_with_object", "in_groups_of"}
)


def required(node: Node, low: "Lowering") -> str | None:
    """The file of `require_relative "lib/db"`, by its path from anywhere; None for other calls."""
    if low.text(node.child_by_field_name("method")) != "require_relative":
        return None
    texts = [low.text(text) for text in low.file.descendants(node, "string_content")]
    return f"{texts[0].removesuffix('.rb')}.rb" if texts else None


def function_of(node: Node, low: "Lowering") -> p.Function:
    """A method; its last expression is what it returns. Of a class (`def self.find`), it has no `self`."""
    name = low.text(node.child_by_field_name("name"))
    is_static = node.type == "singleton_method"
    in_class = bool(low.methods) and not is_static
    params = _params(node.child_by_field_name("parameters"), low)
    with low.inside({param.name for param in params}, sees_outside=False):
        body = _returning(low.block(node.child_by_field_name("body")), low, node)
    return p.Function(
        "__init__" if name == "initialize" else name,
        f"{low.qualified}.{name}",
        [p.Param(SELF), *params] if in_class else params,
        body,
        low.line(node),
        node.end_point.row + 1,
        is_method=in_class,
        is_static=is_static,
    )


def closure_of(node: Node, low: "Lowering") -> p.Function:
    """A block or lambda."""
    names = block_params(node, low)
    body = node.child_by_field_name("body")
    if body is not None and body.type == "block":  # of a lambda
        body = body.child_by_field_name("body")
    with low.inside(set(names), sees_outside=True):
        statements = _returning(low.block(body), low, node)
    line = low.line(node)
    qualified = f"{low.qualified}.%{line}"
    return p.Function("", qualified, [p.Param(name) for name in names], statements, line, node.end_point.row + 1)


def block_params(node: Node, low: "Lowering") -> list[str]:
    return [
        low.text(part.child_by_field_name("name") or part) for part in low.parts(node.child_by_field_name("parameters"))
    ]


def _returning(body: list[p.Statement], low: "Lowering", node: Node) -> list[p.Statement]:
    """What the last statement gives is the result."""
    if not body:
        return body
    last = body[-1]
    if isinstance(last, p.Do):
        body[-1] = p.Return(last.line, last.value, _span_of(last.value, low, node))
    elif isinstance(last, p.If):
        last.body, last.orelse = _returning(last.body, low, node), _returning(last.orelse, low, node)
    elif isinstance(last, p.Try):
        last.body = _returning(last.body, low, node)
    return body


def _span_of(value: p.Expr, low: "Lowering", node: Node) -> Span:
    return value.span if isinstance(value, p.Call | p.Text) else low.file.head_span(node)


def _params(node: Node | None, low: "Lowering") -> list[p.Param]:
    kinds = {
        "splat_parameter": p.ParamKind.REST,
        "hash_splat_parameter": p.ParamKind.KEYWORDS,
        "keyword_parameter": p.ParamKind.KEYWORD_ONLY,
    }
    params = []
    for declared in low.parts(node):
        name = low.text(declared.child_by_field_name("name") or declared)
        default = declared.child_by_field_name("value")
        kind = kinds.get(declared.type, p.ParamKind.PLAIN)
        params.append(p.Param(name, kind, low.expr(default) if default is not None else None))
    return params


def class_of(node: Node, low: "Lowering") -> p.Statement:
    name = low.text(node.child_by_field_name("name")).rpartition("::")[2]
    body = node.child_by_field_name("body")
    above = node.child_by_field_name("superclass")
    bases = low.exprs(above) if above is not None else []
    defined = body.named_children if body is not None else []
    for call in defined:
        if call.type == "call" and low.text(call.child_by_field_name("method")) in ("include", "prepend"):
            bases += low.exprs(call.child_by_field_name("arguments"))
    methods = frozenset(low.text(m.child_by_field_name("name")) for m in defined if m.type == "method")
    with low.within(name, methods or frozenset({"initialize"})):
        made = p.Class(name, low.qualified, bases, low.block(body), low.line(node), node.end_point.row + 1)
    return p.DefineClass(low.line(node), made)

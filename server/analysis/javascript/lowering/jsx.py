"""JSX: what an element does with values, as calls.

`<Panel html={x}/>` calls the function `Panel` with its properties, so that values flow into components. React escapes
what stands between tags; attributes that it does not make safe are calls of made-up functions, for the tables:
`jsx.dangerouslySetInnerHTML(x)` with the markup itself, `jsx.href(x)`, `jsx.srcDoc(x)` and their kin.
"""

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.scope import Lowering

_TOLD = frozenset({"dangerouslySetInnerHTML", "href", "src", "frame", "action", "formAction", "srcDoc", "xlinkHref"})
_FRAMES = frozenset({"iframe", "embed", "object", "script"})


def lower_element(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    opening = node.child_by_field_name("open_tag") or node
    parts: list[p.Expr] = []
    name = opening.child_by_field_name("name")
    properties = _properties(opening, name, low, parts)
    if opening is not node:
        parts += [low.expr(child) for child in node.named_children if child.type in _CHILDREN]
    if name is not None and _is_component(low.text(name)):
        children: list[tuple[p.Expr | None, p.Expr]] = [(p.Const(line, "children"), p.Unknown(line, parts))]
        properties_given = p.Collection(line, p.Shape.DICT, [*properties, *children])
        parts = [p.Call(line, low.expr(name), [properties_given], [], low.file.span(opening))]
    else:
        parts += [value for _, value in properties]
    return p.Op(line, p.Operator.COMPARE, parts, "jsx")


_CHILDREN = frozenset({"jsx_element", "jsx_self_closing_element", "jsx_fragment", "jsx_expression"})


def _is_component(name: str) -> bool:
    return name[:1].isupper() or "." in name


def _properties(
    opening: Node, name: Node | None, low: Lowering, parts: list[p.Expr]
) -> list[tuple[p.Expr | None, p.Expr]]:
    properties: list[tuple[p.Expr | None, p.Expr]] = []
    for child in opening.named_children:
        line = low.line(child)
        if child.type == "jsx_expression":
            inner = child.named_child(0)
            if inner is not None and inner.type == "spread_element":
                properties.append((None, low.expr(inner.named_child(0))))
        elif child.type == "jsx_attribute":
            key = low.text(child.named_child(0))
            value = low.expr(child.named_child(1)) if child.named_child_count > 1 else p.Const(line, True)
            properties.append((p.Const(line, key), value))
            if key == "src":
                key = "frame" if low.text(name) in _FRAMES else "src"
            if key in _TOLD and not isinstance(value, p.Const):
                parts.append(_told(child, key, value, low))
    return properties


def _told(node: Node, key: str, value: p.Expr, low: Lowering) -> p.Expr:
    line = low.line(node)
    if key == "dangerouslySetInnerHTML":
        value = _markup(value)
    return p.Call(line, p.Attr(line, p.Name(line, "jsx"), key), [value], [], low.file.span(node))


def _markup(value: p.Expr) -> p.Expr:
    """The text in `{ __html: text }`, where it stands there as such."""
    if isinstance(value, p.Collection):
        for key, item in value.items:
            if isinstance(key, p.Const) and key.value == "__html":
                return item
    return value

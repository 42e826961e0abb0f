"""PHP's own functions that are what they make: a text, a test, a number, what they make of each."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p

if TYPE_CHECKING:
    from server.analysis.php.lowering.scope import Lowering


def _formatted(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`sprintf` is the text that it makes; `%d` makes a number of what it is given."""
    if not parts:
        return None
    line, marks = low.line(node), _MARKS.findall(_text(parts[0]))
    values = [
        p.Op(line, p.Operator.ARITHMETIC, [value], "cast") if index < len(marks) and marks[index] in _NUMERIC else value
        for index, value in enumerate(parts[1:])
    ]
    return p.Text(line, [parts[0], *values], p.Building.FORMAT, low.span(node))


def _formatted_list(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    return p.Text(low.line(node), parts, p.Building.FORMAT, low.span(node)) if parts else None


def _is_member(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    return p.Op(low.line(node), p.Operator.COMPARE, parts[:2], "in") if len(parts) > 1 else None


def begins(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    line = low.line(node)
    return (
        p.Call(line, p.Attr(line, parts[0], "startsWith"), parts[1:2], [], low.span(node)) if len(parts) > 1 else None
    )


def contains(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    return p.Op(low.line(node), p.Operator.COMPARE, [parts[1], parts[0]], "in") if len(parts) > 1 else None


def _read(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`file_get_contents("php://input")` is the body of the request."""
    is_body = bool(parts) and _text(parts[0]) == "php://input"
    return p.Name(low.line(node), "$HTTP_RAW_POST_DATA") if is_body else None


def _replaced(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`preg_replace("/x/e", $code, $text)` runs what it puts in as PHP."""
    if len(parts) != 3 or not _RUNS.match(_text(parts[0])):  # pattern, replacement, text
        return None
    line, span = low.line(node), low.span(node)
    code = p.Text(line, parts[1:], p.Building.FORMAT, span)
    return p.Call(line, p.Name(line, "eval"), [code], [], span)


_RUNS = re.compile(r"(?P<sign>[^\w\s\\]).*(?P=sign)[a-zA-Z]*e[a-zA-Z]*$", re.DOTALL)


def _matched(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`preg_match("/^[a-z]+$/", $name)` searches for a pattern; one that hands out what it found stays a call."""
    written = _PATTERN.fullmatch(_text(parts[0])) if len(parts) == _TEST else None
    if written is None:
        return None
    line, span = low.line(node), low.span(node)
    pattern = p.Const(low.line(node), written["pattern"])
    return p.Call(line, p.Attr(line, pattern, "search"), parts[1:], [], span)


_TEST = 2
"""Arguments: a pattern and a text."""
_PATTERN = re.compile(r"(?P<sign>[^\w\s\\])(?P<pattern>.*)(?P=sign)[a-zA-Z]*", re.DOTALL)


def _filtered(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`filter_var($x, FILTER_VALIDATE_INT)` is a number or nothing."""
    given = low.text(node.child_by_field_name("arguments"))
    if not parts or re.search(r"\bFILTER_VALIDATE_(?:INT|FLOAT|BOOL)", given) is None:
        return None
    return p.Op(low.line(node), p.Operator.ARITHMETIC, parts[:1], "cast")


def _mapped(parts: list[p.Expr], node: Node, low: "Lowering") -> p.Expr | None:
    """`array_map("intval", $ids)`: what the function makes of one, it makes of all."""
    name, line = _text(parts[0]).lower() if parts else "", low.line(node)
    if len(parts) != 2 or not name:
        return None
    return p.Call(line, p.Name(line, name), parts[1:], [], low.span(node))


def _text(node: p.Expr) -> str:
    return node.value if isinstance(node, p.Const) and isinstance(node.value, str) else ""


_MARKS = re.compile(r"%[-+ 0]*(?:'.)?\d*(?:\.\d+)?([a-zA-Z]|\d+\$[a-zA-Z])")
_NUMERIC = frozenset("bcdeEfFgGouxX")

MADE: dict[str, "Callable[[list[p.Expr], Node, Lowering], p.Expr | None]"] = {
    "sprintf": _formatted,
    "vsprintf": _formatted_list,
    "in_array": _is_member,
    "array_key_exists": _is_member,
    "array_map": _mapped,
    "preg_replace": _replaced,
    "preg_match": _matched,
    "filter_var": _filtered,
    "filter_input": _filtered,
    "str_starts_with": begins,
    "str_contains": contains,
    "file_get_contents": _read,
}

"""What PHP decides only as it runs: which class a variable names, what an array brings, which files are code."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p

if TYPE_CHECKING:
    from server.analysis.php.lowering.scope import Lowering

CHOSEN_NAME = "php.chosen_name"
"""Called with what names the class or method: `new $class()`, `$this->$method()`."""

CODE_FILE = "php.code_file"
"""Called with what is written into a file that runs as PHP."""

PAGE = "laravel.answer"
"""Called with the text that a route of Laravel gives back, which is its page."""

_SENT = re.compile(r"\$_(?:GET|POST|REQUEST|COOKIE)\b")
_BRINGS = re.compile(rf"{_SENT.pattern}|\bshortcode_atts\b|->(?:all|input|getParsedBody|getQueryParams)\(\)")
_FUNCTIONS = ("function_definition", "method_declaration", "anonymous_function", "program")
_LONGEST = 20_000
MAX_NAMES = 60


def is_dynamic(node: Node | None) -> bool:
    return node is not None and node.type in ("variable_name", "subscript_expression", "member_access_expression")


def with_name(made: p.Expr, name: Node, low: "Lowering") -> p.Expr:
    """The call, and that *name* chooses what is called."""
    line = low.line(name)
    chosen = p.Call(line, p.Name(line, CHOSEN_NAME), [low.expr(name)], [], low.span(name))
    return p.Unknown(line, [made, chosen])


def written_code(call: p.Call, low: "Lowering") -> p.Expr | None:
    """`file_put_contents("cache.php", $text)`: what is written runs as soon as somebody asks for the file."""
    if len(call.args) < 2:
        return None
    parts = call.args[0].parts if isinstance(call.args[0], p.Text) else [call.args[0]]
    last = parts[-1] if parts else None
    if not isinstance(last, p.Const) or not str(last.value).lower().endswith((".php", ".phtml", ".php5", ".inc")):
        return None
    written = p.Call(call.line, p.Name(call.line, CODE_FILE), call.args[1:2], [], call.span)
    return p.Unknown(call.line, [call, written])


def brings_keys(iterable: Node, low: "Lowering") -> bool:
    """Whether who sends the request chooses the keys, too."""
    return _BRINGS.search(low.text(iterable)) is not None


def extracted(call: Node, low: "Lowering") -> Iterator[p.Statement]:
    """`extract($_POST)`: each variable that is read after it, and that nothing else gives a value, is a field of it."""
    given = low.parts(call.child_by_field_name("arguments"))
    if low.text(call.child_by_field_name("function")).lower() != "extract" or not given:
        return
    if _BRINGS.search(low.text(given[0])) is None:
        return
    around = next((a for a in low.file.ancestors(call) if a.type in _FUNCTIONS), None)
    if around is None:
        return
    after = low.file.source.text.encode()[call.end_byte : min(around.end_byte, call.end_byte + _LONGEST)]
    text, line, span = after.decode("utf-8", "replace"), low.line(call), low.span(call)
    names = dict.fromkeys(re.findall(r"\$([a-zA-Z]\w*)", text))
    for name in list(names)[:MAX_NAMES]:
        if name != "this" and re.search(rf"\${name}\s*=(?!=)|\bas\s+(?:\$\w+\s*=>\s*)?\${name}\b", text) is None:
            value = low.expr(low.parts(given[0])[0] if given[0].type == "argument" else given[0])
            field = p.Item(line, value, p.Const(line, name))
            yield p.Assign(line, [p.Name(line, f"${name}")], field, span)

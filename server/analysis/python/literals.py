"""Literals in Python: their text, what stands between the quotes, and the literal that a name stands for."""

import ast
import re

from server.analysis.python.file import PythonFile
from server.analysis.python.values import assigned_to
from server.analysis.source import Span

_OPENING = re.compile(r"[A-Za-z]{0,2}(?:\"\"\"|'''|\"|')")


def text_of_literal(node: ast.AST | None) -> str | None:
    """Of a string or bytes literal, or of a call that only changes its type: `b"x"`, `"x".encode()`."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("encode", "decode", "strip"):
            return text_of_literal(node.func.value)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _DECODERS and len(node.args) == 1:
            return text_of_literal(node.args[0])
        if isinstance(node.func, ast.Name) and node.func.id in ("bytes", "bytearray", "str") and node.args:
            return text_of_literal(node.args[0])
        return None
    if not isinstance(node, ast.Constant):
        return None
    if isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    return node.value if isinstance(node.value, str) else None


_DECODERS = frozenset({"fromhex", "unhexlify", "a2b_hex", "b64decode", "urlsafe_b64decode", "b32decode"})


def literal_at(node: ast.AST | None, file: PythonFile) -> ast.Constant | None:
    """The string or bytes literal that the expression is, or that its name was given and nothing else."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        given = _given(node, file)
        if len(given) != 1:
            return None
        node = given[0]
    while isinstance(node, ast.Call):
        if text_of_literal(node) is None:
            return None
        is_read = isinstance(node.func, ast.Attribute) and node.func.attr in _DECODERS
        node = node.func.value if isinstance(node.func, ast.Attribute) and not is_read else node.args[0]
    return node if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) else None


def _given(node: ast.Name | ast.Attribute, file: PythonFile) -> list[ast.AST]:
    """What a name, or an attribute of `self`, is given in the file."""
    if isinstance(node, ast.Name):
        return assigned_to(node, file)
    if not isinstance(node.value, ast.Name) or node.value.id not in ("self", "cls"):
        return []
    found: list[ast.AST] = []
    for assign in file.nodes(ast.Assign):
        assert isinstance(assign, ast.Assign)
        for target in assign.targets:
            attribute = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
            if (attribute and last_name(target) == node.attr and ast.unparse(target) == ast.unparse(node)) or (
                isinstance(target, ast.Name)
                and target.id == node.attr
                and isinstance(file.parents.get(assign), ast.ClassDef)
            ):
                found.append(assign.value)
    return found


def own_literal(value: ast.expr, file: PythonFile) -> ast.Constant | None:
    """The literal that stands here; that of a name is told where the name gets it."""
    return None if isinstance(value, (ast.Name, ast.Attribute)) else literal_at(value, file)


def plain_text(literal: ast.Constant) -> str:
    return text_of_literal(literal) or ""


def inside(node: ast.Constant, file: PythonFile) -> Span:
    """What stands between the quotes: the same place that a rule which reads plain text would name."""
    span = file.span(node)
    opening = _OPENING.match(file.text(node))
    if span.start_line != span.end_line or opening is None:
        return span
    quotes = len(opening[0].lstrip("rRbBuUfF"))
    return Span(span.start_line, span.start_column + opening.end(), span.end_line, span.end_column - quotes)


def last_name(node: ast.AST | None) -> str:
    """`password` for `password`, `user.password`, `form["password"]`, `form.get("password")`, `password.encode()`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return text_of_literal(node.slice) or ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("get", "getlist", "pop", "get_argument") and node.args:
            return text_of_literal(node.args[0]) or ""
        if node.func.attr in ("encode", "decode", "strip", "lower", "get_secret_value", "hexdigest", "digest"):
            return last_name(node.func.value)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("str", "bytes")
        and node.args
    ):
        return last_name(node.args[0])
    return ""

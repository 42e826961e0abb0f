"""Functions of a file that tell who is there: they read a token or a session, and give back what it says.

`def current(): return jwt.decode(request.headers["Authorization"], KEY)`: whoever asks it asks who is there, whatever
its name is.
"""

import ast
from collections.abc import Iterator

from server.analysis.python.file import PythonFile

_MOST_LINES = 25
"""A longer function does more than to tell who is there."""

_ROUTES = frozenset({"route", "get", "post", "put", "patch", "delete", "websocket", "api_route", "view", "task"})


def identifiers(file: PythonFile) -> frozenset[str]:
    """Their names. Known once per file."""
    found = file.names.get("identifiers")
    if found is None:
        found = file.names["identifiers"] = frozenset(_identifiers(file)) if _tells_of_tokens(file) else frozenset()
    return found


def _tells_of_tokens(file: PythonFile) -> bool:
    text = file.source.text
    return "session" in text or "jwt" in text or "uthorization" in text


def _identifiers(file: PythonFile) -> Iterator[str]:
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
        for node in file.by_type.get(kind):
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            if (node.end_lineno or 0) - node.lineno > _MOST_LINES or any(_is_route(d) for d in node.decorator_list):
                continue
            parts = [part for statement in node.body for part in ast.walk(statement)]
            if any(_reads_who(part, file) for part in parts) and any(_gives_it_back(part) for part in parts):
                yield node.name


def _is_route(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Attribute) and function.attr in _ROUTES


def _reads_who(node: ast.AST, file: PythonFile) -> bool:
    """`session["user"]`, `session.get("uid")`, `jwt.decode(...)`: no header alone, which says whatever its sender
    likes.
    """
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load) and _is_session(node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr == "decode":
        return file.dotted(node.func.value).rpartition(".")[2] in ("jwt", "JWT", "jose")
    return node.func.attr == "get" and _is_session(node.func.value)


def _is_session(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == "session"


def _gives_it_back(node: ast.AST) -> bool:
    """Not only a truth, nor a page."""
    return isinstance(node, ast.Return) and isinstance(node.value, (ast.Name, ast.Subscript, ast.Call, ast.IfExp))

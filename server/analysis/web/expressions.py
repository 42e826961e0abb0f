"""Expressions of Python as the extraction reads them: their nodes, their names, and whether they are a part of the
request or name who is logged in.
"""

import ast
from collections.abc import Iterator

from server.analysis.budget import spend
from server.analysis.python.file import PythonFile
from server.analysis.web.identifiers import identifiers
from server.analysis.web.words import IDENTITY, SECRET_HEADER, USER_HOLDER, USER_NAME

_REQUEST_PARTS = frozenset(
    {
        "args",
        "form",
        "forms",
        "values",
        "json",
        "data",
        "get_json",
        "get_data",
        "files",
        "cookies",
        "GET",
        "POST",
        "FILES",
        "COOKIES",
        "query",
        "query_params",
        "params",
        "match_info",
        "path_params",
        "body",
        "post",
        "rel_url",
        "view_args",
        "matchdict",
        "json_body",
        "media",
        "get_media",
        "get_param",
        "headers",
        "META",
        "data_received",
        "QUERY_STRING",
    }
)
_REQUEST_METHODS = frozenset({"get_argument", "get_query_argument", "get_body_argument", "parse_args", "get_arguments"})
_VALIDATED = frozenset({"cleaned_data", "validated_data"})
LONGEST = 300
"""Characters of words that are kept of an expression."""


class _ChildFields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of a node type that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        plain = ("ctx", "id", "attr", "arg", "name", "type_comment", "kind", "op", "ops", "conversion")
        fields = self[kind] = () if kind is ast.Constant else tuple(f for f in kind._fields if f not in plain)
        return fields


_FIELDS = _ChildFields()


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """`ast.walk` without operators and contexts, and three times as fast: most of an extraction is spent in it."""
    spend()
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        for name in _FIELDS[node.__class__]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                waiting.extend([child for child in value if isinstance(child, ast.AST)])
            elif isinstance(value, ast.AST):
                waiting.append(value)


def chain(node: ast.AST, file: PythonFile) -> str:
    """The dotted name through calls and items: `db.session.query.get` of `db.session.query(User).get`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Subscript, ast.Await)):
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        parts.append(file.imports.get(node.id, node.id))
    return ".".join(reversed(parts))


def words_of(node: ast.AST | None, file: PythonFile) -> str:
    """The source of an expression, shortened."""
    return "" if node is None else file.text(node)[:LONGEST]


def is_request(node: ast.AST, file: PythonFile) -> bool:
    """`request.form`, `self.request.POST`, `self.get_argument(...)`, `form.cleaned_data`."""
    if node.__class__ is not ast.Attribute:
        return False
    assert isinstance(node, ast.Attribute)
    if node.attr in _REQUEST_PARTS:
        base = node.value
        last = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
        return last in ("request", "req", "_request") or (
            last in ("r", "ctx") and node.attr in ("POST", "GET", "form", "json")
        )
    if node.attr in _REQUEST_METHODS:
        return isinstance(node.value, ast.Name) and node.value.id in ("self", "parser", "reqparse", "handler")
    return node.attr in _VALIDATED


def is_identity(node: ast.AST, file: PythonFile, strict: bool = False) -> bool:
    """Whether the node names who is logged in: `current_user`, `request.user`, `session["user_id"]`.

    *strict*: only what a stranger cannot choose, and what is a person: no headers with a token in them.
    """
    kind = node.__class__
    if kind is ast.Name:
        name = node.id  # type: ignore[attr-defined]
        return name in IDENTITY or name in identifiers(file)
    if kind is ast.Attribute:
        assert isinstance(node, ast.Attribute)
        if node.attr in IDENTITY:
            return True
        return bool(USER_NAME.match(node.attr)) and _holds_user(node.value, file)
    if kind is ast.Subscript:
        assert isinstance(node, ast.Subscript)
        return _is_named_part(node.value, node.slice, file, strict)
    if kind is ast.Call:
        assert isinstance(node, ast.Call)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "getall") and node.args:
            return _is_named_part(function.value, node.args[0], file, strict)
        return isinstance(function, ast.Attribute) and function.attr == "decode" and _is_jwt(function.value, file)
    if kind is ast.Compare and not strict:
        assert isinstance(node, ast.Compare)
        return len(node.ops) == 1 and _is_named_part(node.comparators[0], node.left, file, strict)
    return False


def _is_jwt(node: ast.expr, file: PythonFile) -> bool:
    return file.dotted(node).rpartition(".")[2] in ("jwt", "JWT", "jose")


def _holds_user(node: ast.expr, file: PythonFile) -> bool:
    """`request` in `request.user`; but not `request.form`, whose fields a stranger chooses."""
    name = _plain(node)
    if name == "self":
        return any(module.partition(".")[0] in _HANDLERS_KEEP_USERS for module in file.imports.values())
    return bool(name) and USER_HOLDER.search(name) is not None


_HANDLERS_KEEP_USERS = frozenset({"webapp2", "tornado"})
"""Where each request has a handler of its own, which learns whose it is before it is called."""


def _is_named_part(whole: ast.expr, key: ast.expr, file: PythonFile, strict: bool) -> bool:
    """`session["user_id"]`, `request.session.get("role")`, `request.headers["Authorization"]`."""
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or len(key.value) > 60:
        return False
    if not strict and SECRET_HEADER.match(key.value):
        return True
    name = _plain(whole)
    last = name.rpartition(".")[2]
    if last == "session" or last.endswith("_session") or last == "scope":
        return bool(USER_NAME.match(key.value)) or last != "scope"
    if last in ("cookies", "COOKIES") and not strict:
        return bool(USER_NAME.match(key.value)) or "sess" in key.value.lower()
    return last in (
        "g",
        "state",
        "ctx",
        "request",
        "context",
        "payload",
        "claims",
        "identity",
        "token_data",
        "decoded",
    ) and bool(USER_NAME.match(key.value) or key.value == "sub")


def _plain(node: ast.expr) -> str:
    """A dotted name as written."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return parts[0] if parts else ""
    return ".".join((node.id, *reversed(parts)))

"""Passwords that a route keeps as they were sent, in a program that hashes none. In one file: `python/storage.py`."""

import ast
import re
from collections.abc import Iterator

from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Hit
from server.analysis.web.body import Body
from server.analysis.web.facts import Suspect

NEVER_HASHED = "never hashed"
"""What such a suspect needs: that nothing in the program hashes."""

HASHES = re.compile(
    r"hash|crypt|argon|pbkdf|scrypt|make_password|set_password|digest|encrypt|create_user", re.IGNORECASE
)

_PASSWORD = re.compile(r"^(?:user_|new_)?(?:password|passwd|pwd)\d?$")
_NOT_KEPT = frozenset({"self", "cls", "request", "session", "g", "config", "settings", "options"})


def suspects(body: Body) -> Iterator[Suspect]:
    if not body.is_asked:
        return
    for node in body.nodes(ast.Assign):
        target = node.targets[0]
        is_kept = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        if not is_kept or not _PASSWORD.match(target.attr) or target.value.id in _NOT_KEPT:
            continue
        if _PASSWORD.match(_word(node.value)) and body.is_theirs(node.value):
            message = "The password is kept as it was sent: nothing in this program hashes"
            yield Suspect(PLAIN_PASSWORD, Hit(body.span(node), message), NEVER_HASHED)
            return


def _word(node: ast.expr) -> str:
    """`password` of `data.password`, `data["password"]` and a plain `password`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

"""Uploaded files that are kept whatever they are."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import HIGH, security

UNCHECKED_UPLOAD = security(
    "unchecked-upload",
    HIGH,
    "A file of any type is kept: a script or a page that the server later runs or shows is somebody else's code.",
    cwe=434,
    also=(646, 73, 20),
    remedy="Accept a short list of extensions, and keep files under names of your own outside of what is served.",
)

RULES: tuple[Rule, ...] = (UNCHECKED_UPLOAD,)

_CHECK = re.compile(
    r"allowed|extension|splitext|suffix|endswith|content_?type|mime|imghdr|filetype|magic|validat|verify|is_image"
    r"|Image\.open|\bext\b"
    r"|FileExtensionValidator|rsplit|whitelist|is_safe|check_file|rpartition\(['\"]\.|BLOCKED",
    re.IGNORECASE,
)
_FILES = re.compile(r"(?:request|req)\.(?:files|FILES)\b|request\.POST\.get\(['\"]file|self\.request\.files")
_STORES = re.compile(r"(?:storage|fs|FileSystemStorage)(?:\(\w*\))?\.save$", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    if not body.is_asked:
        return
    uploads = _uploads(body)
    for called in body.calls:
        node = called.node
        kept = _kept_file(called.chain, node, body, uploads)
        if kept and not _CHECK.search(_code(body)) and not _is_for_now(node, body):
            yield Suspect(UNCHECKED_UPLOAD, Hit(body.span(node), "An uploaded file is kept, whatever its type"))
            return


def _is_for_now(node: ast.Call, body: Body) -> bool:
    """Kept in the folder for temporary files, under a name of the program's own."""
    where = [value for given in node.args[:1] if isinstance(given, ast.Name) for value in body.values.get(given.id, ())]
    return any(_TEMPORARY.search(body.words(value)) for value in (*where, *node.args[:1]))


_TEMPORARY = re.compile(
    r"(?:mkstemp|mkdtemp|NamedTemporaryFile|TemporaryDirectory)\(|gettempdir\(.*(?:uuid|token_hex|secrets)|^tmp_?(?:file|path)?\.name$"
)


def _code(body: Body) -> str:
    last = body.node.end_lineno or body.node.lineno
    return "\n".join(body.file.source.lines[body.node.lineno - 1 : last])


def _uploads(body: Body) -> set[str]:
    """Local names of uploaded files."""
    names = {name for name, value in body.assigned if _FILES.search(body.words(value))}
    a = body.node.args
    for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs):
        if arg.annotation is not None and "UploadFile" in body.words(arg.annotation):
            names.add(arg.arg)
    for name, value in body.assigned:
        if any(isinstance(n, ast.Name) and n.id in names for n in walk(value)):
            names.add(name)
    return names


def _kept_file(chain: str, node: ast.Call, body: Body, uploads: set[str]) -> bool:
    function = node.func
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "save" and node.args:
        receiver = function.value
        if isinstance(receiver, ast.Name) and receiver.id in uploads and not _STORES.search(chain):
            return True
        if _FILES.search(body.words(receiver)):
            return True
        return bool(_STORES.search(chain)) and any(isinstance(a, ast.Name) and a.id in uploads for a in node.args)
    if function.attr in ("write", "writelines", "write_bytes", "copyfileobj"):
        return any(isinstance(n, ast.Name) and n.id in uploads for a in node.args for n in walk(a)) and _from_file(
            function, body
        )
    return False


def _from_file(function: ast.Attribute, body: Body) -> bool:
    """Written to a file, not to a socket or a buffer in memory."""
    if function.attr in ("copyfileobj", "write_bytes"):
        return True
    if not isinstance(function.value, ast.Name):
        return False
    return any("open(" in body.words(value) for value in body.values.get(function.value.id, ()))

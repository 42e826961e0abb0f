"""Functions that write under whatever key they are given, and walk along keys to get there: __proto__ leads to what all
objects of the process have. Told by their shape: deep merges, `set(object, "a.b.c", value)`, unflattening.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.javascript.accounts import FUNCTIONS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.models.rules import PROTOTYPE_POLLUTION
from server.analysis.javascript.values import is_from_request
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.reviews.finding import Confidence, Severity

_GUARDED = re.compile(
    r"__proto__|['\"]prototype['\"]|Object\.create\(\s*null|isPlainObject|new (?:Weak)?Map\b"
    r"|forbidden|unsafe|blocked|polluti|isSafeKey|isValidKey|dangerous|Object\.freeze",
    re.IGNORECASE,
)
_LONGEST = 6_000
"""Characters of a function that are looked at."""


def _named_around(node: Node, file: JavaScriptFile) -> tuple[str, Node] | None:
    """The nearest function around that has a name, and the name: callbacks in it are part of what it does."""
    for ancestor in file.ancestors(node):
        if ancestor.type not in FUNCTIONS:
            continue
        holder = ancestor if ancestor.child_by_field_name("name") is not None else ancestor.parent
        if holder is None:
            continue
        name = (
            holder.child_by_field_name("name")
            or holder.child_by_field_name("left")
            or holder.child_by_field_name("key")
        )
        if name is not None:
            return file.text(name).rpartition(".")[2], ancestor
    return None


def _handler_around(node: Node, file: JavaScriptFile) -> tuple[str, Node] | None:
    """The function around, where it has no name and takes a request."""
    around = next((a for a in file.ancestors(node) if a.type in FUNCTIONS), None)
    text = file.text(around)[:_LONGEST]
    return ("", around) if around is not None and re.search(r"\breq(?:uest)?\.(?:body|query)\b", text) else None


_WALK = "function set(o, path, v) {\n  const keys = path.split('.');\n  let at = o;\n  %s\n}\n"


@check(
    PROTOTYPE_POLLUTION,
    on=("assignment_expression",),
    bad=(
        "function merge(a, b) {\n  for (const key in b) {\n    if (typeof b[key] === 'object') merge(a[key], b[key]);\n"
        "    else a[key] = b[key];\n  }\n}\napp.post('/', (req, res) => merge(settings, req.body));\n",
        "const extend = (to, from) => {\n  Object.keys(from).forEach((k) => {\n"
        "    if (isObject(to[k])) extend(to[k], from[k]);\n    else to[k] = from[k];\n  });\n};\n",
        "function mix(to, from) {\n  for (const k of Object.keys(from)) {\n"
        "    to[k] = isObject(from[k]) ? mix(to[k], from[k]) : from[k];\n  }\n}\n",
        _WALK % "for (let i = 0; i < keys.length - 1; i++) at = at[keys[i]];\n  at[keys[keys.length - 1]] = v;",
        _WALK
        % "while (keys[1]) {\n    const k = keys.shift();\n    at = at[k] = at[k] || {};\n  }\n  at[keys[0]] = v;",
        "app.post('/s', (req, res) => {\n  const parts = req.body.path.split('.');\n  let at = settings;\n"
        "  for (let i = 0; i < parts.length - 1; i++) {\n    at[parts[i]] = at[parts[i]] || {};\n"
        "    at = at[parts[i]];\n  }\n  at[parts[parts.length - 1]] = req.body.value;\n});\n",
        "exports.put = (o, path, v) => {\n  const last = path.pop();\n"
        "  path.reduce((at, k) => at[k], o)[last] = v;\n};\n",
    ),
    good=(
        "function merge(a, b) {\n  for (const key in b) {\n    if (key === '__proto__') continue;\n"
        "    if (typeof b[key] === 'object') merge(a[key], b[key]);\n    else a[key] = b[key];\n  }\n}\n",
        "function mask(o) {\n  for (const k of Object.keys(o)) o[k] = mask(o[k]);\n  return o;\n}\n",
        "function copy(a, b) {\n  for (const key in b) a[key] = b[key];\n}\n",
        "function clone(v) {\n  const out = {};\n  for (const k of Object.keys(v)) out[k] = clone(v[k]);\n"
        "  return out;\n}\n",
        _WALK
        % "if (keys.some((k) => FORBIDDEN.has(k))) return;\n  for (const k of keys) at = at[k];\n  at[keys[0]] = v;",
        "function add(trie, word) {\n  let at = trie;\n  for (const c of word) at = at[c] = at[c] || {};\n"
        "  at['$'] = true;\n}\n",
        "function grid(cells, v) {\n  let row = cells;\n  for (let i = 0; i < 3; i++) row = row[i];\n"
        "  row[0] = v;\n}\n",
    ),
)
def keys_of_strangers(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    target = node.child_by_field_name("left")
    if target is None or target.type != "subscript_expression":
        return
    owner, key = file.text(target.child_by_field_name("object")), file.text(target.child_by_field_name("index"))
    found = _named_around(node, file) or _handler_around(node, file)
    if found is None or key[:1] in "'\"`0123456789":
        return
    name, function = found
    text = file.text(function)[:_LONGEST]
    first = re.search(rf"{re.escape(owner)}\[\s*{re.escape(key)}\s*\]\s*=(?![=>])", text)
    before = file.source.encoded[function.start_byte : node.start_byte].decode("utf-8", "replace")
    if first is not None and first.start() < len(before):
        return  # The first of the function speaks for it.
    if _GUARDED.search(text) or _asks_target(owner, text):
        return
    if _merges(name, owner, key, file.text(function.child_by_field_name("body"))[:_LONGEST]):
        yield from _told_of_merge(name, node, function, file)
    elif _walks(owner, text) and not _MAKES_PLACE.match(file.text(node.child_by_field_name("right"))):
        yield Hit(
            file.head_span(node),
            f"{f'{name}()' if name else 'This'} walks along the keys that it is given, __proto__ too, and writes there",
            severity=Severity.MEDIUM,
        )


def _asks_target(owner: str, text: str) -> bool:
    """`hasOwnProperty.call(target, key)`: what it has itself is no prototype."""
    named = re.escape(owner)
    return re.search(rf"hasOwn(?:Property)?(?:\.call)?\(\s*{named}\b|{named}\.hasOwnProperty\(", text) is not None


def _merges(name: str, owner: str, key: str, text: str) -> bool:
    """Whether it goes on with what the target has under a key of the other object."""
    if not name or not key.isidentifier():
        return False
    again = rf"\b{re.escape(name)}(?:\.call)?\([^;()\n]{{0,80}}?\b{re.escape(owner)}\[\s*{re.escape(key)}\s*\]"
    sources = {a or b or c for a, b, c in _LOOPS.findall(text)}  # of the keys: not what is changed itself
    return re.search(again, text) is not None and bool(sources - {owner})


_LOOPS = re.compile(
    r"\b\w+\s+in\s+([\w.]+)\s*\)|(?:Object|Reflect)\.(?:keys|entries|ownKeys)\(\s*([\w.]+)|\.each\(\s*([\w.]+)\s*,"
)


_MAKES_PLACE = re.compile(r"\{\}|\[\]|Object\.create|.{1,80}(?:\|\||\?\?)|.{1,80}\?.{1,80}:", re.DOTALL)
"""Of `at[key] = at[key] || {}`: what is written at the end of the way tells of it."""

_KEYS = re.compile(
    r"\.split\(\s*(?!['\"`]{2})\w*['\"`/]?|\b(?:path|keys?|props?|parts|segments|fields)\b\s*(?::[^,)]*)?[,)]"
)
"""A path of several keys; not the letters of a word."""

_REDUCES = re.compile(r"\.reduce\(\s*(?:function\s*)?\(?\s*(\w+)[^{=]{0,40}[{=>]{1,2}[\s\S]{0,200}?\1\[")


def _walks(owner: str, text: str) -> bool:
    """Whether it goes from an object to what it has under a key, along a path of keys."""
    if ".reduce(" in owner:
        return _REDUCES.search(owner) is not None
    if not owner.isidentifier():
        return False
    step = re.search(rf"\b{re.escape(owner)}\s*=\s*\(?\s*{re.escape(owner)}\[\s*(?![\d'\"`]|i\s*\]|j\s*\])", text)
    return step is not None and _KEYS.search(text) is not None


def _told_of_merge(name: str, node: Node, function: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Where a request's object is handed to it, or else where it writes."""
    calls = [
        call for call in file.nodes(called(name)[0]) if not function.start_byte <= call.start_byte < function.end_byte
    ]
    hostile = [call for call in calls if is_from_request(call.child_by_field_name("arguments"), file)]
    for call in hostile:
        yield Hit(file.head_span(call), f"{name}() writes whatever keys the request names, __proto__ too")
    if not hostile:
        message = f"{name}() writes whatever keys it is given, __proto__ too"
        yield Hit(file.head_span(node), message, confidence=Confidence.LOW)


CHECKS = (keys_of_strangers,)

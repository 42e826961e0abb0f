"""Records that go to clients as they are, with a password's hash or a token among their fields.

Which fields of a class the serializer writes, its own file says (`told_fields`); which class a handler answers with,
the handler's (`suspects`). The two meet in the project.
"""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.columns import SECRET_FIELD
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, plain
from server.analysis.web.lowered.words import snake

_SECRET = re.compile(
    r"^(?:\w+_)?(?:password|passwd|pwd)(?:_?(?:hash|digest|salt))?$|^(?:\w+_)?(?:hashed|encrypted)_password$"
    r"|^(?:reset|confirmation|verification|recovery|api|remember)_(?:token|secret)$|^(?:api|private|secret)_?key$"
    r"|^(?:totp|mfa|otp|two_factor|client|webhook|signing)_secret$|^ssn$|^card_number$|^cvv$"
)
_JAVA_FIELD = re.compile(r"^\s*(?:private|protected|public)\s+(?:final\s+)?(?:String|byte\[\]|char\[\])\s+(\w+)\s*[;=]")
_GO_FIELD = re.compile(r"^\s*([A-Z]\w*)\s+\*?(?:string|\[\]byte)\s*(?:`([^`]*)`)?\s*(?://.*)?$")
_HIDDEN = re.compile(
    r"@JsonIgnore\b|WRITE_ONLY|@JsonView|@JsonbTransient|@Expose\(\s*serialize\s*=\s*false|\btransient\b"
)
_READ_BY_ALL = re.compile(r"@(?:Data|Getter|Value)\b")


def told_fields(lines: list[str], before: list[str], language: Language) -> frozenset[str]:
    """Fields with secrets that are written when an object of the class becomes JSON. *before*: what stands above it."""
    if language is Language.GO:
        return frozenset(_of_struct(lines))
    if language is Language.RUBY:
        return frozenset(_of_record(lines))
    if language is Language.PHP:
        return frozenset(_of_model(lines))
    return frozenset(_of_class(lines, before)) if language is Language.JAVA else frozenset()


_SHOWN_OTHERWISE = re.compile(
    r"\bdef (?:as_json|to_json|serializable_hash|attributes)\b|\$hidden\b|\$visible\b|function toArray\b"
    r"|jsonSerialize|#\[Hidden"
)
_LOGS_IN = re.compile(r"^\s*(?:has_secure_password|devise)\b")
_PEOPLE = re.compile(
    r"class (?:User|Member|Account|Customer|Employee|Patient|Student|Admin|Client)s?\b.*\bextends\s+\\?[\w\\]*"
)


def _of_record(lines: list[str]) -> Iterator[str]:
    """Rails: the digest that `has_secure_password` and Devise keep is a column like any other."""
    if any(map(_LOGS_IN.match, lines)) and not any(map(_SHOWN_OTHERWISE.search, lines)):
        yield "password_digest"


def _of_model(lines: list[str]) -> Iterator[str]:
    """Laravel: a model of people that hides nothing."""
    is_model = any(_PEOPLE.search(line) and re.search(r"Model|Authenticatable", line) for line in lines[:3])
    if is_model and not any(map(_SHOWN_OTHERWISE.search, lines)):
        yield "password"


def _of_struct(lines: list[str]) -> Iterator[str]:
    for line in lines:
        field = _GO_FIELD.match(line)
        if field and _SECRET.match(snake(field[1])) and not re.search(r"json:\"-[\",]|serialize:\"-\"", field[2] or ""):
            yield field[1]


def _of_class(lines: list[str], before: list[str]) -> Iterator[str]:
    text = "\n".join(lines)
    above = "\n".join(before) + text.partition("{")[0]
    for number, line in enumerate(lines):
        field = _JAVA_FIELD.match(line)
        if field is None or not _SECRET.match(snake(field[1])):
            continue
        name = field[1]
        around = _annotations(lines, number) + line
        getter = re.search(rf"((?:@\w+[^\n]*\n\s*)*)public\s+[\w\[\]]+\s+get{name[0].upper()}{name[1:]}\s*\(", text)
        is_read = getter is not None or _READ_BY_ALL.search(above) is not None
        is_left_out = re.search(rf"@JsonIgnoreProperties\([^)]*\"{name}\"", above) is not None
        if is_read and not is_left_out and not _HIDDEN.search(around) and not (getter and _HIDDEN.search(getter[1])):
            yield name


def _annotations(lines: list[str], number: int) -> str:
    """The lines right above a field that begin with `@`."""
    found = ""
    while number > 0 and lines[number - 1].strip().startswith("@"):
        number -= 1
        found += lines[number]
    return found


def suspects(body: Body) -> Iterator[Suspect]:
    if body.source.language in (Language.RUBY, Language.PHP):
        yield from _rendered(body)
        return
    kind, line = "", body.function.line
    if body.source.language is Language.JAVA and body.function.decorators:
        kind = _returned(body)
    elif body.source.language is Language.GO:
        kind, line = _encoded(body)
    if kind:
        message = f"The answer has every field of {kind.removeprefix('=')}, also those with secrets"
        yield Suspect(SECRET_FIELD, Hit(body.span(line), message), "secret fields", kind)


_ROWS = re.compile(
    r"^(?:find\w*|create!?|all|first\w*|last|where|get|order\w*|limit|includes|take|with|new|paginate|page|latest)$"
)


def _rendered(body: Body) -> Iterator[Suspect]:
    """`render json: @user`, `return response()->json($member)`: of which class the rows are that are sent whole."""
    for value, line in _sent(body):
        values = body.values.get(plain(value), ()) if plain(value) else (value,)
        kind = _class_of(values[0] if len(values) == 1 else None) or body.declared.get(plain(value), "")
        kind = kind or ("User" if plain(value) in ("current_user", "self.current_user") else "")
        if kind[:1].isupper():
            message = f"The answer has every field of {kind}, also those with secrets"
            yield Suspect(SECRET_FIELD, Hit(body.span(line), message), "secret fields", kind)
            return


def _sent(body: Body) -> Iterator[tuple[p.Expr, int]]:
    for called in body.calls:
        if called.last == "render":
            yield from ((value, called.node.line) for key, value in called.node.keywords if key == "json")
        elif called.last == "json" and called.node.args and "request" not in called.chain.lower():
            yield called.node.args[0], called.node.line


def _class_of(value: p.Expr | None) -> str:
    """`User` of `User.where(a: 1).first`; "" where something else is made of the rows."""
    steps: list[str] = []
    while isinstance(value, p.Call) and isinstance(value.callee, p.Attr):
        steps.append(snake(value.callee.name))
        value = value.callee.base
    is_rows = steps and all(_ROWS.match(step) for step in steps)
    return value.id if is_rows and isinstance(value, p.Name) and value.id[:1].isupper() else ""


_WRAPPERS = frozenset(
    {"List", "Set", "Collection", "Iterable", "Optional", "ResponseEntity", "Page", "Slice", "Mono", "Flux", "Stream"}
    | {"CompletableFuture", "Uni", "Multi", "HttpEntity", "Callable", "DeferredResult", "Map", "String"}
)


def _returned(body: Body) -> str:
    """The innermost class of what the method gives: `User` of `ResponseEntity<List<User>>`."""
    declared = body.source.line(body.function.line).partition(f" {body.function.name}(")[0]
    named = re.findall(r"\b[A-Z]\w*", re.sub(r"@\w+(?:\([^)]*\))?", " ", declared))
    if not named or any(name not in _WRAPPERS for name in named[:-1]) or named[-1] in _WRAPPERS:
        return ""
    return str(named[-1])


_WRITES = frozenset(
    {"json", "indented_json", "encode", "pure_json", "json_pretty", "respond", "render_json", "write_json", "send_json"}
)


def _encoded(body: Body) -> tuple[str, int]:
    """The type of a variable that is written as JSON, or `=function` that gave it."""
    for called in body.calls:
        given = called.node.args[-1:]
        name = plain(given[0]) if given else ""
        if called.last not in _WRITES or not name or name in ("err", "nil"):
            continue
        kind = body.declared.get(name, "")
        if kind:
            return kind, called.node.line
        for value in body.values.get(name, ()):
            if value.__class__ is p.Call:
                return f"={chain(value.callee)}", called.node.line
    return "", 0

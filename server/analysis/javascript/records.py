"""Records of users that are sent as they are read: with the password's hash, which nothing leaves out.

Which models have one is seen where their rows' passwords are read, or in their class; which rows are sent, where a
request is answered. The two meet in the project.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from server.analysis.flow import program as p
from server.analysis.project import Found
from server.analysis.rule import Hit, Problem
from server.analysis.source import Span
from server.analysis.web.columns import SECRET_FIELD
from server.analysis.web.lowered.body import Body, chain, plain, text_of, walk
from server.analysis.web.lowered.outline import Defined, Outline
from server.analysis.web.lowered.words import singular, snake


class Records(NamedTuple):
    """*secret*: models whose rows have a password. *answers*: (model, or `=` and the function that gives its rows,
    where). *givers*: functions that give whole rows, with their models. *hides*: something leaves the passwords out.
    """

    secret: frozenset[str]
    answers: tuple[tuple[str, Span], ...]
    givers: tuple[tuple[str, str], ...]
    hides: bool

    @property
    def is_empty(self) -> bool:
        return not (self.secret or self.answers or self.givers or self.hides)


_SECRET = re.compile(r"^(?:hashed_|encrypted_)?(?:password|passwd|pwd)(?:_?(?:hash|digest|salt))?$")
_HIDES = re.compile(
    r"toJSON|@Exclude\(|ClassSerializerInterceptor|plainToInstance|select\s*:\s*(?:false|0)\b|\bdefaultScope\b|\bomit\s*:"
    r"|hidden\s*:\s*true|toPublic|sanitizeUser|defaultOmit"
)
_FETCHES = re.compile(
    r"^(?:find|find_one|find_by_id|find_by_pk|find_many|find_unique|find_first|find_all|find_one_by|find_by|find_one_or_fail"
    r"|find_one_by_or_fail|find_unique_or_throw|find_first_or_throw|create|save|find_by_id_and_update"
    r"|find_one_and_update|find_and_count_all|find_or_create|get_one|get_many|to_array|first)$"
)
_PICKS = frozenset({"select", "attributes", "omit", "projection", "project", "fields", "exclude", "only", "returning"})
_SUFFIX = re.compile(r"_?(?:repository|repo|model|dao|collection|entity|service|store|table)s?$")
_LEFT_OUT = re.compile(
    r"delete\s+\w+(?:\.\w+)?\.(?:password|hash)|\.password\w*\s*=\s*(?:undefined|null|['\"])|\bpassword\w*\s*(?::\s*\w+)?\s*,"
    r"\s*(?:[\w:,\s]*,)?\s*\.\.\.|\bomit\(|\bpick\(|toObject\(|\.map\(|without|toDto|toResponse|serialize|present",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"^(?:user|owner|author|account|member|customer|creator|seller|buyer|assignee|sender)s?$")
_ROUTED = frozenset({"Get", "Post", "Put", "Patch", "Delete", "All"})
_CONTAINERS = frozenset(
    {"Repository", "Model", "MongoRepository", "EntityRepository", "ModelStatic", "ReturnModelType"}
)


def of(bodies: Sequence[tuple[Body, Defined]], outline: Outline) -> Records:
    secret: set[str] = {_model_name(cls.name) for cls in outline.classes if _is_entity(cls)}
    answers: list[tuple[str, Span]] = []
    givers: list[tuple[str, str]] = []
    types = {cls.name: _types(cls) for cls in outline.classes}
    for body, one in bodies:
        fields = types.get(one.cls.name, {}) if one.cls is not None else {}
        secret |= set(_read_secrets(body, fields))
        if _LEFT_OUT.search(body.text):
            continue
        answers += _answers(body, fields)
        givers += ((one.qualified, model) for model in _given(body, fields))
    hides = _HIDES.search(outline.source.text) is not None
    return Records(frozenset(secret - {""}), tuple(answers), tuple(givers), hides)


def told(facts: Mapping[str, Records]) -> Iterator[Found]:
    if any(fact.hides for fact in facts.values()):
        return
    secret = frozenset[str]().union(*(fact.secret for fact in facts.values()))
    givers: dict[str, str] = {}
    for fact in facts.values():
        givers.update(fact.givers)
    for path, fact in facts.items():
        for about, span in fact.answers:
            model = givers.get(about[1:], "") if about.startswith("=") else about
            if model in secret:
                message = f"The answer has every field of {model}, the password's hash too"
                yield Found(path, Problem(SECRET_FIELD, Hit(span, message)))


def _is_entity(cls: p.Class) -> bool:
    if not any(chain(d).rpartition(".")[2] in ("Entity", "Schema", "Table", "ObjectType") for d in cls.decorators):
        return False
    names = (t.id for s in cls.body if isinstance(s, p.Assign) for t in s.targets if isinstance(t, p.Name))
    return any(_SECRET.match(snake(name)) for name in names)


def _types(cls: p.Class) -> dict[str, str]:
    """field -> model or class: `User` of `users: Repository<User>`, `UsersService` of `users: UsersService`."""
    found: dict[str, str] = {}
    for statement in cls.body:
        if isinstance(statement, p.Define) and statement.function.name == "__init__":
            for param in statement.function.params:
                if param.annotation is not None:
                    found[param.name] = _declared(param.annotation)
        elif isinstance(statement, p.Assign) and statement.annotation is not None:
            found.update((t.id, _declared(statement.annotation)) for t in statement.targets if isinstance(t, p.Name))
    return found


def _declared(annotation: p.Expr) -> str:
    if isinstance(annotation, p.Item) and chain(annotation.base).rpartition(".")[2] in _CONTAINERS:
        return chain(annotation.key).rpartition(".")[2] if annotation.key is not None else ""
    return chain(annotation).rpartition(".")[2]


def _model_name(name: str) -> str:
    return singular(_SUFFIX.sub("", snake(name.removeprefix("Prisma"))))


def _model(value: Any, fields: Mapping[str, str]) -> str:
    """The model whose whole rows a chain of calls gives; "" for anything else."""
    node, steps = value, list[str]()
    while node.__class__ is p.Call and node.callee.__class__ is p.Attr and len(steps) < _LONGEST_CHAIN:
        steps.append(snake(node.callee.name))
        if _picks(node):
            return ""
        base = node.callee.base
        if base.__class__ is not p.Call or chain(base.callee).endswith(_GIVES_MODEL):
            break
        node = base
    if not steps or _PICKS.intersection(steps) or not any(_is_fetch(step, node) for step in steps):
        return ""
    if node.callee.__class__ is not p.Attr:
        return ""
    base = node.callee.base
    if base.__class__ is p.Call:
        return _model_name(text_of(base.args[0]) or chain(base.args[0]).rpartition(".")[2]) if base.args else ""
    owner = chain(base).rpartition(".")[2]
    known = fields.get(owner, "")
    return "" if known.endswith(("Service", "Store", "Repository")) else _model_name(known or owner)


_LONGEST_CHAIN = 12
_GIVES_MODEL = ("collection", "getRepository", "model")


def _is_fetch(step: str, call: p.Call) -> bool:
    """Prisma gives the row that it changed; others give a count."""
    if step in ("update", "upsert"):
        return re.search(r"prisma|\bdb\b|\btx\b", chain(call.callee)) is not None
    return _FETCHES.match(step) is not None


def _picks(call: p.Call) -> bool:
    for given in call.args[:3]:
        if given.__class__ is p.Collection and any(k is not None and text_of(k) in _PICKS for k, _ in given.items):
            return True
    return len(call.args) > 1 and bool(text_of(call.args[1]))  # mongoose: `findById(id, 'name email')`


def _read_secrets(body: Body, fields: Mapping[str, str]) -> Iterator[str]:
    for node in body.nodes(p.Attr):
        if node.base.__class__ is p.Name and _SECRET.match(snake(node.name)):
            for value in body.values.get(node.base.id, ()):
                yield _model(value, fields)


_SENDS = frozenset({"json", "send", "jsonp", "ok", "success", "created"})


def _answers(body: Body, fields: Mapping[str, str]) -> Iterator[tuple[str, Span]]:
    seen: set[str] = set()
    for value, line in _sent(body):
        for about in _abouts(value, body, fields):
            if about and about not in seen:
                seen.add(about)
                yield about, body.span(line)


def _sent(body: Body) -> Iterator[tuple[Any, int]]:
    """What a request is answered with, and where."""
    for called in body.calls:
        name = called.chain.partition(".")[0]
        is_answer = called.last in _SENDS and name in ("res", "response", "reply", "c", "NextResponse", "Response", "h")
        if is_answer and called.node.args:
            yield called.node.args[0], called.node.line
        if called.node.new and called.chain in ("Response", "NextResponse") and called.node.args:
            given = called.node.args[0]
            if isinstance(given, p.Call) and chain(given.callee) == "JSON.stringify" and given.args:
                yield given.args[0], called.node.line
    for node in body.nodes(p.Assign):
        if any(chain(target) == "ctx.body" for target in node.targets):
            yield node.value, node.line
    if any(chain(d).rpartition(".")[2] in _ROUTED for d in body.function.decorators):
        for node in body.nodes(p.Return):
            if node.value is not None:
                yield node.value, node.line


def _abouts(value: Any, body: Body, fields: Mapping[str, str], depth: int = 2) -> Iterator[str]:
    name = plain(value)
    if name and not name.startswith("self."):
        values = body.values.get(name, ())
        if depth and len(values) == 1:
            yield from _abouts(values[0], body, fields, depth - 1)
    elif value.__class__ is p.Collection:
        for _, inner in value.items:
            yield from _abouts(inner, body, fields, depth - 1) if depth and inner.__class__ is p.Name else ()
    elif _is_selection(value):
        yield from _abouts(value.callee.base, body, fields, depth)
    elif value.__class__ is p.Call:
        yield _model(value, fields) or _giver(value, fields)
        yield from _included(value)


def _is_selection(value: Any) -> bool:
    """`users.filter(...)`: some of the rows, as they are."""
    if value.__class__ is not p.Call or value.callee.__class__ is not p.Attr:
        return False
    return value.callee.name in ("filter", "slice", "sort", "reverse", "toSorted") and bool(plain(value.callee.base))


def _included(value: p.Call) -> Iterator[str]:
    """`include: { owner: true }`: the whole row of somebody, beside what was asked for."""
    for node in walk(value):
        if node.__class__ is not p.Collection:
            continue
        for key, inner in node.items:
            if key is None or text_of(key) != "include" or inner.__class__ is not p.Collection:
                continue
            for relation, chosen in inner.items:
                is_whole = chosen.__class__ is p.Const and chosen.value is True
                if relation is not None and is_whole and _PEOPLE.match(snake(text_of(relation))):
                    yield "user"


def _giver(call: p.Call, fields: Mapping[str, str]) -> str:
    """`=UsersService.all` of `this.users.all()`."""
    if call.callee.__class__ is not p.Attr:
        return f"={chain(call.callee)}"
    owner = fields.get(chain(call.callee.base).rpartition(".")[2], "")
    return f"={owner}.{call.callee.name}" if owner else ""


def _given(body: Body, fields: Mapping[str, str]) -> Iterator[str]:
    """The models whose whole rows the function gives."""
    for node in body.nodes(p.Return):
        value = node.value
        name = plain(value) if value is not None else ""
        values = body.values.get(name, ()) if name else (value,)
        for one in values:
            model = _model(one, fields) if one is not None else ""
            if model:
                yield model

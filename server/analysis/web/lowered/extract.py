"""What a file of a language that the flow engine lowers tells about a web application: the same facts as Python's."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.source import Source
from server.analysis.web.facts import Act, Class, Decorator, Fetch, Function, Suspect, WebFacts
from server.analysis.web.lowered import (
    accounts,
    allocations,
    amounts,
    answers,
    binding,
    decisions,
    errors,
    formulas,
    keys,
    links,
    passwords,
    tokens,
    told,
    uploads,
    views,
)
from server.analysis.web.lowered.body import Body, chain, is_user_param, text_of
from server.analysis.web.lowered.effects import Effects
from server.analysis.web.lowered.outline import SCRIPT, Defined, Outline, Routes, Routing, guard_of
from server.analysis.web.lowered.signs import signs_of
from server.analysis.web.lowered.words import HOLDERS, OWNER_FIELD, singular, snake
from server.analysis.web.words import LIMITER

_SUSPECTING = (
    errors.suspects,
    accounts.suspects,
    binding.suspects,
    uploads.suspects,
    tokens.suspects,
    decisions.suspects,
    told.suspects,
    allocations.suspects,
    amounts.suspects,
    answers.suspects,
    formulas.suspects,
    keys.suspects,
    links.suspects,
    passwords.suspects,
    views.suspects,
)
_INSERT = re.compile(r"\binsert\s+into\s+[`\"]?(\w+)[`\"]?\s*\(([^)]{1,500})\)", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:from|update)\s+[`\"]?(\w+)\b[^;]{0,300}?\bwhere\b([^;]{1,300})", re.IGNORECASE)
_HASHING_HOOK = re.compile(
    r"has_secure_password|\bdevise\b|setPasswordAttribute|['\"]password['\"]\s*=>\s*['\"]hashed['\"]|@PrePersist|BeforeSave\b"
    r"|BeforeCreate\b|EntityListeners|before_(?:save|create)\b"
)
_PROTECTION = re.compile(r"csrf|xsrf|same_?site|Sec-Fetch-Site|CrossOriginProtection|nosurf", re.IGNORECASE)


def facts_of(module: p.Module, source: Source, routing: Routing) -> WebFacts | None:
    """None for a file without a function."""
    outline = Outline(module, source)
    routes = routing.routes(outline)
    defined = [*outline.functions, *(_closure(name, inner) for name, inner in routes.closures.items())]
    if outline.top and module.language is Language.PHP:
        defined.append(Defined(_script(module, outline), None))
    if not defined and not outline.classes and not routes.registrations:
        return None
    types = {cls.name: _types(cls) for cls in outline.classes}
    functions, texts = [], list[str]()
    for one in defined:
        body = _body(one, outline, routing, routes)
        functions.append(_function(one, body, types, outline))
        texts += [text for node in body.nodes(p.Const) if (text := text_of(node))]
    models = dict(routing.models(outline))
    calls = frozenset().union(*(function.calls for function in functions)) if functions else frozenset()
    protected = frozenset({"csrf"}) if _PROTECTION.search(source.text) else frozenset()
    if _HASHING_HOOK.search(source.text):
        protected |= {passwords.HASHED_BY_HOOK}
    return WebFacts(
        module=module.package.strip("\\") or module.name,
        is_test=module.is_test,
        frameworks=frozenset(routes.frameworks),
        imports=frozenset(outline.imports.values()),
        functions=tuple(functions),
        classes=tuple(_class(cls, outline) for cls in outline.classes),
        registrations=tuple(routes.registrations),
        routers=tuple(routes.routers),
        hooks=tuple(routes.hooks),
        settings=(),
        calls=frozenset(name.rpartition(".")[2] for name in calls) | protected,
        owned=frozenset(name for name, owned in models.items() if owned) | _owned_tables(texts),
        filters=tuple(routes.filters),
        path_rules=tuple(routes.path_rules),
        unowned=frozenset(name for name, owned in models.items() if not owned),
        language=module.language,
    )


def _closure(name: str, function: p.Function) -> Defined:
    named = p.Function(name, name, function.params, function.body, function.line, function.end_line)
    return Defined(named, None)


def _script(module: p.Module, outline: Outline) -> p.Function:
    last = len(outline.source.lines)
    return p.Function(SCRIPT, SCRIPT, [], outline.top, _first_line(outline), last)


def _first_line(outline: Outline) -> int:
    return outline.top[0].line if outline.top else 1


def _body(one: Defined, outline: Outline, routing: Routing, routes: Routes) -> Body:
    function = one.function
    fills = routing.fills(one, outline)
    is_route = function.name in routes.closures or function.name == SCRIPT
    injected = frozenset(param.name for param in function.params if is_user_param(param)) | _held_users(one, outline)
    own = frozenset({"self", "this", "$this"})
    if fills is None and is_route:
        fills = frozenset(param.name for param in function.params if not _is_typed(param))
    filled = (fills or frozenset()) - injected - own
    return Body(
        outline.source, routing.requests, function, fills is not None or is_route, filled, injected, outline.constants
    )


def _is_typed(param: p.Param) -> bool:
    """By a class, which no part of an address is."""
    kind = chain(param.annotation).rpartition(".")[2] if param.annotation is not None else ""
    return kind[:1].isupper()


def _held_users(one: Defined, outline: Outline) -> frozenset[str]:
    """Rails: `@user`, where not this controller but one above it finds out who that is."""
    if one.cls is None or not one.cls.name.endswith("Controller") or outline.source.language is not Language.RUBY:
        return frozenset()
    if one.cls.name == "ApplicationController":
        return frozenset({"self.user"})
    return frozenset() if re.search(r"@user\s*(?:\|\|)?=(?!=)", outline.source.text) else frozenset({"self.user"})


def _function(one: Defined, body: Body, types: dict[str, dict[str, str]], outline: Outline) -> Function:
    function, cls = one.function, one.cls
    fields = types.get(cls.name, {}) if cls is not None else {}
    known = {**fields, **body.declared}
    effects = Effects(body, known)
    calls = list(_calls(body, known, one))
    return Function(
        name=function.name,
        qualified=one.qualified,
        head=body.head,
        end_line=function.end_line,
        params=body.params,
        decorators=tuple(_decorator(decorator, body) for decorator in function.decorators),
        depends=(),
        calls=frozenset(name for name, _ in calls) | (outline.included if function.name == SCRIPT else frozenset()),
        signs=signs_of(body),
        acts=effects.acts,
        touches=frozenset(effects.touches),
        fetches=(*effects.fetches, *_bound_models(one, body, effects)),
        suspects=tuple(_suspects(body)),
        is_handler=body.is_handler,
        is_public=not function.name.startswith("_"),
        hands_on=frozenset(name for name, handed in calls if handed),
        returns=chain(function.returns).rpartition(".")[2] if function.returns is not None else "",
    )


def _suspects(body: Body) -> Iterator[Suspect]:
    for suspects in _SUSPECTING:
        yield from suspects(body)


def _bound_models(one: Defined, body: Body, effects: Effects) -> Iterator[Fetch]:
    """Laravel and Symfony fetch `Order $order` by the key that the path names, before the handler is called."""
    if body.source.language is not Language.PHP or not body.is_handler or one.cls is None:
        return
    for param in one.function.params:
        kind = body.declared.get(param.name, "")
        if param.name in body.fills and kind[:1].isupper() and snake(kind) == snake(param.name):
            yield Fetch(snake(kind), body.head, effects.done_to({param.name}) or Act.READ, is_followed=True)


def _calls(body: Body, types: dict[str, str], one: Defined) -> Iterator[tuple[str, bool]]:
    """(what is called, by the type of what it is called on where that is written; whether it gets the request's)."""
    own = one.function.params[0].name if one.function.is_method and one.function.params else ""
    for called in body.calls:
        head, _, last = called.chain.rpartition(".")
        parts = head.split(".") if head else []
        if parts and parts[0] in (own, "self", "this", "$this"):
            parts[0] = "self"
        field = parts[-1] if parts else ""
        kind = types.get(field, "") if field and (len(parts) == 1 or parts[:-1] == ["self"]) else ""
        given = [*called.node.args, *(value for _, value in called.node.keywords)]
        handed = not given or (body.is_theirs(*given) and not body.is_mine(*given)) or _is_whole(given)
        yield (f"{kind}.{last}" if kind else ".".join((*parts, last))), handed
        if LIMITER.search(snake(field)):
            yield field, False


def _is_whole(given: list[p.Expr]) -> bool:
    """The whole request, of which the callee takes what it wants."""
    return any(isinstance(one, p.Name) and one.id in HOLDERS and one.id not in _SELVES for one in given)


_SELVES = frozenset({"this", "$this", "self"})


def _decorator(expression: p.Expr, body: Body) -> Decorator:
    name, _, words = guard_of(expression).partition(" ")
    return Decorator(name, words, body.span(expression.line))


def _types(cls: p.Class) -> dict[str, str]:
    """The types of a class's fields, by their last names; those that the constructor takes too."""
    found: dict[str, str] = {}
    for statement in cls.body:
        if isinstance(statement, p.Assign) and statement.annotation is not None:
            for target in statement.targets:
                if isinstance(target, p.Name):
                    found[target.id] = chain(statement.annotation).rpartition(".")[2]
        elif isinstance(statement, p.Define) and statement.function.name == "__init__":
            for param in statement.function.params:
                if param.annotation is not None:
                    found.setdefault(param.name.lstrip("$"), chain(param.annotation).rpartition(".")[2])
    return found


def _class(cls: p.Class, outline: Outline) -> Class:
    head = outline.source.line_span(cls.line)
    decorators = []
    for expression in cls.decorators:
        name, _, words = guard_of(expression).partition(" ")
        decorators.append(Decorator(name, words, head))
    methods = tuple(function.name for function in outline.methods(cls))
    attributes = {name: (kind, head) for name, kind in _types(cls).items()}
    lines = outline.source.lines
    fields = told.told_fields(
        lines[cls.line - 1 : cls.end_line], lines[max(0, cls.line - 8) : cls.line], outline.source.language
    )
    bases = tuple(chain(base) for base in cls.bases)
    return Class(cls.name, head, bases, tuple(decorators), attributes, methods, fields)


_MOST_TEXTS = 2_000


def _owned_tables(texts: list[str]) -> frozenset[str]:
    """Tables of which some statement names a column for whose a row is."""
    found = set()
    for text in texts[:_MOST_TEXTS]:
        if len(text) > 20:
            for pattern in (_INSERT, _WHERE):
                for hit in pattern.finditer(text[:1_000]):
                    if any(_says_whose(column.lower()) for column in re.findall(r"\w+", hit[2])):
                        found.add(singular(hit[1].lower()))
    return frozenset(found)


def _says_whose(column: str) -> bool:
    """A key: not the name of whoever wrote a book."""
    return OWNER_FIELD.match(column) is not None and ("_" in column or column in ("userid", "uid", "ownerid"))

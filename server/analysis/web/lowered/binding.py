"""Fields of an object that the request may name itself (mass assignment), and roles that it gives itself."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.binding import MASS_ASSIGNMENT, ROLE_FROM_REQUEST
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, plain, text_of, walk
from server.analysis.web.lowered.words import PRIVILEGE, snake

_WRITERS = frozenset(
    {"create", "update", "fill", "force_fill", "force_create", "insert", "update_or_create", "first_or_create", "new"}
    | {"update_attributes", "assign_attributes", "insert_get_id", "update_all", "create_many", "make"}
)
_SAVERS = frozenset(
    {"save", "create", "persist", "merge", "save_and_flush", "insert", "updates", "update", "store"}
    | {"copy_properties"}
)
_INSERT = re.compile(
    r"insert\s+into\s+\W?\w*(?:user|account|member|customer|employee)\w*\W?\s*\(([^)]*)\)", re.IGNORECASE
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _whole_request(body)
    yield from _bound_entities(body)
    yield from _given_roles(body)


def _whole_request(body: Body) -> Iterator[Suspect]:
    """`User::create($request->all())`, `user.update(params.require(:user).permit!)`."""
    for called in body.calls:
        is_made = called.chain[:1].isupper() and "." not in called.chain and body.source.language is Language.RUBY
        if (called.last not in _WRITERS and not is_made) or "valid" in called.chain.lower():
            continue
        for given in called.node.args[:2]:
            if _is_whole(given, body):
                hit = Hit(body.span(called.node.line), "All fields of the request become those of the record")
                yield Suspect(MASS_ASSIGNMENT, hit, "")
                return


def _is_whole(node: Any, body: Body, depth: int = 2) -> bool:
    """The request's own mapping, not what was picked of it."""
    name = plain(node)
    if node.__class__ is p.Name and node.id in ("$_POST", "$_REQUEST", "$_GET"):
        return True
    if name and depth:
        values = body.values.get(name, ())
        return bool(values) and all(_is_whole(value, body, depth - 1) for value in values)
    if node.__class__ is not p.Call or node.callee.__class__ is not p.Attr:
        return False
    last, base = node.callee.name, node.callee.base
    if last == "permit!":
        return "params" in chain(base)
    if last in ("to_unsafe_h", "to_unsafe_hash"):
        return chain(base).startswith("params")
    return (
        last in ("all", "post", "input", "toArray", "getParsedBody")
        and not node.args
        and chain(base) in ("$request", "request", "$req", "Request", "Input", "$this.request", "$request.request")
    )


def _bound_entities(body: Body) -> Iterator[Suspect]:
    """What the request fills is a class of the database, and is kept: `save(@RequestBody Account account)`."""
    saved = {
        (plain(given), called.node.line)
        for called in body.calls
        if called.last in _SAVERS
        for given in called.node.args[:2]
        if plain(given)
    }
    handed = {(plain(given), called.node.line) for called in body.calls for given in called.node.args if plain(given)}
    for name, line in _filled(body):
        kind = body.declared.get(name, "")
        given = next((f"={chain(v.callee)}" for v in body.values.get(name, ()) if v.__class__ is p.Call), "")
        is_kept = any(name == other for other, _ in saved) or (not kind and any(name == other for other, _ in handed))
        if is_kept and (kind or given or _is_somebody(name, body)):
            message = f"All fields of the request become those of {kind or 'the record'}"
            about = kind or (snake(name) if _is_somebody(name, body) else given)
            yield Suspect(MASS_ASSIGNMENT, Hit(body.span(line), message), "route", about)
            return


def _filled(body: Body) -> Iterator[tuple[str, int]]:
    """(variable, line) of what the request's body fills."""
    for param in body.function.params:
        if any(chain(d).rpartition(".")[2] in ("RequestBody", "ModelAttribute", "Valid") for d in param.decorators):
            yield param.name, body.function.line
    for called in body.calls:
        is_bound = called.last in body.requests.binders and body.source.language is Language.GO
        if is_bound and called.node.args and plain(called.node.args[-1]):
            yield plain(called.node.args[-1]), called.node.line


def _is_somebody(name: str, body: Body) -> bool:
    """The very object of who is there, whose type another file tells."""
    return (
        name in body.mine
        and re.match(r"^(?:current_)?(?:user|account|member|profile|customer)$", snake(name)) is not None
    )


def _given_roles(body: Body) -> Iterator[Suspect]:
    for node in body.nodes(p.Assign):
        for target in node.targets:
            if _is_privilege(target) and _is_chosen(node.value, target.name, body):
                yield _role(body, node.line, target.name)
                return
    for called in body.calls:
        setter = called.last.removeprefix("set_")
        is_setter = called.last.startswith("set_") and PRIVILEGE.match(setter) and called.node.args
        if is_setter and _is_chosen(called.node.args[0], setter, body):
            yield _role(body, called.node.line, setter)
            return
        if called.last in _WRITERS:
            for key, value in _pairs(called.node):
                if PRIVILEGE.match(snake(key)) and _is_chosen(value, key, body):
                    yield _role(body, called.node.line, key)
                    return
    yield from _inserted_role(body)
    yield from _permitted_role(body)


def _is_privilege(target: p.Expr) -> bool:
    """`user.role`, of an object and not of the function's own."""
    if not isinstance(target, p.Attr) or not isinstance(target.base, p.Name):
        return False
    return target.base.id not in _OWN and PRIVILEGE.match(snake(target.name)) is not None


def _inserted_role(body: Body) -> Iterator[Suspect]:
    for node in (*body.nodes(p.Const), *body.nodes(p.Text)):
        columns = _INSERT.search(text_of(node)[:1_000])
        if columns is None:
            continue
        for name in (c for c in re.findall(r"\w+", columns[1]) if PRIVILEGE.match(c.lower())):
            if any(_is_chosen(n, name, body) for called in body.calls for a in called.node.args for n in walk(a)):
                yield _role(body, node.line, name)
                return


def _permitted_role(body: Body) -> Iterator[Suspect]:
    """Rails: `permit(:name, :admin)`."""
    for called in body.calls:
        if called.last == "permit" and "params" in called.chain:
            for given in called.node.args:
                if PRIVILEGE.match(text_of(given)):
                    yield _role(body, called.node.line, text_of(given))
                    return


def _role(body: Body, line: int, name: str) -> Suspect:
    return Suspect(ROLE_FROM_REQUEST, Hit(body.span(line), f"The request chooses {snake(name)}"), "open")


_OWN = frozenset({"self", "this", "$this", "session", "c", "ctx", "r"})


def _pairs(node: p.Call) -> Iterator[tuple[str, Any]]:
    yield from ((key, value) for key, value in node.keywords if key)
    for given in node.args[:2]:
        if given.__class__ is p.Collection and given.shape is p.Shape.DICT:
            yield from ((text_of(k), v) for k, v in given.items if k is not None)


def _is_chosen(value: Any, name: str, body: Body) -> bool:
    """Whether the value is the request's field of that name, directly or through a local name."""
    values = body.values.get(plain(value), [value]) if plain(value) else [value]
    word = snake(name)
    for one in values:
        if not body.is_theirs(one):
            continue
        said = [text_of(n) if n.__class__ is p.Const else chain(n) for n in walk(one)]
        if any(snake(part.rpartition(".")[2]).removeprefix("get_") == word for part in said if part):
            return True
    return False

"""Routes of Ruby: the actions of Rails' controllers with their filters, and Sinatra's blocks."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.web.facts import Filter, Registration
from server.analysis.web.lowered.body import Requests, chain, text_of
from server.analysis.web.lowered.outline import Defined, Outline, Routes, Routing, guard_of, texts_of
from server.analysis.web.lowered.words import OWNER_FIELD, singular, snake

REQUESTS = Requests(
    names=frozenset({"params", "cookies"}),
    parts=frozenset({"params", "raw_post"}),
    holders=frozenset({"request", "self"}),
)
_METHODS = {
    "index": "GET",
    "show": "GET",
    "new": "GET",
    "edit": "GET",
    "create": "POST",
    "update": "PATCH",
    "destroy": "DELETE",
}
_FILTERS = frozenset(
    {"before_action", "before_filter", "prepend_before_action", "append_before_action", "around_action"}
)
_SKIPS = frozenset({"skip_before_action", "skip_before_filter", "skip_prepend_before_action"})
_NAMED_GUARDS = frozenset(
    {"authenticate_user!", "load_and_authorize_resource", "authorize_resource", "http_basic_authenticate_with"}
    | {"doorkeeper_for", "verify_authorized", "rate_limit", "allow_unauthenticated_access", "load_resource"}
)
_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_CONTROLLER = re.compile(r"Controller$")


def fills(one: Defined, outline: Outline) -> frozenset[str] | None:
    return frozenset() if one.cls is not None and _CONTROLLER.search(one.cls.name) else None


def routes(outline: Outline) -> Routes:
    found = Routes()
    for cls in outline.classes:
        if _CONTROLLER.search(cls.name):
            found.frameworks.add("rails")
            _of_controller(cls, outline, found)
        elif any(chain(base).startswith(("Sinatra", "Grape", "Roda", "Hanami")) for base in cls.bases):
            found.frameworks.add("sinatra")
            _of_blocks(list(outline.class_calls(cls)), cls.name, outline, found)
    if "sinatra" in outline.source.text.lower() and not found.frameworks:
        calls = [s.value for s in outline.top if isinstance(s, p.Do) and isinstance(s.value, p.Call)]
        _of_blocks(calls, "", outline, found)
        if found.registrations:
            found.frameworks.add("sinatra")
    return found


# Rails


def _of_controller(cls: p.Class, outline: Outline, found: Routes) -> None:
    hidden = _hidden(cls, outline)
    folder = re.search(r"app/controllers/(.*?)(?:_controller)?\.rb$", outline.source.path)
    path = "/" + (folder[1] if folder else snake(cls.name.removesuffix("Controller")))
    for call in outline.class_calls(cls):
        name = chain(call.callee).rpartition(".")[2]
        if name in _FILTERS or name in _SKIPS:
            found.filters += _filters(cls, call, found, skips=name in _SKIPS)
        elif name in _NAMED_GUARDS:
            only, excepted = _limits(call)
            skips = name == "allow_unauthenticated_access"
            found.filters.append(Filter(cls.name, "require_authentication" if skips else name, only, excepted, skips))
    if path.endswith(("/application", "/base")) or cls.name in ("ApplicationController", "BaseController"):
        return
    for function in outline.methods(cls):
        if function.line in hidden or not _is_action(function):
            continue
        methods = frozenset({_METHODS[function.name]}) if function.name in _METHODS else frozenset[str]()
        end = "" if function.name in ("index", "create") else f"/{function.name}"
        span = outline.source.line_span(function.line)
        registration = Registration(cls.name, path + end, methods, f"{cls.name}.{function.name}", span)
        found.registrations.append(registration)


def _is_action(function: p.Function) -> bool:
    """What takes something is called by the program itself."""
    return not (
        function.name.startswith("_") or function.name == "__init__" or function.is_static or len(function.params) > 1
    )


def _hidden(cls: p.Class, outline: Outline) -> set[int]:
    """The lines of methods below `private` or `protected`, which are no actions, and of helpers."""
    hidden: set[int] = set()
    is_private = False
    helpers: set[str] = set()
    for statement in cls.body:
        if isinstance(statement, p.Do):
            name = chain(statement.value)
            word = name.rpartition(".")[2]
            if word in ("private", "protected") and not (isinstance(statement.value, p.Call) and statement.value.args):
                is_private = True
            elif word == "public":
                is_private = False
            elif word in ("helper_method", "private", "hide_action") and isinstance(statement.value, p.Call):
                helpers.update(text for argument in statement.value.args for text in texts_of(argument))
        elif isinstance(statement, p.Define) and (is_private or statement.function.name in helpers):
            hidden.add(statement.function.line)
    private = re.compile(r"^\s*private\s+def\s", re.MULTILINE)
    for hit in private.finditer(outline.source.text):
        hidden.add(outline.source.text.count("\n", 0, hit.end()) + 1)
    return hidden


def _filters(cls: p.Class, call: p.Call, found: Routes, *, skips: bool) -> Iterator[Filter]:
    only, excepted = _limits(call)
    for argument in call.args:
        if isinstance(argument, p.Closure):
            yield Filter(cls.name, found.name_closure(argument), only, excepted, skips)
        else:
            for name in texts_of(argument):
                yield Filter(cls.name, name, only, excepted, skips)


def _limits(call: p.Call) -> tuple[frozenset[str], frozenset[str]]:
    """`only: %i[index show]`, `except: :index`."""
    given = {key: frozenset(texts_of(value)) for key, value in call.keywords if key in ("only", "except")}
    return given.get("only", frozenset()), given.get("except", frozenset())


# Sinatra


def _of_blocks(calls: list[p.Call], owner: str, outline: Outline, found: Routes, prefix: str = "") -> None:
    for call in calls:
        name = chain(call.callee).rpartition(".")[2]
        block = call.args[-1] if call.args and isinstance(call.args[-1], p.Closure) else None
        if block is None:
            continue
        path = prefix + text_of(call.args[0]) if len(call.args) > 1 else prefix
        if name in _VERBS and len(call.args) > 1:
            handler = found.name_closure(block)
            guards = tuple(
                guard_of(p.Call(call.line, p.Name(0, key or ""), [v], [], call.span)) for key, v in call.keywords
            )
            span = outline.source.line_span(call.line)
            found.registrations.append(Registration(owner, path, frozenset({name.upper()}), handler, span, guards))
        elif name == "before":
            found.hooks.append((_pattern(path) if path else "", found.name_closure(block)))
        elif name in ("namespace", "resource", "resources", "group"):
            inner = [
                s.value for s in block.function.body if isinstance(s, p.Do | p.Return) and isinstance(s.value, p.Call)
            ]
            _of_blocks(inner, owner, outline, found, path)


_MOST_STARS = 6


def _pattern(path: str) -> str:
    if path.count("*") > _MOST_STARS:
        return re.escape(path)
    made = re.escape(path).replace(r"\*", ".*")
    return re.sub(r":\w+", "[^/]+", made)


def models(outline: Outline) -> Iterator[tuple[str, bool]]:
    for cls in outline.classes:
        bases = [chain(base) for base in cls.bases]
        if not any(base in ("ApplicationRecord", "ActiveRecord.Base", "Sequel.Model") for base in bases):
            continue
        above = [
            text
            for call in outline.class_calls(cls)
            if chain(call.callee).rpartition(".")[2] in ("belongs_to", "many_to_one")
            for argument in call.args[:1]
            for text in texts_of(argument)
        ]
        if any(OWNER_FIELD.match(name) for name in above):
            yield singular(snake(cls.name)), True
        elif not above:
            yield singular(snake(cls.name)), False


ROUTING = Routing(REQUESTS, fills, routes, models)

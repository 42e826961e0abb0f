"""Routes that nobody guards though the program knows its users, and routes for some that everybody logged in may
use."""

import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.facts import CHANGES, Act, Sign
from server.analysis.web.judging import (
    CRITICAL,
    HIGH,
    LIKELY,
    MEDIUM,
    POSSIBLE,
    Scene,
    at_registration,
    place,
    security,
)
from server.analysis.web.route import UNSAFE, Route
from server.analysis.web.webhooks import is_unsigned
from server.analysis.web.words import ADMIN, PERSONAL, SHARED

MISSING_AUTHENTICATION = security(
    "missing-authentication",
    HIGH,
    "Anybody who can reach the server may call this route: it neither asks who is there nor stands behind anything "
    "that does.",
    cwe=306,
    also=(287, 862, 284, 285),
    remedy="Put the same guard before it that its siblings have: a decorator, a dependency or a permission class.",
)
UNGUARDED_OBJECT = security(
    "unguarded-object",
    HIGH,
    "The request names an object by its key and gets or changes it, without anybody asking who is there and whose "
    "it is.",
    cwe=862,
    also=(306, 639, 284, 285, 287, 863, 566),
    remedy="Ask for a logged-in user, and take the object from those that belong to that user.",
)
MISSING_ROLE_CHECK = security(
    "missing-role-check",
    HIGH,
    "The route is meant for administrators, but every logged-in user may call it: nothing asks for the role.",
    cwe=862,
    also=(285, 863, 269, 284, 306),
    remedy="Ask for the role as other administrative routes do, before anything is read or changed.",
)

RULES: tuple[Rule, ...] = (MISSING_AUTHENTICATION, UNGUARDED_OBJECT, MISSING_ROLE_CHECK)


_FOR_VISITORS = re.compile(r"cart|basket|preview|calculat|quote|validate|check|track|estimate|parse", re.IGNORECASE)
"""What a program computes or remembers for people who have no account."""


_BECOMES = re.compile(r"impersonat|switch_?(?:to_?)?user|log_?in_?as|become_?user|\bsudo\b", re.IGNORECASE)
"""Somebody gets in as somebody else, without that one's password."""


_GUARDED_ELSEWHERE = frozenset({"django", "symfony", "rails", "laravel"})
"""Frameworks in which much may stand before a view that its own file does not show."""


def judge(scene: Scene) -> Iterator[Found]:
    unknown_users: list[Route] = []
    for route in scene.routes:
        if route.is_websocket or route.open_on_purpose or is_unsigned(route, scene):
            continue
        if route.is_guarded:
            yield from _judge_role(route, scene)
        elif scene.has_users(route):
            yield from _judge_unguarded(route, scene)
        else:
            unknown_users.append(route)
    yield from _judge_without_users(unknown_users, scene)


def _judge_unguarded(route: Route, scene: Scene) -> Iterator[Found]:
    if not route.is_registered and route.framework & _GUARDED_ELSEWHERE and not _is_exception(route, scene):
        return
    if _is_administrative(route) and _does_something(route, scene):
        yield at_registration(
            route,
            MISSING_AUTHENTICATION,
            f"Anybody may call {_route(route)}, though it is administrative",
            severity=CRITICAL,
        )
        return
    if scene.is_public(route) or (route.allows_any and not route.acts & (Act.CHANGE | Act.DELETE)):
        return
    fetch = _personal_fetch(route, scene)
    if fetch:
        yield at_registration(route, UNGUARDED_OBJECT, f"Anybody may {_does(route)} any {fetch} by its key")
        return
    if route.acts & Act.EXECUTE:
        yield at_registration(
            route, MISSING_AUTHENTICATION, f"Anybody may make the server run programs through {_route(route)}"
        )
    elif _changes(route) and (scene.guarded_nearby(route) or route.acts & (Act.DELETE | Act.CHANGE)):
        yield _missing(route, scene, f"Anybody may {_does(route)} data through {_route(route)}")
    elif _differs_from_siblings(route, scene):
        yield _missing(route, scene, f"Anybody may call {_route(route)}, whose siblings ask for a login")
    elif _lists_people(route, scene):
        yield _missing(route, scene, f"Anybody may read all {_people(route, scene)} through {_route(route)}")


def _is_exception(route: Route, scene: Scene) -> bool:
    """Where nobody knows what stands before it: most of the file's other views show their guards themselves."""
    near = scene.neighbours(route)
    return len(near.guarded) * 2 > near.count - 1


def _does_something(route: Route, scene: Scene) -> bool:
    """More than to show the page on which administrators log in."""
    if _BECOMES.search(route.words) and route.signs & Sign.ENTERS and not route.signs & Sign.PASSWORD:
        return True
    if scene.is_login(route) or route.signs & Sign.ENTERS or re.search(r"log_?in|log_?out|sign_?in", route.words):
        return False
    return bool(route.acts or route.touches or (ADMIN.search(route.path) and scene.guarded_nearby(route)))


def _differs_from_siblings(route: Route, scene: Scene) -> bool:
    """By its method it changes something, and the others of the file that do so ask who is there."""
    if not route.methods & UNSAFE or route.signs & Sign.PASSWORD or _FOR_VISITORS.search(route.words):
        return False
    if route.cls is not None:
        return route.cls.name in scene.neighbours(route).guarded_classes
    near = scene.neighbours(route)
    return near.changing_guarded >= 1 and near.changing_guarded * 3 >= (near.changing - 1) * 2


def _missing(route: Route, scene: Scene, message: str) -> Found:
    guarded = scene.neighbours(route).shown_guards
    related = tuple(place(r, f"{_route(r)} is guarded") for r in guarded)
    return at_registration(
        route, MISSING_AUTHENTICATION, message, related=related, confidence=LIKELY if guarded else POSSIBLE
    )


def _changes(route: Route) -> bool:
    changes = bool(route.acts & CHANGES)
    if route.methods and not route.methods & UNSAFE:
        return bool(route.acts & Act.DELETE)
    return changes


def _personal_fetch(route: Route, scene: Scene) -> str:
    """The model of an object that the request names and that is somebody's, or that the route changes."""
    if route.function is None:
        return ""
    for fetch in route.fetches:
        acts = fetch.acts if fetch.is_followed else route.acts
        changed = bool(acts & (Act.CHANGE | Act.DELETE)) and _changes(route)
        shared = SHARED.search(fetch.what) and not changed
        if not shared and (changed or scene.is_personal(route, fetch.what)):
            return fetch.what or "object"
    return ""


def _lists_people(route: Route, scene: Scene) -> bool:
    return bool(route.acts & Act.READ) and bool(_people(route, scene)) and "POST" not in route.methods


def _people(route: Route, scene: Scene) -> str:
    """The users, or what belongs to one of them, that the route reads."""
    for what in sorted(route.touches):
        if scene.is_user_table(what) or (PERSONAL.search(what) and scene.is_owned(what) and not SHARED.search(what)):
            return what
    return ""


def _judge_role(route: Route, scene: Scene) -> Iterator[Found]:
    if route.asks_role or (route.signs | route.guards) & Sign.OWNER or not (route.acts or route.touches):
        return
    if _is_administrative(route):
        message = f"{_route(route)} is administrative, but only asks for a login, not for a role"
        yield at_registration(route, MISSING_ROLE_CHECK, message)
    elif route.changes and (siblings := _siblings_with_role(route, scene)):
        message = f"{_route(route)} only asks for a login, while its siblings ask for a role"
        related = tuple(place(r, f"{_route(r)} asks for a role") for r in siblings[:3])
        yield at_registration(route, MISSING_ROLE_CHECK, message, related=related)


def _siblings_with_role(route: Route, scene: Scene) -> list[Route]:
    """The routes below the same router that a role is asked for, where these are most of it."""
    near = scene.neighbours(route)
    asking = near.asking.get(route.owner, [])
    return asking if len(asking) >= 2 and len(asking) * 3 >= (near.by_owner[route.owner] - 1) * 2 else []


def _judge_without_users(routes: list[Route], scene: Scene) -> Iterator[Found]:
    """A program that knows no users may be meant for one: it is told once, where a stranger does the most harm."""
    worst = [r for r in routes if r.acts & (Act.DELETE | Act.EXECUTE) and (_is_administrative(r) or _changes(r))]
    worst = [r for r in worst if not scene.is_public(r)]
    told: set[str] = set()
    for route in sorted(worst, key=lambda r: (not r.acts & Act.EXECUTE, r.file, r.head)):
        if scene.scope(route.file) not in told:
            told.add(scene.scope(route.file))
            message = f"Nothing in this program asks who is there: anybody may {_does(route)} through {_route(route)}"
            yield at_registration(route, MISSING_AUTHENTICATION, message, severity=MEDIUM, confidence=POSSIBLE)


def _is_administrative(route: Route) -> bool:
    return bool(ADMIN.search(route.path) or ADMIN.search(route.name.replace(".", "/")))


def _does(route: Route) -> str:
    if route.acts & Act.EXECUTE:
        return "run programs"
    if route.acts & Act.DELETE:
        return "delete"
    return "change" if _changes(route) else "read"


def _route(route: Route) -> str:
    return route.path or f"{route.name}()"

"""Objects that a logged-in user takes by a key, though they may be another's."""

from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.facts import CHANGES, Act, Fetch, Sign
from server.analysis.web.judging import HIGH, MEDIUM, Scene, at, security
from server.analysis.web.route import UNSAFE, Route
from server.analysis.web.words import ADMIN, PERSONAL, SHARED

FOREIGN_OBJECT = security(
    "foreign-object",
    HIGH,
    "The request names an object by its key, and no check asks whose it is: every user may reach those of all others.",
    cwe=639,
    also=(284, 285, 862, 863, 566),
    remedy="Take it from the current user's (`filter_by(id=id, user_id=current_user.id)`), or compare its owner.",
)

RULES: tuple[Rule, ...] = (FOREIGN_OBJECT,)


def judge(scene: Scene) -> Iterator[Found]:
    for route in scene.routes:
        if route.is_websocket or not route.is_guarded or not scene.has_users(route):
            continue
        if route.asks_role or (route.signs | route.guards) & Sign.OWNER or ADMIN.search(route.words):
            continue
        if scene.is_login(route) or (scene.is_public(route) and not route.guards & Sign.WHO):
            continue
        what = _foreign(route, scene)
        if what:
            does = _does(route, what)
            severity = HIGH if does != "read" or scene.is_user_table(what) else MEDIUM
            yield at(
                route,
                FOREIGN_OBJECT,
                f"Any user may {does} any other's {what} by its key: nobody asks whose it is",
                severity=severity,
            )


def _does(route: Route, what: str) -> str:
    followed = [fetch.acts for fetch in route.fetches if fetch.is_followed and fetch.what == what]
    acts = followed[0] if followed else route.acts if _changes(route) else Act.READ
    return "delete" if acts & Act.DELETE else "change" if acts & CHANGES else "read"


def _foreign(route: Route, scene: Scene) -> str:
    if route.function is None:
        return _of_generic_view(route, scene)
    for fetch in route.fetches:
        changes = bool(fetch.acts & CHANGES) if fetch.is_followed else _changes(route)
        if fetch.is_followed and not scene.has_accounts(route):
            continue
        if not changes and (SHARED.search(fetch.what) or not _is_told_private(fetch, route, scene)):
            continue
        if scene.is_personal(route, fetch.what) or (changes and scene.is_owned(fetch.what) is not False):
            return fetch.what or "object"
    return ""


def _is_told_private(fetch: Fetch, route: Route, scene: Scene) -> bool:
    """Whether its name says that only its owner may read it, or routes beside this one ask whose theirs are."""
    if not fetch.is_followed or PERSONAL.search(fetch.what):
        return True
    return scene.neighbours(route).asks_owner


def _of_generic_view(route: Route, scene: Scene) -> str:
    """`class OrderDetail(LoginRequiredMixin, UpdateView): model = Order` without a `get_queryset` of its own."""
    if not route.acts & (Act.CHANGE | Act.DELETE) and not route.acts & Act.READ:
        return ""
    only_lists = (route.cls is not None and route.cls.name.endswith(("ListView", "List"))) or route.acts == Act.CREATE
    for what in sorted(route.touches):
        owned = scene.is_owned(what)
        if owned and not only_lists and (route.acts & (Act.CHANGE | Act.DELETE) or not SHARED.search(what)):
            return what
    return ""


def _changes(route: Route) -> bool:
    return bool(route.acts & CHANGES) and (
        not route.methods or bool(route.methods & UNSAFE) or bool(route.acts & Act.DELETE)
    )

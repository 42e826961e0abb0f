"""Requests that another site makes a browser send (CSRF): no protection at all, exempted views, changes by a link.

Settings that switch protection off are in `python/settings.py`.
"""

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.facts import CHANGES, Act, Decorator, Sign
from server.analysis.web.judging import LIKELY, LOW, MEDIUM, POSSIBLE, Scene, at, changes_by_get, found, security
from server.analysis.web.lowered.words import snake
from server.analysis.web.route import Route

NO_CSRF_PROTECTION = security(
    "no-csrf-protection",
    MEDIUM,
    "Browsers send the session's cookie with every request, also with one that another site makes them send: "
    "without a token in its forms "
    "the program cannot tell them apart.",
    cwe=352,
    also=(1275, 346),
    remedy="Switch the framework's protection on for the whole program: `CSRFProtect(app)`, `CsrfViewMiddleware`.",
)
CSRF_EXEMPT = security(
    "csrf-exempt",
    MEDIUM,
    "The view is taken out of the protection against forged requests, though it changes something for whoever is "
    "logged in.",
    cwe=352,
    also=(346,),
    remedy="Leave the protection on; an endpoint for machines checks a signature or a token of its own.",
)
CHANGE_BY_GET = security(
    "change-by-get",
    MEDIUM,
    "A GET request changes data: any link or image on another site makes a logged-in browser do it, and tokens do "
    "not help.",
    cwe=650,
    also=(352,),
    remedy="Accept POST or DELETE only.",
)

RULES: tuple[Rule, ...] = (NO_CSRF_PROTECTION, CSRF_EXEMPT, CHANGE_BY_GET)

_PROTECTIONS = re.compile(r"csrf|xsrf|SeaSurf|FlaskForm|itsdangerous.*Signer", re.IGNORECASE)
_SENSITIVE = re.compile(
    r"transfer|passw|email|delete|profile|account|pay|admin|role|settings|update|edit|withdraw|send", re.IGNORECASE
)


_WITHOUT_COOKIES = re.compile(
    r"(?:^|[_.])(?:api_?)?(?:key|token|basic|hmac|signature|digest|bearer)_\w{0,20}auth|(?:^|\.)requires_\w{2,20}_auth$",
    re.IGNORECASE,
)
"""Decorators that know who calls by what no other site can make a browser send: `key_and_ip_auth`."""


def judge(scene: Scene) -> Iterator[Found]:
    yield from _exempted(scene)
    yield from _unprotected_forms(scene)
    yield from _changes_by_link(scene)


def _exempted(scene: Scene) -> Iterator[Found]:
    for route in scene.routes:
        for decorator in (*route.decorators, *_of_dispatch(route, scene)):
            if "csrf_exempt" not in decorator.name + decorator.words and not decorator.name.endswith("csrf.exempt"):
                continue
            signs = route.signs | route.guards
            for_machines = (
                signs & Sign.BEARER
                or re.search(r"hook|callback|ipn|notify|graphql|report|track|beacon", route.words, re.IGNORECASE)
                or any(_WITHOUT_COOKIES.search(other.name) for other in route.decorators)
            )
            if not for_machines or not (signs & Sign.WHO or for_machines):
                path = route.file
                yield found(
                    CSRF_EXEMPT,
                    path,
                    decorator.span,
                    f"{route.name} is exempt from the protection against forged requests",
                    confidence=LIKELY if route.changes else POSSIBLE,
                )
            break


def _of_dispatch(route: Route, scene: Scene) -> tuple[Decorator, ...]:
    """`@method_decorator(csrf_exempt) def dispatch(...)`: through which each method of a class is called."""
    if route.cls is None or "dispatch" not in route.cls.methods or route.methods == {"GET"}:
        return ()
    found = scene.app.function(f"{route.cls.name}.dispatch", route.file)
    return found[1].decorators if found is not None and found[0] == route.file else ()


def _is_protected(scene: Scene) -> bool:
    app = scene.app
    if any(_PROTECTIONS.search(name) for name in app.called) or any(
        "csrf" in name.lower() for facts in app.files.values() for name in facts.imports
    ):
        return True
    if any(_PROTECTIONS.search(base) for _, cls in app.classes() for base in cls.bases):
        return True
    return any(_PROTECTIONS.search(f.name) for _, f in app.functions()) or app.setting_has(
        "SESSION_COOKIE_SAMESITE", "Strict"
    )


def _unprotected_forms(scene: Scene) -> Iterator[Found]:
    """Of each file the form that does the most, and of each program a few."""
    forms: dict[str, dict[str, list[Route]]] = {}
    for route in scene.routes:
        if _changes_by_form(route) and (route.is_guarded or Language.PYTHON in scene.app.languages):
            forms.setdefault(scene.scope(route.file), {}).setdefault(route.file, []).append(route)
    if not forms or _is_protected(scene):
        return
    for scope, files in forms.items():
        if not _knows_people_by_cookies(scope, scene):
            continue
        worst = sorted(
            (min(routes, key=lambda r: _harm(r, scene)) for routes in files.values()), key=lambda r: _harm(r, scene)
        )
        for route in worst[:_PLACES]:
            where = route.path or route.name
            message = f"A forged request may post to {where}: forms have no token anywhere in this program"
            yield at(route, NO_CSRF_PROTECTION, message)


_PLACES = 3
"""One defect of the program, shown where it does the most harm."""


_PROTECTING = frozenset({"django", "rails", "laravel", "symfony", "spring"})
"""Frameworks whose forms have a token as long as nobody switches it off."""


def _changes_by_form(route: Route) -> bool:
    if route.framework & _PROTECTING or "POST" not in route.methods:
        return False
    changes = bool(route.acts & (CHANGES | Act.COMMIT))
    return changes and bool(route.signs & Sign.FORM) and not route.signs & Sign.BEARER


def _knows_people_by_cookies(scope: str, scene: Scene) -> bool:
    if "flask_login" in scene.app.imports:
        return True
    own = [r.signs for r in scene.routes if scene.scope(r.file) == scope]
    if Language.PYTHON in scene.app.languages:
        return any(signs & Sign.COOKIE for signs in own)
    return any(signs & Sign.COOKIE and signs & Sign.ENTERS for signs in own)


def _harm(route: Route, scene: Scene) -> tuple[bool, ...]:
    """Smallest for the most harm."""
    is_public = scene.is_public(route)
    return is_public or not _SENSITIVE.search(route.words), not route.is_guarded, is_public


_SAYS_CHANGE = re.compile(
    r"(?:^|[/_ \-])(?:delete|remove|destroy|disable|enable|approve|reject|ban|unban|promote|demote|close|cancel"
    r"|transfer|activate|deactivate|archive|revoke|grant|withdraw)(?:$|[/_ \-])",
    re.IGNORECASE,
)


def _changes_by_link(scene: Scene) -> Iterator[Found]:
    by_name = Language.PYTHON not in scene.app.languages  # Their methods are guessed: what is changed may be a mark.
    for route in scene.routes:
        says_so = by_name and _SAYS_CHANGE.search(snake(route.words)) is not None
        if by_name and not route.acts & Act.DELETE and not says_so:
            continue
        if (
            route.function is None
            or not route.is_guarded
            or route.signs & Sign.BEARER
            or not route.methods
            or not changes_by_get(route)
        ):
            continue
        if (
            (route.signs | route.guards) & Sign.COOKIE
            and not scene.is_public(route)
            and (route.fetches or route.acts & Act.DELETE or says_so)
        ):
            does = "deletes" if route.acts & Act.DELETE else "changes"
            yield at(
                route,
                CHANGE_BY_GET,
                f"A GET of {route.path or route.name} {does} data",
                severity=MEDIUM if does == "deletes" else LOW,
            )

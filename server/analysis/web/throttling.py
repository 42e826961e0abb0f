"""Logins, codes and resets that may be tried as often as somebody likes."""

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.facts import Sign
from server.analysis.web.judging import MEDIUM, Scene, at, security
from server.analysis.web.route import Route
from server.analysis.web.words import LIMITER

UNLIMITED_ATTEMPTS = security(
    "unlimited-attempts",
    MEDIUM,
    "A program can try passwords or codes here without end: nothing counts attempts, slows them down or locks the "
    "account.",
    cwe=307,
    also=(799, 770, 287),
    remedy="Limit requests per address and account (Flask-Limiter, django-axes, slowapi, DRF throttles).",
)

RULES: tuple[Rule, ...] = (UNLIMITED_ATTEMPTS,)

_CODE = re.compile(r"otp|2fa|mfa|two_?factor|verify_?(?:code|pin)|pin_?(?:check|login)|check_?pin", re.IGNORECASE)


def judge(scene: Scene) -> Iterator[Found]:
    if _has_limiter(scene) and not _is_for_each(scene):
        return
    told: set[str] = set()
    for route in sorted(scene.routes, key=lambda r: not scene.is_login(r)):
        if not _takes_guesses(route, scene) or (route.signs | route.guards) & Sign.LIMITS or _is_limited(route):
            continue
        kind = f"{scene.scope(route.file)} {'login' if scene.is_login(route) else 'code'}"
        if kind not in told:
            told.add(kind)
            guessed = "Passwords" if scene.is_login(route) else "Codes"
            yield at(route, UNLIMITED_ATTEMPTS, f"{guessed} may be tried without end at {route.path or route.name}")


def _is_for_each(scene: Scene) -> bool:
    """Whether the limiter holds only where a decorator says so, and one login has it."""
    if scene.site.limits_all or Language.PYTHON not in scene.app.languages:
        return False
    if any(_HOLDS_FOR_ALL.search(s.words) for settings in scene.app.settings.values() for _, s in settings):
        return False
    if not any(name.partition(".")[0] in _BY_DECORATOR for name in scene.app.imports):
        return False
    return any(_is_limited(route) for route in scene.routes if scene.is_login(route))


def _is_limited(route: Route) -> bool:
    return any(LIMITER.search(f"{decorator.name} {decorator.words}") for decorator in route.decorators)


_BY_DECORATOR = frozenset({"slowapi", "flask_limiter", "django_ratelimit", "ratelimit"})
_HOLDS_FOR_ALL = re.compile(r"default_limits|application_limits|RatelimitMiddleware|SlowAPIMiddleware|THROTTLE")


def _takes_guesses(route: Route, scene: Scene) -> bool:
    if route.is_websocket or (route.methods and "POST" not in route.methods and not route.signs & Sign.FORM):
        return False
    return scene.is_login(route) or (
        route.function is not None
        and (bool(_CODE.search(route.name)) or _takes_a_code(route) or route.function.guesses)
        and (bool(route.signs & (Sign.REFUSES | Sign.ENTERS)) or route.function.guesses)
    )


def _takes_a_code(route: Route) -> bool:
    """`def verify(email: str, code: str)`."""
    assert route.function is not None
    params = route.function.params
    return bool(_ASKS_CODE.search(route.name)) and any(name in ("code", "otp", "pin", "passcode") for name in params)


_ASKS_CODE = re.compile(r"verif|confirm|check|reset|login", re.IGNORECASE)


def _has_limiter(scene: Scene) -> bool:
    app = scene.app
    if scene.site.limits_all:
        return True
    if Language.PYTHON not in app.languages:
        return False  # Their routes show it themselves.
    if any(LIMITER.search(name) for facts in app.files.values() for name in facts.imports):
        return True
    if any(
        "THROTTLE" in setting.words or "throttle" in setting.words
        for _, setting in app.settings.get("REST_FRAMEWORK", ())
    ):
        return True
    return any("axes" in s.words or "defender" in s.words for _, s in app.settings.get("INSTALLED_APPS", ())) or any(
        LIMITER.search(name) for name in app.called
    )

"""Settings of web frameworks that turn a protection off: hosts, CSRF, framing, transport, sessions, passwords.

Debug mode is in `debug.py`; cookies and origins are in `browser.py`.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.values import is_constant
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import UNSAFE_DESERIALIZATION, WEAK_PASSWORD_HASH
from server.analysis.source import Span
from server.reviews.finding import Confidence, Severity


def _rule(
    name: str, severity: Severity, cwe: int, also: tuple[int, ...], why: str, remedy: str, confidence: Confidence
) -> Rule:
    return Rule(f"hive.{name}", Kind.SECURITY, severity, confidence, why, cwe, in_tests=False, also=also, remedy=remedy)


ANY_HOST = _rule(
    "any-host",
    Severity.LOW,
    16,
    (644, 20, 183, 1188, 346),
    "The Host header of a request gets into links and caches: with every host allowed, whoever sends it chooses them.",
    "List the names under which the site is reached.",
    Confidence.MEDIUM,
)
CSRF_OFF = _rule(
    "csrf-off",
    Severity.MEDIUM,
    352,
    (345, 346),
    "Other sites can send forms in the visitor's name: the browser adds the cookies.",
    "Leave the protection on, and take out single views that other programs call with a key of their own.",
    Confidence.MEDIUM,
)
FRAMING_ALLOWED = _rule(
    "framing-allowed",
    Severity.LOW,
    1021,
    (693, 451),
    "Another site can show this one in a frame and have the visitor click on what they do not see.",
    "Keep X-Frame-Options (or `frame-ancestors` of the Content-Security-Policy) at DENY or SAMEORIGIN.",
    Confidence.MEDIUM,
)
NO_TRANSPORT_SECURITY = _rule(
    "no-transport-security",
    Severity.LOW,
    319,
    (311, 523, 757),
    "Browsers may come without TLS, and what they send can be read on the way.",
    "Redirect to https and send Strict-Transport-Security.",
    Confidence.LOW,
)
BROWSER_PROTECTION_OFF = _rule(
    "browser-protection-off",
    Severity.LOW,
    693,
    (16, 1021, 79),
    "The header that makes browsers hold back scripts and guessed content types is turned off.",
    "Leave it on.",
    Confidence.LOW,
)
WEAK_PASSWORD_POLICY = _rule(
    "weak-password-policy",
    Severity.LOW,
    521,
    (1391, 16, 287),
    "Any password will do, also `1`: accounts are guessed.",
    "Ask for a length of at least 8 (AUTH_PASSWORD_VALIDATORS, or a check of your own) and refuse common passwords.",
    Confidence.MEDIUM,
)
OPEN_BY_DEFAULT = _rule(
    "open-by-default",
    Severity.MEDIUM,
    862,
    (306, 276, 284, 285, 1188),
    "Every view that says nothing else answers everyone.",
    "Make IsAuthenticated the default and open single views.",
    Confidence.MEDIUM,
)

_DEVELOPMENT = re.compile(
    r"(?:^|[/_.-])(?:dev|local|test|development|testing|ci)(?:[/_.-]|settings|elopment)", re.IGNORECASE
)
_DJANGO = re.compile(r"\b(?:INSTALLED_APPS|ROOT_URLCONF|MIDDLEWARE)\b")


def settings_in(node: ast.AST) -> Sequence[tuple[str, ast.expr]]:
    """`NAME = value`, `app.config["NAME"] = value`, `config.update(NAME=value)`, `{"NAME": value}`."""
    if isinstance(node, ast.keyword):
        return ((node.arg or "", node.value),)
    if isinstance(node, ast.Assign):
        return [(last_name(target), node.value) for target in node.targets]
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ((last_name(node.target), node.value),)
    if isinstance(node, ast.Dict):
        return [(text_of_literal(key) or "", value) for key, value in zip(node.keys, node.values, strict=True)]
    return ()


def is_development(node: ast.AST, file: PythonFile) -> bool:
    """A settings file or class that is not for production, or a branch."""
    if _DEVELOPMENT.search(file.source.path):
        return True
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.ClassDef):
            return re.match(r"dev|local|test", ancestor.name, re.IGNORECASE) is not None
        if isinstance(ancestor, ast.If):
            return True
    return False


def _texts(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _is_false(value: ast.expr) -> bool:
    return is_constant(value, False)


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, (ast.List, ast.Tuple)) and not value.elts


class Setting(NamedTuple):
    """*name* set so that *is_bad* holds."""

    name: re.Pattern[str]
    is_bad: Callable[[ast.expr], bool]
    message: str


_LOWER = frozenset({"xsrf_cookies", "task_serializer", "result_serializer", "accept_content", "serializer"})
_NODES = (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict)


def _hits(node: ast.AST, file: PythonFile, *settings: Setting) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if not name.isupper() and name not in _LOWER:
            continue
        for setting in settings:
            if setting.name.match(name) and setting.is_bad(value) and not is_development(node, file):
                place = value if isinstance(node, ast.Dict) else node
                yield Hit(file.span(place), setting.message.format(name))


@check(
    ANY_HOST,
    on=(ast.Assign,),
    bad=("INSTALLED_APPS = []\nALLOWED_HOSTS = ['*']\n",),
    good=("ALLOWED_HOSTS = ['a.example']\n", "ALLOWED_HOSTS = []\n", "if DEBUG:\n    ALLOWED_HOSTS = ['*']\n"),
)
def any_host(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    everything = Setting(
        re.compile(r"ALLOWED_HOSTS$"), lambda value: "*" in _texts(value), "Every Host header is taken"
    )
    yield from _hits(node, file, everything)


_CSRF_SETTINGS = (
    Setting(
        re.compile(r"(?:WTF_CSRF_ENABLED|CSRF_ENABLED|WTF_CSRF_CHECK_DEFAULT|JWT_COOKIE_CSRF_PROTECT)$"),
        _is_false,
        "{} is off",
    ),
    Setting(re.compile(r"xsrf_cookies$"), _is_false, "{} is off"),
    Setting(
        re.compile(r"CSRF_TRUSTED_ORIGINS$"),
        lambda value: any(text in ("*", "https://*", "http://*") for text in _texts(value)),
        "{}: every origin is trusted",
    ),
)


@check(
    CSRF_OFF,
    on=_NODES,
    bad=(
        "app.config['WTF_CSRF_ENABLED'] = False\n",
        "class Config:\n    WTF_CSRF_ENABLED = False\n",
        "app.config.update(JWT_COOKIE_CSRF_PROTECT=False)\n",
    ),
    good=(
        "app.config['WTF_CSRF_ENABLED'] = True\n",
        "class TestConfig:\n    WTF_CSRF_ENABLED = False\n",
        "class TestingConfig(Config):\n    TESTING = True\n    WTF_CSRF_ENABLED = False\n",
    ),
)
def csrf_off(node: ast.AST, file: PythonFile) -> Iterator[Hit]:
    yield from _hits(node, file, *_CSRF_SETTINGS)


@check(
    CSRF_OFF,
    on=(ast.Assign,),
    bad=("from flask_wtf import FlaskForm\nclass ProfileForm(FlaskForm):\n    class Meta:\n        csrf = False\n",),
    good=(
        "from flask_wtf import FlaskForm\nclass SearchForm(FlaskForm):\n    class Meta:\n        csrf = False\n",
        "from wtforms import Form\nclass LineForm(Form):\n    class Meta:\n        csrf = False\n",
    ),
)
def form_without_token(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """A search is sent by GET, and a plain form is a part of one that has a token."""
    meta = file.parents.get(node)
    form = file.parents.get(meta) if isinstance(meta, ast.ClassDef) and meta.name == "Meta" else None
    if last_name(node.targets[0]) != "csrf" or not _is_false(node.value) or not isinstance(form, ast.ClassDef):
        return
    bases = [file.dotted(base) for base in form.bases]
    if any(base.endswith("FlaskForm") for base in bases) and not _ASKS_ONLY.search(form.name):
        yield Hit(file.span(node), f"{form.name} is taken without a token")


_ASKS_ONLY = re.compile(r"search|filter|query|sort|page|list", re.IGNORECASE)


def _middleware(node: ast.Assign, file: PythonFile) -> list[str]:
    """Of Django's settings, the whole list; [] for anything else."""
    if last_name(node.targets[0]) not in ("MIDDLEWARE", "MIDDLEWARE_CLASSES") or not isinstance(
        node.value, (ast.List, ast.Tuple)
    ):
        return []
    names = [text_of_literal(element) for element in node.value.elts]
    complete = all(names) and any(name and name.startswith("django.contrib.sessions") for name in names)
    return [name for name in names if name] if complete and not is_development(node, file) else []


_SESSIONS = "MIDDLEWARE = [\n    'django.contrib.sessions.middleware.SessionMiddleware',\n    "
_CSRF = "'django.middleware.csrf.CsrfViewMiddleware',\n    "
_FRAMES = "'django.middleware.clickjacking.XFrameOptionsMiddleware',\n]\n"


@check(
    CSRF_OFF,
    on=(ast.Assign,),
    bad=(_SESSIONS + _FRAMES,),
    good=(_SESSIONS + _CSRF + _FRAMES, "MIDDLEWARE = []\n"),
)
def csrf_middleware_missing(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    names = _middleware(node, file)
    if names and not any("Csrf" in name for name in names):
        yield Hit(_place_of(node, "csrf", file), "Sessions without the CSRF middleware")


def _place_of(node: ast.Assign, word: str, file: PythonFile) -> Span:
    """The line on which the middleware is commented out, or else where the list begins."""
    for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
        text = file.source.line(line).strip()
        if text.startswith("#") and word in text.lower():
            return file.source.line_span(line)
    return file.head_span(node)


@check(
    FRAMING_ALLOWED,
    on=(ast.Assign,),
    bad=(
        _SESSIONS + _CSRF + "# " + _FRAMES,
        "X_FRAME_OPTIONS = 'ALLOWALL'\n",
    ),
    good=(_SESSIONS + _CSRF + _FRAMES, "X_FRAME_OPTIONS = 'SAMEORIGIN'\n"),
)
def framing_allowed(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    place = _place_of(node, "xframe", file) if _middleware(node, file) else None
    if place is not None and place.start_line > node.lineno:  # Taken out on purpose: many never had it.
        yield Hit(place, "Pages without X-Frame-Options")
    allows = Setting(
        re.compile(r"X_FRAME_OPTIONS$"),
        lambda v: (text_of_literal(v) or "").upper().startswith("ALLOW"),
        "Any site may frame",
    )
    yield from _hits(node, file, allows)


_TRANSPORT = (
    Setting(re.compile(r"SECURE_SSL_REDIRECT$"), _is_false, "{} is off"),
    Setting(
        re.compile(r"SECURE_HSTS_SECONDS$"), lambda v: isinstance(v, ast.Constant) and v.value == 0, "{} is 0: no HSTS"
    ),
)


@check(
    NO_TRANSPORT_SECURITY,
    on=(ast.Assign,),
    bad=("SECURE_SSL_REDIRECT = False\n", "SECURE_HSTS_SECONDS = 0\n"),
    good=(
        "SECURE_SSL_REDIRECT = True\n",
        "SECURE_SSL_REDIRECT = not DEBUG\n",
        "if DEBUG:\n    SECURE_SSL_REDIRECT = False\n",
    ),
)
def no_transport_security(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    yield from _hits(node, file, *_TRANSPORT)


@check(
    BROWSER_PROTECTION_OFF,
    on=(ast.Assign,),
    bad=("SECURE_CONTENT_TYPE_NOSNIFF = False\n", "SECURE_BROWSER_XSS_FILTER = False\n"),
    good=("SECURE_CONTENT_TYPE_NOSNIFF = True\n",),
)
def browser_protection_off(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    off = Setting(re.compile(r"SECURE_(?:CONTENT_TYPE_NOSNIFF|BROWSER_XSS_FILTER)$"), _is_false, "{} is off")
    yield from _hits(node, file, off)


@check(
    WEAK_PASSWORD_POLICY,
    on=(ast.Assign,),
    bad=("AUTH_PASSWORD_VALIDATORS = []\n",),
    good=("AUTH_PASSWORD_VALIDATORS = [{'NAME': 'a'}]\n", "VALIDATORS = []\n"),
)
def no_password_validators(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    if last_name(node.targets[0]) == "AUTH_PASSWORD_VALIDATORS":
        none = Setting(re.compile(r"AUTH_PASSWORD_VALIDATORS$"), _is_empty, "Passwords are not checked at all")
        yield from _hits(node, file, none)


@check(
    WEAK_PASSWORD_HASH,
    on=(ast.Assign,),
    bad=("PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n",),
    good=(
        "PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher', "
        "'django.contrib.auth.hashers.MD5PasswordHasher']\n",
    ),
)
def weak_hasher(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """The first is the one that new passwords get."""
    weak = re.compile(r"(?:MD5|SHA1|Crypt|Unsalted\w+)PasswordHasher$")
    setting = Setting(
        re.compile(r"PASSWORD_HASHERS$"),
        lambda v: any(weak.search(t) for t in _texts(v)[:1]),
        "Passwords get a fast hash",
    )
    yield from _hits(node, file, setting)


_PICKLES = (
    Setting(
        re.compile(r"SESSION_SERIALIZER$"), lambda v: any("Pickle" in t for t in _texts(v)), "Sessions are pickles"
    ),
    Setting(
        re.compile(r"(?:CELERY_)?(?:TASK_SERIALIZER|RESULT_SERIALIZER|ACCEPT_CONTENT)$", re.IGNORECASE),
        lambda v: "pickle" in _texts(v),
        "Tasks are pickles",
    ),
)


@check(
    UNSAFE_DESERIALIZATION,
    on=_NODES,
    bad=(
        "SESSION_SERIALIZER = 'django.contrib.sessions.serializers.PickleSerializer'\n",
        "CELERY_ACCEPT_CONTENT = ['json', 'pickle']\n",
        "app.conf.update(task_serializer='pickle')\n",
    ),
    good=(
        "SESSION_SERIALIZER = 'django.contrib.sessions.serializers.JSONSerializer'\n",
        "CELERY_ACCEPT_CONTENT = ['json']\n",
    ),
)
def pickled_settings(node: ast.AST, file: PythonFile) -> Iterator[Hit]:
    yield from _hits(node, file, *_PICKLES)


@check(
    OPEN_BY_DEFAULT,
    on=(ast.Dict,),
    bad=("REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.AllowAny']}\n",),
    good=("REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']}\n",),
)
def open_by_default(node: ast.Dict, file: PythonFile) -> Iterator[Hit]:
    open_views = Setting(
        re.compile(r"DEFAULT_PERMISSION_CLASSES$"),
        lambda v: bool(_texts(v)) and all(t.endswith("AllowAny") for t in _texts(v)),
        "Every view is open to everyone unless it says otherwise",
    )
    yield from _hits(node, file, open_views)


CHECKS = (
    any_host,
    csrf_off,
    form_without_token,
    csrf_middleware_missing,
    framing_allowed,
    no_transport_security,
    browser_protection_off,
    no_password_validators,
    weak_hasher,
    pickled_settings,
    open_by_default,
)

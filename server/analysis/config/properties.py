"""Lines of `name = value`: .env, ini, cfg, properties, toml, and the .conf of servers that are not nginx.

Secrets in them are found by `text/credentials.py`, which reads every file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from server.analysis.config.containers import OPEN_SERVICE
from server.analysis.config.setting import Setting
from server.analysis.python.cookies import INSECURE_COOKIE
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import DEBUG_MODE, PERMISSIVE_CORS, TLS_UNVERIFIED
from server.analysis.source import Source, Span
from server.reviews.finding import Confidence, Severity

TOLD_INTERNALS = Rule(
    "hive.told-internals",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Strangers learn paths, settings, memory and the text of errors: where to look for the next hole.",
    200,
    in_tests=False,
    also=(209, 497, 215, 16, 489, 1295),
    remedy="Turn it off, or leave it to people who are logged in.",
)


LISTED_DIRECTORY = Rule(
    "hive.listed-directory",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "Visitors get a list of all files in the directory, also of those to which nothing links.",
    548,
    in_tests=False,
    also=(200, 538, 552, 497, 22),
    remedy="Leave autoindex off, or list only what is public.",
)
REMOTE_INCLUSION = Rule(
    "hive.remote-inclusion",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.HIGH,
    "PHP lets a request bring its own code or its own variables: one careless include or test is enough.",
    829,
    in_tests=False,
    also=(98, 94, 473, 621, 454),
    remedy="Turn it off: programs of today need neither.",
)

_LINE = re.compile(
    r"[ \t]*(?:export[ \t]+|set[ \t]+)?(?P<name>[\w.\-]{1,120})[\"']?(?:[ \t]*[=:][ \t]*|[ \t]+)(?P<value>[^\n]*)$"
)
_OF_APACHE = re.compile(
    r"[ \t]*(?:php_(?:admin_)?(?:flag|value)|Header[ \t]+(?:always[ \t]+)?(?:set|add|append))[ \t]+", re.IGNORECASE
)
"""What stands before the name in a file of Apache."""
_SECTION = re.compile(r"[ \t]*\[\[?(?P<name>[\w. \"'-]{1,80})\]")

MAX_LINES = 50_000


@dataclass(frozen=True)
class PropertiesFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        return tuple(_settings(self.source.lines[:MAX_LINES]))

    def nodes(self, kind: Any) -> Sequence[Setting]:
        return self.settings if kind is Setting else ()

    def span(self, setting: Setting) -> Span:
        return self.source.line_span(setting.line)


def _settings(lines: Sequence[str]) -> Iterator[Setting]:
    section = ""
    for number, text in enumerate(lines, 1):
        if len(text) > 5_000 or text.lstrip()[:1] in ("#", ";", "!", "/"):
            continue
        opened = _SECTION.match(text)
        if opened is not None:
            section = opened["name"].strip().strip("\"'").lower() + "."
            continue
        found = _LINE.match(_OF_APACHE.sub("", text.rstrip(), count=1))
        if found is not None:
            yield Setting(section + found["name"].lower(), _plain(found["value"]), number)


def _plain(text: str) -> str:
    text = text.strip().rstrip(",")
    if text[:1] in ("'", '"'):
        closing = text.find(text[0], 1)
        return text[1:closing] if closing > 0 else text[1:]
    return re.split(r"[ \t]+[#;]", text, maxsplit=1)[0].strip()


_OFF = frozenset({"false", "0", "off", "no"})
_DEVELOPMENT = re.compile(r"dev|local|test|debug|example|sample|template|dist$|ci\b|docs?/", re.IGNORECASE)


class SettingsFile(Protocol):
    """What has settings: a file of lines, or one of YAML."""

    @property
    def source(self) -> Source: ...

    def span(self, setting: Setting) -> Span: ...


class Danger(NamedTuple):
    name: re.Pattern[str]
    values: re.Pattern[str]
    message: str


def _hits(setting: Setting, file: SettingsFile, *dangers: Danger) -> Iterator[Hit]:
    if _DEVELOPMENT.search(file.source.path):
        return
    for danger in dangers:
        if danger.name.search(setting.name) and danger.values.fullmatch(setting.value.lower()):
            yield Hit(file.span(setting), danger.message)
            return


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\.)(?:{pattern})$")


_IS_ON = re.compile("true|1|on|yes")
_IS_OFF = re.compile("false|0|off|no")


@check(
    DEBUG_MODE,
    on=(Setting,),
    bad=("FLASK_DEBUG=1\n", "DEBUG=True\n", "APP_DEBUG=true\n", "FLASK_ENV=development\n", "[app]\ndebug = true\n"),
    good=("FLASK_DEBUG=0\n", "DEBUG=\n", "# DEBUG=True\n", "LOG_LEVEL=debug\n", "[tool.x]\ndebug_path = true\n"),
)
def debug_setting(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    yield from (
        Hit(hit.span, hit.message, severity=Severity.MEDIUM)
        for hit in _hits(
            setting,
            file,
            Danger(
                re.compile(r"^(?:flask_|django_|app_)?debug$|^(?:app|server|flask|web|django|default)\.debug$"),
                _IS_ON,
                "Debug mode is on",
            ),
            Danger(_named("flask_env"), re.compile("development"), "Flask runs with its debugger"),
            Danger(_named("spring.h2.console.enabled"), _IS_ON, "The console of the database is open"),
        )
    )


@check(
    TOLD_INTERNALS,
    on=(Setting,),
    bad=(
        "management.endpoints.web.exposure.include=*\n",
        "server.error.include-stacktrace=always\n",
        "display_errors = On\n",
        "php_flag display_errors on\n",
    ),
    good=(
        "management.endpoints.web.exposure.include=health,info\n",
        "server.error.include-stacktrace=never\n",
        "display_errors = Off\n",
    ),
)
def told_internals(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    yield from _hits(
        setting,
        file,
        Danger(_named(r"management\.endpoints\.web\.exposure\.include"), re.compile(r"\*"), "Every actuator is open"),
        Danger(
            _named(r"server\.error\.include-(?:stacktrace|exception|message|binding-errors)"),
            re.compile("always|true"),
            "Errors are told in full",
        ),
        Danger(_named("display_errors|display_startup_errors"), _IS_ON, "Errors are shown to visitors"),
    )


@check(
    REMOTE_INCLUSION,
    on=(Setting,),
    bad=("allow_url_include = On\n", "php_value allow_url_include 1\n", "register_globals = On\n"),
    good=("allow_url_include = Off\n", "allow_url_fopen = On\n"),
)
def remote_inclusion(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    yield from _hits(
        setting,
        file,
        Danger(_named("allow_url_include"), _IS_ON, "What is included may come from any address"),
        Danger(_named("register_globals"), _IS_ON, "Whoever sends the request sets variables of the program"),
    )


@check(
    LISTED_DIRECTORY,
    on=(Setting,),
    bad=("Options +Indexes\n", "Options Indexes FollowSymLinks\n"),
    good=("Options -Indexes\n", "Options FollowSymLinks\n", "DirectoryIndex index.php\n"),
)
def listed_directory(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    listed = Danger(
        re.compile("^options$"), re.compile(r"(?:.*\s)?\+?(?:indexes|all)(?:\s.*)?"), "Visitors can list the files"
    )
    yield from _hits(setting, file, listed)


@check(
    INSECURE_COOKIE,
    on=(Setting,),
    bad=(
        "SESSION_COOKIE_SECURE=False\n",
        "server.servlet.session.cookie.http-only=false\n",
        "session.cookie_httponly = 0\n",
    ),
    good=("SESSION_COOKIE_SECURE=True\n", "session.cookie_httponly = 1\n"),
)
def insecure_cookie(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    name = _named(
        r"(?:session|remember|csrf)_cookie_(?:secure|httponly)|session\.cookie\.(?:secure|http-only)|cookie_(?:secure|httponly)"
    )
    yield from _hits(setting, file, Danger(name, _IS_OFF, "The session's cookie goes without its flags"))


@check(
    OPEN_SERVICE,
    on=(Setting,),
    bad=(
        "protected-mode no\n",
        "[security]\nauthorization: disabled\n",
        "xpack.security.enabled: false\n",
        "management.security.enabled=false\n",
    ),
    good=("protected-mode yes\n", "authorization: enabled\n"),
)
def open_service(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    yield from _hits(
        setting,
        file,
        Danger(_named("protected-mode"), re.compile("no"), "Redis answers everyone"),
        Danger(_named("authorization"), re.compile("disabled"), "MongoDB answers everyone"),
        Danger(_named(r"xpack\.security\.enabled"), _IS_OFF, "Elasticsearch answers everyone"),
        Danger(_named(r"(?:management\.security|security\.basic)\.enabled"), _IS_OFF, "Actuators answer everyone"),
    )


@check(
    PERMISSIVE_CORS,
    on=(Setting,),
    bad=("CORS_ORIGINS=*\n", "CORS_ALLOW_ALL_ORIGINS=True\n", 'Header set Access-Control-Allow-Origin "*"\n'),
    good=("CORS_ORIGINS=https://acme.io\n", "CORS_ALLOW_ALL_ORIGINS=False\n"),
)
def permissive_cors(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    dangers = (
        Danger(
            _named(r"(?:\w+_)?cors_(?:allowed_)?origins?|(?:[\w.]+\.)?cors\.allowed-origins"),
            re.compile(r"\*"),
            "Any origin may call",
        ),
        Danger(_named("cors_allow_all_origins|cors_origin_allow_all"), _IS_ON, "Any origin may call"),
        Danger(re.compile("^access-control-allow-origin$"), re.compile(r"\*"), "Any origin may call"),
    )
    yield from (Hit(hit.span, hit.message, severity=Severity.LOW) for hit in _hits(setting, file, *dangers))


@check(
    TLS_UNVERIFIED,
    on=(Setting,),
    bad=(
        "NODE_TLS_REJECT_UNAUTHORIZED=0\n",
        "strict-ssl=false\n",
        "VERIFY_SSL=false\n",
        "sslverify = false\n",
        "insecure_skip_verify = true\n",
    ),
    good=("NODE_TLS_REJECT_UNAUTHORIZED=1\n", "strict-ssl=true\n"),
)
def unverified_setting(setting: Setting, file: SettingsFile) -> Iterator[Hit]:
    off = Danger(
        _named("node_tls_reject_unauthorized|strict-ssl|verify_ssl|ssl_verify|verify_tls|sslverify|pythonhttpsverify"),
        _IS_OFF,
        "The check of certificates is turned off",
    )
    skipped = Danger(
        _named("(?:tls[_-]?)?insecure[_-]?skip[_-]?(?:tls[_-]?)?verify"),
        _IS_ON,
        "The check of certificates is turned off",
    )
    yield from _hits(setting, file, off, skipped)


CHECKS = (
    debug_setting,
    told_internals,
    remote_inclusion,
    listed_directory,
    insecure_cookie,
    open_service,
    permissive_cors,
    unverified_setting,
)

"""Secrets that names and values tell in any language: signing keys, passwords of accounts, defaults.

Works on the text, since it reads everything from Java to shell scripts; Python has checks of its own that know the
syntax (`python/credentials.py`). What stands in calls, addresses and seeds is in `accounts.py`; keys known by their
form are in `secrets.py`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from server.analysis.admission import LONGEST_LINE
from server.analysis.language import Language, without_package
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.source import Source
from server.analysis.text.file import TextFile
from server.analysis.text.looks import (
    COMMON,
    PLACEHOLDER,
    Promise,
    is_mixed,
    is_secret,
    is_value,
    promise_of,
)
from server.reviews.finding import Confidence, Severity

HARDCODED_KEY = Rule(
    "hive.hardcoded-key",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.HIGH,
    "Whoever reads the code can sign sessions and tokens, or decrypt, as the program does.",
    798,
    ("S105", "S106"),
    in_tests=False,
    also=(321, 259, 547, 522, 312),
    remedy="Read the key from the environment or a vault, stop when it is missing, and change the one in the code.",
)
DEFAULT_CREDENTIALS = Rule(
    "hive.default-credentials",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Where nobody sets another value, this one holds, and it is known to everyone who reads the code.",
    798,
    ("S105", "S106", "S107"),
    in_tests=False,
    also=(1392, 1188, 259, 321, 521, 1393),
    remedy="Leave out the default and stop with a message when the value is missing; make first passwords by chance.",
)

DOCUMENTATION = re.compile(
    r"\.(?:md|rst|txt|adoc|html?|po|pot|svg|ipynb|lock|csv|xml)$|(?:^|/)(?:package-lock\.json|CHANGELOG|README)",
    re.IGNORECASE,
)
EXAMPLE_PATH = re.compile(
    r"(?<!org/)(?<!com/)(?:example|sample)|\.template$|\.tmpl$|[._-]template\.|(?:^|/)templates?/|\.dist$|fixture|(?:^|/)docs?/|locale|i18n|lang/"
    r"|translations?",
    re.IGNORECASE,
)
SETTINGS = re.compile(
    r"(?:^|/)(?:\.env(?:\.[\w-]+)?|Dockerfile[\w.-]*|[\w.-]+\.(?:env|ini|cfg|conf|properties|ya?ml|toml|tfvars|sh|bash|zsh))$"
)
NOT_LIVE = re.compile(
    r"(?:^|[/._-])(?:test|tests|testing|e2e|ci|dev|development|local|mock|stories|devcontainer|github|gitlab-ci|circleci"
    r"|travis|azure-pipelines|benchmarks?|demo)(?:[/._-]|$)|(?:^|/)\.(?:github|circleci|devcontainer)/",
    re.IGNORECASE,
)
"""Where a weak value is only for the developer's machine or the test's database."""

_STEMS = ("secret", "passw", "pwd", "passphrase", "_key", "_pass", "key", "pepper", "token")
MAX_NAMES = 5_000
"""A file with more of them is a list of words, not settings."""

_NAME_BEFORE = re.compile(r"[A-Za-z_][\w.-]{0,80}$")
_NAME_AFTER = re.compile(r"[\w-]{0,40}")
_VALUE = re.compile(
    r"""(?P<closed>["'`]?)\)?\]?[ \t]{0,8}(?::[ \t]?[A-Za-z][\w.<>\[\] |]{0,40}?)?[ \t]{0,8}"""
    r"""(?P<sign>=>|:=|\|\||\?\?|\?:|\bor\b|===?|!==?|=|:|,)[ \t]{0,8}"""
    r"""(?:\[\]byte\(|Buffer\.from\(|new String\(|b|u|r)?(?P<quote>["'`])(?P<value>[^"'`\\\n]{1,200})(?P=quote)"""
)
_FALLBACKS = ("||", "??", "?:", "or")
_SETTING_VALUE = re.compile(
    r"""[ \t]{0,4}[=:][ \t]{0,4}(?P<value>[^\s"'`#;]{1,200})[ \t]{0,8}(?:[#;].{0,200})?\r?$""", re.MULTILINE
)
_SETTING_OR_SPACE = re.compile(
    r"""[ \t]{0,4}(?:[=:][ \t]{0,4}|[ \t])(?P<value>[^\s"'`#;=]{1,200})[ \t]{0,8}(?:[#;].{0,200})?\r?$""", re.MULTILINE
)
"""Also `ENV SECRET_KEY value` of a Dockerfile and `requirepass value` of a server's settings."""
_READS_ENVIRONMENT = re.compile(
    r"(?:getenv|env|environ|fetch|getOrDefault|SetDefault|GetEnv|getEnv|EnvOr|envOr\w*|LookupEnv|define|get|setdefault"
    r"|getProperty|default|read|setting|option|required|param|cfg|conf(?:ig)?|\w{0,20}(?:Env|Setting|Config|Var))"
    r"\(\s{0,8}[\"'`]?$",
    re.IGNORECASE,
)
COMMENT = re.compile(r"[ \t]*(?:#|//|\*|--|;|/\*|<!--|rem\b)")


class Named(NamedTuple):
    """A name that promises a secret, and the literal that it gets. *sign* stands between the two."""

    name: str
    sign: str
    value: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _named(source: Source) -> tuple[Named, ...]:
    """Every such pair of the file, once; kept for the checks that ask one after the other."""
    return tuple(_find_named(source))


def _find_named(source: Source) -> Iterator[Named]:
    text, seen = source.text, -1
    if source.longest_line > LONGEST_LINE and source.language is not Language.OTHER:
        return  # Minified: nobody names secrets there.
    settings = _setting_of(source.path)
    for at in places(text, _STEMS):
        if at < seen:
            continue
        before = _NAME_BEFORE.search(text, max(0, at - 80), at)
        start = before.start() if before else at
        after = _NAME_AFTER.match(text, at)
        end = after.end() if after else at
        name, seen = text[start:end], end
        if promise_of(name) is Promise.NOTHING or text[start - 1 : start] in ("@", "/", "#"):
            continue
        found = _VALUE.match(text, end) or (settings.match(text, end) if settings else None)
        if found is None or COMMENT.match(text, text.rfind("\n", 0, start) + 1):
            continue
        if text[found.end() : found.end() + 2].strip(".?") != text[found.end() : found.end() + 2]:
            continue  # `token) || "months".equals(token)`: what is asked of a text, not given
        sign = found.groupdict().get("sign") or "="
        if sign == ",":
            quoted = start - 1 if text[start - 1 : start] in ("'", '"', "`") else start
            is_ended = ")" in text[end : found.start("sign")]  # `getenv('PW'), 'shop'`: what follows is no default
            if is_ended or not found["closed"] or not _READS_ENVIRONMENT.search(text, max(0, quoted - 40), quoted):
                continue
            sign = "define" if "define(" in text[max(0, quoted - 12) : quoted] else ","
        yield Named(name, sign, found["value"], *found.span("value"))


def _setting_of(path: str) -> re.Pattern[str] | None:
    """How a value without quotes follows its name in a file of that name; None where it cannot."""
    if SETTINGS.search(path) is None:
        return None
    return _SETTING_OR_SPACE if re.search(r"Dockerfile|\.conf$", path) else _SETTING_VALUE


def places(text: str, stems: tuple[str, ...]) -> list[int]:
    """Where one of *stems* begins. Finding these first is ten times as fast as searching with a pattern."""
    lowered = text.lower()
    if len(lowered) != len(text):  # A few letters grow when lowered, and the offsets would no longer fit.
        lowered = text
    found = []
    for stem in stems:
        at = lowered.find(stem)
        while at >= 0:
            found.append(at)
            at = lowered.find(stem, at + 1)
    return sorted(found)[:MAX_NAMES]


def is_documentation(source: Source) -> bool:
    path = without_package(source.path)
    return DOCUMENTATION.search(path) is not None or EXAMPLE_PATH.search(path) is not None


def is_live(source: Source) -> bool:
    return NOT_LIVE.search(without_package(source.path)) is None


def secret_hit(file: TextFile, name: str, start: int, end: int, message: str = "") -> Hit:
    return Hit(file.span(start, end), message or f"The value of {name} stands in the code", evidence=f"{name} = …")


@check(
    HARDCODED_KEY,
    on=(TextFile,),
    bad=(
        "const JWT_SECRET = 'mysecret';\n",
        "module.exports = { jwtSecret: 'hush' };\n",
        "app.use(session({ secret: 'keyboard cat', resave: false }));\n",
        'var jwtKey = []byte("my_secret_key")\n',
        'private static final String SECRET_KEY = "supersecret";\n',
        "Rails.application.config.secret_key_base = 'abcdef'\n",
        "SECRET_KEY=dev\n",
        "$encryption_key = 'sixteen byte key';\n",
        "jwt.secret=changeit\n",
    ),
    good=(
        "const JWT_SECRET = process.env.JWT_SECRET;\n",
        "secret_key: ${SECRET_KEY}\n",
        "SECRET_KEY=\n",
        "const SECRET_KEY = '';\n",
        "type A = { clientSecret: 'string' };\n",
        "const CONF_CLIENT_SECRET = 'client_secret';\n",
        "['password' => '--password='.$connection['password'], 'a' => '']\n",
        "get('token?client_secret=' + params.appSecret + '&v=' + v);\n",
        "const CONFIG_KEY_SIGNING_KEY = 'shop:mailEventsSigningKey';\n",
        "// const JWT_SECRET = 'mysecret';\n",
        "secret_key_file=/run/secrets/key\n",
        "tokenKey: 'token_key'\n",
        "const GROUPS = { title: 'core', session_secret: 'core', locale: 'core', auth_secret: 'core' };\n",
        "if (client_secret == 'none') {\n",
    ),
)
def hardcoded_key(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source):
        return
    for named in _named(source):
        compared = named.sign in ("==", "===", "!=", "!==")
        if promise_of(named.name) is not Promise.KEY or named.sign in _FALLBACKS or named.sign == "," or compared:
            continue
        if is_secret(named.name, named.value) and not _is_harmless(named, source):
            yield secret_hit(file, named.name, named.start, named.end)


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        "const DB_PASSWORD = 'rootpw';\n",
        "POSTGRES_PASSWORD=postgres\n",
        "define('DB_PASSWORD', 'toor');\n",
        "spring.datasource.password=root\n",
        'String adminPassword = "admin";\n',
        'private static final String API_TOKEN = "shop-api-token-91";\n',
        "if (adminPassword === 'hunter2!') {\n",
    ),
    good=(
        "const DB_PASSWORD = process.env.DB_PASSWORD;\n",
        "DB_PASSWORD=\n",
        "DB_PASSWORD=${DB_PASSWORD}\n",
        "adminPassword: 'Admin password'\n",
        "openssl.error.loadingPassword=加载密码文件错误\n",
        "$labels['dbPassword'] = 'ពាក្យសម្ងាត់ថ្មី៖';\n",
        "const basicAuthPassword = 'SHOP_BASICAUTH_PASSWORD';\n",
        "const labels = { adminPassword: 'Adminpasswort' };\n",
        "DB_PASSWORD=changeme\n".replace("DB_", "BOX_"),
    ),
)
def hardcoded_account_password(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source):
        return
    for named in _named(source):
        if promise_of(named.name) not in (Promise.ACCOUNT_PASSWORD, Promise.TOKEN) or named.sign in (*_FALLBACKS, ","):
            continue
        compared = named.sign in ("==", "===", "!=", "!==")
        if compared and not is_mixed(named.value):
            continue
        if is_secret(named.name, named.value) and not _is_harmless(named, source) and not named.value.istitle():
            yield secret_hit(file, named.name, named.start, named.end)


def _is_harmless(named: Named, source: Source) -> bool:
    """A weak value where only developers or tests come; a word that many things have, or of code where a value would
    be quoted.
    """
    is_name = named.value.isalpha() and named.value.lower() not in COMMON
    if is_name and len(re.findall(rf"['\"]{named.value}['\"]", source.text)) >= _OFTEN:
        return True
    if not is_live(source):
        return named.value.lower() in COMMON or not is_mixed(named.value)
    return named.value.endswith(("(", ",", "{", ";", ")")) or PLACEHOLDER.match(named.value) is not None


_OFTEN = 4
"""A word that is the value of so many things is a name of theirs."""


@check(
    DEFAULT_CREDENTIALS,
    on=(TextFile,),
    bad=(
        "const secret = process.env.JWT_SECRET || 'dev-jwt-secret';\n",
        "jwtSecret: process.env.JWT_SECRET ?? 'change me',\n",
        "$key = getenv('APP_SECRET') ?: 'secret';\n",
        "key = ENV.fetch('SECRET_KEY_BASE', 'secret')\n",
        "key = ENV.fetch('API_KEY', 'local-key-1')\n",
        "const config = { tokens: read('TOKEN_SECRET', 'auction-42') };\n",
        'String s = env.getOrDefault("JWT_SECRET", "secret");\n',
        "'password' => env('DB_PASSWORD', 'secret'),\n",
        '@Value("${jwt.secret:mySecretKey}")\nprivate String secret;\n',
        "JWT_SECRET: ${JWT_SECRET:-supersecret}\n",
    ),
    good=(
        "const secret = process.env.JWT_SECRET || '';\n",
        "const name = process.env.NAME || 'secret';\n",
        "$column = $config['storage_key'] ?? 'api_token';\n",
        'if ("month".equals(currentToken) || "months".equals(currentToken)) {\n',
        "'password' => env('DB_PASSWORD', ''),\n",
        "const secret = process.env.JWT_SECRET || crypto.randomBytes(32);\n",
        '@Value("${jwt.secret}")\n',
        "JWT_SECRET: ${JWT_SECRET:-}\n",
        "f('client_secret', 'code')\n",
        "$db = mysqli_connect(getenv('DB_HOST'), getenv('DB_USER'), getenv('DB_PASS'), 'shop');\n",
    ),
)
def default_secret(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """`process.env.SECRET || "dev"`: the value that holds when nobody sets one."""
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source) or not is_live(source):
        return
    for named in _named(source):
        promise = promise_of(named.name)
        is_name = "_" in named.value and named.value.islower() and promise_of(named.value) is not Promise.NOTHING
        is_key = promise is Promise.TOKEN and len(named.value) > 5 and not is_name
        is_key = is_key and not PLACEHOLDER.search(named.value)
        if (
            (promise >= Promise.ACCOUNT_PASSWORD or is_key)
            and named.sign in (*_FALLBACKS, ",")
            and is_value(named.value)
            and not named.value.endswith("(")
        ):
            yield secret_hit(
                file, named.name, named.start, named.end, f"Without {named.name}, a value known to everyone holds"
            )
    for found in _INLINE_DEFAULT.finditer(source.text) if "${" in source.text else ():
        name, value = found["name"], found["value"]
        if promise_of(name) >= Promise.ACCOUNT_PASSWORD and is_value(value):
            yield secret_hit(file, name, *found.span("value"), f"Without {name}, a value known to everyone holds")


_INLINE_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_][\w.-]{1,60}):-?(?P<value>[^}\s$]{1,100})\}")


CHECKS = (hardcoded_key, hardcoded_account_password, default_secret)

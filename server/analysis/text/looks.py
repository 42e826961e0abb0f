"""What a name promises and what a value looks like: whether the two together are a secret.

Knows nothing of languages or files. A name like `SECRET_KEY` promises so much that any value of it is a secret; beside
`password` the value must not be a word, for there it is mostly the name of a field.
"""

import math
import re
from collections import Counter
from enum import IntEnum
from functools import lru_cache


class Promise(IntEnum):
    """Ordered by how little the value must look like a secret."""

    NOTHING = 0
    TOKEN = 1
    """An access token or key of some service."""
    PASSWORD = 2
    """`password` and no more."""
    ACCOUNT_PASSWORD = 3
    """The password of something: `DB_PASSWORD`, `admin_password`."""
    KEY = 4
    """Signs or encrypts: `SECRET_KEY`, `jwtSecret`."""


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_KEY = re.compile(
    r"(?:^|_)(?:secret_?key(?:_base)?|(?:encryption|encrypt|signing|sign|signature|crypto|cipher|aes|des|fernet|hmac|jwt"
    r"|jwe|jws|master|secret)_(?:secret_)?key|(?:jwt|app|flask|django|session|cookie|token"
    r"|csrf|auth|signing|hmac|webhook|hook|shared|oauth|github|slack|stripe|totp|otp|mfa|internal|bot|client|api|nextauth|consumer|encryption|crypto|hash|access|refresh|server)"
    r"_(?:token_)?secret|password_pepper|pepper)$|^(?:jwt_?|app_?|my_?|the_?)?secret$"
)
_PASSWORD = re.compile(r"(?:^|_)(?:password|passwd|passphrase|pwd|pw|passwort|pass)$")
_ACCOUNT = re.compile(
    r"(?:^|_)(?:db|database|mysql|mariadb|postgres|postgresql|pg|psql|sql|mssql|oracle|mongo|mongodb|redis|rabbitmq|amqp"
    r"|admin|administrator|root|superuser|default|smtp|mail|email|email_host|ftp|sftp|ssh|ldap|bind|basic_auth|proxy"
    r"|service|master|datasource|data_source|jdbc|connection|key_store|trust_store|keystore|elastic|neo4j|influxdb|minio|initial|backdoor|demo)(?:_user|_root|_admin)?"
    r"_(?:password|passwd|passphrase|pwd|pass|pw)$"
)
_TOKEN = re.compile(
    r"(?:^|_)(?:api_?key|api_?token|(?:access|auth|bearer|service|bot|refresh|admin|root|vault|hub|push|publish|registry|deploy|personal_access|github|slack|stripe"
    r"|deploy)_token|(?:access|account|storage|license|service|private|stripe|sendgrid|mailgun|google|maps|openai|aws|azure"
    r"|payment|gateway|admin|internal|publishable|secret)_key|access_key_id|secret_access_key|credentials?|auth_?key|[a-z]{3,20}_token)$"
)
_NUMBERED = re.compile(r"_?\d{1,2}$|_(?:default|value|prod|production|dev|local|literal|str)$")


_NO_NAME = re.compile(r"[:/\s]")


@lru_cache(maxsize=4096)
def promise_of(name: str) -> Promise:
    """Of an identifier in any convention: `SECRET_KEY`, `jwtSecret`, `spring.datasource.password`."""
    if len(name) > 100 or _NO_NAME.search(name):
        return Promise.NOTHING
    words = _NUMBERED.sub("", snake(name))
    if _KEY.search(words):
        return Promise.KEY
    if _ACCOUNT.search(words):
        return Promise.ACCOUNT_PASSWORD
    if _PASSWORD.search(words):
        return Promise.PASSWORD
    return Promise.TOKEN if _TOKEN.search(words) else Promise.NOTHING


def snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")


COMMON = frozenset(
    {
        *("password", "passwd", "pass", "pwd", "secret", "admin", "root", "user", "username", "test", "guest", "token"),
        *("key", "postgres", "mysql", "redis", "rabbitmq", "minio", "changeme", "changeit", "hunter2", "letmein"),
        *("qwerty", "default", "dev", "development", "toor", "sa", "oracle", "mongo", "mongodb", "demo", "welcome"),
        *("administrator", "superuser", "master", "manager", "1234", "12345", "123456", "12345678", "123456789"),
    }
)
"""What people take for a password when any will do."""

PLACEHOLDER = re.compile(
    r"your[-_ ]?|xxxx|\*\*\*|\.\.\.|<[^>]*>|placeholder|redacted|replace|insert[-_ ]|todo|fill[-_ ]?(?:me|in)"
    r"|not[-_ ]?(?:a|the)[-_ ]?real|put[-_ ]",
    re.IGNORECASE,
)
"""What stands for a value that somebody else will give."""

EXAMPLE = re.compile(
    PLACEHOLDER.pattern + r"|example|sample|dummy|fake|mock|1234567|abcdef|change.?me|deadbeef|lorem|foobar|test",
    re.IGNORECASE,
)

WORDS = re.compile(
    r"[A-Za-z]+(?:[_.\- :/][A-Za-z]+)*[.:!?]?|[A-Z][A-Z0-9_]*|[a-z][a-zA-Z]*\d{0,1}|[\w-]+\.[\w.-]+\(?.*"
)
"""Words, names of constants, dotted names: what a value mostly is when it is no secret."""

_NO_VALUE = frozenset(
    {
        *("none", "null", "nil", "true", "false", "undefined", "string", "str", "text", "hidden", "input", "required"),
        *("optional", "bytes", "number", "object", "any", "bool", "boolean", "yes", "no", "off", "on", "auto", "env"),
        *(
            "not_available",
            "not available",
            "x",
            "-",
            "_",
            "n/a",
            "na",
            "unset",
            "disabled",
            "enabled",
            "invalid",
            "missing",
            "unknown",
            "empty",
        ),
    }
)
_VALIDATION = re.compile(r"(?:required|nullable|sometimes|string|bail|present|min:\d+)(?:\||$)")
"""Rules that a value must keep, as Laravel writes them: `required|min:12`."""
_BETWEEN_TEXTS = re.compile(r"\s*(?:\+|\.(?!\d)|,|&)\s*[$\w(][^'\"]*(?:\+|\.|,|&)\s*|\s*\.\s*\$\w.*")
"""What stands between two texts: `'&client_secret=' + secret + '&v='`."""
_SENTENCE = re.compile(r"\{\d\}|[\u0370-\U0010ffff].{0,9}[\u0370-\U0010ffff]")
"""Of a message to people: a place for a value, or letters in which nobody has passwords: `加载密码文件错误：[{0}]`."""
_FILE = re.compile(r"\.(?:pem|key|crt|cer|p12|jks|json|ya?ml|txt|env|py|js|html?)$", re.IGNORECASE)


def is_secret(name: str, value: str) -> bool:
    """Whether *value*, written in a program as the value of *name*, gives something away."""
    promise = promise_of(name)
    if promise is Promise.NOTHING or not is_value(value):
        return False
    if promise is Promise.KEY:
        return not _names_itself(name, value)
    if promise is Promise.ACCOUNT_PASSWORD:
        plain = " " not in value and not PLACEHOLDER.search(value) and not _names_itself(name, value)
        return value.lower() in COMMON or (plain and len(value) > 3)
    if promise is Promise.PASSWORD:
        return is_mixed(value) and not PLACEHOLDER.search(value)
    return is_random(value)


def is_value(value: str) -> bool:
    """Not empty, a reference to elsewhere, an address or a path."""
    if (
        not 0 < len(value) <= 500
        or ("\n" in value and len(value) > 64)
        or value.lower() in _NO_VALUE
        or len(set(value)) < 2
    ):
        return False
    return not (
        is_reference(value)
        or _VALIDATION.match(value)
        or _BETWEEN_TEXTS.fullmatch(value)
        or _SENTENCE.search(value)
        or "://" in value
        or value.startswith(("/", "./", "../", "~", "@", "--", "arn:", "projects/", "vault:", "secret:", "ssm:"))
        or _FILE.search(value)
    )


def is_mixed(value: str) -> bool:
    """Letters together with digits or signs, as no word has: `admin123`, `P@ssw0rd`."""
    if len(value) < 6 or len(set(value)) < 5 or " " in value or WORDS.fullmatch(value):
        return False
    return entropy(value) >= 2.5


def is_random(value: str) -> bool:
    """Long, without words, as a machine makes them; what looks like an example is none."""
    if len(value) < 12 or " " in value or PLACEHOLDER.search(value):
        return False
    if WORDS.fullmatch(value) and sum(map(str.isdigit, value)) < 3:
        return False
    return entropy(value) >= 3 and any(map(str.isdigit, value))


def is_reference(value: str) -> bool:
    """Filled in from elsewhere: `${NAME}`, `%(name)s`, `{{ name }}`, `$NAME`, `!vault`."""
    return value[0] in "$%{<!&*(" or any(
        mark in value for mark in ("${", "{{", "%(", "%s", "{}", "$(", "<%", "()", "process.env")
    )


def entropy(text: str) -> float:
    """Bits per character, by Shannon, of the text's own letters."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


_PREFIX_OF_NAMES = re.compile(
    r"^(?:(?:conf|config|attr|key|field|param|header|env|setting|option|opt|arg|name|col|column)_)+"
)


_DOTTED = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]+)+")
_IN_CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def _names_itself(name: str, value: str) -> bool:
    """`CONF_CLIENT_SECRET = "client_secret"` is the name of a setting, not its value; so is `adminPassword =
    "SHOP_ADMIN_PASSWORD"`.
    """
    if PLACEHOLDER.fullmatch(value) or "{" in value or _DOTTED.fullmatch(value):
        return True
    said, given = snake(name), snake(value)
    if promise_of(name) is Promise.ACCOUNT_PASSWORD and _IN_CAPITALS.fullmatch(value):
        return _squeezed(given).endswith(_squeezed(said))
    named = _PREFIX_OF_NAMES.sub("", said)
    return (
        given == said
        or given.endswith(("access_key", "accesskey", "secretkey"))
        or (named != said and (given == named or named.endswith(given) or given.endswith(named)))
    )


def _squeezed(words: str) -> str:
    return words.replace("_", "")

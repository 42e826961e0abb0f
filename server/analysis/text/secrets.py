"""Secrets in any file: keys of known providers, private keys, passwords in URLs and in assignments.

A key of a provider is known by its form and, where it carries one, by its checksum. For a password there is only the
name beside it and the look of the value; what looks like an example, a reference or a word is let go. A finding never
quotes the secret.
"""

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD, PRIVATE_KEY, PROVIDER_KEY, URL_PASSWORD
from server.analysis.text.credentials import DOCUMENTATION, SETTINGS, is_documentation, places
from server.analysis.text.file import TextFile
from server.analysis.text.looks import COMMON, EXAMPLE, WORDS, entropy, is_reference, is_value
from server.reviews.finding import Severity


class Provider(NamedTuple):
    """*hint* stands in every key: looking for it first is what makes the search fast.

    *least_entropy*: bits per character below which the text is an example (`AKIAXXXXXXXXXXXXXXXX`).
    """

    name: str
    hint: str
    pattern: re.Pattern[str]
    least_entropy: float = 3.0
    severity: Severity = Severity.CRITICAL


def _key(body: str) -> re.Pattern[str]:
    """The key alone, not a piece of something longer."""
    return re.compile(rf"(?<![A-Za-z0-9_\-])(?P<key>{body})(?![A-Za-z0-9_\-])")


_SLACK_HOOK = re.compile(r"(?P<key>hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,30})")
_DISCORD_HOOK = re.compile(r"(?P<key>discord(?:app)?\.com/api/webhooks/\d{16,20}/[\w\-]{60,80})")
_AZURE_KEY = re.compile(r"AccountKey=(?P<key>[A-Za-z0-9+/]{86}==)")

PROVIDERS: tuple[Provider, ...] = (
    Provider("AWS access key", "AKIA", _key(r"(?<!Credential=)AKIA[A-Z2-7]{16}"), 2.8, Severity.HIGH),
    Provider("GitHub token", "gh", _key(r"gh[pousr]_[A-Za-z0-9]{36}")),
    Provider("GitHub token", "github_pat_", _key(r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}")),
    Provider("GitLab token", "glpat-", _key(r"glpat-[A-Za-z0-9_\-]{20,50}")),
    Provider("npm token", "npm_", _key(r"npm_[A-Za-z0-9]{36}")),
    Provider("PyPI token", "pypi-AgEI", _key(r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_\-]{50,400}")),
    Provider("Slack token", "xox", _key(r"xox[abeoprs]-(?:\d{6,15}-){1,3}[A-Za-z0-9]{16,64}")),
    Provider("Slack webhook", "hooks.slack.com", _SLACK_HOOK, 3.5, Severity.HIGH),
    Provider("Discord webhook", "/api/webhooks/", _DISCORD_HOOK, 3.5, Severity.HIGH),
    Provider("Stripe key", "k_live_", _key(r"(?:sk|rk)_live_[A-Za-z0-9]{20,120}")),
    Provider("Anthropic key", "sk-ant-", _key(r"sk-ant-[a-z]{2,8}\d\d-[A-Za-z0-9_\-]{60,120}")),
    Provider(
        "OpenAI key", "T3BlbkFJ", _key(r"sk-(?:proj-|svcacct-)?[A-Za-z0-9_\-]{10,100}T3BlbkFJ[A-Za-z0-9_\-]{10,100}")
    ),
    Provider("Google API key", "AIza", _key(r"AIza[A-Za-z0-9_\-]{35}"), 3.5, Severity.HIGH),
    Provider("Google OAuth secret", "GOCSPX-", _key(r"GOCSPX-[A-Za-z0-9_\-]{28}"), 3.5),
    Provider("SendGrid key", "SG.", _key(r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}")),
    Provider("Hugging Face token", "hf_", _key(r"hf_[A-Za-z]{34}"), 3.5),
    Provider("DigitalOcean token", "_v1_", _key(r"do[opr]_v1_[a-f0-9]{64}")),
    Provider("Shopify token", "shp", _key(r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}")),
    Provider("Telegram bot token", ":AA", _key(r"\d{8,10}:AA[A-Za-z0-9_\-]{33}"), 3.8),
    Provider("Azure storage key", "AccountKey=", _AZURE_KEY, 4.5),
    Provider("age secret key", "AGE-SECRET-KEY-1", _key(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")),
    Provider("Databricks token", "dapi", _key(r"dapi[a-f0-9]{32}")),
    Provider("Linear key", "lin_api_", _key(r"lin_api_[A-Za-z0-9]{40}")),
    Provider("Postman key", "PMAK-", _key(r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}")),
)

_CHECKED = re.compile(r"(?:gh[pousr]|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})")


@check(
    PROVIDER_KEY,
    on=(TextFile,),
    bad=(
        "key = AKIA" + "QX4BIPW3AHOVNB7F\n",
        "token: ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17\n",
    ),
    good=(
        "key = AKIA" + "IOSFODNN7EXAMPLE\n",
        "key = AKIA" + "XXXXXXXXXXXXXXXX\n",
        "token = ghp_" + "a" * 36 + "\n",
        "token = ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq18\n",
        "sha = 0AKIA" + "QX4BIPW3AHOVNB7F\n",
        "https://files.acme.io/a?X-Amz-Credential=AKIA" + "QX4BIPW3AHOVNB7F%2F20260101\n",
    ),
)
def provider_key(file: TextFile, _: TextFile) -> Iterator[Hit]:
    for provider in (p for p in PROVIDERS if file.source.mentions(p.hint)):
        for found in provider.pattern.finditer(file.source.text):
            key = found["key"]
            if EXAMPLE.search(key) or entropy(key) < provider.least_entropy or not _has_right_checksum(key):
                continue
            yield Hit(
                file.span(*found.span("key")),
                f"{provider.name} in the file",
                severity=provider.severity,
                evidence=f"{provider.name}: {key[:6]}…",
            )


def _has_right_checksum(key: str) -> bool:
    """GitHub's and npm's tokens end in the CRC-32 of the rest, in base 62; those of others have none we know."""
    parts = _CHECKED.fullmatch(key)
    return parts is None or parts[2] == _base62(binascii.crc32(parts[1].encode()))


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits.rjust(6, "0")


_BEGIN_KEY = re.compile(
    r"-----BEGIN (?P<kind>(?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?)-----"
    r"(?P<body>(?:\\n|[^-]){64,20000})"
)
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/=]{40,}")


@check(
    PRIVATE_KEY,
    on=(TextFile,),
    bad=(
        "-----BEGIN RSA "
        + "PRIVATE KEY-----\n"
        + "MIIEpAIBAAKCAQEA7bq98Zq1wW3x5dYh0mGkJt2uPzQvR8sLnXyCwEoTfVbN4iHj"
        + "\n",
        'key = "-----BEGIN '
        + "PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
        + '\\n"\n',
    ),
    good=(
        "-----BEGIN RSA " + "PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7bq98Zq1wW3x5dYh0mGk\n",
        'if text.startswith("-----BEGIN RSA '
        + 'PRIVATE KEY-----"):\n    load(text, password=None, backend=default_backend(), more=1)\n',
        "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "x" * 64 + "\n",
    ),
)
def private_key(file: TextFile, _: TextFile) -> Iterator[Hit]:
    if not file.source.mentions("PRIVATE KEY"):
        return
    for found in _BEGIN_KEY.finditer(file.source.text):
        body = _BASE64_RUN.search(found["body"])
        if body is None or body.start() > 400 or entropy(body[0]) < 4:
            continue
        encrypted = "ENCRYPTED" in found[0][:400]
        yield Hit(
            file.span(found.start(), found.start() + len(f"-----BEGIN {found['kind']}-----")),
            f"{'An encrypted' if encrypted else 'A'} private key in the file",
            severity=Severity.MEDIUM if encrypted else None,
        )


_URL_PASSWORD = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+]{1,20})://(?P<user>[^\s:/@\"'<>{}$]{0,64}):(?P<password>[^\s:/@\"'<>{}]{4,200})@(?P<host>[\w.-]{4,200})"
)
_HOST_OF_NOBODY = re.compile(
    r"(?:^|\.)(?:localhost|local|internal|test|invalid|example(?:\.\w+)?)$|^[^.]*$|^127\.|^0\.0\.0\.0|^\d+\.\d+$"
)


@check(
    URL_PASSWORD,
    on=(TextFile,),
    bad=(
        "url = postgres://app:tr0ub4dor&3@db.prod.acme.io/app\n",  # hive: ignore[url-password] an example
        "redis://:9fK2mLq8@cache.acme.io:6379/0\n",  # hive: ignore[url-password] an example
    ),
    good=(
        "url = postgres://user:password@db.example.com/app\n",
        "url = postgres://app:${PASSWORD}@db.acme.io/app\n",
        "url = postgres://app:s3cr3tvalue@localhost/app\n",
        "url = postgres://app:s3cr3tvalue@db/app\n",
        "url = f'postgres://{user}:{password}@db.acme.io/app'\n",
        "see https://acme.io:8080/@scope/package\n",
        "git+ssh://git@github.com:22/a/b@c.de\n",
    ),
)
def url_password(file: TextFile, _: TextFile) -> Iterator[Hit]:
    if not file.source.mentions("://") or DOCUMENTATION.search(file.source.path):
        return
    for found in _URL_PASSWORD.finditer(file.source.text):
        password = found["password"]
        ordinary = password.lower() in COMMON or password == found["user"] or password.isdigit()
        if ordinary or is_reference(password) or EXAMPLE.search(password) or _HOST_OF_NOBODY.search(found["host"]):
            continue
        yield Hit(
            file.span(*found.span("password")),
            f"A password in the address of {found['host']}",
            evidence=f"{found['scheme']}://{found['user']}:…@{found['host']}",
        )


_NAME = (
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])pwd|secret(?:_?(?:access_?)?key)?|api_?key"
    r"|(?:access|auth|client|encryption|signing)_?(?:token|secret|key))"
)
_STEMS = ("passw", "passphrase", "pwd", "secret", "api", "access", "auth", "client", "encryption", "signing")
"""How each name begins: finding these first and matching there is ten times as fast as searching with the pattern."""

_NAMED = re.compile(
    _NAME + r"(?:_?\d{1,2}|_(?:default|value|prod|dev))?"
    r"""["']?\]?[ \t]{0,8}(?::[ \t]?[\w.\[\] |]{1,40})?(?:=>|:=|=|:)[ \t]{0,8}"""
    r"""[rbu]?(?P<quote>["'`])(?P<value>[^"'`\s\\]{6,200})(?P=quote)""",
    re.IGNORECASE,
)
_NAMED_IN_SETTINGS = re.compile(
    _NAME + r"""[ \t]{0,8}[=:][ \t]{0,8}(?P<value>[^\s\\"'`#]{6,200})[ \t]*$""", re.IGNORECASE | re.MULTILINE
)


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        'password = "Tr0ub4dor&3"\n',  # hive: ignore[hardcoded-password] an example
        "connect(host, db_password='x9!kQ2pLm')\n",  # hive: ignore[hardcoded-password] an example
        '{"api_key": "9f8a7c6d5e4b3a2918f7e6d5c4b3a291"}\n',  # hive: ignore[hardcoded-password] an example
        'SECRET_KEY: str = "django-x#8d!k2$w9v@p4q7"\n',  # hive: ignore[hardcoded-password] an example
        "const clientSecret = 'q8Zr2LmX0vB7nKt5YwPe';\n",  # hive: ignore[hardcoded-password] an example
        "DB_PASSWORD=kT7mQ2x!\n",
    ),
    good=(
        'password = ""\n',
        'password = "password"\n',
        'password = os.environ["DB_PASSWORD"]\n',
        'password = "${DB_PASSWORD}"\n',
        'password_field = "password_confirmation"\n',
        'api_key = "YOUR_API_KEY"\n',
        'api_key = "<your key>"\n',
        'secret = "projects/acme/secrets/db"\n',
        'password: "auth.form.password"\n',
        'password_hash = "Tr0ub4dor&3"\n',
        'if password == "Tr0ub4dor&3":\n',
        'password = getpass("Password: ")\n',
        '{"AWS::ApiGateway::ApiKey": "48205d4ffd7feba3"}\n',
        'token = "next-page"\n',
        "#   user.password = 'mUc3m00RsqyRe'\n",
        '/**\n * { "access_token": "abc123def456ghi789" }\n */\n',
        "DB_PASSWORD=changeme\n",
        "password = config.get_password1(user)\n",
    ),
)
def hardcoded_password(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if is_documentation(source):
        return
    in_settings = SETTINGS.search(source.path)
    for at in places(source.text, _STEMS):
        if source.text[at - 1 : at] in ("/", ":", "@", "#"):
            continue
        if _DOCUMENTED.match(source.text, source.text.rfind("\n", 0, at) + 1):
            continue
        found = _NAMED.match(source.text, at) or (in_settings and _NAMED_IN_SETTINGS.match(source.text, at))
        if found and _is_secret(found["value"], found[0]):
            name = found[0].partition("=")[0].partition(":")[0].strip("\"' \t]-")
            span = file.span(*found.span("value"))
            yield Hit(span, f"The value of {name} stands in the code", evidence=f"{name} = …")


_DOCUMENTED = re.compile(r"[ \t]*(?:\*[ \t]|#[ \t]{3})")
"""A line of a comment that documents what follows: what it shows is an example."""


def _is_secret(value: str, assignment: str) -> bool:
    if value.lower() in COMMON or not is_value(value) or EXAMPLE.search(value) or WORDS.fullmatch(value):
        return False
    if "://" in value or value.startswith(("/", "./", "#", "@")) or len(set(value)) < 5:
        return False
    if (
        re.match(r"passw|passphrase|pwd", assignment, re.IGNORECASE)
        or "password" in assignment.lower().partition(value.lower())[0]
    ):
        return entropy(value) >= 2.5
    return len(value) >= 16 and entropy(value) >= 3.2 and any(map(str.isdigit, value))


CHECKS = (private_key, provider_key, url_password, hardcoded_password)

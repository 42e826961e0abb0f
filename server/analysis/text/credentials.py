"""Secrets that names and values tell in any language: signing keys, passwords of accounts, defaults, seeds.

Works on the text, since it reads everything from Java to shell scripts; Python has checks of its own that know the
syntax (`python/credentials.py`) and is read here only for SQL. Keys known by their form are in `secrets.py`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from server.analysis.language import Language
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import HARDCODED_PASSWORD, URL_PASSWORD
from server.analysis.source import Source
from server.analysis.text.file import TextFile
from server.analysis.text.looks import COMMON, PLACEHOLDER, Promise, is_mixed, is_secret, is_value, promise_of
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
    r"example|sample|\.template$|\.tmpl$|[._-]template\.|(?:^|/)templates?/|\.dist$|fixture|(?:^|/)docs?/|locale|i18n|lang/"
    r"|translations?",
    re.IGNORECASE,
)
SETTINGS = re.compile(
    r"(?:^|/)(?:\.env(?:\.[\w-]+)?|Dockerfile[\w.-]*|[\w.-]+\.(?:env|ini|cfg|conf|properties|ya?ml|toml|tfvars|sh|bash|zsh))$"
)
_NOT_LIVE = re.compile(
    r"(?:^|[/._-])(?:test|tests|testing|e2e|ci|dev|development|local|mock|stories|devcontainer|github|gitlab-ci|circleci"
    r"|travis|azure-pipelines|benchmarks?|demo)(?:[/._-]|$)|(?:^|/)\.(?:github|circleci|devcontainer)/",
    re.IGNORECASE,
)
"""Where a weak value is only for the developer's machine or the test's database."""

_STEMS = ("secret", "passw", "pwd", "passphrase", "_key", "_pass", "key", "pepper")
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
    r"""[ \t]{0,4}(?:[=:][ \t]{0,4}|[ \t](?=\S))(?P<value>[^\s"'`#;]{1,200})[ \t]{0,8}(?:[#;].{0,200})?\r?$""",
    re.MULTILINE,
)
_READS_ENVIRONMENT = re.compile(
    r"(?:getenv|env|environ|fetch|getOrDefault|SetDefault|GetEnv|getEnv|EnvOr|envOr\w*|LookupEnv|define|get|setdefault"
    r"|getProperty|default)\(\s{0,8}[\"'`]?$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"[ \t]*(?:#|//|\*|--|;|/\*|<!--|rem\b)")


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
    settings = SETTINGS.search(source.path) is not None
    for at in places(text, _STEMS):
        if at < seen:
            continue
        before = _NAME_BEFORE.search(text, max(0, at - 80), at)
        start = before.start() if before else at
        after = _NAME_AFTER.match(text, at)
        end = after.end() if after else at
        name, seen = text[start:end], end
        if promise_of(name) < Promise.ACCOUNT_PASSWORD or text[start - 1 : start] in ("@", "/", "#"):
            continue
        found = _VALUE.match(text, end) or (_SETTING_VALUE.match(text, end) if settings else None)
        if found is None or _COMMENT.match(text, text.rfind("\n", 0, start) + 1):
            continue
        sign = found.groupdict().get("sign") or "="
        if sign == ",":
            quoted = start - 1 if text[start - 1 : start] in ("'", '"', "`") else start
            if not found["closed"] or not _READS_ENVIRONMENT.search(text, max(0, quoted - 40), quoted):
                continue
            sign = "define" if "define(" in text[max(0, quoted - 12) : quoted] else ","
        yield Named(name, sign, found["value"], *found.span("value"))


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
    return DOCUMENTATION.search(source.path) is not None or EXAMPLE_PATH.search(source.path) is not None


def _hit(file: TextFile, name: str, start: int, end: int, message: str = "") -> Hit:
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
        "// const JWT_SECRET = 'mysecret';\n",
        "secret_key_file=/run/secrets/key\n",
        "tokenKey: 'token_key'\n",
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
            yield _hit(file, named.name, named.start, named.end)


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        "const DB_PASSWORD = 'rootpw';\n",
        "POSTGRES_PASSWORD=postgres\n",
        "define('DB_PASSWORD', 'toor');\n",
        "spring.datasource.password=root\n",
        'String adminPassword = "admin";\n',
        "if (adminPassword === 'hunter2!') {\n",
    ),
    good=(
        "const DB_PASSWORD = process.env.DB_PASSWORD;\n",
        "DB_PASSWORD=\n",
        "DB_PASSWORD=${DB_PASSWORD}\n",
        "adminPassword: 'Admin password'\n",
        "const labels = { adminPassword: 'Adminpasswort' };\n",
        "DB_PASSWORD=changeme\n".replace("DB_", "BOX_"),
    ),
)
def hardcoded_account_password(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source):
        return
    for named in _named(source):
        if promise_of(named.name) is not Promise.ACCOUNT_PASSWORD or named.sign in (*_FALLBACKS, ","):
            continue
        compared = named.sign in ("==", "===", "!=", "!==")
        if compared and not is_mixed(named.value):
            continue
        if is_secret(named.name, named.value) and not _is_harmless(named, source) and not named.value.istitle():
            yield _hit(file, named.name, named.start, named.end)


def _is_harmless(named: Named, source: Source) -> bool:
    """A weak value where only developers or tests come; a word of code where a value would be quoted."""
    if _NOT_LIVE.search(source.path):
        return named.value.lower() in COMMON or not is_mixed(named.value)
    return named.value.endswith(("(", ",", "{", ";", ")")) or PLACEHOLDER.match(named.value) is not None


@check(
    DEFAULT_CREDENTIALS,
    on=(TextFile,),
    bad=(
        "const secret = process.env.JWT_SECRET || 'dev-jwt-secret';\n",
        "jwtSecret: process.env.JWT_SECRET ?? 'change me',\n",
        "$key = getenv('APP_SECRET') ?: 'secret';\n",
        "key = ENV.fetch('SECRET_KEY_BASE', 'secret')\n",
        'String s = env.getOrDefault("JWT_SECRET", "secret");\n',
        "'password' => env('DB_PASSWORD', 'secret'),\n",
        '@Value("${jwt.secret:mySecretKey}")\nprivate String secret;\n',
        "JWT_SECRET: ${JWT_SECRET:-supersecret}\n",
    ),
    good=(
        "const secret = process.env.JWT_SECRET || '';\n",
        "const name = process.env.NAME || 'secret';\n",
        "'password' => env('DB_PASSWORD', ''),\n",
        "const secret = process.env.JWT_SECRET || crypto.randomBytes(32);\n",
        '@Value("${jwt.secret}")\n',
        "JWT_SECRET: ${JWT_SECRET:-}\n",
        "f('client_secret', 'code')\n",
    ),
)
def default_secret(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """`process.env.SECRET || "dev"`: the value that holds when nobody sets one."""
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source) or _NOT_LIVE.search(source.path):
        return
    for named in _named(source):
        if named.sign in (*_FALLBACKS, ",") and is_value(named.value) and not named.value.endswith("("):
            yield _hit(
                file, named.name, named.start, named.end, f"Without {named.name}, a value known to everyone holds"
            )
    for found in _INLINE_DEFAULT.finditer(source.text) if "${" in source.text else ():
        name, value = found["name"], found["value"]
        if promise_of(name) >= Promise.ACCOUNT_PASSWORD and is_value(value):
            yield _hit(file, name, *found.span("value"), f"Without {name}, a value known to everyone holds")


_INLINE_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_][\w.-]{1,60}):-?(?P<value>[^}\s$]{1,100})\}")


class Taker(NamedTuple):
    """A call that takes a secret: *hint* stands in every one of them."""

    hint: str
    pattern: re.Pattern[str]
    rule: Rule = HARDCODED_KEY


def _takes(pattern: str) -> re.Pattern[str]:
    """VALUE in *pattern* is a literal."""
    return re.compile(pattern.replace("VALUE", r"(?P<quote>[\"'`])(?P<value>[^\"'`\\\n]{2,200})(?P=quote)"))


_ANY = r"[^,;()\n]{1,120}"
_OBJECT = r"(?:\{[^{}]{0,400}\}|[^,;{}()\n]{1,120}(?:\([^()\n]{0,80}\))?)"

KEY_TAKERS: tuple[Taker, ...] = (
    Taker("jwt", _takes(rf"\b(?:jwt|jsonwebtoken|JWT)\.(?:sign|verify)\(\s*{_OBJECT}\s*,\s*VALUE")),
    Taker("JWT", _takes(rf"\bJWT(?:::|\.)(?:encode|decode)[( ]\s*{_OBJECT}\s*,\s*VALUE")),
    Taker("createHmac", _takes(r"\bcreateHmac\(\s*['\"`]\w+['\"`]\s*,\s*VALUE")),
    Taker("ipheriv", _takes(r"\bcreate(?:Ci|Deci)pheriv\(\s*['\"`][\w-]+['\"`]\s*,\s*(?:Buffer\.from\(\s*)?VALUE")),
    Taker("CryptoJS", _takes(rf"\bCryptoJS\.\w+\.(?:en|de)crypt\(\s*{_OBJECT}\s*,\s*VALUE")),
    Taker("cookieParser", _takes(r"\bcookieParser\(\s*VALUE")),
    Taker("NewCookieStore", _takes(r"\bNewCookieStore\(\s*\[\]byte\(VALUE")),
    Taker("SignedString", _takes(r"\bSignedString\(\s*\[\]byte\(VALUE")),
    Taker("hmac.New", _takes(r"\bhmac\.New\(\s*[\w.]+\s*,\s*\[\]byte\(VALUE")),
    Taker("SecretKeySpec", _takes(r"\bnew SecretKeySpec\(\s*VALUE")),
    Taker("hmacShaKeyFor", _takes(r"\bhmacShaKeyFor\(\s*VALUE")),
    Taker("signWith", _takes(r"\bsignWith\(\s*SignatureAlgorithm\.\w+\s*,\s*VALUE")),
    Taker("setSigningKey", _takes(r"\bsetSigningKey\(\s*VALUE")),
    Taker("Algorithm.HMAC", _takes(r"\bAlgorithm\.HMAC\d+\(\s*VALUE")),
    Taker("openssl_", _takes(rf"\bopenssl_(?:en|de)crypt\(\s*{_ANY},\s*{_ANY},\s*VALUE")),
    Taker("hash_hmac", _takes(rf"\bhash_hmac\(\s*{_ANY},\s*{_ANY},\s*VALUE")),
)
PASSWORD_TAKERS: tuple[Taker, ...] = (
    Taker("getConnection", _takes(rf"\bgetConnection\(\s*{_ANY},\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("mysqli", _takes(rf"\b(?:mysqli_connect|new mysqli|mysqli)\(\s*{_ANY},\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("new PDO", _takes(rf"\bnew PDO\(\s*{_ANY},\s*[\"']\w+[\"']\s*,\s*VALUE")),
    Taker("sql.Open", re.compile(r"\bsql\.Open\(\s*[\"'`]\w+[\"'`]\s*,\s*[\"'`]\w+:(?P<value>[^:@\"'`\s]{2,100})@")),
    Taker("new Sequelize", _takes(r"\bnew Sequelize\(\s*['\"`][\w-]+['\"`]\s*,\s*['\"`][\w-]+['\"`]\s*,\s*VALUE")),
    Taker("ashSync", _takes(r"\bhashSync\(\s*VALUE")),
    Taker("bcrypt.hash", _takes(r"\bbcrypt\.hash\(\s*VALUE")),
    Taker("sshpass", re.compile(r"\bsshpass -p ?['\"]?(?P<value>[^\s'\"$]{2,80})")),
    Taker(
        "mysql", re.compile(r"\bmysql(?:dump|admin)? [^\n|;]{0,80}?(?:-p|--password=)(?P<value>[^\s'\"$`<\[]{3,80})")
    ),
    Taker("curl", re.compile(r"\bcurl [^\n|;]{0,120}?(?:-u|--user) ?['\"]?[\w.-]+:(?P<value>[^\s'\"$<{]{3,80})")),
    Taker("PGPASSWORD", re.compile(r"\bPGPASSWORD=(?P<value>[^\s'\"$]{2,80}) ")),
)


def _taken(file: TextFile, takers: tuple[Taker, ...]) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source):
        return
    for taker in takers:
        if taker.hint not in source.text:
            continue
        for found in taker.pattern.finditer(source.text):
            line = source.text.rfind("\n", 0, found.start()) + 1
            if is_value(found["value"]) and not _COMMENT.match(source.text, line):
                yield _hit(file, taker.hint, *found.span("value"), "A secret stands in the call")


@check(
    HARDCODED_KEY,
    on=(TextFile,),
    bad=(
        "const token = jwt.sign({ id: user.id }, 'secret', { expiresIn: '1h' });\n",
        "jwt.verify(token, 'secret', done);\n",
        "crypto.createHmac('sha256', 'abcdefg').update(body);\n",
        "CryptoJS.AES.encrypt(text, 'my key').toString();\n",
        'return token.SignedString([]byte("secret"))\n',
        'Jwts.builder().signWith(SignatureAlgorithm.HS256, "secret").compact();\n',
        "JWT.encode payload, 'secret', 'HS256'\n",
    ),
    good=(
        "jwt.sign({ id: user.id }, process.env.JWT_SECRET);\n",
        "jwt.sign(payload, config.secret, { algorithm: 'HS256' });\n",
        "crypto.createHmac('sha256', key).update('text');\n",
        "// jwt.verify(token, 'secret')\n",
    ),
)
def key_in_call(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from _taken(file, KEY_TAKERS)


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        'DriverManager.getConnection(url, "root", "root");\n',
        "$db = mysqli_connect('localhost', 'root', 'toor', 'shop');\n",
        'db, err := sql.Open("mysql", "root:secret@tcp(db:3306)/shop")\n',
        "const hash = bcrypt.hashSync('admin123', 10);\n",
        "mysqldump -u root -phunter2 shop > backup.sql\n",
        "curl -u admin:hunter2 https://api.acme.io\n",
    ),
    good=(
        "DriverManager.getConnection(url, user, password);\n",
        "bcrypt.hashSync(password, 10);\n",
        "mysqldump -u root -p$PASSWORD shop\n",
        "curl -u $USER:$PASSWORD https://api.acme.io\n",
    ),
)
def password_in_call(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from _taken(file, PASSWORD_TAKERS)


_PAIR = re.compile(
    r"\b(?:user(?:_?name)?|login|email)[\"']?\s{0,4}(?:=>|[:=])\s{0,4}(?P<q>[\"'])(?P<user>[\w.@-]{2,80})(?P=q)\s{0,4}[,;]?\s{0,40}"
    r"[\"'$]?(?:pass(?:word|wd)?|pwd)[\"']?\s{0,4}(?:=>|[:=])\s{0,4}(?P<quote>[\"'])(?P<value>[^\"'\\\n]{2,80})(?P=quote)",
    re.IGNORECASE,
)
_NOBODY = frozenset({"user", "username", "name", "string", "login", "email", "foo", "someone", "me", "text"})
_HASH = re.compile(r"\$2[aby]?\$|\$argon2|pbkdf2[:_]|scrypt[:$]|sha\d|\{SSHA|[0-9a-f]{32,}$|bcrypt|argon2")


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        "mysql.createConnection({ host: 'db', user: 'root', password: 'root' });\n",
        "const users = [{ username: 'admin', password: 'wonderland', role: 'admin' }];\n",
        '{"username": "admin", "password": "admin"}\n',
        "User.create(email: 'admin@acme.io', password: 'letmein')\n",
    ),
    good=(
        "mysql.createConnection({ user: 'root', password: process.env.PW });\n",
        "const labels = { username: 'Username', password: 'Password' };\n",
        "const t = { user: 'string', password: 'string' };\n",
        "{ username: 'text', password: 'password' }\n",
    ),
)
def hardcoded_account(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source) or "assw" not in source.text:
        return
    for at in places(source.text, ("user", "login", "email")):
        found = _PAIR.match(source.text, at)
        if found is None or source.text[at - 1 : at].isalnum():
            continue
        user, value = found["user"], found["value"]
        harmless = user.lower() in _NOBODY or value.istitle() or _HASH.match(value) or PLACEHOLDER.search(value)
        if not harmless and is_value(value) and not _NOT_LIVE.search(source.path):
            yield _hit(file, "password", *found.span("value"))


_INSERT = re.compile(
    r"insert\s{1,4}(?:ignore\s{1,4})?into\s{1,4}[`\"\[]?(?:\w{1,30}\.)?(?:\w{0,20})(?:user|account|admin|member|customer|login|credential)\w{0,20}[`\"\]]?"
    r"\s{0,40}(?:\((?P<columns>[^()]{3,600})\))?\s{0,40}values\s{0,40}\(",
    re.IGNORECASE,
)
_PASSWORD_COLUMN = re.compile(r"^[`\"\[]?(?:\w+_)?(?:password|passwd|pwd|pass)[`\"\]]?$", re.IGNORECASE)
_CELL = re.compile(
    r"\s{0,40}(?:(?P<quote>\\?['\"])(?P<text>[^'\"\\\n]{0,200})(?P=quote)|(?P<other>[^,()'\"]{0,100}(?:\([^()]{0,100}\))?))\s{0,40}(?P<end>[,)]?)"
)
MAX_CELLS = 40


@check(
    DEFAULT_CREDENTIALS,
    on=(TextFile,),
    bad=(
        "INSERT INTO users (name, password, role) VALUES ('admin', 'admin', 'admin');\n",
        "insert into accounts(id, username, passwd)\nvalues (1, 'root', 'toor'), (2, 'bob', 'bob');\n",
        "db.execute(\"INSERT INTO users (username, password) VALUES ('admin', 'admin123')\")\n",
        "INSERT INTO users VALUES (1, 'admin', 'password');\n",
    ),
    good=(
        "INSERT INTO users (name, password) VALUES ('admin', ?);\n",
        "INSERT INTO users (name, password) VALUES ('admin', '$2b$12$abc');\n",
        "INSERT INTO users (name, password) VALUES (%s, %s);\n",
        "INSERT INTO users (name, role) VALUES ('admin', 'admin');\n",
        "INSERT INTO posts (name, password) VALUES ('admin', 'admin');\n",
        "INSERT INTO users (name, password) VALUES ('admin', crypt('x', gen_salt('bf')));\n",
    ),
)
def seeded_account(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """An account that every installation has, with a password that everyone can read. The first row speaks for all."""
    source = file.source
    if is_documentation(source) or _NOT_LIVE.search(source.path):
        return
    for at in places(source.text, ("insert",)):
        found = _INSERT.match(source.text, at)
        if found is None:
            continue
        cells = list(_cells(source.text, found.end()))
        columns = [column.strip() for column in (found["columns"] or "").split(",")] if found["columns"] else []
        for number, (value, start, end) in enumerate(cells):
            named = number < len(columns) and _PASSWORD_COLUMN.match(columns[number])
            guessed = (
                not columns and number > 0 and (value.lower() in COMMON - {"admin", "user", "root"} or is_mixed(value))
            )
            if (named or guessed) and is_value(value) and not _HASH.match(value):
                yield _hit(file, "password", start, end, "Every installation has this account, with this password")
                break


def _cells(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """The literals of one row with their places; "" for what is none."""
    for _ in range(MAX_CELLS):
        found = _CELL.match(text, at)
        if found is None or found.end() == at:
            return
        if found["quote"]:
            yield found["text"], *found.span("text")
        else:
            yield "", at, at
        at = found.end()
        if found["end"] != ",":
            return


DATABASE_URL = re.compile(
    r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|oracle|sqlserver|cockroachdb|clickhouse|rabbitmq)"
    r"(?:\+\w{2,20})?://(?P<user>[^\s:/@\"'<>{}$]{0,64}):(?P<password>[^\s:/@\"'<>{}$]{2,100})@(?P<host>[\w.-]{1,200})"
)
_BEFORE_URL = re.compile(r"[\"'`=: ]$")


def is_database_password(found: re.Match[str]) -> bool:
    """Whether the address of a database is one that a program uses, not a pattern of one."""
    password = found["password"]
    pattern = found["user"].lower() in ("user", "username", "name", "login", "scott", "usr", "myuser", "dbuser")
    return not pattern and is_value(password) and not PLACEHOLDER.search(password) and "example" not in found["host"]


@check(
    URL_PASSWORD,
    on=(TextFile,),
    bad=(
        "DATABASE_URL: postgresql://shop:shop@db/shop\n",
        "mongoose.connect('mongodb://admin:admin@localhost:27017/shop');\n",
        'dsn := "postgres://root:root@localhost:5432/shop"\n',
    ),
    good=(
        "DATABASE_URL: postgresql://shop:${PASSWORD}@db/shop\n",
        "# DATABASE_URL=postgresql://shop:shop@db/shop\n",
        "url = 'postgresql://user:password@localhost/shop'\n",
        "redis://localhost:6379\n",
    ),
)
def database_url(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """Also of hosts nearby and with passwords that are words, which other addresses may have as an example."""
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source) or _NOT_LIVE.search(source.path):
        return
    for found in DATABASE_URL.finditer(source.text) if "://" in source.text else ():
        line = source.text.rfind("\n", 0, found.start()) + 1
        begins = _BEFORE_URL.search(source.text, max(0, found.start() - 1), found.start())
        if begins and is_database_password(found) and not _COMMENT.match(source.text, line):
            yield _hit(file, "address", *found.span("password"), f"A password in the address of {found['host']}")


CHECKS = (
    database_url,
    hardcoded_key,
    hardcoded_account_password,
    default_secret,
    key_in_call,
    password_in_call,
    hardcoded_account,
    seeded_account,
)

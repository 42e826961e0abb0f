"""Passwords and keys by their place, in any language: in calls, beside a user's name, in addresses and in SQL.

Works on the text, like `credentials.py`; Python is read here only for what its own checks do not see.
"""

import re
from collections.abc import Iterator

from server.analysis.language import Language
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD, URL_PASSWORD
from server.analysis.text.credentials import (
    COMMENT,
    DEFAULT_CREDENTIALS,
    HARDCODED_KEY,
    is_documentation,
    is_live,
    places,
    secret_hit,
)
from server.analysis.text.file import TextFile
from server.analysis.text.looks import COMMON, PLACEHOLDER, is_mixed, is_random, is_value
from server.analysis.text.takers import KEY_TAKERS, PASSWORD_TAKERS, Taker

_LABEL = re.compile(r"(?:[A-Z]{2,} )*(?:PRIVATE|PUBLIC|SECRET|ENCRYPTED) KEY")
"""What stands at the head of a key in a file."""


def _taken(file: TextFile, takers: tuple[Taker, ...]) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source):
        return
    for taker in takers:
        if not source.mentions(taker.hint):
            continue
        for found in taker.pattern.finditer(source.text):
            line = source.text.rfind("\n", 0, found.start()) + 1
            before = source.text[max(0, found.start() - 20) : found.start()]
            quoted = before.endswith(("'", '"', "`")) and not _RUNS.search(before)
            if (
                is_value(found["value"])
                and not _LABEL.fullmatch(found["value"])
                and not quoted
                and not COMMENT.match(source.text, line)
            ):
                yield secret_hit(file, taker.hint, *found.span("value"), "A secret stands in the call")


@check(
    HARDCODED_KEY,
    on=(TextFile,),
    bad=(
        "const token = jwt.sign({ id: user.id }, 'secret', { expiresIn: '1h' });\n",
        "jwt.verify(token, 'secret', done);\n",
        "jwt.verify(token, process.env.KEY || 'changeme');\n",
        "crypto.createHmac('sha256', 'abcdefg').update(body);\n",
        "CryptoJS.AES.encrypt(text, 'my key').toString();\n",
        'return token.SignedString([]byte("secret"))\n',
        'jwt.Parse(s, func(t *jwt.Token) (any, error) {\n\treturn []byte("secret"), nil\n})\n',
        "const key = new TextEncoder().encode('shop-2023');\n",
        'Jwts.builder().signWith(SignatureAlgorithm.HS256, "secret").compact();\n',
        "JWT.encode payload, 'secret', 'HS256'\n",
    ),
    good=(
        'static final String PRIVATE_KEY = "PRIVATE KEY";\n',
        "jwt.sign({ id: user.id }, process.env.JWT_SECRET);\n",
        "jwt.sign(payload, config.secret, { algorithm: 'HS256' });\n",
        "crypto.createHmac('sha256', key).update('text');\n",
        "// jwt.verify(token, 'secret')\n",
        "const key = new TextEncoder().encode(process.env.KEY);\nconst body = new TextEncoder().encode('x=1');\n",
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
        "$pdo = new PDO('mysql:host=db;dbname=shop', 'shop', 'toor');\n",
        'db, err := sql.Open("mysql", "root:secret@tcp(db:3306)/shop")\n',
        "const hash = bcrypt.hashSync('admin123', 10);\n",
        "mysqldump -u root -phunter2 shop > backup.sql\n",
        "passthru('mysqldump -u root -phunter2 shop > /srv/backup.sql');\n",
        "ldap_bind($ds, 'cn=admin,dc=acme', 'hunter2');\n",
        "$row = ['email' => 'boss@acme.io', 'password' => bcrypt('letmein')];\n",
        "curl -u admin:hunter2 https://api.acme.io\n",
        'DriverManager.getConnection("jdbc:postgresql://db/shop?user=shop&password=toor");\n',
        'sql.Open("postgres", "host=db user=shop password=toor dbname=shop")\n',
        'props.setProperty("mail.password", "toor");\n',
        'dataSource.setPassword("toor");\n',
        "curl_setopt($ch, CURLOPT_USERPWD, 'shop:toor');\n",
        'smtp.PlainAuth("", "a@acme.io", "toor", "mail")\n',
        'req.SetBasicAuth("shop", "toor")\n',
        'redis.NewClient(&redis.Options{Addr: "cache:6379", Password: "toor"})\n',
        'http_basic_authenticate_with name: "boss", password: "toor"\n',
        "User.create({ email: 'boss@acme.io', password: await hash('letmein') })\n",
        "const users = [{ name: 'admin', password: 'letmein' }];\n",
        "if (req.body.user === 'admin' && req.body.password === 'letmein') { enter(); }\n",
        'if (user.equals("admin") && password.equals("letmein")) enter();\n',
        "if ($_POST['user'] == 'admin' && $_POST['password'] == 'letmein') { enter(); }\n",
        'if params[:user] == "admin" && params[:password] == "letmein"\n',
        'if user == "admin" && pass == "letmein" {\n',
    ),
    good=(
        "if (kind === 'admin' && password === '') { fail(); }\n",
        'props.setProperty("mail.password", password);\n',
        "User.create({ password: await hash(password) })\n",
        'f("host=%s password=%s", host, password)\n',
        "DriverManager.getConnection(url, user, password);\n",
        "bcrypt.hashSync(password, 10);\n",
        "mysqldump -u root -p$PASSWORD shop\n",
        "curl -u $USER:$PASSWORD https://api.acme.io\n",
    ),
)
def password_in_call(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from _taken(file, PASSWORD_TAKERS)


_RUNS = re.compile(r"(?:exec(?:Sync)?|system|passthru|popen|spawn|Command)\s{0,2}\(\s{0,4}.$")
"""What stands before a command that a program starts."""

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
        "const mail = { user: 'noreply@acme.io', pass: 'Garden!2019' };\n",
        "User.create(email: 'admin@acme.io', password: 'letmein')\n",
    ),
    good=(
        "mysql.createConnection({ user: 'root', password: process.env.PW });\n",
        "const labels = { username: 'Username', password: 'Password' };\n",
        "const t = { user: 'string', password: 'string' };\n",
        "{ username: 'text', password: 'password' }\n",
        "//   return { username: 'admin', password: 'wonderland' };\n",
    ),
)
def hardcoded_account(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if source.language is Language.PYTHON or is_documentation(source) or "pass" not in source.text.lower():
        return
    for at in places(source.text, ("user", "login", "email")):
        found = _PAIR.match(source.text, at)
        line = source.text.rfind("\n", 0, at) + 1
        if found is None or source.text[at - 1 : at].isalnum() or COMMENT.match(source.text, line):
            continue
        user, value = found["user"], found["value"]
        harmless = (
            user.lower() in _NOBODY
            or (value.istitle() and not re.search(r"\d", value))
            or _HASH.match(value)
            or PLACEHOLDER.search(value)
        )
        if not harmless and is_value(value) and is_live(source):
            yield secret_hit(file, "password", *found.span("value"))


INSERTED_USER = re.compile(
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
    if is_documentation(source) or not is_live(source):
        return
    for at in places(source.text, ("insert",)):
        found = INSERTED_USER.match(source.text, at)
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
                yield secret_hit(
                    file, "password", start, end, "Every installation has this account, with this password"
                )
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


_AUTHORIZATION = re.compile(
    r"\bauthorization[\"']?\]?\s{0,4}(?:=>|[:=,])\s{0,4}[\"'`](?:Bearer|Basic|Token|Bot) "
    r"(?P<value>[\w.=+/:-]{12,800})[\"'`]",
    re.IGNORECASE,
)


@check(
    HARDCODED_PASSWORD,
    on=(TextFile,),
    bad=(
        "headers = {'Authorization': 'Bearer " + "q8Zr2LmX0vB7nKt5YwPe'}\n",
        "req.setHeader('Authorization', 'Basic " + "YWRtaW46aHVudGVyMg==');\n",
    ),
    good=(
        "headers = {'Authorization': 'Bearer ' + token}\n",
        "headers = {'Authorization': f'Bearer {token}'}\n",
        "headers = {'Authorization': 'Bearer your-token-here'}\n",
        "headers = {'Authorization': 'Bearer access-token'}\n",
    ),
)
def token_in_header(file: TextFile, _: TextFile) -> Iterator[Hit]:
    source = file.source
    if is_documentation(source) or not is_live(source):
        return
    for at in places(source.text, ("authorization",)):
        found = _AUTHORIZATION.match(source.text, at)
        line = source.text.rfind("\n", 0, at) + 1
        if found and is_random(found["value"]) and not COMMENT.match(source.text, line):
            yield secret_hit(file, "Authorization", *found.span("value"), "A token stands in the header")


DATABASE_URL = re.compile(
    r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|oracle|sqlserver|cockroachdb|clickhouse|rabbitmq)"
    r"(?:\+\w{2,20})?://(?P<user>[^\s:/@\"'<>{}$]{0,64}):(?P<password>[^\s:/@\"'<>{}$]{2,100})@(?P<host>[\w.-]{1,200})"
)
_BEFORE_URL = re.compile(r"[\"'`=: ]$")


def is_database_password(found: re.Match[str]) -> bool:
    """Whether the address of a database is one that a program uses, not a pattern of one."""
    password = found["password"]
    pattern = found["user"].lower() in (
        "user",
        "username",
        "name",
        "login",
        "scott",
        "usr",
        "myuser",
        "dbuser",
    )
    broker = found["user"] == password == "guest" and found["host"] in ("localhost", "127.0.0.1")
    return (
        not pattern
        and not broker
        and is_value(password)
        and not PLACEHOLDER.search(password)
        and "example" not in found["host"]
    )


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
    if source.language is Language.PYTHON or is_documentation(source) or not is_live(source):
        return
    for found in DATABASE_URL.finditer(source.text) if "://" in source.text else ():
        line = source.text.rfind("\n", 0, found.start()) + 1
        begins = _BEFORE_URL.search(source.text, max(0, found.start() - 1), found.start())
        if begins and is_database_password(found) and not COMMENT.match(source.text, line):
            yield secret_hit(file, "address", *found.span("password"), f"A password in the address of {found['host']}")


CHECKS = (
    key_in_call,
    password_in_call,
    hardcoded_account,
    seeded_account,
    token_in_header,
    database_url,
)

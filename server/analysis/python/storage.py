"""Passwords that are kept as they are. Other data that nobody should keep so: `sensitive_data.py`."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.values import is_route, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

PLAIN_PASSWORD = Rule(
    "hive.plain-password",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    "The password is kept as it is: whoever reads the database, or a copy of it, logs in as everyone.",
    256,
    in_tests=False,
    also=(312, 522, 257, 916, 261, 311),
    remedy="Keep a hash made by argon2, scrypt or bcrypt, and compare with the library's check function.",
)

_HASHES = re.compile(
    r"hash|bcrypt|argon|scrypt|pbkdf|crypt|digest|hexdigest|make_password|hashpw|encode_password|derive|sha\d|md5",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"^(?:\w+_)?(?:password|passwd|pwd|pw|pass|passw)$|^(?:password|plain)_?(?:text|plain)?$", re.IGNORECASE
)
_CONFIRMS = re.compile(
    r"confirm|repeat|again|verify|retype|(?:password|pwd|pass)_?[12]$|new_|old_|current_", re.IGNORECASE
)
_FORMS = re.compile(
    r"request|form|data|cleaned|attrs|validated|body|payload|params|args|schema|json|values|config|settings|self$"
)


@check(
    PLAIN_PASSWORD,
    on=(ast.Compare,),
    bad=(
        "def login(name, password):\n    user = find(name)\n    if user.password == password:\n        return user\n",
        "def login(name, password):\n    return USERS[name]['password'] == password\n",
        "class User:\n    def check_password(self, password):\n        return self.password == password\n",
        "def login(name, password):\n    return name in users and users[name] == password\n",
        "def login(request, user):\n    if user['password'] != request.form['password']:\n        abort(401)\n",
        "def login(form, user):\n    if user and user.password == form.password.data:\n        return user\n",
        "def login(n, password):\n    row = db.execute('SELECT password FROM users WHERE id = ?', (n,)).fetchone()\n"
        "    return row and row[0] == password\n",
    ),
    good=(
        "def f(password, confirm_password):\n    return password == confirm_password\n",
        "def f(form):\n    return form.password.data == form.confirm.data\n",
        "def login(user, password):\n    return user.password == hash_of(password)\n",
        "def login(user, password):\n    password = hash_of(password)\n    return user.password == password\n",
        "def f(self, data):\n    return self.password == data['password2']\n",
        "def f(user):\n    return user.password == ''\n",
        "def same(a, b):\n    return a.password == b.password\n",
        "def same(self, other):\n    return self.password == other.password\n",
    ),
)
def plain_comparison(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    for kept, given in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        sent = not isinstance(given, ast.Attribute) or _SENT.search(ast.unparse(given.value)) is not None
        if (
            (_is_kept(kept) or _is_column(kept, file) or _is_own(kept, file))
            and sent
            and _is_plain(given, file)
            and not _is_kept(given)
        ):
            yield Hit(file.span(node), "The stored password is compared as it is: it is not hashed")
            return


def _is_own(node: ast.expr, file: PythonFile) -> bool:
    """`self.password` in the method of a record that checks it."""
    function = file.function_of(node)
    checks = function is not None and re.match(r"(?:check|verify|validate|authenticate|login)", function.name)
    return bool(checks) and isinstance(node, ast.Attribute) and ast.unparse(node) == "self.password"


def _is_kept(node: ast.expr) -> bool:
    """`user.password`, `row["password"]`: of a record, not of what was just sent."""
    if not isinstance(node, (ast.Attribute, ast.Subscript)) or not re.match(
        r"(?:\w+_)?(?:password|passwd|pwd)$", last_name(node)
    ):
        return False
    record = ast.unparse(node.value).lower()
    return not _FORMS.search(record) and not _CONFIRMS.search(last_name(node))


_PEOPLE = re.compile(r"(?:^|[._])(?:users?|accounts?|members|customers|passwords|credentials)(?:_?db)?$", re.IGNORECASE)


def _is_column(node: ast.expr, file: PythonFile) -> bool:
    """`row[0]` of a query for passwords; `users[name]` of a table of them."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and _PEOPLE.search(ast.unparse(node.value)):
        return True
    if (
        not isinstance(node, ast.Subscript)
        or not isinstance(node.slice, ast.Constant)
        or not isinstance(node.slice.value, int)
    ):
        return False
    given = [value for value in values_of(node.value, file) if isinstance(value, (ast.Call, ast.Await))]
    asked = " ".join(map(file.text, given))
    function = file.function_of(node)
    if re.search(r"\.fetch(?:one|all|row)\(", asked) and "select" not in asked.lower() and function is not None:
        asked = file.text(function)  # The query stands at the cursor.
    return _ASKS_PASSWORD.search(asked) is not None


_ASKS_PASSWORD = re.compile(r"\bselect\b[^\n]{0,80}\b(?:password|passwd|pwd)\b[^\n]{0,80}\bfrom\b", re.IGNORECASE)


def _is_plain(node: ast.expr, file: PythonFile) -> bool:
    """A password as somebody sent it."""
    name = _field_of_form(node) or last_name(node)
    if isinstance(node, ast.Attribute) and last_name(node.value) == "self":
        return False
    if not _PASSWORD.match(name) or _CONFIRMS.search(name) or _HASHES.search(ast.unparse(node)):
        return False
    return not any(_HASHES.search(ast.unparse(value)) for value in values_of(node, file) if value is not node)


_SENT = re.compile(
    r"request|form|data|body|payload|login|cred|input|_in\b|dto|req\b|args|schema|creat|param|user_?info", re.IGNORECASE
)


def _field_of_form(node: ast.expr) -> str:
    """`form.password.data`."""
    if isinstance(node, ast.Attribute) and node.attr == "data" and isinstance(node.value, ast.Attribute):
        return node.value.attr
    return ""


_FINDS = ("filter_by", "filter", "find_one", "get", "findOne", "where", "get_or_none")
_MODEL = re.compile(r"(?:^|\.)(?:\w*(?:User|Account|Member|Customer|Admin|Employee|Person|Student|Patient|Login)\w*)$")
_MAKES = re.compile(r"Form|Schema|Serializer|Response|Request|Create|Update|^Login|In$|Out$|DTO|Error|View|Factory")


@check(
    PLAIN_PASSWORD,
    on=called(*_FINDS),
    bad=(
        "def login(username, password):\n    return User.query.filter_by(name=username, password=password).first()\n",
        "def login(request):\n    return User.objects.get(name='x', password=request.POST['password'])\n",
        "def login(name, password):\n    return db.users.find_one({'name': name, 'password': password})\n",
        "def login(request):\n    pw = request.POST['pw']\n    return User.objects.get(name='x', password=pw)\n",
    ),
    good=(
        "def login(name, password):\n    return User.query.filter_by(username=name).first()\n",
        "def login(name, password):\n    password = hash_of(password)\n"
        "    return User.query.filter_by(username=name, password=password).first()\n",
        "def login(name, password):\n    return requests.get(url, password=password)\n",
    ),
)
def plain_query(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    searched = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if searched == "get" and ".objects." not in f"{name}.":
        return
    pairs = [(k.arg or "", k.value) for k in call.keywords]
    for given in call.args[:1]:
        if isinstance(given, ast.Dict):
            pairs += [(text_of_literal(k) or "", v) for k, v in zip(given.keys, given.values, strict=True)]
    for key, value in pairs:
        if re.match(r"(?:password|passwd|pwd)$", key) and _is_plain(value, file):
            yield Hit(file.span(call), "A user is looked up by the password as it was sent: it is not hashed")
            return


_ASKS = (
    *("one", "rows", "query", "fetch", "fetch_one", "fetchone", "fetchrow", "fetchval", "fetch_all", "query_db"),
    *("run_query", "execute_query", "get_one", "select"),
)
"""What the program's own helpers for statements are called."""

_WRITES = ("execute", "insert", "executemany", "insert_one", "insertOne", "create", "save", "add", *_ASKS)
_INSERT = re.compile(
    r"\b(?:insert\s+into\s+\W?(?:\w*user\w*|accounts?|members?|customers?|admins?|people|persons?|staff|employees?)\b[^;]{0,300}?\bpassw|update\s+\W?\w*(?:user|account|member|customer|admin|people|person|staff|employee)\w*\W?\s+set"
    r"\s+[^;]{0,100}?\bpassw\w*\s*=|\bselect\b[^;]{0,200}\bfrom\s+\W?\w*(?:user|account|member|customer|admin)\w*\b[^;]{0,200}\bpassw\w*\s*=)",
    re.IGNORECASE,
)


@check(
    PLAIN_PASSWORD,
    on=called(*_WRITES, "User", "Account", "Member", "Customer", "Admin", "Employee", "create_user"),
    bad=(
        "def change(self):\n"
        "    db.execute('UPDATE people SET password = ? WHERE id = 1', (self.get_argument('password'),))\n",
        "def register(name, password):\n"
        "    db.execute('INSERT INTO users (name, password) VALUES (?, ?)', (name, password))\n",
        "def login(name, password):\n"
        "    db.execute('SELECT * FROM users WHERE name = ? AND password = ?', (name, password))\n",
        "def login(name, password):\n"
        "    return one('SELECT * FROM users WHERE name = %s AND password = %s', (name, password))\n",
        "from flask import request\ndef register():\n"
        "    user = User(name=request.form['name'], password=request.form['password'])\n",
        "def register(name, password):\n    db.users.insert_one({'name': name, 'password': password})\n",
        "def register(data):\n    User.objects.create(name=data['name'], password=data['password'])\n",
    ),
    good=(
        "def register(name, password):\n    h = hash_of(password)\n"
        "    db.execute('INSERT INTO users (name, password) VALUES (?, ?)', (name, h))\n",
        "def register(name, password):\n    password = generate_password_hash(password)\n"
        "    user = User(name=name, password=password)\n",
        "def register(name, password):\n    user = User(name=name, password=hash_of(password))\n",
        "def register(name, password):\n    User.objects.create_user(name, password=password)\n",
        "class User:\n    def __init__(self, password):\n        self.password = bcrypt.hashpw(password)\n"
        "def register(password):\n    User(password=password)\n",
        "def connect(user, password):\n    return Account(user=user, password=password)\n",
    ),
)
def plain_storage(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
    if last in ("execute", "executemany", *_ASKS):
        statement = statement_text(call, file)
        values = call.args[1] if len(call.args) > 1 else None
        told = values.elts if isinstance(values, (ast.Tuple, ast.List)) else []
        if _INSERT.search(statement) and (any(_is_plain(v, file) for v in told) or _embeds(call.args[0], file)):
            yield Hit(file.span(call), "A password goes into the database, or is looked up, as it was sent")
        return
    if last in ("create_user", "save", "add") or not _makes_user(call, name, last, file):
        return
    for key, value in _fields(call):
        if re.match(r"(?:password|passwd|pwd)$", key) and _is_plain(value, file) and _came_in(value, file):
            yield Hit(file.span(call), "The password is kept as it was sent: it is not hashed")
            return


def statement_text(call: ast.Call, file: PythonFile) -> str:
    """The constant pieces of the SQL that the call is given."""
    values = values_of(call.args[0], file) if call.args else ()
    texts = (
        node.value
        for v in values
        for node in ast.walk(v)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return " ".join(texts)[:2_000]


def _embeds(statement: ast.expr, file: PythonFile) -> bool:
    """Whether the text of the statement is put together with the password itself."""
    for value in values_of(statement, file):
        if isinstance(value, (ast.JoinedStr, ast.BinOp, ast.Call)) and not _HASHES.search(ast.unparse(value)):
            names = (n for n in ast.walk(value) if isinstance(n, (ast.Name, ast.Attribute, ast.Subscript)))
            if any(_is_plain(node, file) for node in names):
                return True
    return False


def _makes_user(call: ast.Call, name: str, last: str, file: PythonFile) -> bool:
    """A record of a user, of a class that does not hash by itself as far as this file tells."""
    if last in ("insert_one", "insertOne", "insert"):
        return re.search(r"user|account|member|customer|admin", name, re.IGNORECASE) is not None
    model = name.removesuffix(".objects.create").removesuffix(".create") if last == "create" else name
    if not _MODEL.search(model) or _MAKES.search(model.rpartition(".")[2]):
        return False
    return not re.search(
        r"set_password|hash_password|generate_password_hash|hashpw|make_password|pwd_context", file.source.text
    )


def _fields(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in call.keywords:
        yield keyword.arg or "", keyword.value
    for given in call.args[:1]:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                yield text_of_literal(key) or "", value


def _came_in(value: ast.expr, file: PythonFile) -> bool:
    """From a request or a form; or as a parameter of something that registers people."""
    function: FunctionNode | None = file.function_of(value)
    if function is None:
        return False
    registers = re.search(r"regist|sign_?up|create_(?:user|account)|add_user|new_user", function.name, re.IGNORECASE)
    return bool(registers) or is_route(function, file)


@check(
    PLAIN_PASSWORD,
    on=(ast.Assign,),
    bad=(
        "def register(name, password):\n    users_db[name] = {'password': password, 'role': 'user'}\n",
        "def register(name, password):\n    users[name] = password\n",
    ),
    good=(
        "def register(name, password):\n    users_db[name] = {'password': hash_of(password), 'role': 'user'}\n",
        "def register(name, password):\n    password = generate_password_hash(password)\n    users[name] = password\n",
        "def f(name, password):\n    options[name] = password\n",
    ),
)
def plain_table(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    target = node.targets[0]
    if not isinstance(target, ast.Subscript) or not _PEOPLE.search(ast.unparse(target.value)):
        return
    fields = zip(node.value.keys, node.value.values, strict=True) if isinstance(node.value, ast.Dict) else ()
    held = [value for key, value in fields if re.match(r"(?:password|passwd|pwd)$", text_of_literal(key) or "")]
    if any(_is_plain(value, file) for value in (held or [node.value])):
        yield Hit(file.span(node), "The password is kept as it was sent: it is not hashed")


_COLUMN_OF_TEXT = re.compile(r"\b(?:Column|mapped_column|CharField|TextField|StringField|StringProperty|Field)\(")


@check(
    PLAIN_PASSWORD,
    on=(ast.Assign,),
    bad=(
        "class User(db.Model):\n    password = db.Column(db.String(80))\n\n"
        "    def __init__(self, password):\n        self.password = password\n",
        "from flask import Flask, request\napp = Flask(__name__)\nclass User(db.Model):\n"
        "    password = db.Column(db.String(80))\n@app.post('/change')\ndef change():\n"
        "    user = User.query.get(1)\n    user.password = request.form['password']\n",
    ),
    good=(
        "class User(db.Model):\n    password = db.Column(db.String(80))\n\n"
        "    def __init__(self, password):\n        self.password = generate_password_hash(password)\n",
        "class User(db.Model):\n    password = db.Column(db.String(80))\n\n"
        "    def __init__(self, password):\n        self.password = password\n\n"
        "    def keep(self):\n        self.password = bcrypt.hashpw(self.password)\n",
        "class Client:\n    def __init__(self, password):\n        self.password = password\n",
        "class User(db.Model):\n    password_hash = db.Column(db.String(80))\n\n    @property\n"
        "    def password(self): ...\n    def __init__(self, password):\n        self.password = password\n",
    ),
)
def plain_attribute(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """In a file that has the table: nothing of it hashes what is given to the column."""
    target = node.targets[0]
    if not isinstance(target, ast.Attribute) or not re.match(r"(?:password|passwd|pwd)$", target.attr):
        return
    function = file.function_of(node)
    made = function is not None and function.name == "__init__" and ast.unparse(target.value) == "self"
    sent = _field_of_form(node.value) or last_name(node.value)
    if not (made or _came_in(node.value, file)) or not _PASSWORD.match(sent):
        return
    if _has_column(target.attr, node if made else None, file) and not _HASHES.search(file.source.text):
        yield Hit(file.span(node), "The password is kept as it was sent: it is not hashed")


def _has_column(name: str, within: ast.AST | None, file: PythonFile) -> bool:
    """Whether a class of the file, or the one *within* which that is, has a column of that name."""
    around = list(file.ancestors(within)) if within is not None else None
    for given in (*file.by_type.get(ast.Assign), *file.by_type.get(ast.AnnAssign)):
        assert isinstance(given, (ast.Assign, ast.AnnAssign))
        owner = file.parents[given]
        target = given.targets[0] if isinstance(given, ast.Assign) else given.target
        if isinstance(owner, ast.ClassDef) and isinstance(target, ast.Name) and target.id == name:
            is_column = given.value is not None and _COLUMN_OF_TEXT.search(file.text(given.value)) is not None
            if is_column and (around is None or owner in around):
                return True
    return False


CHECKS = (
    plain_comparison,
    plain_query,
    plain_storage,
    plain_table,
    plain_attribute,
)

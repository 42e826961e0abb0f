"""What people may choose as a password: how long it must be, and whether anybody looks at all."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name
from server.analysis.python.settings import WEAK_PASSWORD_POLICY
from server.analysis.python.values import argument, is_route
from server.analysis.rule import Hit, check
from server.reviews.finding import Confidence


@check(
    WEAK_PASSWORD_POLICY,
    on=(ast.Compare,),
    bad=("def register(password):\n    if len(password) < 4:\n        return 'too short'\n",),
    good=(
        "def register(password):\n    if len(password) < 8:\n        return 'too short'\n",
        "def f(parts):\n    return len(parts) < 4\n",
        "def f(password):\n    return len(password) < 1\n",
    ),
)
def short_passwords(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    left, right = node.left, node.comparators[0]
    if not isinstance(left, ast.Call) or file.dotted(left.func) != "len" or not isinstance(right, ast.Constant):
        return
    least = right.value + isinstance(node.ops[0], ast.LtE) if isinstance(right.value, int) else 0
    measured = last_name(left.args[0]) if left.args else ""
    few = 1 < least < 7 and isinstance(node.ops[0], (ast.Lt, ast.LtE))
    if few and re.search(r"passw(?:or)?d|^pwd$", measured, re.IGNORECASE):
        yield Hit(file.span(node), f"Passwords of {least} characters are taken")


@check(
    WEAK_PASSWORD_POLICY,
    on=called("Length", "MinLengthValidator", "Field", "CharField", "constr", "StringConstraints", "String"),
    bad=(
        "class F(Form):\n    password = PasswordField(validators=[DataRequired(), Length(min=4)])\n",
        "class U(BaseModel):\n    password: str = Field(min_length=3)\n",
        "class R(Serializer):\n    password = serializers.CharField(min_length=4)\n",
    ),
    good=(
        "class F(Form):\n    password = PasswordField(validators=[DataRequired(), Length(min=8)])\n",
        "class F(Form):\n    name = StringField(validators=[Length(min=4)])\n",
    ),
)
def short_password_field(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func).rpartition(".")[2]
    least = argument(call, 0, "min") if name in ("Length", "MinLengthValidator") else _keyword(call, "min_length")
    short = isinstance(least, ast.Constant) and isinstance(least.value, int) and 1 < least.value < 7
    statement = next((a for a in file.ancestors(call) if isinstance(a, ast.stmt)), None)
    if short and isinstance(statement, (ast.Assign, ast.AnnAssign)):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        if "passw" in file.text(target).lower():
            yield Hit(file.span(call), "Short passwords are taken")


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


@check(
    WEAK_PASSWORD_POLICY,
    on=(ast.Assign, ast.AnnAssign),
    bad=("MIN_PASSWORD_LENGTH = 4\n", "class C:\n    PASSWORD_MIN_LENGTH: int = 5\n"),
    good=("MIN_PASSWORD_LENGTH = 12\n", "MIN_LENGTH = 4\n"),
)
def short_minimum(node: ast.Assign | ast.AnnAssign, file: PythonFile) -> Iterator[Hit]:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if re.fullmatch(r"(?:min_password|password_min|minimum_password)_?len(?:gth)?", last_name(target).lower()):
        least = node.value.value if isinstance(node.value, ast.Constant) else None
        if isinstance(least, int) and 0 < least < 7:
            yield Hit(file.span(node), f"Passwords of {least} characters are taken")


_REGISTERS = re.compile(
    r"regist|sign_?up|create_(?:user|account)|new_user|add_user|(?:change|reset|set|update)_?pass", re.I
)
_TAKES = re.compile(
    r"(?:form|POST|json|data|body|payload|params|args)\w*(?:\.get\(|\[)\s*['\"](?:new_?)?passw(?:or)?d\w*['\"]",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"generate_password_hash|hashpw|set_password|create_user|make_password|\bhash\w*\(|hashlib\.|\binsert\b|\bupdate\b"
    r"|\bUser\(|\bAccount\(|insert_one|\.password\s*=",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"len\([^()\n]{0,60}passw|validate_?passw|passw\w*_(?:valid|strength|policy|regex|pattern|rules?|check|ok)|strength|min_length"
    r"|Length\(|zxcvbn|valid\w*_passw|check_password_(?:strength|policy)|MIN_PASSW|PASSWORD_(?:MIN|REGEX|PATTERN)"
    r"|\.validate\w*\(|is_valid\(|weak|full_clean|schema|re\.(?:fullmatch|match|search)\([^\n]{0,120}passw",
    re.IGNORECASE,
)


@check(
    WEAK_PASSWORD_POLICY,
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    bad=(
        "from flask import Flask, request\napp = Flask(__name__)\n@app.route('/register', methods=['POST'])\n"
        "def register():\n    user = User(name=request.form['name'])\n"
        "    user.set_password(request.form['password'])\n    return 'ok'\n",
    ),
    good=(
        "from flask import Flask, request\napp = Flask(__name__)\n@app.route('/register', methods=['POST'])\n"
        "def register():\n    password = request.form['password']\n    if len(password) < 12:\n        return 'short'\n"
        "    user = User(request.form['name'])\n    user.set_password(password)\n    return 'ok'\n",
        "from flask import Flask, request\napp = Flask(__name__)\n@app.route('/login', methods=['POST'])\n"
        "def login():\n    return check(request.form['password'])\n",
    ),
)
def any_password(node: ast.FunctionDef | ast.AsyncFunctionDef, file: PythonFile) -> Iterator[Hit]:
    """A route that makes accounts in a file in which nobody looks at a password."""
    of = next((a.name for a in file.ancestors(node) if isinstance(a, ast.ClassDef)), "")
    if not _REGISTERS.search(f"{of} {node.name}") or not (
        is_route(node, file) or node.name == "post" or _is_view(node)
    ):
        return
    text = file.text(node)
    taken = _TAKES.search(text)
    if taken is not None and _KEEPS.search(text) and not _LOOKS.search(file.source.text):
        place = next((n for n in ast.walk(node) if isinstance(n, ast.expr) and _TAKES.search(file.text(n))), node)
        statement = next((a for a in file.ancestors(place) if isinstance(a, ast.stmt)), node)
        yield Hit(file.head_span(statement), "Any password will do", confidence=Confidence.LOW)


def _is_view(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "request"


CHECKS = (short_passwords, short_password_field, short_minimum, any_password)

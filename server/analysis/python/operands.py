"""Operands that cannot be meant: a value against itself, a text against a number, a text where a tuple was meant."""

import ast
import re
from collections.abc import Iterator

from server.analysis.bug_rules import SELF_ASSIGNMENT
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import FUNCTIONS, assignments_in
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Edit, Fix, Severity

SAME_OPERANDS = Rule(
    "hive.same-operands",
    Kind.BUG,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="A value against itself gives the same result whatever it is: one of the two was to be another.",
    remedy="Name the operand that was meant. To ask whether a float is a number, use math.isnan.",
    cwe=1025,
    also=(571, 570),
    answers_to=("PLR0124",),
    in_tests=False,
)
TEXT_FOR_TUPLE = Rule(
    "hive.text-for-tuple",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="Parentheses alone make no tuple: `in` looks for a part of the text, and finds 'a' and '' in 'admin', too.",
    remedy="Put a comma behind the one element, or compare with ==.",
    cwe=697,
    in_tests=False,
)
INCOMPATIBLE_COMPARISON = Rule(
    "hive.incompatible-comparison",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="A text never equals a number, and comparing their order is a TypeError.",
    remedy="Convert first: int(...) of what is a text, or compare with a text.",
    cwe=1024,
    also=(697, 571),
)
FLOAT_FOR_COUNT = Rule(
    "hive.float-for-count",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="/ always makes a float, and this takes only whole numbers: a TypeError.",
    remedy="Divide with //.",
    cwe=681,
    also=(704,),
)
MONTH_FOR_MINUTE = Rule(
    "hive.month-for-minute",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="%M is the minute and %m the month: dates are wrong, and mostly look right.",
    remedy="%m in a date, %M in a time.",
    cwe=682,
)

_SAME_TESTS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In)
_SIMPLE = (ast.Name, ast.Attribute, ast.Subscript)


def _is_same(left: ast.expr, right: ast.expr) -> bool:
    """Names, attributes and elements alone: a call may give something else the second time."""
    if type(left) is not type(right) or not isinstance(left, _SIMPLE):
        return False
    if any(isinstance(node, (ast.Call, ast.Await, ast.NamedExpr, ast.Yield)) for node in ast.walk(left)):
        return False
    return ast.dump(left) == ast.dump(right)


@check(
    SAME_OPERANDS,
    on=(ast.Compare,),
    bad=(
        "def f(a, b):\n    return a.x == a.x and b\n",
        "if low <= low:\n    f()\n",
        "def f(self, other):\n    return self.name < self.name\n",
    ),
    good=(
        "def f(a, b):\n    return a.x == b.x\n",
        "def is_nan(x):\n    return x != x\n",
        "if f() == f():\n    g()\n",
        "assert a == a\n",
        "import math\ndef f(value):\n    return value if value == value else 0.0\n",
        "if low <= low <= high:\n    f()\n",
    ),
)
def same_compared(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    """`x != x` and `x == x` of a bare name ask for NaN; in an assertion the operator itself is tried."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], _SAME_TESTS) or not _is_same(node.left, node.comparators[0]):
        return
    asks_for_nan = isinstance(node.ops[0], (ast.Eq, ast.NotEq)) and not isinstance(node.left, ast.Attribute)
    if asks_for_nan or any(isinstance(a, ast.Assert) for a in file.ancestors(node)):
        return
    yield Hit(file.span(node), f"{ast.unparse(node.left)} is compared with itself")


@check(
    SAME_OPERANDS,
    on=(ast.BinOp,),
    bad=("def f(a, b):\n    return a.width - a.width\n", "share = total / total\n", "x = flags ^ flags\n"),
    good=("def f(a, b):\n    return a.width - b.width\n", "area = side * side\n", "twice = x + x\n", "x = f() - f()\n"),
)
def same_subtracted(node: ast.BinOp, file: PythonFile) -> Iterator[Hit]:
    cancels = isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.BitXor))
    if cancels and _is_same(node.left, node.right) and not any(isinstance(a, ast.Assert) for a in file.ancestors(node)):
        yield Hit(file.span(node), f"{ast.unparse(node)} is the same whatever the value is")


@check(
    SELF_ASSIGNMENT,
    on=(ast.Assign,),
    bad=(
        "class A:\n    def __init__(self, name):\n        self.name = self.name\n",
        "class A:\n    def __init__(self, name):\n        name = name\n",
    ),
    good=(
        "class A:\n    def __init__(self, name):\n        self.name = name\n",
        "class A:\n    name = name\n",
        "def f(name):\n    name = name\n",
        "NAME = NAME\n",
        "class A:\n    @property\n    def name(self): ...\n    def f(self):\n        self.name = self.name\n",
        "class A(B):\n    def f(self):\n        self.name = self.name\n",
    ),
)
def self_assigned(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """Of an attribute that a class may define as property it has an effect; of a name it is a habit, except where
    `self.name = name` was meant.
    """
    if len(node.targets) != 1 or type(node.targets[0]) is not type(node.value):
        return
    target, function = node.targets[0], file.function_of(node)
    if function is None or not isinstance(target, (ast.Name, ast.Attribute)):
        return
    if ast.unparse(target) != ast.unparse(node.value) or "#" in file.source.line(node.lineno):
        return
    is_forgotten_self = isinstance(target, ast.Name) and function.name == "__init__"
    if is_forgotten_self or (isinstance(target, ast.Attribute) and _is_plain_attribute(target, function, file)):
        yield Hit(file.span(node), f"{ast.unparse(target)} is assigned to itself")


def _is_plain_attribute(target: ast.Attribute, function: ast.AST, file: PythonFile) -> bool:
    owner = file.parents[function]
    if not isinstance(owner, ast.ClassDef) or owner.bases or owner.decorator_list:
        return False
    defined = {n.name for n in owner.body if isinstance(n, (*FUNCTIONS, ast.ClassDef))}
    is_self = isinstance(target.value, ast.Name) and target.value.id == "self"
    return is_self and target.attr not in defined and "__setattr__" not in defined and "__getattr__" not in defined


@check(
    TEXT_FOR_TUPLE,
    on=(ast.Compare,),
    bad=("if role in ('admin'):\n    f()\n", 'ok = user.role not in ("owner")\n'),
    good=(
        "if role in ('admin',):\n    f()\n",
        "if letter in 'aeiou':\n    f()\n",
        "if role in ('admin', 'owner'):\n    f()\n",
        "if letter in ('abc' 'def'):\n    f()\n",
        "if mode in ('rwx+'):\n    f()\n",
        "if 'a' in ('admin'):\n    f()\n",
    ),
)
def text_for_tuple(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    """Only a whole word: a row of letters is looked into on purpose."""
    right = node.comparators[-1]
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)) or isinstance(node.left, ast.Constant):
        return
    if not isinstance(right, ast.Constant) or not isinstance(right.value, str):
        return
    span = file.span(right)
    line = file.source.line(span.start_line)
    inside = span.start_line == span.end_line and line[span.start_column - 2 : span.start_column - 1] == "("
    is_word = re.fullmatch(r"""(["'])[A-Za-z][\w-]{3,}\1""", file.text(right)) is not None
    if inside and line[span.end_column - 1 : span.end_column] == ")" and is_word:
        before = line[: span.start_column - 2].rstrip()
        if before.endswith("in"):
            at = (span.start_line, span.end_column)
            fix = Fix("Make it a tuple", (Edit(*at, *at, ","),), safe=False)
            yield Hit(span, f"({right.value!r}) is a text, not a tuple: every part of it is in it", fix)


MAX_GIVEN = 8
"""Values of one name that are looked at."""

_TEXTS = frozenset({"input", "os.getenv", "os.environ.get", "str", "repr", "hex", "bin", "oct", "chr"})
_NUMBERS = frozenset({"int", "len", "float", "ord", "abs", "round", "hash", "id"})


@check(
    INCOMPATIBLE_COMPARISON,
    on=(ast.Compare,),
    bad=(
        "if input('age? ') >= 18:\n    f()\n",
        "import os\nif os.environ.get('DEBUG') == 1:\n    f()\n",
        "def f(text):\n    n = int(text)\n    return n == '3'\n",
        "def f():\n    answer = input()\n    if answer == 1:\n        g()\n",
        "import sys\nif len(sys.argv) == '2':\n    f()\n",
        "import sys\nif sys.argv[1] == 3:\n    f()\n",
    ),
    good=(
        "if int(input('age? ')) >= 18:\n    f()\n",
        "import os\nif os.environ.get('DEBUG') == '1':\n    f()\n",
        "def f(text):\n    n = int(text)\n    n = str(n)\n    return n == '3'\n",
        "def f(x):\n    return len(x) == 3.0\n",
        "import os\nif os.environ.get('DEBUG', 0) == 0:\n    f()\n",
        "def f(n: int):\n    if n == '3':\n        g()\n",
        "import os\nif os.environ.get('A') == None:\n    f()\n",
    ),
)
def incompatible_comparison(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if len(node.ops) != 1 or isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
        return
    for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        if isinstance(one, ast.Constant) and not isinstance(other, ast.Constant):
            wanted = _kind_of_constant(one)
            if wanted and {wanted, _kind(other, file)} == {"text", "number"}:
                what = {"text": "a text", "number": "a number"}
                other_kind = "text" if wanted == "number" else "number"
                message = f"{ast.unparse(other)} is {what[other_kind]} and {one.value!r} is {what[wanted]}"
                yield Hit(file.span(node), message)
                return


def _kind_of_constant(node: ast.Constant) -> str:
    if isinstance(node.value, str):
        return "text"
    is_number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return "number" if is_number else ""


def _kind(node: ast.expr, file: PythonFile, follows: bool = True) -> str:
    """Only what is sure: a call that always gives this type, or a local name that gets nothing else."""
    if isinstance(node, ast.Call):
        name = file.dotted(node.func)
        if isinstance(node.func, ast.Name) and node.func.id in _NUMBERS | _TEXTS and _is_redefined(node.func.id, file):
            return ""
        if name in ("os.getenv", "os.environ.get") and (len(node.args) > 1 or node.keywords):
            return ""
        return "number" if name in _NUMBERS and name != "abs" else "text" if name in _TEXTS else ""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return "text" if file.dotted(node.value) in ("sys.argv", "os.environ") and file.is_imported(node.value) else ""
    if isinstance(node, ast.Name) and follows and isinstance(file.scope_of(node), FUNCTIONS):
        scope = file.scope_of(node)
        assert isinstance(scope, FUNCTIONS)
        names = (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs, scope.args.vararg, scope.args.kwarg)
        if any(a is not None and a.arg == node.id for a in names):
            return ""
        given = assignments_in(scope, node.id, file)
        if len(given) > MAX_GIVEN:
            return ""
        kinds = {_kind(value, file, follows=False) if isinstance(value, ast.expr) else "" for value in given}
        stores = [u for u in file.uses(node.id, scope) if isinstance(u.ctx, ast.Store)]
        return kinds.pop() if len(kinds) == 1 and len(stores) == len(given) else ""
    return ""


def _is_redefined(name: str, file: PythonFile) -> bool:
    return name in file.imports or (file.tree, name) in file.functions


@check(
    FLOAT_FOR_COUNT,
    on=called("range"),
    bad=("for i in range(len(xs) / 2):\n    f(i)\n", "for i in range(0, n / 2):\n    f(i)\n"),
    good=("for i in range(len(xs) // 2):\n    f(i)\n", "for i in range(int(n / 2)):\n    f(i)\n"),
)
def float_for_range(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if isinstance(call.func, ast.Name) and not _is_redefined("range", file):
        yield from _divided([a for a in call.args if isinstance(a, ast.BinOp)], "range()", file)


@check(
    FLOAT_FOR_COUNT,
    on=(ast.Subscript,),
    bad=("middle = xs[len(xs) / 2]\n", "half = xs[: len(xs) / 2]\n"),
    good=("middle = xs[len(xs) // 2]\n", "half = xs[: len(xs) // 2]\n", "file = folder[base / 'name']\n"),
)
def float_for_index(node: ast.Subscript, file: PythonFile) -> Iterator[Hit]:
    """Of `len` alone: a key of a mapping may be a fraction or a path."""
    bounds = [node.slice.lower, node.slice.upper] if isinstance(node.slice, ast.Slice) else [node.slice]
    divisions = [b for b in bounds if isinstance(b, ast.BinOp) and _is_length(b.left) and _is_whole(b.right)]
    yield from _divided(divisions, "an index", file)


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _divided(nodes: list[ast.BinOp], what: str, file: PythonFile) -> Iterator[Hit]:
    for node in nodes:
        if isinstance(node.op, ast.Div):
            yield Hit(
                file.span(node), f"{ast.unparse(node)} is a float, and {what} takes whole numbers", _floor(node, file)
            )


def _floor(node: ast.BinOp, file: PythonFile) -> Fix | None:
    left, right = file.span(node.left), file.span(node.right)
    if left.end_line != right.start_line:
        return None
    between = file.source.line(left.end_line)[left.end_column - 1 : right.start_column - 1]
    if between.strip() != "/":
        return None
    at = left.end_column + between.index("/")
    return Fix("Divide with //", (Edit(left.end_line, at, left.end_line, at + 1, "//"),), safe=True)


_WRONG_DATE = re.compile(r"%[Yy][-/._ ]?%M\b(?![:h])|%M[-/.]%[dYy]|%d[-/.]%M|%[HI]:%m")


@check(
    MONTH_FOR_MINUTE,
    on=called("strftime", "strptime"),
    bad=("day = now.strftime('%Y-%M-%d')\n", "import time\nx = time.strptime(text, '%H:%m:%S')\n"),
    good=("day = now.strftime('%Y-%m-%d %H:%M')\n", "x = datetime.strptime(text, '%Y%m%d%H%M')\n"),
)
def month_for_minute(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    for given in call.args:
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and _WRONG_DATE.search(given.value):
            yield Hit(file.span(given), f"{given.value!r} takes the minute for the month, or the month for the minute")


CHECKS = (
    same_compared,
    same_subtracted,
    self_assigned,
    text_for_tuple,
    incompatible_comparison,
    float_for_range,
    float_for_index,
    month_for_minute,
)

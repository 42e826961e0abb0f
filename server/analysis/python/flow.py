"""Statements that cannot run, conditions that cannot differ, loops that trip over themselves."""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from server.analysis.bug_rules import (
    CHANGED_WHILE_ITERATING,
    CONSTANT_CONDITION,
    DUPLICATE_CONDITION,
    STOP_ITERATION,
    TRUE_TEXT,
    UNREACHABLE_CODE,
)
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.paths import breaks
from server.analysis.python.values import FUNCTIONS
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix, Severity

_BLOCKS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.ExceptHandler,
    ast.Module,
)


@check(
    UNREACHABLE_CODE,
    on=_BLOCKS,
    bad=(
        "def f():\n    return 1\n    g()\n",
        "for x in y:\n    continue\n    g(x)\n",
        "def f():\n    if x:\n        raise ValueError\n        g()\n",
        "def f():\n    while True:\n        g()\n    h()\n",
        "def f(x):\n    if x:\n        return 1\n    else:\n        return 2\n    g()\n",
    ),
    good=(
        "def f():\n    return\n    yield\n",
        "def f():\n    while True:\n        if g():\n            break\n    h()\n",
        "def f():\n    if x:\n        return 1\n    g()\n",
        "def f():\n    raise NotImplementedError\n",
        "def f(x):\n    try:\n        return g()\n    except ValueError:\n        pass\n    return h()\n",
        "def f():\n    assert False, 'no'\n    return 1\n",
    ),
)
def unreachable_code(block: ast.AST, file: PythonFile) -> Iterator[Hit]:
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(block, name, [])
        for before, after in pairwise(statements):
            if _always_leaves(before):
                if not _makes_a_generator(after):
                    yield Hit(file.head_span(after), f"Never runs: the code before always {_leaves_by(before)}")
                break


def _always_leaves(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
        return True
    if isinstance(statement, ast.If):
        return bool(statement.orelse) and _always_leaves(statement.body[-1]) and _always_leaves(statement.orelse[-1])
    if isinstance(statement, ast.While):
        return isinstance(statement.test, ast.Constant) and bool(statement.test.value) and not breaks(statement)
    return False


def _leaves_by(statement: ast.stmt) -> str:
    words = {
        ast.Return: "returns",
        ast.Raise: "raises",
        ast.Continue: "continues",
        ast.Break: "breaks",
        ast.While: "loops",
    }
    return words.get(type(statement), "leaves")


def _makes_a_generator(statement: ast.stmt) -> bool:
    """`return` and then `yield`: an empty generator, written so on purpose."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Yield, ast.YieldFrom, ast.Constant))


_IMPURE = (ast.Call, ast.Await, ast.Yield, ast.NamedExpr)


def _is_pure(node: ast.AST) -> bool:
    return not any(isinstance(n, _IMPURE) for n in ast.walk(node))


@check(
    DUPLICATE_CONDITION,
    on=(ast.If,),
    bad=("if a == 1:\n    f()\nelif a == 2:\n    g()\nelif a == 1:\n    h()\n",),
    good=(
        "if a == 1:\n    f()\nelif a == 2:\n    g()\n",
        "if f():\n    g()\nelif f():\n    h()\n",
        "if a:\n    f()\nif a:\n    g()\n",
    ),
)
def duplicate_branch(node: ast.If, file: PythonFile) -> Iterator[Hit]:
    parent = file.parents[node]
    is_elif = isinstance(parent, ast.If) and parent.orelse == [node]
    if is_elif or len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
        return
    seen = {ast.dump(node.test)}
    while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        node = node.orelse[0]
        test = ast.dump(node.test)
        if test in seen and _is_pure(node.test):
            yield Hit(file.span(node.test), "This condition was tested above: the branch never runs")
        seen.add(test)


@check(
    DUPLICATE_CONDITION,
    on=(ast.BoolOp,),
    bad=("if a.x == 1 or a.x == 1:\n    f()\n", "ok = a and b and a\n"),
    good=("if a.x == 1 or a.y == 1:\n    f()\n", "ok = next(a) and next(a)\n"),
)
def duplicate_operand(node: ast.BoolOp, file: PythonFile) -> Iterator[Hit]:
    seen: set[str] = set()
    widths = Counter(map(_width, node.values))
    for value in node.values:
        if widths[_width(value)] == 1:
            continue  # what is written twice is as wide; dumping every operand would cost more than the other rules
        text = ast.dump(value)
        if text in seen and _is_pure(value):
            yield Hit(file.span(value), "The same operand stands twice")
        seen.add(text)


def _width(node: ast.expr) -> int:
    return (node.end_col_offset or 0) - node.col_offset


@check(
    CONSTANT_CONDITION,
    on=(ast.BoolOp,),
    bad=(
        "if x == 'a' or 'b':\n    f()\n",
        "while a != 1 or 2:\n    f()\n",
        "if f(x) == 1 or 2 or 3:\n    g()\n",
    ),
    good=(
        "if x == 'a' or x == 'b':\n    f()\n",
        "name = given == 1 or 'default'\n",
        "if x in ('a', 'b'):\n    f()\n",
        "if x == 'a' or DEBUG:\n    f()\n",
    ),
)
def always_true_or(node: ast.BoolOp, file: PythonFile) -> Iterator[Hit]:
    first = node.values[0]
    parent = file.parents[node]
    tested = isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)) and parent.test is node
    if not tested or not isinstance(node.op, ast.Or) or not isinstance(first, ast.Compare) or len(first.ops) != 1:
        return
    others = node.values[1:]
    if all(isinstance(other, ast.Constant) and bool(other.value) and other.value is not True for other in others):
        yield Hit(file.span(node), "Always true: the alternatives are not compared", _membership(node, first, file))


def _membership(node: ast.BoolOp, first: ast.Compare, file: PythonFile) -> Fix | None:
    if not isinstance(first.ops[0], ast.Eq):
        return None
    options = ", ".join(file.text(value) for value in (first.comparators[0], *node.values[1:]))
    text = f"{file.text(first.left)} in ({options})"
    return Fix("Compare with each of them", (Edit(*file.span(node), text),), safe=False)


@check(
    CONSTANT_CONDITION,
    on=(ast.Compare,),
    bad=("if len(x) >= 0:\n    f()\n", "ok = len(x) < 0\n", "if 0 <= len(x):\n    f()\n"),
    good=("if len(x) > 0:\n    f()\n", "if len(x) >= 1:\n    f()\n", "if x >= 0:\n    f()\n"),
)
def length_below_zero(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if len(node.ops) != 1:
        return
    left, operation, right = node.left, node.ops[0], node.comparators[0]
    always = _is_length(left) and _is_zero(right) and isinstance(operation, (ast.GtE, ast.Lt))
    mirrored = _is_zero(left) and _is_length(right) and isinstance(operation, (ast.LtE, ast.Gt))
    if always or mirrored:
        truth = isinstance(operation, (ast.GtE, ast.LtE))
        yield Hit(file.span(node), f"A length is never below zero: always {truth}", severity=Severity.MEDIUM)


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0 and node.value is not False


_SHRINKS = frozenset({"remove", "pop", "insert", "discard", "clear", "popitem", "add", "update", "setdefault"})
_CHANGES = (ast.Delete, *called(*sorted(_SHRINKS)))
_VIEWS = frozenset({"items", "keys", "values"})


@check(
    CHANGED_WHILE_ITERATING,
    on=(ast.For,),
    bad=(
        "for x in xs:\n    if x:\n        xs.remove(x)\n",
        "for k in d:\n    if k:\n        del d[k]\n",
        "for k, v in self.d.items():\n    if v:\n        self.d.pop(k)\n",
        "for i, x in enumerate(xs):\n    if x:\n        xs.pop(i)\n",
    ),
    good=(
        "for x in list(xs):\n    xs.remove(x)\n",
        "for x in xs:\n    if x:\n        xs.remove(x)\n        break\n",
        "for k in d:\n    d[k] = 1\n",
        "class A:\n    def f(self):\n        for k in self:\n            self.discard(k)\n",
        "for x in xs[:]:\n    xs.remove(x)\n",
        "for x in queue:\n    queue.append(x)\n",
        "for x in xs:\n    xs = [y for y in xs if y]\n    xs.pop()\n",
    ),
)
def changed_while_iterating(loop: ast.For, file: PythonFile) -> Iterator[Hit]:
    iterated, wrapped = _iterated(loop.iter)
    if iterated is None or file.dotted(iterated) == "self":
        return
    for node, changed in _changes_in(loop, file):
        if (
            ast.dump(changed) == ast.dump(iterated)
            and not _loop_ends_after(node, loop, file)
            and not _rebinds(loop, iterated)
        ):
            span = file.span(wrapped)
            fix = Fix("Iterate over a copy", (Edit(*span, f"list({file.text(wrapped)})"),))
            yield Hit(file.span(node), f"{ast.unparse(iterated)} changes while the loop iterates over it", fix)
            return


def _iterated(node: ast.expr) -> tuple[ast.expr | None, ast.expr]:
    """The collection, and the expression to copy: `d` and `d.items()` in `for k, v in d.items()`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "enumerate" and node.args:
        return _iterated(node.args[0])
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _VIEWS
        and not node.args
    ):
        return node.func.value, node
    return (node, node) if isinstance(node, (ast.Name, ast.Attribute)) else (None, node)


def _rebinds(loop: ast.For, iterated: ast.expr) -> bool:
    target = ast.unparse(iterated)
    return any(
        isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Store) and ast.unparse(n) == target
        for s in loop.body
        for n in ast.walk(s)
    )


def _changes_in(loop: ast.For, file: PythonFile) -> Iterator[tuple[ast.AST, ast.expr]]:
    """What the loop's body changes, and the collection, in the order of the text; not what functions in it would.

    From the few nodes that may change something up to the loop: walking every loop would cost more than parsing.
    """
    for node in sorted(file.nodes_within(loop, _CHANGES), key=lambda node: (node.lineno, node.col_offset)):
        changed = _changed(node)
        if changed is not None and _is_run_by(loop, node, file):
            yield node, changed


def _is_run_by(loop: ast.For, node: ast.AST, file: PythonFile) -> bool:
    child = node
    for ancestor in file.ancestors(node):
        if ancestor is loop:
            return child in loop.body
        if isinstance(ancestor, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            return False
        child = ancestor
    return False


def _changed(node: ast.AST) -> ast.expr | None:
    """The collection that the node makes longer or shorter."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SHRINKS:
        return node.func.value
    if isinstance(node, ast.Delete) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0].value
    return None


def _loop_ends_after(node: ast.AST, loop: ast.For, file: PythonFile) -> bool:
    """Whether the blocks around the change all leave the loop before its next round."""
    child = node
    for ancestor in file.ancestors(node):
        for name in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(ancestor, name, None)
            later = block[block.index(child) :] if isinstance(block, list) and child in block else []
            if any(isinstance(s, (ast.Break, ast.Return, ast.Raise)) for s in later):
                return True
        if ancestor is loop:
            return False
        child = ancestor
    return False


@check(
    STOP_ITERATION,
    on=(ast.Raise,),
    bad=("def f():\n    yield 1\n    raise StopIteration\n",),
    good=(
        "def __next__(self):\n    raise StopIteration\n",
        "def f():\n    yield 1\n    return\n",
        "def f():\n    try:\n        yield 1\n        raise StopIteration\n    except StopIteration:\n        pass\n",
    ),
)
def stop_iteration(node: ast.Raise, file: PythonFile) -> Iterator[Hit]:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    function = file.function_of(node)
    if (
        file.dotted(raised) != "StopIteration"
        or function is None
        or any(isinstance(a, ast.Try) for a in file.ancestors(node))
    ):
        return
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) and file.function_of(n) is function for n in ast.walk(function)):
        bare = node.exc is raised
        fix = Fix("Return instead", (Edit(*file.span(node), "return"),), safe=False) if bare else None
        yield Hit(file.span(node), "StopIteration raised in a generator", fix)


_NO_WORDS = frozenset({"false", "0", "no", "off", "f", "n"})


@check(
    TRUE_TEXT,
    on=called("bool"),
    bad=(
        "import os\ndebug = bool(os.environ.get('DEBUG', 'False'))\n",
        "import os\ndebug = bool(os.getenv('DEBUG', '0'))\n",
        "x = bool('false')\n",
    ),
    good=(
        "import os\ndebug = os.environ.get('DEBUG', 'False') == 'True'\n",
        "import os\ndebug = bool(os.getenv('DEBUG'))\n",
        "import os\ndebug = bool(int(os.getenv('DEBUG', '0')))\n",
    ),
)
def true_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if len(call.args) != 1:
        return
    value = call.args[0]
    if (
        isinstance(value, ast.Call)
        and file.dotted(value.func) in ("os.getenv", "os.environ.get")
        and len(value.args) == 2
    ):
        value = value.args[1]
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.lower() in _NO_WORDS:
        yield Hit(file.span(call), f"bool({value.value!r}) is True")


CHECKS = (
    unreachable_code,
    duplicate_branch,
    duplicate_operand,
    always_true_or,
    length_below_zero,
    changed_while_iterating,
    stop_iteration,
    true_text,
)

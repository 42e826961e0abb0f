"""Loops that look behind the end, and iterators that are empty the second time."""

import ast
from collections import Counter
from collections.abc import Iterator

from server.analysis.bug_rules import STOP_ITERATION
from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Edit, Fix, Severity

BEHIND_THE_END = Rule(
    "hive.behind-the-end",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="The last index of a sequence is its length less one: this one is always outside, an IndexError.",
    remedy="range(len(xs)) without + 1, xs[-1] for the last element, < instead of <=.",
    cwe=193,
    also=(125, 129),
)
EXHAUSTED_ITERATOR = Rule(
    "hive.exhausted-iterator",
    Kind.BUG,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="An iterator can be gone through once: the second loop over it sees nothing, and says nothing.",
    remedy="Make a list of it first: list(...), or make the iterator anew for each pass.",
    cwe=672,
    in_tests=False,
)


@check(
    BEHIND_THE_END,
    on=(ast.Subscript,),
    bad=("last = xs[len(xs)]\n", "def f(self):\n    return self.rows[len(self.rows)]\n"),
    good=(
        "last = xs[len(xs) - 1]\n",
        "rest = xs[len(ys)]\n",
        "d[len(d)] = 1\n",
        "def f():\n    ids = {}\n    return ids[len(ids)]\n",
        "xs[len(xs):] = [1]\n",
    ),
)
def length_as_index(node: ast.Subscript, file: PythonFile) -> Iterator[Hit]:
    """Not where something is put there: a dict may number its entries so."""
    if isinstance(node.ctx, ast.Load) and _is_length_of(node.slice, node.value) and not _is_mapping(node.value, file):
        whole = ast.unparse(node.value)
        fix = Fix("Take the last element", (Edit(*file.span(node.slice), "-1"),), safe=False)
        yield Hit(file.span(node), f"{whole}[len({whole})] is behind the last element", fix)


def _is_length_of(node: ast.expr, whole: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and len(node.args) == 1
        and ast.dump(node.args[0]) == ast.dump(whole)
    )


def _is_mapping(node: ast.expr, file: PythonFile) -> bool:
    """Whether something is ever stored under its length, or it is made as a dict."""
    text = ast.unparse(node)
    return any(made in file.source.text for made in (f"{text}[len({text})] =", f"{text} = {{", f"{text} = dict"))


@check(
    BEHIND_THE_END,
    on=(ast.For,),
    bad=(
        "for i in range(len(xs) + 1):\n    print(xs[i])\n",
        "for i in range(0, len(xs) + 1):\n    total += xs[i]\n",
        "for i in range(len(xs)):\n    if xs[i] > xs[i + 1]:\n        swap(i)\n",
    ),
    good=(
        "for i in range(len(xs)):\n    print(xs[i])\n",
        "for i in range(len(xs) + 1):\n    print(xs[:i])\n",
        "for i in range(len(xs) + 1):\n    if i < len(xs):\n        print(xs[i])\n",
        "for i in range(len(xs) - 1):\n    print(xs[i + 1])\n",
        "for i in range(len(xs)):\n    if i + 1 < len(xs):\n        print(xs[i + 1])\n",
        "for i in range(len(xs)):\n    try:\n        print(xs[i + 1])\n    except IndexError:\n        pass\n",
        "for i in range(len(xs)):\n    print(ys[i + 1])\n",
        "for i in range(len(xs)):\n    xs.append(xs[i + 1])\n",
        "for i in range(len(xs)):\n    if xs[i] == '$':\n        return xs[i + 1]\n",
    ),
)
def range_too_long(loop: ast.For, file: PythonFile) -> Iterator[Hit]:
    ranged = _length_ranged_over(loop.iter)
    if ranged is None or not isinstance(loop.target, ast.Name):
        return
    whole, extra = ranged
    index, text = loop.target.id, ast.dump(whole)
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        if (
            isinstance(node, ast.Subscript)
            and ast.dump(node.value).replace("Store()", "Load()") == text
            and _steps_over(node.slice, index, extra)
            and not _is_guarded(node, index, loop, file)
            and not _is_changed(whole, loop)
        ):
            message = f"In the last round {ast.unparse(node)} is behind the end"
            yield Hit(file.span(node), message, confidence=Confidence.HIGH if extra else Confidence.MEDIUM)
            return


def _length_ranged_over(node: ast.expr) -> tuple[ast.expr, int] | None:
    """`xs` and 1 of `range(len(xs) + 1)`; with 0 of `range(len(xs))`."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "range" or not 1 <= len(node.args) <= 2:
        return None
    end, extra = node.args[-1], 0
    if isinstance(end, ast.BinOp) and isinstance(end.op, ast.Add) and getattr(end.right, "value", 0) == 1:
        end, extra = end.left, 1
    is_length = isinstance(end, ast.Call) and getattr(end.func, "id", "") == "len" and len(end.args) == 1
    if not is_length or not isinstance(end, ast.Call) or not isinstance(end.args[0], (ast.Name, ast.Attribute)):
        return None
    return end.args[0], extra


def _steps_over(index: ast.expr, name: str, extra: int) -> bool:
    if extra:
        return isinstance(index, ast.Name) and index.id == name
    return (
        isinstance(index, ast.BinOp)
        and isinstance(index.op, ast.Add)
        and isinstance(index.left, ast.Name)
        and index.left.id == name
        and isinstance(index.right, ast.Constant)
        and isinstance(index.right.value, int)
        and index.right.value > 0
    )


_LEAVES = (ast.Break, ast.Continue, ast.Return, ast.Raise)


def _is_guarded(node: ast.AST, index: str, loop: ast.For, file: PythonFile) -> bool:
    """By a condition around it other than the one it stands in, a try, or a statement before that may leave."""
    child: ast.AST = node
    for ancestor in file.ancestors(node):
        if ancestor is loop:
            break
        if isinstance(ancestor, (ast.Try, ast.BoolOp, ast.IfExp)):
            return True
        if isinstance(ancestor, (ast.If, ast.While)) and child is not ancestor.test:
            return True
        child = ancestor
    before = (s for s in loop.body if s.lineno < getattr(node, "lineno", 0))
    return any(isinstance(n, _LEAVES) for statement in before for n in ast.walk(statement))


def _is_changed(whole: ast.expr, loop: ast.For) -> bool:
    name = ast.unparse(whole)
    return any(
        (isinstance(n, ast.Attribute) and ast.unparse(n.value) == name and n.attr in ("append", "extend", "insert"))
        or (isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store))
        for statement in loop.body
        for n in ast.walk(statement)
    )


@check(
    BEHIND_THE_END,
    on=(ast.While,),
    bad=("i = 0\nwhile i <= len(xs):\n    print(xs[i])\n    i += 1\n",),
    good=(
        "i = 0\nwhile i < len(xs):\n    print(xs[i])\n    i += 1\n",
        "i = 1\nwhile i <= len(xs):\n    f(xs[i - 1])\n    i += 1\n",
    ),
)
def while_too_long(loop: ast.While, file: PythonFile) -> Iterator[Hit]:
    test = loop.test
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.LtE):
        return
    index, end = test.left, test.comparators[0]
    if not isinstance(index, ast.Name) or not isinstance(end, ast.Call) or getattr(end.func, "id", "") != "len":
        return
    first = loop.body[0]
    for node in ast.walk(first) if not isinstance(first, (ast.If, ast.Try, ast.With)) else ():
        if (
            isinstance(node, ast.Subscript)
            and _is_length_of(end, node.value)
            and getattr(node.slice, "id", "") == index.id
        ):
            yield Hit(file.span(test), f"In the last round {ast.unparse(node)} is behind the end")
            return


_ONCE = frozenset({"zip", "map", "filter", "iter", "reversed", "enumerate"})
_ONCE_DOTTED = frozenset(
    {
        "csv.reader",
        "csv.DictReader",
        "itertools.chain",
        "itertools.islice",
        "re.finditer",
        "os.walk",
        "os.scandir",
        "itertools.product",
        "itertools.groupby",
    }
)
_USES_UP = frozenset(
    {"list", "tuple", "set", "sorted", "sum", "dict", "max", "min", "frozenset", "Counter", "join", "extend"}
)


@check(
    EXHAUSTED_ITERATOR,
    on=FUNCTIONS,
    bad=(
        "def f(xs, ys):\n    pairs = zip(xs, ys)\n    for a, b in pairs:\n        g(a)\n    return list(pairs)\n",
        "def f(xs):\n    evens = (x for x in xs if x % 2 == 0)\n    total = sum(evens)\n    return total, max(evens)\n",
        "def f(xs, names):\n    rows = map(parse, xs)\n    for name in names:\n        for row in rows:\n"
        "            print(name, row)\n",
    ),
    good=(
        "def f(xs, ys):\n    pairs = list(zip(xs, ys))\n    for a, b in pairs:\n        g(a)\n    return list(pairs)\n",
        "def f(xs, ys):\n    pairs = zip(xs, ys)\n    for a, b in pairs:\n        if a:\n            break\n"
        "    return list(pairs)\n",
        "def f(xs, ys):\n    pairs = zip(xs, ys)\n    if xs:\n        return dict(pairs)\n    return list(pairs)\n",
        "def f(xs):\n    it = iter(xs)\n    first = next(it)\n    return [first, *it]\n",
        "def f(xs):\n    for x in xs:\n        pairs = zip(x, x)\n        for a in pairs:\n            g(a)\n",
        "def f(xs, ys):\n    pairs = zip(xs, ys)\n    g({*pairs})\n    pairs = zip(ys, ys)\n    return list(pairs)\n",
    ),
)
def exhausted_iterator(function: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    made = [statement for statement in _assignments(function) if _makes_iterator(statement.value, file)]
    often = Counter(ast.unparse(statement.targets[0]) for statement in made)
    for statement in made:
        target = statement.targets[0]
        assert isinstance(target, ast.Name)
        if often[target.id] > 1:
            continue
        uses = sorted(file.uses(target.id, function), key=lambda use: (use.lineno, use.col_offset))
        if sum(isinstance(use.ctx, ast.Store) for use in uses) != 1:
            continue
        ends = [use for use in uses if _is_used_up(use, file)]
        again = _gone_through_again(statement, ends, function, file)
        if again is not None and len([u for u in uses if isinstance(u.ctx, ast.Load)]) == len(ends):
            message = f"{target.id} is an iterator, and was gone through before"
            yield Hit(file.span(again), message, evidence=f"{function.name} {target.id}")


def _assignments(function: FunctionNode) -> Iterator[ast.Assign]:
    """To one name, of the function's own blocks."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assign):
            if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                yield node
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
            waiting.extend(ast.iter_child_nodes(node))


def _makes_iterator(node: ast.expr, file: PythonFile) -> bool:
    if isinstance(node, ast.GeneratorExp):
        return True
    if not isinstance(node, ast.Call):
        return False
    plain = isinstance(node.func, ast.Name) and node.func.id in _ONCE and node.func.id not in file.imports
    return plain or file.dotted(node.func) in _ONCE_DOTTED


def _is_used_up(use: ast.Name, file: PythonFile) -> bool:
    """Whether nothing is left in it after the expression or loop around *use*."""
    parent = file.parents[use]
    if isinstance(parent, (ast.For, ast.comprehension)):
        is_whole = isinstance(parent, ast.comprehension) or not _may_leave(parent)
        return parent.iter is use and is_whole
    if isinstance(parent, ast.Call) and use in parent.args:
        name = parent.func.id if isinstance(parent.func, ast.Name) else getattr(parent.func, "attr", "")
        return name in _USES_UP
    return False


def _may_leave(loop: ast.For) -> bool:
    return any(isinstance(n, (ast.Break, ast.Return, ast.Raise)) for s in loop.body for n in ast.walk(s))


def _gone_through_again(
    made: ast.stmt, ends: list[ast.Name], function: FunctionNode, file: PythonFile
) -> ast.AST | None:
    """The use that finds nothing: behind another one in the same block, or within a loop that is around it alone."""
    block = _block_of(made, file)
    places = file.places_in(block)
    reached: list[tuple[int, ast.Name]] = []
    for use in ends:
        if _is_in_a_loop_of_others(use, made, function, file):
            return use
        place = next((places[id(a)] for a in file.ancestors(use) if id(a) in places), -1)
        if place >= 0:
            reached.append((place, use))
    straight = [(n, use) for n, use in reached if _is_straight(block[n], use, file)]
    if straight:
        first = straight[0]
        return next((use for n, use in reached if n > first[0]), None)
    return None


def _is_in_a_loop_of_others(use: ast.Name, made: ast.stmt, function: FunctionNode, file: PythonFile) -> bool:
    """Whether a loop, which does not make the iterator nor goes through it, comes by again."""
    child: ast.AST = use
    for ancestor in file.ancestors(use):
        if ancestor is function:
            return False
        if isinstance(ancestor, (ast.For, ast.While)) and child in ancestor.body:
            own = isinstance(ancestor, ast.For) and use.id in {getattr(n, "id", "") for n in ast.walk(ancestor.iter)}
            return not own and not _holds(ancestor, made, file) and not _may_leave_any(ancestor)
        child = ancestor
    return False


def _may_leave_any(loop: ast.AST) -> bool:
    return any(isinstance(n, (ast.Break, ast.Return)) for n in ast.walk(loop))


def _block_of(statement: ast.stmt, file: PythonFile) -> list[ast.stmt]:
    parent = file.parents[statement]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return []


def _holds(statement: ast.stmt, use: ast.AST, file: PythonFile) -> bool:
    return any(ancestor is statement for ancestor in file.ancestors(use))


_BRANCHES = (ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.While, ast.For, ast.Lambda, *FUNCTIONS)


def _is_straight(statement: ast.stmt, use: ast.Name, file: PythonFile) -> bool:
    """Whether the use is met whenever the statement is: no branch lies between."""
    own = file.parents[use]
    branches = [
        a for a in file.ancestors(use) if isinstance(a, _BRANCHES) and a is not own and _holds(statement, a, file)
    ]
    is_plain = own is statement or not isinstance(statement, (ast.If, ast.Try, ast.While, ast.For))
    return not branches and is_plain


@check(
    STOP_ITERATION,
    on=called("next"),
    bad=("def f(rows):\n    rows = iter(rows)\n    header = next(rows)\n    for row in rows:\n        yield row\n",),
    good=(
        "def f(rows):\n    rows = iter(rows)\n    header = next(rows, None)\n    yield header\n",
        "def f(rows):\n    try:\n        a = next(rows)\n    except StopIteration:\n        return\n    yield a\n",
        "def f(rows):\n    return next(rows)\n",
        "def f(ids):\n    n = next(ids)\n    yield n\n",
    ),
)
def next_in_generator(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Of what was given to the function: what it made itself it knows to hold something."""
    if not isinstance(call.func, ast.Name) or len(call.args) != 1 or call.keywords:
        return
    function = file.function_of(call)
    if function is None or any(isinstance(a, (ast.Try, ast.With)) for a in file.ancestors(call)):
        return
    yields = (n for n in ast.walk(function) if isinstance(n, (ast.Yield, ast.YieldFrom)))
    if _is_given(call.args[0], function, file) and any(file.function_of(n) is function for n in yields):
        message = "next() of an empty iterator raises a RuntimeError in a generator"
        yield Hit(file.span(call), message, severity=Severity.MEDIUM)


def _is_given(node: ast.expr, function: FunctionNode, file: PythonFile) -> bool:
    """`iter(parameter)`, here or in the name's own assignment."""
    if isinstance(node, ast.Name):
        given = [s.value for s in _assignments(function) if getattr(s.targets[0], "id", "") == node.id]
        return len(given) == 1 and _is_given(given[0], function, file)
    if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "iter" or len(node.args) != 1:
        return False
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
    return isinstance(node.args[0], ast.Name) and node.args[0].id in names


CHECKS = (length_as_index, range_too_long, while_too_long, exhausted_iterator, next_in_generator)

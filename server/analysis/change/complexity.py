"""Functions that a change makes much harder to follow.

Counted as cognitive complexity: each break in the linear flow counts one, and one more for each level of nesting around
it (G. Ann Campbell, "Cognitive Complexity", SonarSource 2018). Only what rose: an old knot that somebody touches is not
the change's fault.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.project import Found
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Severity

COMPLEXITY_ROSE = Rule(
    "hive.complexity-rose",
    Kind.BUG,
    Severity.LOW,
    Confidence.LOW,
    why="Each nested condition has to be kept in mind with those around it: this is where the next mistake is made.",
    remedy="Leave early instead of nesting, and give the branches names as functions of their own.",
    cwe=1121,
    in_tests=False,
)

TOO_COMPLEX = 30
ROSE_BY = 15
ROSE_TO = 1.5
"""Times what it was."""


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        before, after = file.python_before, file.python_after
        if before is not None and after is not None:
            yield from (Found(file.path, problem) for problem in _risen(file, before, after))


def _risen(file: ChangedFile, before: PythonFile, after: PythonFile) -> Iterator[Problem]:
    old, new = _functions(before), _functions(after)
    for name, function in new.items():
        if name not in old or not file.touches(function.lineno, function.end_lineno or function.lineno):
            continue
        now, was = cognitive_complexity(function), cognitive_complexity(old[name])
        if now > TOO_COMPLEX and now - was >= ROSE_BY and now >= ROSE_TO * was:
            message = f"The cognitive complexity of {name}() rose from {was} to {now}"
            yield Problem(COMPLEXITY_ROSE, Hit(after.head_span(function), message, evidence=name))


def _functions(file: PythonFile) -> dict[str, FunctionNode]:
    """By their names, where only one has the name."""
    found: dict[str, list[FunctionNode]] = defaultdict(list)
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
        for node in file.nodes(kind):
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            owner = file.parents[node]
            found[f"{owner.name}.{node.name}" if isinstance(owner, ast.ClassDef) else node.name].append(node)
    return {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1}


_NESTS = (ast.For, ast.AsyncFor, ast.While, ast.IfExp, ast.ExceptHandler, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def cognitive_complexity(function: FunctionNode) -> int:
    """Without recursion: hostile code nests deeper than Python's stack."""
    total = 0
    waiting: list[tuple[ast.AST, int]] = [(node, 0) for node in function.body]
    while waiting:
        node, depth = waiting.pop()
        inner = depth
        if isinstance(node, ast.If):
            total += _count_if(node, depth, waiting)
            continue
        if isinstance(node, _NESTS):
            total += 1 + depth
            inner += 1
        elif isinstance(node, _FUNCTIONS):
            inner += 1
        elif isinstance(node, ast.BoolOp):
            total += 1
        waiting.extend((child, inner) for child in ast.iter_child_nodes(node))
    return total


def _count_if(node: ast.If, depth: int, waiting: list[tuple[ast.AST, int]]) -> int:
    """The whole chain of it: `elif` and `else` count one each, however deep they stand."""
    count = 1 + depth
    while True:
        waiting.append((node.test, depth))
        waiting.extend((child, depth + 1) for child in node.body)
        if not node.orelse:
            return count
        count += 1
        follows = node.orelse[0]
        if len(node.orelse) > 1 or not isinstance(follows, ast.If):
            waiting.extend((child, depth + 1) for child in node.orelse)
            return count
        node = follows


_SIMPLE = "def f(xs):\n    for x in xs:\n        if x:\n            g(x)\n"
_KNOT = "def f(xs):\n" + "".join(
    f"    for x{n} in xs:\n        if x{n}:\n            while g(x{n}):\n                if h(x{n}):\n"
    f"                    k(x{n})\n"
    for n in range(4)
)

complexity_rose = ChangeCheck(
    "complexity-rose",
    (COMPLEXITY_ROSE,),
    find,
    bad=((COMPLEXITY_ROSE, Edited({"a.py": _SIMPLE}, {"a.py": _KNOT})),),
    good=(
        Edited({"a.py": _KNOT}, {"a.py": _KNOT + "    return xs\n"}),
        Edited({"a.py": "x = 1\n"}, {"a.py": _KNOT}),
        Edited({"a.py": _KNOT}, {"a.py": _SIMPLE}),
    ),
)

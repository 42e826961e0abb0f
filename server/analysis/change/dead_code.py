"""Private names and imports that nothing uses any more since the change.

Only when it is sure: the name stands nowhere else in the file, not even in a text, nor in any other file that is known.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.project import Found
from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Source
from server.reviews.finding import Confidence, Severity

DEAD_CODE = Rule(
    "hive.dead-code",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Nothing uses it: who reads the code keeps it in mind for nothing, and who changes it changes nothing.",
    remedy="Delete it; the history keeps it. If something was meant to call it, that call is missing.",
    cwe=561,
    in_tests=False,
)

_DYNAMIC = re.compile(r"\bglobals\(\)|\blocals\(\)|\bgetattr\(|\bvars\(|__getattr__|\beval\(")


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        after = file.python_after
        if after is None or file.after.is_test or (file.before is None and not file.is_new):
            continue
        for problem in _unused(change, file, after):
            budget.spend()
            yield Found(file.path, problem)


def _unused(change: Change, file: ChangedFile, after: PythonFile) -> Iterator[Problem]:
    if not _DYNAMIC.search(after.source.text):
        yield from _unused_definitions(change, file, after)
    if file.before is not None and not file.path.endswith("__init__.py"):
        yield from _unused_imports(file, after)


def _unused_definitions(change: Change, file: ChangedFile, after: PythonFile) -> Iterator[Problem]:
    for node in (*after.nodes(ast.FunctionDef), *after.nodes(ast.AsyncFunctionDef), *after.nodes(ast.ClassDef)):
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if _is_private(node, after) and _became_unused(node.name, file) and not _is_elsewhere(node.name, change, file):
            what = "class" if isinstance(node, ast.ClassDef) else "function"
            yield Problem(DEAD_CODE, Hit(after.head_span(node), f"The private {what} {node.name} is used nowhere"))


def _is_private(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, file: PythonFile) -> bool:
    owner = file.parents[node]
    if not node.name.startswith("_") or node.name.endswith("__") or node.name.strip("_") == "" or node.decorator_list:
        return False
    if isinstance(owner, ast.ClassDef):
        return not owner.bases and not owner.keywords
    return isinstance(owner, ast.Module)


def _became_unused(name: str, file: ChangedFile) -> bool:
    """Whether the name is used no more, and was before the change, or is new with it."""
    return _count(name, file.after) == 1 and _count(name, file.before) != 1


def _count(name: str, source: Source | None) -> int:
    return _words(source)[name] if source is not None else 0


@lru_cache(maxsize=4)
def _words(source: Source) -> Counter[str]:
    """How often each word stands in the text: of one file after the other, before and after."""
    return Counter(_WORD.findall(source.text))


_WORD = re.compile(r"\w+")


def _is_elsewhere(name: str, change: Change, file: ChangedFile) -> bool:
    others = (other.after.text for other in change.files if other is not file)
    return any(name in text for text in (*others, *change.around.values()))


def _unused_imports(file: ChangedFile, after: PythonFile) -> Iterator[Problem]:
    """That were used before the change."""
    for node in after.tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or _is_kept_on_purpose(node, after):
            continue
        for alias in node.names:
            name = (alias.asname or alias.name).partition(".")[0]
            repeated = alias.asname == alias.name or "." in alias.name or name == "*"
            if not repeated and _became_unused_import(name, file, after):
                yield Problem(DEAD_CODE, Hit(after.span(alias), f"Nothing uses the import {name} any more"))


def _is_kept_on_purpose(node: ast.Import | ast.ImportFrom, file: PythonFile) -> bool:
    is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return is_future or any("#" in file.source.line(line) for line in lines)


def _became_unused_import(name: str, file: ChangedFile, after: PythonFile) -> bool:
    return _count(name, after.source) == 1 and _count(name, file.before) > 1


dead_code = ChangeCheck(
    "dead-code",
    (DEAD_CODE,),
    find,
    bad=(
        (DEAD_CODE, Edited({"a.py": "x = 1\n"}, {"a.py": "x = 1\n\ndef _helper():\n    return 1\n"})),
        (
            DEAD_CODE,
            Edited(
                {"a.py": "import os\n\ndef f():\n    return os.getcwd()\n"},
                {"a.py": "import os\n\ndef f():\n    return '.'\n"},
            ),
        ),
        (
            DEAD_CODE,
            Edited(
                {"a.py": "class A:\n    def f(self):\n        self._g()\n    def _g(self): ...\n"},
                {"a.py": "class A:\n    def f(self): ...\n    def _g(self): ...\n"},
            ),
        ),
    ),
    good=(
        Edited({"a.py": "x = 1\n"}, {"a.py": "x = 1\n\ndef _helper():\n    return 1\n"}, {"b.py": "a._helper()\n"}),
        Edited({"a.py": "def _old(): ...\n"}, {"a.py": "def _old(): ...\nx = 1\n"}),
        Edited({"a.py": "import os\nos\n"}, {"a.py": "import os  # for its effect\n"}),
        Edited({}, {"a.py": "class A(B):\n    def _hook(self): ...\n"}),
        Edited({}, {"a.py": "@register\ndef _hook(): ...\n"}),
    ),
)

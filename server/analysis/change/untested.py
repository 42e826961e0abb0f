"""A change of behaviour that no test was changed for, in a project that has tests."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.language import Language, is_test_path
from server.analysis.project import Found
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Severity

UNTESTED_CHANGE = Rule(
    "hive.untested-change",
    Kind.BUG,
    Severity.LOW,
    Confidence.LOW,
    why="The project has tests, and this change adds decisions without one: nobody will see when they go wrong.",
    remedy="Add a test for each new branch, or say in the change why there is none.",
    cwe=1068,
    in_tests=False,
)

MIN_LINES = 60
MIN_BRANCHES = 10
"""New lines of code, and those among them that decide something. Below, a person need not be told."""

_DECIDES = re.compile(
    r"^\s*(?:\}\s*)?(?:if|unless|elif|elsif|elseif|else\s+if|while|until|for|foreach|except|rescue|catch|case|when)\b|\?\s[^:\n]+\s:\s"
)
_CODE = frozenset(
    {
        *(Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.GO),
        *(Language.JAVA, Language.RUBY, Language.PHP),
    }
)
_ASIDE = frozenset({"migrations", "docs", "doc", "examples", "scripts", "bench", "benchmarks", "tools", "bin", "dev"})


def find(change: Change, budget: Budget) -> Iterator[Found]:
    if any(map(is_test_path, change.paths)) or not any(map(is_test_path, change.project_paths)):
        return
    branches: dict[str, list[int]] = {}
    lines = 0
    for file in change.files:
        budget.spend()
        if _is_behaviour(file):
            code = [n for n in file.changed_lines() if file.after.line(n).strip()]
            lines += len(code)
            branches[file.path] = [n for n in code if _DECIDES.search(file.after.line(n))]
    total = sum(map(len, branches.values()))
    if lines >= MIN_LINES and total >= MIN_BRANCHES:
        path = max(branches, key=lambda path: len(branches[path]))
        source = next(file.after for file in change.files if file.path == path)
        message = f"{total} new decisions in {lines} lines, and no test changed"
        hit = Hit(source.line_span(branches[path][0]), message, evidence=path)
        yield Found(path, Problem(UNTESTED_CHANGE, hit))


def _is_behaviour(file: ChangedFile) -> bool:
    return file.after.language in _CODE and not _ASIDE.intersection(PurePosixPath(file.path).parts[:-1])


_DECISIONS = "def f(x):\n" + "".join(
    f"    if x == {n}:\n        y = {n}\n        g(y, x)\n        h(y)\n\n" for n in range(20)
)
_RUBY = (
    "def f(x)\n" + "".join(f"  unless x == {n}\n    g(x)\n    h(x)\n    i(x)\n  end\n\n" for n in range(20)) + "end\n"
)
_TESTS = {"tests/test_a.py": "def test_f(): ...\n"}

untested_change = ChangeCheck(
    "untested-change",
    (UNTESTED_CHANGE,),
    find,
    bad=(
        (UNTESTED_CHANGE, Edited({"a.py": "x = 1\n"}, {"a.py": _DECISIONS}, _TESTS)),
        (UNTESTED_CHANGE, Edited({"a.rb": "x = 1\n"}, {"a.rb": _RUBY}, {"spec/a_spec.rb": "it\n"})),
    ),
    good=(
        Edited({"a.py": "x = 1\n"}, {"a.py": _DECISIONS}),
        Edited({"a.py": "x = 1\n"}, {"a.py": _DECISIONS, **_TESTS}),
        Edited({"a.py": "x = 1\n"}, {"a.py": "x = 1\ny = 2\n"}, _TESTS),
    ),
)

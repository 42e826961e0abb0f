# ruff: noqa: E501 - one program per line keeps the tables readable
"""Programs that nobody wrote by hand: they are read in time, and without a crash."""

import time

import pytest

from server.analysis.budget import Budget, OutOfTime
from server.analysis.flow.analysis import FlowAnalysis
from server.analysis.parsed import CannotParse
from tests.analysis.flow import found_in, modules

HEAD = "from flask import request\nimport sqlite3\ndb = sqlite3.connect('x')\n"

PROGRAMS = {
    "nothing": "",
    "a sum of 5,000 terms": "def f(a):\n    return " + " + ".join(["a"] * 5000),
    "a chain of 2,000 calls": "def f(a):\n    return a" + ".b()" * 90 + "\n" + "x = a" + ".c" * 90,
    "1,000 elifs": "def f(a):\n    if a == 0:\n        pass\n" + "".join(f"    elif a == {n}:\n        b = a\n" for n in range(1000)),
    "80 ifs in each other": "def f(a):\n" + "".join("    " * (n + 1) + "if a:\n" for n in range(80)) + "    " * 82 + "pass",
    "18 loops in each other": "def f(a):\n" + "".join("    " * (n + 1) + f"for x{n} in a:\n" for n in range(18)) + "    " * 20 + "a = a + x1",
    "30 functions in each other": "".join("    " * n + f"def f{n}(a):\n" for n in range(30)) + "    " * 31 + "return a",
    "lambdas in each other": "f = " + "lambda a: (" * 60 + "a" + ")" * 60,
    "closures that call each other": "def f(a):\n" + "".join(f"    def g{n}(x):\n        g{(n + 1) % 40}(x)\n        g{(n + 7) % 40}(x)\n" for n in range(40)) + "    g0(a)",
    "functions that call each other": "".join(f"def f{n}(a, b):\n    return f{(n + 1) % 60}(b, a) + f{(n + 7) % 60}(a, b)\n" for n in range(60)),
    "a class that is its own base": "class A(A):\n    def f(self):\n        return self.g()\n",
    "classes that inherit in a circle": "class A(B):\n    pass\nclass B(A):\n    def f(self):\n        return super().f()\nB().f()\n",
    "2,000 attributes": "class A:\n    def f(self, v):\n" + "".join(f"        self.a{n} = v\n" for n in range(2000)),
    "2,000 keys": "def f(v):\n    d = {}\n" + "".join(f"    d['k{n}'] = v + d['k{n - 1}']\n" for n in range(1, 2000)),
    "an import of itself": "from app import *\nfrom app import app\nimport app\napp.app()\n",
    "60 parameters": "def f(" + ", ".join(f"p{n}" for n in range(60)) + "):\n    return " + " + ".join(f"p{n}" for n in range(60)),
    "decorators of decorators": "def d(f):\n    return d(f)\n@d\n@d(d)\ndef f():\n    return f\nf()()()\n",
    "names of everything": "def f(list, str, open, request, self, super):\n    super().x(open(request))\n    return str(list)\n",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_strange_program_is_read_in_time(name: str) -> None:
    before = time.process_time()
    try:
        found_in({"app.py": PROGRAMS[name], "main.py": HEAD + PROGRAMS[name]})
    except CannotParse:
        return

    assert time.process_time() - before < 10


def test_work_ends_when_the_time_is_up() -> None:
    facts = modules({"app.py": "".join(f"def f{n}(a):\n    return a\n" for n in range(50))})
    over = Budget(60)
    over.withdraw()
    analysis = FlowAnalysis()

    with pytest.raises(OutOfTime):
        list(analysis.conclude(facts, over))

    assert list(analysis.conclude(facts, Budget(60))) == []

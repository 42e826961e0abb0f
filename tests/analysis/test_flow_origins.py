"""Whose values are told of where, and how bad that is said to be."""

import pytest

from server.reviews.finding import Confidence, Severity
from tests.analysis.flow import found_in

CASES = {
    "a stranger's value in a statement": (
        "import sqlite3\nfrom flask import request\ndb = sqlite3.connect('x')\n"
        "def f():\n    db.execute('SELECT a FROM t WHERE n = ' + request.args['n'])\n",
        [("hive.sql-from-text", Severity.CRITICAL, Confidence.HIGH)],
    ),
    "a parameter that nobody fills in a statement": (
        "import sqlite3\ndb = sqlite3.connect('x')\ndef f(n):\n    db.execute('SELECT a FROM t WHERE n = ' + n)\n",
        [("hive.sql-from-text", Severity.HIGH, Confidence.MEDIUM)],
    ),
    "a parameter that the project fills with constants": (
        "import sqlite3\ndb = sqlite3.connect('x')\ndef f(n):\n    db.execute('SELECT a FROM t WHERE n = ' + n)\n"
        "def g():\n    f('a')\n",
        [],
    ),
    "a whole statement that is handed over": (
        "import sqlite3\ndb = sqlite3.connect('x')\ndef f(sql):\n    db.execute(sql)\n",
        [],
    ),
    "an attribute of the object in a statement": (
        "import sqlite3\ndb = sqlite3.connect('x')\nclass A:\n    def f(self):\n"
        "        db.execute('SELECT a FROM ' + self.table + ' WHERE b')\n",
        [],
    ),
    "the command line in a path": ("import sys\nopen(sys.argv[1])\n", []),
    "the command line in a shell": (
        "import os, sys\nos.system('ls ' + sys.argv[1])\n",
        [("hive.shell-command", Severity.MEDIUM, Confidence.MEDIUM)],
    ),
    "the environment in a shell": ("import os\nos.system('ls ' + os.environ['HOME'])\n", []),
    "a file's content in a statement": (
        "import sqlite3\ndb = sqlite3.connect('x')\ndef f():\n    db.executescript(open('schema.sql').read())\n",
        [],
    ),
    "a file's content, or what the command line chose by a longer way": (
        "import os, sys\ndef f(name):\n    a = sys.argv[1]\n    b = a\n    c = b if name else open(name).read()\n"
        "    os.system('ls ' + c)\n",
        [("hive.shell-command", Severity.MEDIUM, Confidence.MEDIUM)],
    ),
    "an attribute of the object as markup": (
        "from markupsafe import Markup\nclass Note:\n    def html(self):\n"
        "        return Markup('<p>' + self.body + '</p>')\n",
        [("hive.html-from-text", Severity.MEDIUM, Confidence.MEDIUM)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_who_chose_the_value_decides(name: str) -> None:
    text, told = CASES[name]

    hits = [(f.problem.rule.id, f.problem.hit.severity, f.problem.hit.confidence) for f in found_in({"app.py": text})]

    assert hits == told


def test_code_of_tests_is_not_looked_at() -> None:
    text, _ = CASES["a stranger's value in a statement"]

    assert found_in({"tests/test_app.py": text}) == []

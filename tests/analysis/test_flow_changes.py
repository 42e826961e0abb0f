"""A project that changes: what is remembered must not change what is told."""

import random
from collections.abc import Iterable

import pytest

from server.analysis.budget import Budget
from server.analysis.flow.analysis import FlowAnalysis
from server.analysis.project import Found, Missed
from tests.analysis.flow import Told, found_in, modules, told

SHOP = {
    "shop/views.py": """\
from flask import Flask, request
from shop.service import Service
from shop import helpers
app = Flask(__name__)
service = Service()

@app.route("/")
def view():
    return service.find(helpers.clean(request.args["n"]))

@app.route("/all")
def other():
    return service.all()
""",
    "shop/helpers.py": """\
ALLOWED = ("a", "b")

def clean(name):
    return name.strip()
""",
    "shop/service.py": """\
from shop.db import run

class Service:
    last = ""
    def find(self, name):
        self.last = name
        return run("SELECT a FROM t WHERE n = " + name)
    def all(self):
        return run("SELECT a FROM t WHERE n = " + self.last)
""",
    "shop/db.py": """\
import sqlite3
db = sqlite3.connect("shop.db")

def run(query):
    return again(query, 3)

def again(query, times):
    if times:
        return run(query)
    return db.execute(query).fetchall()
""",
}

EDITS = [
    ("shop/helpers.py", "return name.strip()", "return name if name in ALLOWED else 'a'"),
    ("shop/helpers.py", "return name.strip()", "return str(int(name))"),
    ("shop/views.py", 'request.args["n"]', '"constant"'),
    ("shop/views.py", "import Flask", "import  Flask"),
    ("shop/service.py", "self.last = name", "pass"),
    ("shop/service.py", "WHERE n = \" + name", "WHERE n = ?\""),
    ("shop/service.py", "self.last)", "'x')"),
    ("shop/db.py", "return db.execute(query).fetchall()", "return len(query)"),
    ("shop/db.py", "\n\ndef run", "\n\n# moved\n\ndef run"),
    ("shop/db.py", "return run(query)", "return []"),
    ("shop/db.py", "def again(query, times):", "def again(query, times):\n    query = str(query)"),
    ("shop/helpers.py", "def clean(name):", "def other():\n    return 1\n\n\ndef clean(name):"),
    ("shop/service.py", "class Service:", "class Base:\n    def all(self):\n        return []\n\nclass Service(Base):"),
    ("shop/service.py", "    def all(self):\n        return run", "    def every(self):\n        return run"),
    ("shop/db.py", "sqlite3.connect", "helpers.connect"),
    ("shop/views.py", "helpers.clean(", "str("),
    ("shop/helpers.py", 'ALLOWED = ("a", "b")', "import sys\nALLOWED = sys.argv"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_after_any_edits_the_same_is_told_as_by_one_who_looks_for_the_first_time(seed: int) -> None:
    chance = random.Random(seed)
    analysis = FlowAnalysis()
    files = dict(SHOP)
    facts = modules(files)
    list(analysis.conclude(facts, Budget(60)))
    for _ in range(12):
        path, old, new = chance.choice(EDITS)
        if chance.random() < 0.5:
            old, new = new, old
        if old not in files[path]:
            continue
        files[path] = files[path].replace(old, new, 1)
        facts = {**facts, **modules({path: files[path]})}

        again = told(list(analysis.conclude(facts, Budget(60))))

        assert again == told(found_in(files)), (path, old, new)


def test_a_source_that_is_gone_does_not_live_on_in_a_circle() -> None:
    analysis = FlowAnalysis()
    facts = modules(SHOP)
    first = told(list(analysis.conclude(facts, Budget(60))))
    changed = SHOP["shop/views.py"].replace('request.args["n"]', '"n"')

    second = told(list(analysis.conclude({**facts, **modules({"shop/views.py": changed})}, Budget(60))))

    assert first == [Told("shop/service.py", 7, "sql-from-text"), Told("shop/service.py", 9, "sql-from-text")]
    assert second == []


def test_the_way_is_told_by_the_lines_of_now_where_only_another_file_knows_them() -> None:
    files = {
        "app/given.py": "import sys\nQUERY = sys.argv[1]\n",
        "app/main.py": "import os\nfrom app import given\n\ndef run():\n    os.system('run ' + given.QUERY)\n",
    }
    analysis = FlowAnalysis()
    facts = modules(files)
    first = _related(analysis.conclude(facts, Budget(60)))
    moved = {"app/given.py": "import sys\n\n\nQUERY = sys.argv[1]\n"}

    second = _related(analysis.conclude({**facts, **modules(moved)}, Budget(60)))

    assert first[0] == ("app/given.py", 2)
    assert second[0] == ("app/given.py", 4)


def _related(found: Iterable[Found | Missed]) -> list[tuple[str, int]]:
    return [
        (place.path, place.start_line)
        for each in found
        if isinstance(each, Found)
        for place in each.problem.hit.related
    ]


def test_a_function_that_could_not_be_followed_is_forgotten_with_its_file() -> None:
    analysis = FlowAnalysis()
    facts = modules({"app/deep.py": "def deep(a):\n    return a" + ".x" * 900 + "\n", "app/plain.py": "a = 1\n"})
    first = list(analysis.conclude(facts, Budget(60)))

    second = list(analysis.conclude({**facts, **modules({"app/deep.py": "b = 1\n"})}, Budget(60)))

    assert [each.path for each in first if isinstance(each, Missed)] == ["app/deep.py"]
    assert second == []


def test_a_file_that_comes_or_goes_is_noticed() -> None:
    analysis = FlowAnalysis()
    facts = modules(SHOP)
    without = {path: module for path, module in facts.items() if path != "shop/helpers.py"}

    assert told(list(analysis.conclude(facts, Budget(60)))) == told(found_in(SHOP))
    assert told(list(analysis.conclude(without, Budget(60)))) == told(
        found_in({path: text for path, text in SHOP.items() if path != "shop/helpers.py"})
    )

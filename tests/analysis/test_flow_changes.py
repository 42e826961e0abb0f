"""A project that changes: what is remembered must not change what is told."""

import random
from collections.abc import Callable, Iterable

import pytest

from server.analysis.budget import Budget
from server.analysis.flow.analysis import FlowAnalysis
from server.analysis.flow.scopes import Unit
from server.analysis.flow.solver import Solver
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
from shop.base import Base
from shop.db import run

class Service:
    last = ""
    def find(self, name):
        self.last = name
        return run("SELECT a FROM t WHERE n = " + name)
    def all(self):
        return run("SELECT a FROM t WHERE n = " + self.last)
""",
    "shop/base.py": """\
from flask import request
from shop.db import run

class Base:
    def shown(self, name):
        return name

class Careful(Base):
    def shown(self, name):
        run("SELECT a FROM t WHERE n = " + name)
        return ""

def show(base: Base):
    return base.shown(request.args["n"])
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
    ("shop/service.py", "Service:\n    last", "Service(Base):\n    last"),
    ("shop/base.py", "return name\n", "return 'SELECT a FROM t WHERE n = ?'\n"),
    ("shop/base.py", "class Careful(Base):\n    def shown", "class Careful:\n    def shown"),
    ("shop/base.py", "class Careful(Base):\n    def shown", "class Careful(Base):\n    def hidden"),
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
        if path not in files:
            files[path] = SHOP[path]
        elif chance.random() < 0.2:
            del files[path]  # or somebody is in the middle of a line that nobody can parse
        elif old not in files[path]:
            continue
        else:
            files[path] = files[path].replace(old, new, 1)
        again = {path: files[path]} if path in files else {}
        facts = {**{there: module for there, module in facts.items() if there != path}, **modules(again)}

        seen = told(list(analysis.conclude(facts, Budget(60))))

        assert seen == told(found_in(files)), (path, old, new)


def test_a_source_that_is_gone_does_not_live_on_in_a_circle() -> None:
    analysis = FlowAnalysis()
    facts = modules(SHOP)
    first = told(list(analysis.conclude(facts, Budget(60))))
    changed = SHOP["shop/views.py"].replace('request.args["n"]', '"n"')

    second = told(list(analysis.conclude({**facts, **modules({"shop/views.py": changed})}, Budget(60))))

    assert [at for at in first if at.path == "shop/service.py"] == [
        Told("shop/service.py", 8, "sql-from-text"),
        Told("shop/service.py", 10, "sql-from-text"),
    ]
    assert [at for at in second if at.path == "shop/service.py"] == []


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


def test_a_second_class_with_the_method_makes_its_name_tell_nothing() -> None:
    analysis = FlowAnalysis()
    files = {
        "one.py": "class One:\n    def put_out(self, text):\n        open('/srv/' + text)\n",
        "web.py": "from flask import Flask, request\napp = Flask(__name__)\n@app.route('/')\ndef view():\n"
        "    return made(1).put_out(request.args['q'])\n",
        "two.py": "class Two:\n    pass\n",
    }
    both = {**files, "two.py": "class Two:\n    def put_out(self, text):\n        pass\n"}

    first = told(list(analysis.conclude(modules(files), Budget(60))))
    second = told(list(analysis.conclude(modules(both), Budget(60))))
    third = told(list(analysis.conclude(modules(files), Budget(60))))

    assert first == third == told(found_in(files))
    assert second == told(found_in(both))
    assert [one.rule for one in first] == ["path-from-request"]
    assert second == []


def test_a_broken_file_costs_no_look_at_all_the_others() -> None:
    analysis = FlowAnalysis()
    others = {f"other_{number}.py": f"def number():\n    return {number}\n" for number in range(40)}
    facts = modules({**SHOP, **others})
    whole = told(list(analysis.conclude(facts, Budget(60))))
    looked = Counted(60)

    list(analysis.conclude({path: module for path, module in facts.items() if path != "shop/helpers.py"}, looked))
    again = told(list(analysis.conclude(facts, looked)))

    assert again == whole
    assert looked.spent < len(others)


def test_the_other_files_of_a_package_hear_of_its_new_names() -> None:
    files = {
        "shop/view.go": """\
package main

import "net/http"

func View(w http.ResponseWriter, r *http.Request) { Run(r.URL.Query().Get("n")) }
""",
        "shop/run.go": 'package main\n\nimport "os/exec"\n\nfunc Go(name string) { exec.Command("sh", "-c", name) }\n',
    }
    analysis = FlowAnalysis()
    facts = modules(files)
    before = _messages(analysis.conclude(facts, Budget(60)))
    renamed = {**files, "shop/run.go": files["shop/run.go"].replace("Go(name", "Run(name")}

    after = _messages(analysis.conclude({**facts, **modules({"shop/run.go": renamed["shop/run.go"]})}, Budget(60)))

    assert before != after
    assert after == _messages(found_in(renamed))


def _messages(found: Iterable[Found | Missed]) -> list[str]:
    return [each.problem.hit.message for each in found if isinstance(each, Found)]


def test_a_long_function_may_be_given_up_in_the_middle() -> None:
    looked = Counted(60)

    list(FlowAnalysis().conclude(modules({"long.py": "def long(a):\n" + "    a = a + 1\n" * 2_000}), looked))

    assert looked.spent > 100


class Counted(Budget):
    """*spent*: how many pieces of work were done."""

    spent = 0

    def spend(self) -> None:
        self.spent += 1
        super().spend()


def test_who_waits_for_what_a_function_tells_does_not_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def evaluate(solver: Solver, unit: Unit, real: Callable[[Solver, Unit], None] = Solver._evaluate) -> None:
        looked.append(unit.key)
        real(solver, unit)

    monkeypatch.setattr(Solver, "_evaluate", evaluate)
    found_in({"app.py": "def shown(name):\n    return clean(name)\n\ndef clean(name):\n    return name.strip()\n"})
    assert sorted(looked) == ["app", "app.clean", "app.shown"]

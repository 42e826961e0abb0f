# ruff: noqa: E501 - one program per line keeps the tables readable
"""Ways that a value takes through Python: what the analysis follows, and where it stops."""

import pytest

from tests.analysis.flow import Told, found_in, told, told_of

SQL = "sql-from-text"

HEAD = """\
import os, sqlite3
from flask import Flask, request
app = Flask(__name__)
db = sqlite3.connect("shop.db")

"""

WAYS = {
    "f-string": 'def f():\n    db.execute(f"SELECT a FROM t WHERE n = {request.args[\'n\']}")',
    "percent": 'def f():\n    db.execute("SELECT a FROM t WHERE n = %s" % request.args["n"])',
    "percent of a tuple": 'def f():\n    db.execute("SELECT a FROM t WHERE n = %s%s" % (1, request.args["n"]))',
    "format": 'def f():\n    db.execute("SELECT a FROM t WHERE n = {}".format(request.args["n"]))',
    "format of a named template": 'Q = "SELECT a FROM t WHERE n = {n}"\ndef f():\n    db.execute(Q.format(n=request.args["n"]))',
    "plus": 'def f():\n    db.execute("SELECT a FROM t WHERE n = " + request.args["n"] + ";")',
    "join": 'def f():\n    db.execute(" ".join(["SELECT a FROM t WHERE n =", request.args["n"]]))',
    "bare": 'def f():\n    db.execute(request.args["q"])',
    "augmented": 'def f():\n    q = "SELECT a FROM t"\n    q += " WHERE n = " + request.args["n"]\n    db.execute(q)',
    "strip and lower": 'def f():\n    n = request.args["n"].strip().lower()\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "walrus": 'def f():\n    if n := request.args.get("n"):\n        db.execute("SELECT a FROM t WHERE n = " + n)',
    "conditional": 'def f():\n    n = request.args["n"] if request else "x"\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "or default": 'def f():\n    n = request.args.get("n") or "x"\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "branch": 'def f(b):\n    n = "x"\n    if b:\n        n = request.args["n"]\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "loop": 'def f():\n    for n in request.args.getlist("n"):\n        db.execute("SELECT a FROM t WHERE n = " + n)',
    "loop carried": 'def f():\n    w = ""\n    for k in range(3):\n        db.execute("SELECT a FROM t" + w)\n        w += request.args["n"]',
    "while": 'def f():\n    n = ""\n    while not n:\n        n = request.args["n"]\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "comprehension": 'def f():\n    ns = [n.strip() for n in request.args.getlist("n")]\n    db.execute("SELECT a FROM t WHERE n IN (" + ",".join(ns) + ")")',
    "dict comprehension": 'def f():\n    d = {k: v for k, v in request.args.items()}\n    db.execute("SELECT a FROM t WHERE n = " + d["n"])',
    "unpacking": 'def f():\n    a, b = 1, request.args["n"]\n    db.execute("SELECT a FROM t WHERE n = " + b)',
    "star unpacking": 'def f():\n    a, *b = request.args.getlist("n")\n    db.execute("SELECT a FROM t WHERE n = " + b[0])',
    "list append": 'def f():\n    w = []\n    w.append("n = " + request.args["n"])\n    db.execute("SELECT a FROM t WHERE " + " AND ".join(w))',
    "dict item": 'def f():\n    d = {}\n    d["n"] = request.args["n"]\n    db.execute("SELECT a FROM t WHERE n = " + d["n"])',
    "dict display": 'def f():\n    d = {"n": request.args["n"], "m": 1}\n    db.execute("SELECT a FROM t WHERE n = %(n)s" % d)',
    "try": 'def f():\n    try:\n        n = request.args["n"]\n    except KeyError:\n        n = ""\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "finally": 'def f():\n    n = ""\n    try:\n        n = request.args["n"]\n    finally:\n        db.execute("SELECT a FROM t WHERE n = " + n)',
    "with": 'def f():\n    with sqlite3.connect("x") as c:\n        c.cursor().execute("SELECT a FROM t WHERE n = " + request.args["n"])',
    "match": 'def f():\n    match request.args["n"]:\n        case str() as n:\n            db.execute("SELECT a FROM t WHERE n = " + n)',
    "lambda": 'def f():\n    run = lambda n: db.execute("SELECT a FROM t WHERE n = " + n)\n    run(request.args["n"])',
    "nested function": 'def f():\n    n = request.args["n"]\n    def run():\n        db.execute("SELECT a FROM t WHERE n = " + n)\n    run()',
    "nested function with parameter": 'def f():\n    def run(n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\n    run(request.args["n"])',
    "helper's sink": 'def run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    run(request.args["n"])',
    "helper's sink by keyword": 'def run(a, *, n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    run(1, n=request.args["n"])',
    "helper's sink by **kwargs": 'def run(**k):\n    db.execute("SELECT a FROM t WHERE n = " + k["n"])\ndef f():\n    run(n=request.args["n"])',
    "helper's sink by *args": 'def run(*a):\n    db.execute("SELECT a FROM t WHERE n = " + a[1])\ndef f():\n    run(1, request.args["n"])',
    "call with **mapping": 'def run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    run(**request.json)',
    "helper's result": 'def get(k):\n    return request.args[k]\ndef f():\n    db.execute("SELECT a FROM t WHERE n = " + get("n"))',
    "helper that builds": 'def where(n):\n    return f"SELECT a FROM t WHERE n = {n}"\ndef f():\n    db.execute(where(request.args["n"]))',
    "helper that takes the request": 'def name(r):\n    return r.args.get("n")\ndef f():\n    db.execute("SELECT a FROM t WHERE n = " + name(request))',
    "helper that takes the form": 'def name(form):\n    return form["n"]\ndef f():\n    db.execute("SELECT a FROM t WHERE n = " + name(request.form))',
    "three functions": 'def a(n):\n    b(n)\ndef b(n):\n    c(n + "x")\ndef c(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    a(request.args["n"])',
    "recursion": 'def run(n, k):\n    if k:\n        return run(n, k - 1)\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    run(request.args["n"], 3)',
    "parameter that is filled": 'def fill(d):\n    d["n"] = request.args["n"]\ndef f():\n    d = {}\n    fill(d)\n    db.execute("SELECT a FROM t WHERE n = " + d["n"])',
    "list that is filled": 'def fill(w):\n    w.append(request.args["n"])\ndef f():\n    w = []\n    fill(w)\n    db.execute("SELECT a FROM t WHERE n = " + w[0])',
    "object's attribute": 'class Q:\n    def __init__(self, n):\n        self.n = n\n    def run(self):\n        db.execute("SELECT a FROM t WHERE n = " + self.n)\ndef f():\n    Q(request.args["n"]).run()',
    "attribute by a setter method": 'class Q:\n    def put(self, n):\n        self.n = n\n    def run(self):\n        db.execute("SELECT a FROM t WHERE n = " + self.n)\ndef f():\n    q = Q()\n    q.put(request.args["n"])\n    q.run()',
    "attribute of a global object": 'class Q:\n    n = ""\n    def run(self):\n        db.execute("SELECT a FROM t WHERE n = " + self.n)\nq = Q()\ndef f():\n    q.n = request.args["n"]\ndef g():\n    q.run()',
    "inherited method": 'class A:\n    def run(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\nclass B(A):\n    pass\ndef f():\n    B().run(request.args["n"])',
    "super": 'class A:\n    def __init__(self, n):\n        self.n = n\nclass B(A):\n    def __init__(self, n):\n        super().__init__(n)\n    def run(self):\n        db.execute("SELECT a FROM t WHERE n = " + self.n)\ndef f():\n    B(request.args["n"]).run()',
    "property": 'class Q:\n    def __init__(self, n):\n        self.n = n\n    @property\n    def sql(self):\n        return "SELECT a FROM t WHERE n = " + self.n\ndef f():\n    db.execute(Q(request.args["n"]).sql)',
    "class method": 'class Q:\n    @classmethod\n    def run(cls, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    Q.run(request.args["n"])',
    "static method": 'class Q:\n    @staticmethod\n    def run(n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    Q.run(request.args["n"])',
    "instance made by a function": 'class Q:\n    def run(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\ndef make():\n    return Q()\ndef f():\n    make().run(request.args["n"])',
    "instance in an attribute": 'class Q:\n    def run(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\nclass S:\n    def __init__(self):\n        self.q = Q()\n    def go(self, n):\n        self.q.run(n)\ndef f():\n    S().go(request.args["n"])',
    "instance by annotation": 'class Q:\n    def run(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\ndef go(q: "Q", n):\n    q.run(n)\ndef f(x):\n    go(x, request.args["n"])',
    "instance by its caller": 'class Q:\n    def run(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\ndef go(q, n):\n    q.run(n)\ndef f():\n    go(Q(), request.args["n"])',
    "dataclass": 'from dataclasses import dataclass\n@dataclass\nclass D:\n    n: str\n    m: int = 0\ndef f():\n    d = D(request.args["n"])\n    db.execute("SELECT a FROM t WHERE n = " + d.n)',
    "wrapped function": 'import functools\ndef logged(g):\n    @functools.wraps(g)\n    def w(*a, **k):\n        return g(*a, **k)\n    return w\n@logged\ndef run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    run(request.args["n"])',
    "generator": 'def names():\n    yield request.args["n"]\ndef f():\n    for n in names():\n        db.execute("SELECT a FROM t WHERE n = " + n)',
    "context manager": 'from contextlib import contextmanager\n@contextmanager\ndef cursor():\n    yield db.cursor()\ndef f():\n    with cursor() as c:\n        c.execute("SELECT a FROM t WHERE n = " + request.args["n"])',
    "map": 'def run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    list(map(run, request.args.getlist("n")))',
    "thread": 'import threading\ndef run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\ndef f():\n    threading.Thread(target=run, args=(request.args["n"],)).start()',
    "module variable": 'last = ""\ndef f():\n    global last\n    last = request.args["n"]\ndef g():\n    db.execute("SELECT a FROM t WHERE n = " + last)',
    "async": 'async def get():\n    return request.args["n"]\nasync def f():\n    db.execute("SELECT a FROM t WHERE n = " + await get())',
    "default argument": 'def run(q="SELECT a FROM t WHERE n = ", n=""):\n    db.execute(q + n)\ndef f():\n    run(n=request.args["n"])',
    "path parameter": '@app.route("/<n>")\ndef f(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "class-based view": 'from flask.views import MethodView\nclass V(MethodView):\n    def get(self, n):\n        db.execute("SELECT a FROM t WHERE n = " + n)',
    "factory with inner routes": 'def create():\n    app = Flask("x")\n    @app.route("/<n>")\n    def f(n):\n        db.execute("SELECT a FROM t WHERE n = " + n)\n    return app',
    "unknown helper": 'from elsewhere import change\ndef f():\n    n = change(request.args["n"])\n    db.execute("SELECT a FROM t WHERE n = " + n)',
    "unknown database": 'from elsewhere import connection\ndef f():\n    connection.execute("SELECT a FROM t WHERE n = " + request.args["n"])',
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_value_of_the_request_is_followed_to_the_statement(way: str) -> None:
    assert told_of(HEAD + WAYS[way] + "\n") == [SQL]


ENDS = {
    "parameters": 'def f():\n    db.execute("SELECT a FROM t WHERE n = ?", (request.args["n"],))',
    "int": 'def f():\n    n = int(request.args["n"])\n    db.execute(f"SELECT a FROM t LIMIT {n}")',
    "typed get": 'def f():\n    n = request.args.get("n", type=int)\n    db.execute(f"SELECT a FROM t LIMIT {n}")',
    "number format": 'def f():\n    db.execute(f"SELECT a FROM t LIMIT {request.args[\'n\']:d}")',
    "arithmetic": 'def f():\n    n = request.args["n"] * 2 - 1\n    db.execute(f"SELECT a FROM t LIMIT {n}")',
    "overwritten": 'def f():\n    n = request.args["n"]\n    n = "x"\n    db.execute(f"SELECT a FROM t WHERE n = {n}")',
    "other key of a dict": 'def f():\n    d = {"n": request.args["n"], "m": "x"}\n    db.execute("SELECT a FROM t WHERE n = " + d["m"])',
    "other element of a tuple": 'def f():\n    a, b = "x", request.args["n"]\n    db.execute("SELECT a FROM t WHERE n = " + a)',
    "other attribute": 'class Q:\n    def __init__(self, n):\n        self.n = n\n        self.table = "t"\n    def run(self):\n        db.execute("SELECT a FROM " + self.table)\ndef f():\n    Q(request.args["n"]).run()',
    "number of the route": '@app.route("/<int:n>")\ndef f(n):\n    db.execute(f"SELECT a FROM t WHERE n = {n}")',
    "table of constants": 'ORDERS = {"a": "name", "b": "age"}\ndef f():\n    o = ORDERS.get(request.args["o"], "name")\n    db.execute(f"SELECT a FROM t ORDER BY {o}")',
    "item of constants": 'ORDERS = {"a": "name", "b": "age"}\ndef f():\n    o = ORDERS[request.args["o"]]\n    db.execute(f"SELECT a FROM t ORDER BY {o}")',
    "placeholders": 'def f():\n    ns = request.args.getlist("n")\n    m = ",".join("?" for _ in ns)\n    db.execute(f"SELECT a FROM t WHERE n IN ({m})", ns)',
    "placeholders by product": 'def f():\n    ns = request.args.getlist("n")\n    m = ",".join(["?"] * len(ns))\n    db.execute(f"SELECT a FROM t WHERE n IN ({m})", ns)',
    "known object with its own execute": 'class Runner:\n    def execute(self, q):\n        return len(q)\ndef f():\n    Runner().execute("SELECT a FROM t WHERE n = " + request.args["n"])',
    "truth": 'def f():\n    b = request.args["n"] == "1"\n    db.execute(f"SELECT a FROM t WHERE b = {b}")',
    "helper that returns a constant": 'def order(n):\n    return "ASC" if n == "up" else "DESC"\ndef f():\n    db.execute("SELECT a FROM t ORDER BY a " + order(request.args["o"]))',
    "query object": 'from elsewhere import select\ndef f():\n    db.execute(select("a").where(n=request.args["n"]))',
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_what_cannot_do_harm_any_more_is_not_told_of(end: str) -> None:
    assert told_of(HEAD + ENDS[end] + "\n") == []


VIEW = """\
from flask import Flask, request
{imports}
app = Flask(__name__)

@app.route("/")
def view():
    return {call}
"""

DATABASE = """\
import sqlite3
connection = sqlite3.connect("shop.db")

def find(name):
    return connection.execute("SELECT a FROM t WHERE n = " + name).fetchone()
"""

IMPORTS = {
    "from module": ("shop/views.py", "from shop.db import find", "find(request.args['n'])", {}),
    "module": ("shop/views.py", "import shop.db", "shop.db.find(request.args['n'])", {}),
    "module by another name": ("shop/views.py", "import shop.db as d", "d.find(request.args['n'])", {}),
    "from package": ("shop/views.py", "from shop import db", "db.find(request.args['n'])", {}),
    "function by another name": ("shop/views.py", "from shop.db import find as f", "f(request.args['n'])", {}),
    "relative": ("shop/views.py", "from .db import find", "find(request.args['n'])", {}),
    "relative package": ("shop/views.py", "from . import db", "db.find(request.args['n'])", {}),
    "relative upwards": ("shop/web/views.py", "from ..db import find", "find(request.args['n'])", {}),
    "star": ("shop/views.py", "from shop.db import *", "find(request.args['n'])", {}),
    "re-export": ("shop/views.py", "from shop import find", "find(request.args['n'])", {"shop/__init__.py": "from .db import find\n"}),
    "star re-export": ("shop/views.py", "from shop import find", "find(request.args['n'])", {"shop/__init__.py": "from .db import *\n"}),
    "variable": ("shop/views.py", "from shop.db import connection", "connection.execute('SELECT a FROM t WHERE n = ' + request.args['n'])", {}),
    "cycle": ("shop/views.py", "from shop.a import find", "find(request.args['n'])", {"shop/a.py": "from shop.b import *\nfrom shop.db import find\n", "shop/b.py": "from shop.a import *\n"}),
}  # fmt: skip


@pytest.mark.parametrize("way", IMPORTS)
@pytest.mark.parametrize("root", ["", "src/", "backend/", "services/api/src/"])
def test_imports_lead_to_other_files(way: str, root: str) -> None:
    path, imports, call, more = IMPORTS[way]
    files = {path: VIEW.format(imports=imports, call=call), "shop/db.py": DATABASE, **more}
    files.setdefault("shop/__init__.py", "")

    lines = told(found_in({root + path: text for path, text in files.items()}))

    assert (root + (path if way == "variable" else "shop/db.py"), SQL) in [(t.path, t.rule) for t in lines]


def test_the_way_is_told_from_the_source_to_the_sink() -> None:
    files = {
        "shop/views.py": VIEW.format(imports="from shop.db import find", call="find(request.args['n'])"),
        "shop/db.py": DATABASE,
    }

    (found,) = found_in(files)

    assert told([found]) == [Told("shop/db.py", 5, SQL)]
    places = [(place.path, place.start_line) for place in found.problem.hit.related]
    assert places == [("shop/views.py", 7), ("shop/views.py", 7), ("shop/db.py", 5)]
    assert "shop/views.py:7" in found.problem.hit.message


def test_a_sink_that_many_reach_is_told_of_once() -> None:
    views = "".join(f"def f{n}():\n    run(request.args['n'])\n" for n in range(9))

    assert told_of(HEAD + 'def run(n):\n    db.execute("SELECT a FROM t WHERE n = " + n)\n' + views) == [SQL]

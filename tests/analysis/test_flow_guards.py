# ruff: noqa: E501 - one program per line keeps the tables readable
"""Tests in the program that make a value harmless behind them, and those that do not."""

import pytest

from tests.analysis.flow import told_of

HEAD = """\
import ipaddress, os, re, sqlite3, uuid
from pathlib import Path
from urllib.parse import urlparse
import requests
from flask import Flask, request, abort, redirect, send_file
from werkzeug.utils import secure_filename
app = Flask(__name__)
db = sqlite3.connect("shop.db")
ALLOWED = {"a", "b"}
HOSTS = ["example.com"]
ROOT = "/data"

"""


def _sql(test: str, more: str = "") -> str:
    return f'{more}def f():\n    n = request.args["n"]\n{test}\n    db.execute("SELECT a FROM t ORDER BY " + n)\n'


def _path(test: str, more: str = "") -> str:
    return f'{more}def f():\n    n = request.args["n"]\n{test}\n    return open(p).read()\n'


def _url(test: str, more: str = "") -> str:
    return f'{more}def f():\n    u = request.args["u"]\n{test}\n    return requests.get(u).text\n'


SAFE = {
    "not in, return": _sql("    if n not in ALLOWED:\n        return ''"),
    "not in, raise": _sql("    if n not in ('a', 'b'):\n        raise ValueError(n)"),
    "not in, abort": _sql("    if n not in ALLOWED:\n        abort(400)"),
    "not in, default": _sql("    if n not in ALLOWED:\n        n = 'a'"),
    "not in, continue": 'def f():\n    for n in request.args.getlist("n"):\n        if n not in ALLOWED:\n            continue\n        db.execute("SELECT a FROM t ORDER BY " + n)',
    "in": 'def f():\n    n = request.args["n"]\n    if n in ALLOWED:\n        db.execute("SELECT a FROM t ORDER BY " + n)',
    "in, else": 'def f():\n    n = request.args["n"]\n    if n not in ALLOWED:\n        return ""\n    else:\n        db.execute("SELECT a FROM t ORDER BY " + n)',
    "and": 'def f():\n    n = request.args.get("n")\n    if n and n in ALLOWED:\n        db.execute("SELECT a FROM t ORDER BY " + n)',
    "or, return": _sql("    if not n or n not in ALLOWED:\n        return ''"),
    "equality": _sql("    if n != 'a':\n        return ''"),
    "equality with either": _sql("    if n != 'a' and n != 'b':\n        return ''"),
    "elif": 'def f():\n    n = request.args["n"]\n    if n == "x":\n        return ""\n    elif n in ALLOWED:\n        db.execute("SELECT a FROM t ORDER BY " + n)',
    "match": 'def f():\n    n = request.args["n"]\n    match n:\n        case "a" | "b":\n            db.execute("SELECT a FROM t ORDER BY " + n)',
    "choice": 'def f():\n    n = request.args["n"]\n    n = n if n in ALLOWED else "a"\n    db.execute("SELECT a FROM t ORDER BY " + n)',
    "assert": _sql("    assert n in ALLOWED"),
    "fullmatch": _sql("    if not re.fullmatch(r'[a-z_]+', n):\n        return ''"),
    "match to the end": _sql("    if not re.match(r'^[a-z]+$', n):\n        return ''"),
    "compiled pattern": _sql("    if not NAME.fullmatch(n):\n        return ''", "NAME = re.compile('[a-z]+')\n"),
    "match kept": _sql("    m = re.fullmatch('[a-z]+', n)\n    if m is None:\n        return ''"),
    "truth kept": _sql("    ok = n in ALLOWED\n    if not ok:\n        return ''"),
    "isdigit": _sql("    if not n.isdigit():\n        return ''"),
    "isalnum": _sql("    if n.isalnum():\n        pass\n    else:\n        return ''"),
    "isinstance int": 'def f():\n    n = request.json["n"]\n    if not isinstance(n, int):\n        return ""\n    db.execute(f"SELECT a FROM t LIMIT {n}")',
    "int without use": _sql("    int(n)"),
    "int that fails": _sql("    try:\n        int(n)\n    except ValueError:\n        return ''"),
    "uuid": _sql("    try:\n        uuid.UUID(n)\n    except ValueError:\n        abort(404)"),
    "read again": 'def f():\n    if request.args["n"] not in ALLOWED:\n        return ""\n    db.execute("SELECT a FROM t ORDER BY " + request.args["n"])',
    "own test": _sql("    if not fine(n):\n        return ''", "def fine(x):\n    return x in ALLOWED\n"),
    "own test in steps": _sql("    if not fine(n):\n        return ''", "def fine(x):\n    if x in ALLOWED:\n        return True\n    return False\n"),
    "own test that ends early": _sql("    if not fine(n):\n        return ''", "def fine(x):\n    if not x:\n        return False\n    if not x.isalnum():\n        return False\n    return True\n"),
    "own test that raises": _sql("    check(n)", "def check(x):\n    if x not in ALLOWED:\n        raise ValueError(x)\n"),
    "own test with abort": _sql("    check(n)", "def check(x):\n    if x not in ALLOWED:\n        abort(400)\n"),
    "own cleaner": 'def clean(x):\n    if x not in ALLOWED:\n        return "a"\n    return x\ndef f():\n    db.execute("SELECT a FROM t ORDER BY " + clean(request.args["n"]))',
    "in the callee": 'def run(n):\n    if n not in ALLOWED:\n        return\n    db.execute("SELECT a FROM t ORDER BY " + n)\ndef f():\n    run(request.args["n"])',
    "secure_filename": _path("    p = os.path.join(ROOT, secure_filename(n))"),
    "basename": _path("    p = os.path.join(ROOT, os.path.basename(n))"),
    "realpath and startswith": _path("    p = os.path.realpath(os.path.join(ROOT, n))\n    if not p.startswith(ROOT):\n        abort(403)"),
    "abspath and commonpath": _path("    p = os.path.abspath(os.path.join(ROOT, n))\n    if os.path.commonpath([ROOT, p]) != ROOT:\n        abort(403)"),
    "resolve and is_relative_to": _path("    p = (Path(ROOT) / n).resolve()\n    if not p.is_relative_to(ROOT):\n        abort(403)"),
    "resolve and relative_to": _path("    p = (Path(ROOT) / n).resolve()\n    try:\n        p.relative_to(ROOT)\n    except ValueError:\n        abort(403)"),
    "resolve and parents": _path("    p = (Path(ROOT) / n).resolve()\n    if Path(ROOT) not in p.parents:\n        abort(403)"),
    "no dots": _path("    if '..' in n or n.startswith('/'):\n        abort(403)\n    p = os.path.join(ROOT, n)"),
    "no dots behind a folder": _path("    if '..' in n:\n        abort(403)\n    p = f'/data/{n}'"),
    "no slashes": _path("    if '/' in n:\n        abort(403)\n    p = os.path.join(ROOT, n)"),
    "what a narrow pattern finds": _sql("    n = re.search(r'[a-z]+', n).group(0)"),
    "number format": 'def f():\n    n = request.args["n"]\n    db.execute("SELECT a FROM t LIMIT %d" % n)',
    "path test of one's own": _path("    p = os.path.join(ROOT, n)\n    if not inside(p):\n        abort(403)", "def inside(q):\n    return os.path.realpath(q).startswith(ROOT)\n"),
    "constant host": _url("    u = 'https://example.com/' + u"),
    "configured host": _url("    u = app.config['API'] + '/x/' + u"),
    "host in a list": _url("    if urlparse(u).netloc not in HOSTS:\n        abort(403)"),
    "hostname in a list": _url("    parts = urlparse(u)\n    if parts.hostname not in HOSTS:\n        abort(403)"),
    "host begins": _url("    if not u.startswith('https://example.com/'):\n        abort(403)"),
    "redirect to a path": 'def f():\n    return redirect("/search?q=" + request.args["q"])',
    "redirect to own host": 'def f():\n    to = request.args["next"]\n    if urlparse(to).netloc != "example.com":\n        abort(400)\n    return redirect(to)',
}  # fmt: skip

UNSAFE = {
    "nothing": (_sql("    pass"), "sql-from-text"),
    "only said": (_sql("    if n not in ALLOWED:\n        print('strange')"), "sql-from-text"),
    "another value": (_sql("    m = request.args['m']\n    if m not in ALLOWED:\n        return ''"), "sql-from-text"),
    "the wrong way round": (_sql("    if n in ALLOWED:\n        return ''"), "sql-from-text"),
    "only before": (_sql("    if n in ALLOWED:\n        print(n)"), "sql-from-text"),
    "not empty": (_sql("    if not n:\n        return ''"), "sql-from-text"),
    "or": ('def f():\n    n = request.args["n"]\n    if n in ALLOWED or len(n) < 9:\n        db.execute("SELECT a FROM t ORDER BY " + n)', "sql-from-text"),
    "loose pattern": (_sql("    if not re.match('[a-z]+', n):\n        return ''"), "sql-from-text"),
    "pattern of anything": (_sql("    if not re.match('^.*$', n):\n        return ''"), "sql-from-text"),
    "overwritten after": (_sql("    if n not in ALLOWED:\n        return ''\n    n = request.args['m']"), "sql-from-text"),
    "failure swallowed": (_sql("    try:\n        int(n)\n    except ValueError:\n        pass"), "sql-from-text"),
    "own test that always agrees": (_sql("    if not fine(n):\n        return ''", "def fine(x):\n    return True\n"), "sql-from-text"),
    "join": (_path("    p = os.path.join(ROOT, n)"), "path-from-request"),
    "startswith without realpath": (_path("    p = os.path.join(ROOT, n)\n    if not p.startswith(ROOT):\n        abort(403)"), "path-from-request"),
    "realpath alone": (_path("    p = os.path.realpath(os.path.join(ROOT, n))"), "path-from-request"),
    "no dots, but absolute": (_path("    if '..' in n:\n        abort(403)\n    p = os.path.join(ROOT, n)"), "path-from-request"),
    "what a loose pattern finds": (_sql("    n = re.search(r'x=(.*)', n).group(1)"), "sql-from-text"),
    "scheme only": (_url("    if not u.startswith('https://'):\n        abort(403)"), "url-from-request"),
    "host in front": (_url("    u = 'https://' + u + '/x'"), "url-from-request"),
    "subdomain": (_url("    u = 'https://api.' + u"), "url-from-request"),
    "redirect": ('def f():\n    return redirect(request.args.get("next") or "/")', "open-redirect"),
    "scheme in a list": (_url("    if urlparse(u).scheme not in ('http', 'https'):\n        abort(403)"), "url-from-request"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAFE)
def test_behind_a_test_the_value_is_harmless(case: str) -> None:
    assert told_of(HEAD + SAFE[case] + "\n") == []


@pytest.mark.parametrize("case", UNSAFE)
def test_a_test_that_shows_nothing_changes_nothing(case: str) -> None:
    text, rule = UNSAFE[case]

    assert told_of(HEAD + text + "\n") == [rule]

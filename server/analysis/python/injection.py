"""Text that becomes a program: SQL, shell commands, code, templates, markup, pickles; and paths and addresses."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import (
    FUNCTIONS,
    Origin,
    argument,
    is_built,
    is_constant,
    is_route,
    origin_of,
    text_of,
)
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SHELL_DROPS_ARGUMENTS,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
    XML_ENTITIES,
)
from server.reviews.finding import Confidence, Edit, Fix, Severity

_SEVERITIES = {
    Origin.REQUEST: Severity.CRITICAL,
    Origin.ROUTE: Severity.CRITICAL,
    Origin.PARAMETER: Severity.HIGH,
    Origin.UNKNOWN: Severity.MEDIUM,
}
_CONFIDENCES = {
    Origin.REQUEST: Confidence.HIGH,
    Origin.ROUTE: Confidence.HIGH,
    Origin.PARAMETER: Confidence.MEDIUM,
    Origin.UNKNOWN: Confidence.LOW,
}
_MILDER = {Severity.CRITICAL: Severity.CRITICAL, Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}
"""For what is dangerous only if strangers can reach it, which a mere parameter does not tell."""


def _hit(node: ast.expr, origin: Origin, message: str, file: PythonFile, *, milder: bool = False) -> Hit:
    severity = _SEVERITIES[origin]
    return Hit(
        file.span(node),
        message,
        severity=_MILDER[severity] if milder else severity,
        confidence=_CONFIDENCES[origin],
    )


_SQL = re.compile(
    r"\b(?:select\b.+\bfrom|insert\s+(?:or\s+\w+\s+)?into|update\b.+\bset|delete\s+from|replace\s+into|where\b"
    r"|(?:drop|alter|create|truncate)\s+(?:table|database|user|role|schema)|union\s+(?:all\s+)?select)",
    re.IGNORECASE | re.DOTALL,
)

_RUNS_SQL = called(
    "execute", "executemany", "executescript", "raw", "RawSQL", "text", "fetch", "fetchrow", "fetchval", "read_sql"
)  # fmt: skip


@check(
    SQL_FROM_TEXT,
    on=_RUNS_SQL,
    bad=(
        "def f(name):\n    cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n",
        "def f(name):\n    cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)\n",
        'def f(name):\n    query = "DELETE FROM users WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
        'def f(name):\n    query = "SELECT a FROM users"\n    if name:\n'
        '        query += " WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
        "def f(name):\n    db.execute(\"SELECT * FROM users WHERE name = '{}'\".format(name))\n",
        'from sqlalchemy import text\ndef f(s, name):\n    s.execute(text(f"SELECT * FROM t WHERE a = {name}"))\n',
        'def f(request):\n    return User.objects.raw("SELECT * FROM u WHERE n = \'%s\'" % request.GET["n"])\n',
    ),
    good=(
        'def f(name):\n    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))\n',
        'def f(ids):\n    marks = ", ".join("?" for _ in ids)\n'
        '    db.execute(f"SELECT a FROM t WHERE id IN ({marks})", ids)\n',
        'TABLE = "users"\ndef f():\n    db.execute(f"SELECT a FROM {TABLE}")\n',
        'def f(n):\n    db.execute(f"SELECT a FROM t LIMIT {int(n)}")\n',
        'def f(n: int):\n    db.execute(f"SELECT a FROM t LIMIT {n}")\n',
        'def f(name):\n    run.execute(f"build {name}")\n',
        'def f():\n    q = "SELECT a " "FROM t"\n    db.execute(q + " WHERE a = 1")\n',
        'def f(newest):\n    order = "DESC" if newest else "ASC"\n'
        '    db.execute(f"SELECT a FROM t ORDER BY b {order}")\n',
    ),
)
def sql_from_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    named = (argument(call, 0, name) for name in ("sql", "query", "statement", "operation"))
    statement = next((node for node in named if node is not None), None)
    if statement is not None and is_built(statement, file) and _SQL.search(text_of(statement, file)):
        yield _hit(statement, origin_of(statement, file), "SQL put together from text instead of parameters", file)


_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "/bin/sh", "/bin/bash", "cmd", "cmd.exe", "powershell", "pwsh"})
_ALWAYS_SHELL = frozenset(
    {
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
        "commands.getoutput",
        "popen2.popen2",
    }
)


@check(
    SHELL_COMMAND,
    on=called(
        *("run", "call", "check_call", "check_output", "Popen", "create_subprocess_exec"),
        *(name.rpartition(".")[2] for name in _ALWAYS_SHELL),
    ),
    bad=(
        'import os\ndef f(name):\n    os.system("ls " + name)\n',
        'import subprocess\ndef f(name):\n    subprocess.run(f"ls {name}", shell=True)\n',
        'from subprocess import check_output as out\ndef f(name):\n    return out("ls %s" % name, shell=True)\n',
        'import subprocess\ndef f(name):\n    subprocess.run(["sh", "-c", f"ls {name}"])\n',
        'import asyncio\nasync def f(name):\n    await asyncio.create_subprocess_shell(f"ls {name}")\n',
        "import subprocess\ndef f(command):\n    subprocess.Popen(command, shell=True)\n",
    ),
    good=(
        'import os\nos.system("clear")\n',
        'import subprocess\ndef f(name):\n    subprocess.run(["ls", name])\n',
        'import subprocess, shlex\ndef f(name):\n    subprocess.run(f"ls {shlex.quote(name)} | wc -l", shell=True)\n',
        'import subprocess\ndef f(name):\n    subprocess.run(["sh", "-c", "ls \\"$1\\"", "sh", name])\n',
        'def f(self, name):\n    self.system("ls " + name)\n',
    ),
)
def shell_command(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    command = _shell_text(call, file)
    if command is not None and (origin := origin_of(command, file)) > Origin.CONSTANT:
        if origin is Origin.UNKNOWN and not is_built(command, file):
            return
        yield _hit(command, origin, "A shell runs a command that is put together from values", file, milder=True)


def _shell_text(call: ast.Call, file: PythonFile) -> ast.expr | None:
    name = file.dotted(call.func)
    if name in _ALWAYS_SHELL:
        return argument(call, 0, "cmd")
    if name == "asyncio.create_subprocess_exec":
        return _shell_option(call.args)
    command = argument(call, 0, "args")
    if command is None or not name.startswith("subprocess."):
        return None
    if isinstance(command, (ast.List, ast.Tuple)):
        return _shell_option(command.elts)
    return command if is_constant(_keyword(call, "shell"), True) else None


def _shell_option(words: list[ast.expr]) -> ast.expr | None:
    """The command in `["sh", "-c", command]`."""
    texts = [word.value if isinstance(word, ast.Constant) else None for word in words[:2]]
    return words[2] if len(words) > 2 and texts[0] in _SHELLS and texts[1] in ("-c", "-lc", "/c", "-Command") else None


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


@check(
    SHELL_DROPS_ARGUMENTS,
    on=called("run", "call", "check_call", "check_output", "Popen"),
    bad=('import subprocess\nsubprocess.run(["ls", "-l"], shell=True)\n',),
    good=(
        'import subprocess\nsubprocess.run(["ls", "-l"])\n',
        'import subprocess\nsubprocess.run("ls -l", shell=True)\n',
        'import subprocess\nsubprocess.run(["ls -l"], shell=True)\n',
    ),
)
def shell_drops_arguments(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    command = argument(call, 0, "args")
    if not file.dotted(call.func).startswith("subprocess.") or not is_constant(_keyword(call, "shell"), True):
        return
    if isinstance(command, ast.List) and len(command.elts) > 1:
        yield Hit(file.span(call), "A list of arguments with shell=True: all but the first are lost")


@check(
    CODE_FROM_TEXT,
    on=called("eval", "exec"),
    bad=(
        "def f(text):\n    return eval(text)\n",
        'def f(name):\n    exec(f"import {name}")\n',
        "from flask import request\ndef f():\n    return eval(request.args['q'])\n",
    ),
    good=(
        'eval("1 + 1")\n',
        "import ast\ndef f(text):\n    return ast.literal_eval(text)\n",
        "def f(frame, text):\n    return frame.eval(text)\n",
        "from mine import eval\ndef f(text):\n    return eval(text)\n",
        'def f(path):\n    exec(compile(open("x.py").read(), "x.py", "exec"), {})\n',
    ),
)
def code_from_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(call.func, ast.Name) or call.func.id in file.imports or not call.args:
        return
    origin = origin_of(call.args[0], file)
    if origin >= Origin.PARAMETER or (origin is Origin.UNKNOWN and is_built(call.args[0], file)):
        yield _hit(call, origin, f"{call.func.id}() of text that is not constant", file, milder=True)


_LOADS_PICKLES = frozenset(
    {
        *("pickle.load", "pickle.loads", "pickle.Unpickler", "_pickle.loads", "cPickle.load", "cPickle.loads"),
        *("dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads", "marshal.load", "marshal.loads"),
        *("joblib.load", "pandas.read_pickle", "jsonpickle.decode", "shelve.open", "torch.load"),
    }
)  # fmt: skip


@check(
    UNSAFE_DESERIALIZATION,
    on=called(*dict.fromkeys(name.rpartition(".")[2] for name in sorted(_LOADS_PICKLES))),
    bad=(
        "import pickle\ndef f(data):\n    return pickle.loads(data)\n",
        "from pickle import loads\nfrom flask import request\ndef f():\n    return loads(request.cookies['s'])\n",
        "import torch\ndef f(path):\n    return torch.load(path)\n",
    ),
    good=(
        "import json\ndef f(data):\n    return json.loads(data)\n",
        "import torch\ndef f(path):\n    return torch.load(path, weights_only=True)\n",
        "import pickle\ndef f(a):\n    return pickle.loads(pickle.dumps(a))\n",
        "import pickle\nclass A:\n    def f(self):\n        return pickle.loads(self.blob)\n",
    ),
)
def unsafe_deserialization(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Silent where nothing tells that the data comes from outside: reading one's own cache back is fine."""
    name = file.dotted(call.func)
    if name not in _LOADS_PICKLES or not call.args or is_constant(_keyword(call, "weights_only"), True):
        return
    origin = origin_of(call.args[0], file)
    if origin >= Origin.PARAMETER:
        yield _hit(call, origin, f"{name}() runs code that the data asks for", file, milder=True)


_UNSAFE_YAML = frozenset(
    {"yaml.Loader", "yaml.UnsafeLoader", "yaml.CLoader", "yaml.loader.Loader", "yaml.loader.UnsafeLoader"}
)


@check(
    UNSAFE_DESERIALIZATION,
    on=called("load", "load_all", "unsafe_load", "unsafe_load_all"),
    bad=(
        "import yaml\nyaml.load(text)\n",
        "import yaml\nyaml.load(text, Loader=yaml.Loader)\n",
        "from yaml import load, Loader\nload(text, Loader)\n",
        "import yaml\nyaml.unsafe_load(text)\n",
    ),
    good=(
        "import yaml\nyaml.safe_load(text)\n",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)\n",
        "import json\njson.load(file)\n",
        "from ruamel import yaml\nyaml.load(text)\n",
    ),
)
def unsafe_yaml(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name not in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.unsafe_load_all"):
        return
    loader = argument(call, 1, "Loader")
    if "unsafe" in name or (loader is not None and file.dotted(loader) in _UNSAFE_YAML):
        yield Hit(file.span(call), f"{name}() makes any Python object that the text names")
    elif loader is None and not any(keyword.arg is None for keyword in call.keywords):
        yield Hit(file.span(call), f"{name}() without a Loader", _safe_load(call, file))


def _safe_load(call: ast.Call, file: PythonFile) -> Fix | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    at = file.span(call.func)
    start = at.end_column - len(call.func.attr)
    return Fix("Use the safe loader", (Edit(at.end_line, start, at.end_line, start, "safe_"),), safe=False)


@check(
    TEMPLATE_FROM_TEXT,
    on=called("render_template_string", "Template", "from_string"),
    bad=(
        'from flask import render_template_string\ndef f(name):\n    return render_template_string(f"Hello {name}")\n',
        "from jinja2 import Template\nfrom flask import request\ndef f():\n"
        '    Template("Hi " + request.args["n"]).render()\n',
    ),
    good=(
        "from flask import render_template_string\ndef f(name):\n"
        '    return render_template_string("Hi {{ n }}", n=name)\n',
        'from string import Template\ndef f(name):\n    return Template(f"Hello {name}")\n',
        "from jinja2 import Template\ndef f(path):\n    return Template(path.read_text())\n",
    ),
)
def template_from_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if not (
        name in ("flask.render_template_string", "jinja2.Template", "mako.template.Template")
        or name.endswith(".from_string")
    ):
        return
    if not call.args or (name.endswith(".from_string") and "jinja2" not in " ".join(file.imports.values())):
        return
    origin = origin_of(call.args[0], file)
    if origin >= Origin.ROUTE or (origin >= Origin.PARAMETER and is_built(call.args[0], file)):
        yield _hit(call.args[0], origin, "The template is put together from values", file)


@check(
    HTML_FROM_TEXT,
    on=called("Markup", "mark_safe", "SafeString"),
    bad=(
        'from markupsafe import Markup\ndef f(name):\n    return Markup(f"<b>{name}</b>")\n',
        'from django.utils.safestring import mark_safe\ndef f(name):\n    return mark_safe("<b>%s</b>" % name)\n',
    ),
    good=(
        'from markupsafe import Markup\ndef f(name):\n    return Markup("<b>{}</b>").format(name)\n',
        'from django.utils.html import format_html\ndef f(name):\n    return format_html("<b>{}</b>", name)\n',
        'from markupsafe import Markup, escape\ndef f(name):\n    return Markup(f"<b>{escape(name)}</b>")\n',
    ),
)
def markup_from_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if not call.args or not name.startswith(("markupsafe.", "flask.", "django.", "jinja2.")):
        return
    if is_built(call.args[0], file) and not _escapes(call.args[0], file):
        origin = origin_of(call.args[0], file)
        yield _hit(call.args[0], origin, "Markup put together from values that are not escaped", file, milder=True)


def _escapes(node: ast.AST, file: PythonFile) -> bool:
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(
        re.search(r"escape|sanitize|clean|format_html|conditional_escape", file.dotted(call.func)) for call in calls
    )


_TAG = re.compile(r"<\s*/?[a-zA-Z][\w-]*[^<>]*>")


@check(
    HTML_FROM_TEXT,
    on=(ast.Return,),
    bad=(
        'from flask import request\n@app.route("/")\ndef f():\n    return f"<p>{request.args[\'q\']}</p>"\n',
        'import flask\n@app.route("/<name>")\ndef f(name):\n    return "<p>" + name + "</p>"\n',
    ),
    good=(
        'import flask\n@app.route("/<name>")\ndef f(name):\n    return "<p>" + flask.escape(name) + "</p>"\n',
        'import flask\n@app.route("/<int:n>")\ndef f(n):\n    return f"<p>{n}</p>"\n',
        'import flask\ndef f(name):\n    return "<p>" + name + "</p>"\n',
        'from fastapi import FastAPI\n@app.get("/x/{name}")\ndef f(name: str):\n    return f"<{name}>"\n',
    ),
)
def page_from_text(node: ast.Return, file: PythonFile) -> Iterator[Hit]:
    """Flask and Bottle send a returned text as HTML; FastAPI does not."""
    function = file.function_of(node)
    if node.value is None or function is None or not isinstance(function, FUNCTIONS):
        return
    if not any(module.partition(".")[0] in ("flask", "bottle") for module in file.imports.values()):
        return
    if is_route(function, file) and is_built(node.value, file) and _TAG.search(text_of(node.value, file)):
        origin = origin_of(node.value, file)
        if origin >= Origin.ROUTE and not _escapes(node.value, file):
            yield Hit(file.span(node.value), "A page put together from the request's values", severity=Severity.HIGH)


@check(
    PATH_FROM_REQUEST,
    on=called("open", "send_file", "FileResponse"),
    bad=(
        "from flask import request\ndef f():\n    return open(request.args['name']).read()\n",
        "import os\nfrom flask import request, send_file\ndef f():\n"
        "    return send_file(os.path.join('/data', request.args['name']))\n",
    ),
    good=(
        "from flask import request, send_from_directory\ndef f():\n"
        "    return send_from_directory('/data', request.args['name'])\n",
        "from flask import request\nfrom werkzeug.utils import secure_filename\ndef f():\n"
        "    return open(secure_filename(request.args['name'])).read()\n",
        "def f(path):\n    return open(path).read()\n",
    ),
)
def path_from_request(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    path = argument(call, 0, "file")
    if path is not None and origin_of(path, file) is Origin.REQUEST:
        yield Hit(file.span(path), "The request chooses the path")


@check(
    URL_FROM_REQUEST,
    on=called("get", "post", "put", "head", "delete", "patch", "request", "urlopen"),
    bad=(
        "import requests\nfrom flask import request\ndef f():\n    return requests.get(request.args['url']).text\n",
        "from urllib.request import urlopen\nfrom flask import request\ndef f():\n"
        "    return urlopen(request.args['u'])\n",
    ),
    good=(
        "import requests\nfrom flask import request\ndef f():\n"
        "    return requests.get('https://api.example.com', params=request.args)\n",
        "import requests\nfrom flask import request\ndef f():\n"
        "    return requests.get(f\"https://api.example.com/{request.args['id']}\")\n",
        "from flask import request\ndef f(cache):\n    return cache.get(request.args['key'])\n",
    ),
)
def url_from_request(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name.partition(".")[0] not in ("requests", "httpx", "urllib", "urllib3"):
        return
    url = argument(call, 1 if name.endswith(".request") and not name.startswith("urllib") else 0, "url")
    if url is not None and origin_of(url, file) is Origin.REQUEST and not _names_its_host(text_of(url, file)):
        yield Hit(file.span(url), "The request chooses the address that the server connects to")


def _names_its_host(text: str) -> bool:
    return re.match(r"https?://[\w.-]+[/:]", text) is not None


@check(
    OPEN_REDIRECT,
    on=called("redirect", "HttpResponseRedirect", "RedirectResponse"),
    bad=("from flask import redirect, request\ndef f():\n    return redirect(request.args.get('next'))\n",),
    good=(
        "from flask import redirect, request, url_for\ndef f():\n"
        "    return redirect(url_for('a', q=request.args['q']))\n",
        "from flask import redirect, request\ndef f():\n    return redirect('/search?q=' + request.args['q'])\n",
        "from flask import redirect\ndef f(to):\n    return redirect(to)\n",
    ),
)
def open_redirect(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    target = argument(call, 0, "location")
    if target is None or origin_of(target, file) is not Origin.REQUEST:
        return
    if not text_of(target, file).strip().startswith(("/", "http", "?")):
        yield Hit(file.span(target), "The request chooses where the browser goes")


@check(
    XML_ENTITIES,
    on=called("XMLParser", "setFeature"),
    bad=(
        "from lxml import etree\netree.XMLParser(resolve_entities=True)\n",
        "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n"
        "parser.setFeature(feature_external_ges, True)\n",
    ),
    good=(
        "from lxml import etree\netree.XMLParser(resolve_entities=False)\n",
        "from lxml import etree\netree.XMLParser()\n",
        "import xml.sax\nfrom xml.sax.handler import feature_external_ges\n"
        "parser.setFeature(feature_external_ges, False)\n",
    ),
)
def xml_entities(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    resolves = is_constant(_keyword(call, "resolve_entities"), True)
    turned_on = (
        len(call.args) == 2
        and file.dotted(call.args[0]).endswith(("feature_external_ges", "feature_external_pes"))
        and isinstance(call.args[1], ast.Constant)
        and bool(call.args[1].value)
    )
    if resolves or turned_on:
        yield Hit(file.span(call), "The XML parser resolves external entities")


CHECKS = (
    sql_from_text,
    shell_command,
    shell_drops_arguments,
    code_from_text,
    unsafe_deserialization,
    unsafe_yaml,
    template_from_text,
    markup_from_text,
    page_from_text,
    path_from_request,
    url_from_request,
    open_redirect,
    xml_entities,
)

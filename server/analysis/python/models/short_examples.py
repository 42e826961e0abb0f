"""Programs of one file each: how well-kept projects write such things, and how it goes wrong. Data."""

from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
)

_BAD: tuple[tuple[Rule, str], ...] = (
    (SQL_FROM_TEXT, "def f(name):\n    cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n"),
    (SQL_FROM_TEXT, "def f(name):\n    cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)\n"),
    (
        SQL_FROM_TEXT,
        'def f(name):\n    query = "DELETE FROM users WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
    ),
    (
        SQL_FROM_TEXT,
        'def f(name):\n    query = "SELECT a FROM users"\n    if name:\n'
        '        query += " WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
    ),
    (SQL_FROM_TEXT, "def f(name):\n    db.execute(\"SELECT * FROM users WHERE name = '{}'\".format(name))\n"),
    (
        SQL_FROM_TEXT,
        'from sqlalchemy import text\ndef f(s, name):\n    s.execute(text(f"SELECT * FROM t WHERE a = {name}"))\n',
    ),
    (
        SQL_FROM_TEXT,
        'def f(request):\n    return User.objects.raw("SELECT * FROM u WHERE n = \'%s\'" % request.GET["n"])\n',
    ),
    (SHELL_COMMAND, 'import os\ndef f(name):\n    os.system("ls " + name)\n'),
    (SHELL_COMMAND, 'import subprocess\ndef f(name):\n    subprocess.run(f"ls {name}", shell=True)\n'),
    (
        SHELL_COMMAND,
        'from subprocess import check_output as out\ndef f(name):\n    return out("ls %s" % name, shell=True)\n',
    ),
    (SHELL_COMMAND, 'import subprocess\ndef f(name):\n    subprocess.run(["sh", "-c", f"ls {name}"])\n'),
    (SHELL_COMMAND, 'import asyncio\nasync def f(name):\n    await asyncio.create_subprocess_shell(f"ls {name}")\n'),
    (SHELL_COMMAND, "import subprocess\ndef f(command):\n    subprocess.Popen(command, shell=True)\n"),
    (CODE_FROM_TEXT, "def f(text):\n    return eval(text)\n"),
    (CODE_FROM_TEXT, 'def f(name):\n    exec(f"import {name}")\n'),
    (CODE_FROM_TEXT, "from flask import request\ndef f():\n    return eval(request.args['q'])\n"),
    (UNSAFE_DESERIALIZATION, "import pickle\ndef f(data):\n    return pickle.loads(data)\n"),
    (
        UNSAFE_DESERIALIZATION,
        "from pickle import loads\nfrom flask import request\ndef f():\n    return loads(request.cookies['s'])\n",
    ),
    (UNSAFE_DESERIALIZATION, "import torch\ndef f(path):\n    return torch.load(path)\n"),
    (
        TEMPLATE_FROM_TEXT,
        'from flask import render_template_string\ndef f(name):\n    return render_template_string(f"Hello {name}")\n',
    ),
    (
        TEMPLATE_FROM_TEXT,
        "from jinja2 import Template\nfrom flask import request\ndef f():\n"
        '    Template("Hi " + request.args["n"]).render()\n',
    ),
    (HTML_FROM_TEXT, 'from markupsafe import Markup\ndef f(name):\n    return Markup(f"<b>{name}</b>")\n'),
    (
        HTML_FROM_TEXT,
        'from django.utils.safestring import mark_safe\ndef f(name):\n    return mark_safe("<b>%s</b>" % name)\n',
    ),
    (
        HTML_FROM_TEXT,
        'from flask import request\n@app.route("/")\ndef f():\n    return f"<p>{request.args[\'q\']}</p>"\n',
    ),
    (HTML_FROM_TEXT, 'import flask\n@app.route("/<name>")\ndef f(name):\n    return "<p>" + name + "</p>"\n'),
    (PATH_FROM_REQUEST, "from flask import request\ndef f():\n    return open(request.args['name']).read()\n"),
    (
        PATH_FROM_REQUEST,
        "import os\nfrom flask import request, send_file\ndef f():\n"
        "    return send_file(os.path.join('/data', request.args['name']))\n",
    ),
    (
        URL_FROM_REQUEST,
        "import requests\nfrom flask import request\ndef f():\n    return requests.get(request.args['url']).text\n",
    ),
    (
        URL_FROM_REQUEST,
        "from urllib.request import urlopen\nfrom flask import request\ndef f():\n"
        "    return urlopen(request.args['u'])\n",
    ),
    (OPEN_REDIRECT, "from flask import redirect, request\ndef f():\n    return redirect(request.args.get('next'))\n"),
)

_GOOD: tuple[str, ...] = (
    'def f(name):\n    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))\n',
    'def f(ids):\n    marks = ", ".join("?" for _ in ids)\n'
    '    db.execute(f"SELECT a FROM t WHERE id IN ({marks})", ids)\n',
    'TABLE = "users"\ndef f():\n    db.execute(f"SELECT a FROM {TABLE}")\n',
    'def f(n):\n    db.execute(f"SELECT a FROM t LIMIT {int(n)}")\n',
    'def f(n: int):\n    db.execute(f"SELECT a FROM t LIMIT {n}")\n',
    'def f(name):\n    run.execute(f"build {name}")\n',
    'def f():\n    q = "SELECT a " "FROM t"\n    db.execute(q + " WHERE a = 1")\n',
    'def f(newest):\n    order = "DESC" if newest else "ASC"\n    db.execute(f"SELECT a FROM t ORDER BY b {order}")\n',
    'import os\nos.system("clear")\n',
    'import subprocess\ndef f(name):\n    subprocess.run(["ls", name])\n',
    'import subprocess, shlex\ndef f(name):\n    subprocess.run(f"ls {shlex.quote(name)} | wc -l", shell=True)\n',
    'import subprocess\ndef f(name):\n    subprocess.run(["sh", "-c", "ls \\"$1\\"", "sh", name])\n',
    'def f(self, name):\n    self.system("ls " + name)\n',
    'eval("1 + 1")\n',
    "import ast\ndef f(text):\n    return ast.literal_eval(text)\n",
    "def f(frame, text):\n    return frame.eval(text)\n",
    "from mine import eval\ndef f(text):\n    return eval(text)\n",
    'def f(path):\n    exec(compile(open("x.py").read(), "x.py", "exec"), {})\n',
    "import json\ndef f(data):\n    return json.loads(data)\n",
    "import torch\ndef f(path):\n    return torch.load(path, weights_only=True)\n",
    "import pickle\ndef f(a):\n    return pickle.loads(pickle.dumps(a))\n",
    "import pickle\nclass A:\n    def f(self):\n        return pickle.loads(self.blob)\n",
    'from flask import render_template_string\ndef f(name):\n    return render_template_string("Hi {{ n }}", n=name)\n',
    'from string import Template\ndef f(name):\n    return Template(f"Hello {name}")\n',
    "from jinja2 import Template\ndef f(path):\n    return Template(path.read_text())\n",
    'from markupsafe import Markup\ndef f(name):\n    return Markup("<b>{}</b>").format(name)\n',
    'from django.utils.html import format_html\ndef f(name):\n    return format_html("<b>{}</b>", name)\n',
    'from markupsafe import Markup, escape\ndef f(name):\n    return Markup(f"<b>{escape(name)}</b>")\n',
    'import flask\n@app.route("/<name>")\ndef f(name):\n    return "<p>" + flask.escape(name) + "</p>"\n',
    'import flask\n@app.route("/<int:n>")\ndef f(n):\n    return f"<p>{n}</p>"\n',
    'import flask\ndef f(name):\n    return "<p>" + name + "</p>"\n',
    'from fastapi import FastAPI\n@app.get("/x/{name}")\ndef f(name: str):\n    return f"<{name}>"\n',
    "from flask import request, send_from_directory\ndef f():\n"
    "    return send_from_directory('/data', request.args['name'])\n",
    "from flask import request\nfrom werkzeug.utils import secure_filename\ndef f():\n"
    "    return open(secure_filename(request.args['name'])).read()\n",
    "def f(path):\n    return open(path).read()\n",
    "import requests\nfrom flask import request\ndef f():\n"
    "    return requests.get('https://api.example.com', params=request.args)\n",
    "import requests\nfrom flask import request\ndef f():\n"
    "    return requests.get(f\"https://api.example.com/{request.args['id']}\")\n",
    "from flask import request\ndef f(cache):\n    return cache.get(request.args['key'])\n",
    "from flask import redirect, request, url_for\ndef f():\n    return redirect(url_for('a', q=request.args['q']))\n",
    "from flask import redirect, request\ndef f():\n    return redirect('/search?q=' + request.args['q'])\n",
    "from flask import redirect\ndef f(to):\n    return redirect(to)\n",
)

BAD: tuple[tuple[Rule, Files], ...] = tuple((rule, {"module.py": text}) for rule, text in _BAD)

GOOD: tuple[Files, ...] = tuple({"module.py": text} for text in _GOOD)

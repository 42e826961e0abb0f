"""What a program does with a hostile `value`: harm, told by one rule; or the same done well, of which nothing is told.

Lines: the imports, then the statements. `value` is text from a query; `body` is the request's JSON.
"""

from typing import NamedTuple


class Use(NamedTuple):
    """*rule* without its `hive.`; "" where nothing is wrong."""

    name: str
    rule: str
    imports: str
    statements: str


def _all(rule: str, table: tuple[tuple[str, str, str], ...]) -> tuple[Use, ...]:
    return tuple(Use(name, rule, imports, statements) for name, imports, statements in table)


_SQL = _all(
    "sql-from-text",
    (
        (
            "sqlite3 f-string",
            "import sqlite3",
            "db = sqlite3.connect('a.db')\ndb.execute(f\"SELECT * FROM t WHERE a = '{value}'\")",
        ),
        (
            "sqlite3 cursor concatenation",
            "import sqlite3",
            "cursor = sqlite3.connect('a.db').cursor()\nquery = \"SELECT * FROM t WHERE a = '\" + value + \"'\"\n"
            "cursor.execute(query)\nrow = cursor.fetchone()",
        ),
        (
            "sqlite3 whole script",
            "import sqlite3",
            "with sqlite3.connect('a.db') as db:\n    db.executescript(value)",
        ),
        (
            "psycopg2 percent",
            "import psycopg2",
            "with psycopg2.connect('') as conn:\n    with conn.cursor() as cur:\n"
            "        cur.execute(\"SELECT * FROM t WHERE a = '%s'\" % value)",
        ),
        (
            "psycopg 3 format",
            "import psycopg",
            "conn = psycopg.connect('')\nconn.execute(\"DELETE FROM t WHERE a = '{}'\".format(value))",
        ),
        (
            "pymysql augmented",
            "import pymysql",
            "cur = pymysql.connect(host='db').cursor()\nsql = 'SELECT * FROM t WHERE 1=1'\n"
            'sql += " AND a LIKE \'%" + value + "%\'"\ncur.execute(sql)',
        ),
        (
            "mysql connector order by",
            "import mysql.connector",
            "conn = mysql.connector.connect(host='db')\ncursor = conn.cursor(dictionary=True)\n"
            "cursor.execute(f'SELECT * FROM t ORDER BY {value}')",
        ),
        (
            "MySQLdb join",
            "import MySQLdb",
            "cur = MySQLdb.connect('db').cursor()\ncur.execute(' '.join(['SELECT * FROM t WHERE a =', value]))",
        ),
        (
            "pyodbc",
            "import pyodbc",
            "cnxn = pyodbc.connect('DSN=a')\ncnxn.cursor().execute('SELECT * FROM t WHERE a = ' + value)",
        ),
        (
            "unknown cursor",
            "from shop.db import get_db",
            "cursor = get_db().cursor()\ncursor.execute(f\"UPDATE t SET a = 1 WHERE b = '{value}'\")",
        ),
        (
            "parameter of unknown connection",
            "from shop import connections",
            "connections.main.execute('SELECT a FROM t WHERE b = ' + value)",
        ),
        (
            "sqlalchemy text",
            "from sqlalchemy import create_engine, text",
            "engine = create_engine('sqlite://')\nwith engine.connect() as connection:\n"
            "    connection.execute(text(f\"SELECT * FROM t WHERE a = '{value}'\"))",
        ),
        (
            "sqlalchemy session text variable",
            "from sqlalchemy import text\nfrom shop.db import session",
            "query = text(\"SELECT * FROM t WHERE a = '%s'\" % value)\nsession.execute(query)",
        ),
        (
            "flask-sqlalchemy",
            "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
            "db.session.execute(f\"SELECT * FROM t WHERE a = '{value}'\")",
        ),
        (
            "flask-sqlalchemy engine",
            "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
            "db.engine.execute('SELECT * FROM t WHERE a = ' + value)",
        ),
        (
            "sqlalchemy filter text",
            "from sqlalchemy import text\nfrom sqlalchemy.orm import Session",
            "with Session() as s:\n    s.query(1).filter(text('a = ' + value)).all()",
        ),
        (
            "django cursor",
            "from django.db import connection",
            "with connection.cursor() as cursor:\n    cursor.execute(\"SELECT * FROM t WHERE a = '%s'\" % value)",
        ),
        (
            "django raw",
            "from django.contrib.auth.models import User",
            "users = User.objects.raw(f\"SELECT * FROM auth_user WHERE username = '{value}'\")",
        ),
        (
            "django raw of own model",
            "from django.db import models\nclass Item(models.Model):\n    name = models.TextField()\n",
            "items = Item.objects.raw('SELECT * FROM item WHERE name = ' + value)",
        ),
        (
            "django extra",
            "from django.contrib.auth.models import User",
            "users = User.objects.extra(where=[f\"username = '{value}'\"])",
        ),
        (
            "django RawSQL",
            "from django.db.models.expressions import RawSQL\nfrom shop.models import Item",
            "Item.objects.annotate(a=RawSQL('SELECT a FROM t WHERE b = ' + value, []))",
        ),
        (
            "pandas",
            "import pandas as pd\nfrom shop.db import engine",
            "frame = pd.read_sql(f\"SELECT * FROM t WHERE a = '{value}'\", engine)",
        ),
        (
            "duckdb",
            "import duckdb",
            "duckdb.sql(f\"SELECT * FROM t WHERE a = '{value}'\")",
        ),
        (
            "peewee",
            "import peewee\ndb = peewee.SqliteDatabase('a.db')",
            "db.execute_sql(f\"SELECT * FROM t WHERE a = '{value}'\")",
        ),
        (
            "databases",
            "from databases import Database\ndatabase = Database('sqlite://')",
            "database.fetch_all(query=f\"SELECT * FROM t WHERE a = '{value}'\")",
        ),
        (
            "psycopg2 SQL of text",
            "import psycopg2\nfrom psycopg2 import sql",
            "cur = psycopg2.connect('').cursor()\ncur.execute(sql.SQL(f\"SELECT * FROM {value}\"))",
        ),
        (
            "template string replaced",
            "import sqlite3",
            "db = sqlite3.connect('a.db')\nquery = \"SELECT * FROM t WHERE a = 'NAME'\".replace('NAME', value)\n"
            "db.execute(query)",
        ),
        (
            "conditions gathered in a list",
            "import sqlite3",
            "db = sqlite3.connect('a.db')\nconditions = []\nif value:\n    conditions.append(f\"a = '{value}'\")\n"
            "db.execute('SELECT * FROM t WHERE ' + ' AND '.join(conditions))",
        ),
    ),
)

_COMMANDS = _all(
    "shell-command",
    (
        ("os.system", "import os", "os.system('ping -c 1 ' + value)"),
        ("os.popen", "import os", "out = os.popen(f'nslookup {value}').read()"),
        ("subprocess shell", "import subprocess", "subprocess.run(f'ls {value}', shell=True)"),
        ("check_output shell", "import subprocess", "out = subprocess.check_output('id %s' % value, shell=True)"),
        ("Popen shell", "from subprocess import PIPE, Popen", "Popen('cat ' + value, shell=True, stdout=PIPE)"),
        ("call whole", "import subprocess", "subprocess.call(value, shell=True)"),
        ("getoutput", "import subprocess", "subprocess.getoutput('host ' + value)"),
        ("variable", "import os", "command = 'convert {} out.png'.format(value)\nos.system(command)"),
        (
            "paramiko",
            "import paramiko",
            "ssh = paramiko.SSHClient()\nssh.connect('host')\nssh.exec_command(f'tail {value}')",
        ),
        ("execv", "import os", "os.execvp(value, ['a'])"),
        ("option of git", "import subprocess", "subprocess.run(['git', 'clone', value, '/srv/a'])"),
        ("option after a switch", "import subprocess", "subprocess.run(['curl', '-s', value])"),
        ("file of ffmpeg", "import asyncio", "asyncio.create_subprocess_exec('ffmpeg', '-i', value, 'a.mp4')"),
        ("script of exec", "import asyncio", "asyncio.create_subprocess_exec('sh', '-c', f'ls {value}')"),
    ),
)

_CODE = _all(
    "code-from-text",
    (
        ("eval", "", "result = eval(value)"),
        ("exec", "", "exec(value)"),
        ("eval built", "", "result = eval('1 + ' + value)"),
        ("eval without builtins", "", "result = eval(value, {'__builtins__': {}}, {})"),
        ("compile", "", "exec(compile(value, 'x', 'exec'))"),
        ("timeit", "import timeit", "timeit.timeit(value)"),
        ("numexpr", "import numexpr", "numexpr.evaluate(value)"),
        ("pandas", "import pandas as pd", "pd.eval(value)"),
        ("callback of sub", "import re", "text = re.sub(r'{(.+?)}', lambda m: str(eval(m.group(1))), value)"),
        (
            "callback of a pattern",
            "import re\nFIELD = re.compile(r'{(.+?)}')",
            "text = FIELD.sub(lambda m: str(eval(m.group(1))), value)",
        ),
    ),
)

_REFLECTION = _all(
    "unsafe-reflection",
    (
        ("import_module", "import importlib", "plugin = importlib.import_module(value)"),
        ("import_module built", "import importlib", "plugin = importlib.import_module('plugins.' + value)"),
        ("__import__", "", "plugin = __import__(value)"),
        ("globals", "", "handler = globals()[value]\nhandler()"),
    ),
)

_TEMPLATES = _all(
    "template-from-text",
    (
        (
            "flask",
            "from flask import render_template_string",
            "page = render_template_string(f'<h1>Hello {value}</h1>')",
        ),
        (
            "flask percent",
            "from flask import render_template_string",
            "template = '<h1>%s</h1>' % value\npage = render_template_string(template)",
        ),
        ("jinja2", "from jinja2 import Template", "page = Template('Hello ' + value).render()"),
        (
            "jinja2 environment",
            "from jinja2 import Environment",
            "env = Environment(autoescape=True)\npage = env.from_string(value).render()",
        ),
        ("mako", "from mako.template import Template", "page = Template(value).render()"),
        (
            "django",
            "from django.template import Context, Template",
            "page = Template(value).render(Context({}))",
        ),
        ("tornado", "from tornado.template import Template", "page = Template(value).generate()"),
    ),
)

_HTML = _all(
    "html-from-text",
    (
        ("markupsafe", "from markupsafe import Markup", "box = Markup(f'<b>{value}</b>')"),
        ("markup whole", "from markupsafe import Markup", "box = Markup(value)"),
        (
            "mark_safe",
            "from django.utils.safestring import mark_safe",
            "box = mark_safe('<b>' + value + '</b>')",
        ),
        ("HttpResponse", "from django.http import HttpResponse", "answer = HttpResponse('<h1>' + value + '</h1>')"),
        ("HttpResponse plain", "from django.http import HttpResponse", "answer = HttpResponse(f'Hello {value}')"),
        (
            "fastapi HTMLResponse",
            "from fastapi.responses import HTMLResponse",
            "answer = HTMLResponse(f'<p>{value}</p>')",
        ),
        (
            "aiohttp",
            "from aiohttp import web",
            "answer = web.Response(text='<p>' + value + '</p>', content_type='text/html')",
        ),
        ("flask Response", "from flask import Response", "answer = Response('<p>%s</p>' % value)"),
        ("make_response", "from flask import make_response", "answer = make_response(f'<p>{value}</p>')"),
        ("format_html misused", "from django.utils.html import format_html", "box = format_html(f'<b>{value}</b>')"),
    ),
)

_PATHS = _all(
    "path-from-request",
    (
        ("open", "", "text = open(value).read()"),
        ("open joined", "import os", "with open(os.path.join('/srv/files', value)) as file:\n    text = file.read()"),
        ("open built", "", "with open(f'uploads/{value}', 'wb') as file:\n    file.write(b'')"),
        ("send_file", "from flask import send_file", "answer = send_file('/srv/' + value)"),
        (
            "send_file joined",
            "import os\nfrom flask import send_file",
            "answer = send_file(os.path.join('/srv', value))",
        ),
        ("os.remove", "import os", "os.remove('/srv/' + value)"),
        ("listdir", "import os", "names = os.listdir(os.path.join('/srv', value))"),
        ("rmtree", "import shutil", "shutil.rmtree('/srv/' + value)"),
        ("copy", "import shutil", "shutil.copy(value, '/tmp/a')"),
        ("pathlib read", "from pathlib import Path", "text = (Path('/srv') / value).read_text()"),
        ("pathlib constructor", "import pathlib", "path = pathlib.Path('/srv', value)\ntext = path.read_bytes()"),
        (
            "fastapi FileResponse",
            "from fastapi.responses import FileResponse",
            "answer = FileResponse('/srv/' + value)",
        ),
        ("aiohttp FileResponse", "from aiohttp import web", "answer = web.FileResponse(f'/srv/{value}')"),
        ("realpath without a check", "import os", "path = os.path.realpath('/srv/' + value)\nopen(path)"),
        ("replaced once", "", "name = value.replace('../', '')\nopen('/srv/' + name)"),
    ),
)

_URLS = _all(
    "url-from-request",
    (
        ("requests", "import requests", "answer = requests.get(value)"),
        ("requests timeout", "import requests", "answer = requests.post(value, json={}, timeout=3).json()"),
        ("requests session", "import requests", "session = requests.Session()\nanswer = session.get(value)"),
        ("requests host built", "import requests", "answer = requests.get(f'https://{value}/status')"),
        ("requests request", "import requests", "answer = requests.request('GET', value)"),
        ("httpx", "import httpx", "answer = httpx.get(value)"),
        ("httpx client", "import httpx", "with httpx.Client() as client:\n    answer = client.get(value)"),
        ("urlopen", "from urllib.request import urlopen", "page = urlopen(value).read()"),
        ("urllib Request", "import urllib.request", "page = urllib.request.urlopen(urllib.request.Request(value))"),
        ("http.client", "import http.client", "connection = http.client.HTTPSConnection(value)"),
        ("urllib3", "import urllib3", "http = urllib3.PoolManager()\nanswer = http.request('GET', value)"),
        ("create_connection", "import socket", "sock = socket.create_connection((value, 80))"),
    ),
)

_REDIRECTS = _all(
    "open-redirect",
    (
        ("flask", "from flask import redirect", "answer = redirect(value)"),
        ("flask or default", "from flask import redirect, url_for", "answer = redirect(value or url_for('index'))"),
        ("flask scheme only", "from flask import redirect", "answer = redirect('https://' + value)"),
        ("django", "from django.shortcuts import redirect", "answer = redirect(value)"),
        (
            "django response",
            "from django.http import HttpResponseRedirect",
            "answer = HttpResponseRedirect(value)",
        ),
        ("fastapi", "from fastapi.responses import RedirectResponse", "answer = RedirectResponse(url=value)"),
        ("aiohttp", "from aiohttp import web", "raise web.HTTPFound(location=value)"),
        (
            "a slash, or two of them",
            "from flask import redirect",
            "if not value.startswith('/'):\n    value = '/'\nanswer = redirect(value)",
        ),
    ),
)

_DATA = (
    *_all(
        "unsafe-deserialization",
        (
            ("pickle", "import base64\nimport pickle", "thing = pickle.loads(base64.b64decode(value))"),
            ("yaml unsafe", "import yaml", "thing = yaml.unsafe_load(value)"),
            ("yaml loader", "import yaml", "thing = yaml.load(value, Loader=yaml.Loader)"),
            ("jsonpickle", "import jsonpickle", "thing = jsonpickle.decode(value)"),
            ("marshal", "import marshal", "thing = marshal.loads(value.encode())"),
            ("dill", "import dill", "thing = dill.loads(bytes.fromhex(value))"),
            ("pickle of a stream", "import io\nimport pickle", "thing = pickle.load(io.BytesIO(value.encode()))"),
        ),
    ),
    *_all(
        "xml-entities",
        (
            ("lxml", "from lxml import etree", "root = etree.fromstring(value)"),
            ("lxml stream", "from io import StringIO\nfrom lxml import etree", "tree = etree.parse(StringIO(value))"),
        ),
    ),
    *_all(
        "xml-bomb",
        (
            ("ElementTree", "import xml.etree.ElementTree as ET", "root = ET.fromstring(value)"),
            ("minidom", "from xml.dom import minidom", "document = minidom.parseString(value)"),
        ),
    ),
    *_all(
        "xpath-injection",
        (
            (
                "lxml",
                "from lxml import etree",
                "tree = etree.parse('users.xml')\nusers = tree.xpath(f\"//user[name='{value}']\")",
            ),
            (
                "unknown tree",
                "from shop import tree",
                'users = tree.xpath("//user[name=\'" + value + "\']")',
            ),
            (
                "ElementTree",
                "import xml.etree.ElementTree as ET",
                "root = ET.parse('users.xml').getroot()\nusers = root.findall(f\".//user[@name='{value}']\")",
            ),
        ),
    ),
    *_all(
        "ldap-injection",
        (
            (
                "python-ldap",
                "import ldap",
                "connection = ldap.initialize('ldap://host')\n"
                "connection.search_s('dc=a', ldap.SCOPE_SUBTREE, f'(uid={value})')",
            ),
            (
                "ldap3",
                "from ldap3 import Connection, Server",
                "connection = Connection(Server('host'))\nconnection.search('dc=a', '(uid=' + value + ')')",
            ),
            (
                "unknown connection",
                "from shop import directory",
                "directory.search('dc=a', f'(&(uid={value})(objectClass=person))')",
            ),
        ),
    ),
    *_all(
        "regex-from-request",
        (
            ("search", "import re", "found = re.search(value, 'text')"),
            ("compile", "import re", "pattern = re.compile('^' + value + '$')"),
        ),
    ),
    *_all(
        "decompression-bomb",
        (("zlib", "import base64\nimport zlib", "text = zlib.decompress(base64.b64decode(value))"),),
    ),
    *_all(
        "remote-code",
        (
            (
                "transformers",
                "from transformers import AutoModel",
                "model = AutoModel.from_pretrained(value, trust_remote_code=True)",
            ),
        ),
    ),
    *_all(
        "resource-exhaustion",
        (("sleep", "import time", "time.sleep(int(value))"),),
    ),
    *_all(
        "mass-assignment",
        (("setattr", "from shop import user", "setattr(user, value, 1)"),),
    ),
)

BAD: tuple[Use, ...] = (
    *_SQL, *_COMMANDS, *_CODE, *_REFLECTION, *_TEMPLATES, *_HTML, *_PATHS, *_URLS, *_REDIRECTS, *_DATA
)  # fmt: skip

FAMILIES: tuple[Use, ...] = tuple({use.rule: use for use in reversed(BAD)}.values())
"""One use for each rule."""

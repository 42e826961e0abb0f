"""What good programs do with a hostile `value`: nothing is told of any of these."""

from tests.analysis.python_flows.sinks import Use


def _all(table: tuple[tuple[str, str, str], ...]) -> tuple[Use, ...]:
    return tuple(Use(name, "", imports, statements) for name, imports, statements in table)


_SQL = (
    (
        "sqlite3 parameters",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\ndb.execute('SELECT * FROM t WHERE a = ?', (value,))",
    ),
    (
        "psycopg2 parameters",
        "import psycopg2",
        "with psycopg2.connect('') as conn, conn.cursor() as cur:\n"
        "    cur.execute('SELECT * FROM t WHERE a = %s', (value,))",
    ),
    (
        "like parameter",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\ndb.execute('SELECT * FROM t WHERE a LIKE ?', (f'%{value}%',))",
    ),
    (
        "placeholders",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\nids = value.split(',')\nmarks = ','.join('?' for _ in ids)\n"
        "db.execute(f'SELECT * FROM t WHERE a IN ({marks})', ids)",
    ),
    (
        "placeholders multiplied",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\nids = value.split(',')\nmarks = ','.join(['?'] * len(ids))\n"
        "db.execute('SELECT * FROM t WHERE a IN (' + marks + ')', ids)",
    ),
    (
        "number",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\ndb.execute(f'SELECT * FROM t LIMIT {int(value)}')",
    ),
    (
        "column chosen from a dict",
        "import sqlite3\nCOLUMNS = {'name': 'name', 'age': 'birth'}",
        "db = sqlite3.connect('a.db')\ndb.execute(f'SELECT * FROM t ORDER BY {COLUMNS[value]}')",
    ),
    (
        "column checked",
        "import sqlite3\nCOLUMNS = ('name', 'age')",
        "db = sqlite3.connect('a.db')\nif value not in COLUMNS:\n    raise ValueError\n"
        "db.execute(f'SELECT * FROM t ORDER BY {value}')",
    ),
    (
        "order chosen",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\norder = 'DESC' if value == 'desc' else 'ASC'\n"
        "db.execute(f'SELECT * FROM t ORDER BY a {order}')",
    ),
    (
        "psycopg2 identifier",
        "import psycopg2\nfrom psycopg2 import sql",
        "cur = psycopg2.connect('').cursor()\ncur.execute(sql.SQL('SELECT * FROM {}').format(sql.Identifier(value)))",
    ),
    (
        "sqlalchemy bind",
        "from sqlalchemy import create_engine, text",
        "with create_engine('sqlite://').connect() as connection:\n"
        "    connection.execute(text('SELECT * FROM t WHERE a = :a'), {'a': value})",
    ),
    (
        "sqlalchemy orm",
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\nclass User(db.Model):\n    pass",
        "user = User.query.filter_by(name=value).first()\nusers = User.query.filter(User.name == value).all()\n"
        "db.session.query(User).filter(User.name.like(f'%{value}%')).all()",
    ),
    (
        "sqlalchemy select",
        "from sqlalchemy import select\nfrom shop.db import session\nfrom shop.models import User",
        "session.execute(select(User).where(User.name == value)).scalars().all()",
    ),
    (
        "django orm",
        "from django.contrib.auth.models import User",
        "user = User.objects.filter(username__icontains=value).order_by('id').first()",
    ),
    (
        "django raw parameters",
        "from django.contrib.auth.models import User",
        "users = User.objects.raw('SELECT * FROM auth_user WHERE username = %s', [value])",
    ),
    (
        "django cursor parameters",
        "from django.db import connection",
        "with connection.cursor() as cursor:\n    cursor.execute('SELECT * FROM t WHERE a = %s', [value])",
    ),
    (
        "not a database",
        "from shop import runner",
        "runner.execute(f'build {value}')",
    ),
    (
        "pandas parameters",
        "import pandas as pd\nfrom shop.db import engine",
        "frame = pd.read_sql('SELECT * FROM t WHERE a = %(a)s', engine, params={'a': value})",
    ),
    (
        "looked up before",
        "import sqlite3",
        "db = sqlite3.connect('a.db')\nrow = db.execute('SELECT path FROM t WHERE a = ?', (value,)).fetchone()\n"
        "open(row[0])",
    ),
)

_COMMANDS = (
    ("list of arguments", "import subprocess", "subprocess.run(['ls', '--', value], check=True)"),
    ("quoted", "import os\nimport shlex", "os.system('ls ' + shlex.quote(value))"),
    (
        "quoted in a pipe",
        "import subprocess\nfrom shlex import quote",
        "subprocess.run(f'ls {quote(value)} | wc -l', shell=True)",
    ),
    ("as input", "import subprocess", "subprocess.run(['wc'], input=value.encode())"),
    (
        "chosen",
        "import os\nCOMMANDS = {'up': 'uptime', 'df': 'df -h'}",
        "command = COMMANDS.get(value)\nif command:\n    os.system(command)",
    ),
    (
        "checked",
        "import os\nimport re",
        "if not re.fullmatch(r'[a-z0-9]+', value):\n    raise ValueError(value)\nos.system('id ' + value)",
    ),
    ("number", "import os", "os.system(f'kill {int(value)}')"),
    ("after the options", "import subprocess", "subprocess.run(['git', 'clone', '--', value, '/srv/a'])"),
    ("value of an option", "import subprocess", "subprocess.run(['git', 'log', '--author', value])"),
    ("rest of an argument", "import subprocess", "subprocess.run(['git', 'show', 'refs/heads/' + value])"),
    (
        "same as cleaned",
        "import os\nimport subprocess\nfrom pathlib import Path",
        "if os.path.basename(value) != value:\n    raise ValueError\n"
        "text = Path(os.path.join('/srv', value)).read_text()",
    ),
    (
        "no option",
        "import subprocess",
        "if value.startswith('-'):\n    raise ValueError\nsubprocess.run(['git', 'checkout', value])",
    ),
    (
        "address for a program",
        "import subprocess",
        "if not value.startswith(('https://', 'ssh://')):\n    raise ValueError\n"
        "subprocess.run(['git', 'fetch', value])",
    ),
)

_CODE = (
    ("literal", "import ast", "thing = ast.literal_eval(value)"),
    ("number", "", "total = int(value) + 1"),
    (
        "dispatch",
        "from shop import actions\nACTIONS = {'a': actions.a, 'b': actions.b}",
        "ACTIONS[value]()",
    ),
    ("json", "import json", "thing = json.loads(value)"),
    ("getattr of a constant", "from shop import user", "name = getattr(user, 'name', value)"),
)

_TEMPLATES = (
    (
        "flask variable",
        "from flask import render_template_string",
        "page = render_template_string('<h1>{{ name }}</h1>', name=value)",
    ),
    ("flask file", "from flask import render_template", "page = render_template('a.html', name=value)"),
    ("jinja2 variable", "from jinja2 import Template", "page = Template('Hello {{ name }}').render(name=value)"),
    ("string template", "from string import Template", "page = Template('Hello $name').substitute(name=value)"),
    ("django render", "from django.shortcuts import render", "page = render(None, 'a.html', {'name': value})"),
)

_HTML = (
    ("escaped", "from markupsafe import Markup, escape", "box = Markup(f'<b>{escape(value)}</b>')"),
    ("markup format", "from markupsafe import Markup", "box = Markup('<b>{}</b>').format(value)"),
    ("format_html", "from django.utils.html import format_html", "box = format_html('<b>{}</b>', value)"),
    (
        "html.escape",
        "import html\nfrom django.http import HttpResponse",
        "answer = HttpResponse('<b>' + html.escape(value) + '</b>')",
    ),
    ("bleach", "import bleach\nfrom markupsafe import Markup", "box = Markup(bleach.clean(value))"),
    (
        "plain text",
        "from django.http import HttpResponse",
        "answer = HttpResponse(f'Hello {value}', content_type='text/plain')",
    ),
    ("json", "from django.http import JsonResponse", "answer = JsonResponse({'name': value})"),
    ("flask json", "from flask import jsonify", "answer = jsonify({'name': value, 'text': f'Hello {value}'})"),
    ("flask mimetype", "from flask import Response", "answer = Response(value, mimetype='text/csv')"),
    ("aiohttp text", "from aiohttp import web", "answer = web.Response(text=f'Hello {value}')"),
    ("fastapi json", "from fastapi.responses import JSONResponse", "answer = JSONResponse({'name': value})"),
    (
        "number",
        "from django.http import HttpResponse",
        "answer = HttpResponse(f'<b>{int(value)}</b>')",
    ),
)

_PATHS = (
    ("basename", "import os", "text = open(os.path.join('/srv', os.path.basename(value))).read()"),
    (
        "secure_filename",
        "import os\nfrom werkzeug.utils import secure_filename",
        "text = open(os.path.join('/srv', secure_filename(value))).read()",
    ),
    (
        "send_from_directory",
        "from flask import send_from_directory",
        "answer = send_from_directory('/srv', value)",
    ),
    (
        "safe_join",
        "from werkzeug.utils import safe_join",
        "path = safe_join('/srv', value)\nif path:\n    open(path)",
    ),
    (
        "commonpath",
        "import os",
        "path = os.path.realpath(os.path.join('/srv', value))\n"
        "if os.path.commonpath([path, '/srv']) != '/srv':\n    raise ValueError\nopen(path)",
    ),
    (
        "startswith after realpath",
        "import os",
        "path = os.path.realpath(os.path.join('/srv', value))\nif not path.startswith('/srv/'):\n"
        "    raise ValueError\nopen(path)",
    ),
    (
        "is_relative_to",
        "from pathlib import Path",
        "base = Path('/srv')\npath = (base / value).resolve()\nif not path.is_relative_to(base):\n"
        "    raise ValueError\ntext = path.read_text()",
    ),
    (
        "relative_to raises",
        "from pathlib import Path",
        "base = Path('/srv')\npath = (base / value).resolve()\ntry:\n    path.relative_to(base)\n"
        "except ValueError:\n    raise\ntext = path.read_text()",
    ),
    ("number", "", "text = open(f'/srv/{int(value)}.txt').read()"),
    ("pathlib name", "from pathlib import Path", "text = (Path('/srv') / Path(value).name).read_text()"),
    ("uuid", "import uuid", "text = open(f'/srv/{uuid.UUID(value)}.txt').read()"),
    ("content", "", "with open('/srv/log.txt', 'a') as file:\n    file.write(value)"),
    (
        "in memory",
        "import io\nfrom flask import send_file",
        "answer = send_file(io.BytesIO(value.encode()), mimetype='text/csv')",
    ),
    (
        "chosen",
        "FILES = {'terms': '/srv/terms.pdf'}",
        "text = open(FILES[value]).read()",
    ),
    (
        "checked against a listing",
        "import os",
        "if value not in os.listdir('/srv'):\n    raise ValueError\ntext = open('/srv/' + value).read()",
    ),
    (
        "dots refused",
        "import os",
        "if '..' in value or value.startswith('/'):\n    raise ValueError\ntext = open(os.path.join('/srv', value))",
    ),
    (
        "hashed",
        "import hashlib",
        "key = hashlib.sha256(value.encode()).hexdigest()\ntext = open('/srv/cache/' + key).read()",
    ),
)

_URLS = (
    ("query", "import requests", "answer = requests.get('https://api.example.com/search', params={'q': value})"),
    ("path of a fixed host", "import requests", "answer = requests.get(f'https://api.example.com/users/{value}')"),
    (
        "host from the settings",
        "import requests\nfrom shop import settings",
        "answer = requests.get(f'{settings.API_URL}/users/{value}')",
    ),
    (
        "host from a constant",
        "import requests\nBASE = 'https://api.example.com'",
        "answer = requests.get(BASE + '/users/' + value)",
    ),
    (
        "allowed hosts",
        "from urllib.parse import urlparse\nimport requests\nALLOWED = {'a.example', 'b.example'}",
        "if urlparse(value).hostname not in ALLOWED:\n    raise ValueError\nanswer = requests.get(value)",
    ),
    (
        "posted data",
        "import requests",
        "answer = requests.post('https://api.example.com/', json={'q': value}, headers={'X-Name': value})",
    ),
    ("not a client", "from shop import cache", "answer = cache.get(value)"),
    (
        "prefix tested",
        "import requests",
        "if not value.startswith('https://api.example.com/'):\n    raise ValueError\nanswer = requests.get(value)",
    ),
)

_REDIRECTS = (
    (
        "one slash",
        "from flask import redirect",
        "if not value.startswith('/') or value.startswith('//'):\n    value = '/'\nanswer = redirect(value)",
    ),
    (
        "below a path",
        "from flask import redirect",
        "if not value.startswith('/shop/'):\n    value = '/'\nanswer = redirect(value)",
    ),
    ("url_for", "from flask import redirect, url_for", "answer = redirect(url_for('search', q=value))"),
    ("own path", "from flask import redirect", "answer = redirect('/search?q=' + value)"),
    ("own folder", "from flask import redirect", "answer = redirect(f'/users/{value}')"),
    (
        "checked by django",
        "from django.shortcuts import redirect\nfrom django.utils.http import url_has_allowed_host_and_scheme",
        "if not url_has_allowed_host_and_scheme(value, allowed_hosts=None):\n    value = '/'\nanswer = redirect(value)",
    ),
    (
        "checked by django, by keyword",
        "from django.shortcuts import redirect\nfrom django.utils.http import url_has_allowed_host_and_scheme",
        "if not value or not url_has_allowed_host_and_scheme(url=value, allowed_hosts={request.host}):\n"
        "    value = '/'\nanswer = redirect(value)",
    ),
    (
        "of the same host",
        "from urllib.parse import urljoin, urlparse\nfrom flask import redirect",
        "own = urlparse(request.host_url)\nother = urlparse(urljoin(request.host_url, value))\n"
        "if other.netloc != own.netloc:\n    abort(400)\nanswer = redirect(value)",
    ),
    (
        "has no host",
        "from urllib.parse import urlsplit\nfrom flask import redirect",
        "parts = urlsplit(value)\nif parts.scheme or parts.netloc:\n    abort(400)\nanswer = redirect(value)",
    ),
    (
        "checked by hand",
        "from urllib.parse import urlparse\nfrom flask import redirect",
        "if urlparse(value).netloc != '':\n    raise ValueError\nanswer = redirect(value)",
    ),
    (
        "checked by a helper",
        "from flask import abort, redirect\nfrom shop.urls import is_safe_url",
        "if not is_safe_url(value):\n    abort(400)\nanswer = redirect(value)",
    ),
    ("django view", "from django.shortcuts import redirect", "answer = redirect('item', pk=value)"),
    (
        "fixed host",
        "from flask import redirect",
        "answer = redirect('https://login.example.com/?state=' + value)",
    ),
    (
        "chosen",
        "from flask import redirect\nTARGETS = {'home': '/home', 'shop': '/shop'}",
        "answer = redirect(TARGETS.get(value, '/'))",
    ),
)

_DATA = (
    (
        "yaml loader of one's own",
        "import yaml\nclass Loader(yaml.SafeLoader):\n    pass",
        "thing = yaml.load(value, Loader=Loader)",
    ),
    ("yaml safe", "import yaml", "thing = yaml.safe_load(value)"),
    ("yaml safe loader", "import yaml", "thing = yaml.load(value, Loader=yaml.SafeLoader)"),
    ("defusedxml", "import defusedxml.ElementTree as ET", "root = ET.fromstring(value)"),
    (
        "lxml told",
        "from lxml import etree\nPARSER = etree.XMLParser(resolve_entities=False)",
        "root = etree.fromstring(value, PARSER)",
    ),
    (
        "xpath variable",
        "from lxml import etree",
        "tree = etree.parse('users.xml')\nusers = tree.xpath('//user[name=$name]', name=value)",
    ),
    (
        "ldap escaped",
        "import ldap\nfrom ldap.filter import escape_filter_chars",
        "connection = ldap.initialize('ldap://host')\n"
        "connection.search_s('dc=a', 2, f'(uid={escape_filter_chars(value)})')",
    ),
    (
        "ldap3 escaped",
        "from ldap3 import Connection\nfrom ldap3.utils.conv import escape_filter_chars",
        "connection = Connection('host')\nconnection.search('dc=a', '(uid=' + escape_filter_chars(value) + ')')",
    ),
    ("regex escaped", "import re", "found = re.search(re.escape(value), 'text')"),
    ("regex subject", "import re", "found = re.search('a+', value)"),
    ("capped", "import time", "time.sleep(min(int(value), 5))"),
    ("counted", "", "for n in range(int(value)):\n    print(n)"),
    ("mongo text", "from pymongo import MongoClient", "user = MongoClient().shop.users.find_one({'name': value})"),
    (
        "setattr of a listed name",
        "from shop import user\nFIELDS = ('name', 'mail')",
        "if value in FIELDS:\n    setattr(user, value, 1)",
    ),
    ("log", "import logging\nlogger = logging.getLogger(__name__)", "logger.info('searched for %r', value)"),
    ("session", "from flask import session", "session['last'] = value"),
    ("compared", "", "if value == 'admin':\n    print('hello')"),
)

GOOD: tuple[Use, ...] = _all((*_SQL, *_COMMANDS, *_CODE, *_TEMPLATES, *_HTML, *_PATHS, *_URLS, *_REDIRECTS, *_DATA))

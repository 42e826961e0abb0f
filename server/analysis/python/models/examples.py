"""What the rules' pages show of flows in Python, and the tests run: bad and good code for each rule."""

from server.analysis.flow.rules import (
    ARCHIVE_EXTRACTION,
    CHOSEN_LOOKUP,
    DECOMPRESSION_BOMB,
    HEADER_INJECTION,
    LDAP_INJECTION,
    LOG_INJECTION,
    MAIL_INJECTION,
    MASS_ASSIGNMENT,
    NOSQL_INJECTION,
    REGEX_FROM_REQUEST,
    REMOTE_CODE,
    RESOURCE_EXHAUSTION,
    UNSAFE_REFLECTION,
    XML_BOMB,
    XPATH_INJECTION,
)
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
    XML_ENTITIES,
)


def _view(body: str, imports: str = "") -> Files:
    """A view of Flask with these statements."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    head = "from flask import Flask, request\n"
    return {"app.py": f"{head}{imports}\napp = Flask(__name__)\n\n@app.post('/')\ndef view():\n{indented}"}


_VIEWS = """\
from flask import Flask, request
from shop.items import find
app = Flask(__name__)

@app.get('/items')
def items():
    return {'items': find(request.args['name'])}
"""

BAD: tuple[tuple[Rule, Files], ...] = (
    (
        SQL_FROM_TEXT,
        {
            "shop/views.py": _VIEWS,
            "shop/items.py": "import sqlite3\n\ndef find(name):\n    db = sqlite3.connect('shop.db')\n"
            "    return db.execute(f\"SELECT * FROM items WHERE name = '{name}'\").fetchall()\n",
        },
    ),
    (SHELL_COMMAND, _view("os.system('ping -c 1 ' + request.form['host'])\nreturn {}", "import os\n")),
    (CODE_FROM_TEXT, _view("return {'result': eval(request.json['formula'])}")),
    (
        UNSAFE_DESERIALIZATION,
        _view("return {'cart': pickle.loads(request.get_data())}", "import pickle\n"),
    ),
    (HTML_FROM_TEXT, _view("name = request.form['name']\nreturn f'<h1>Hello {name}</h1>'")),
    (
        TEMPLATE_FROM_TEXT,
        _view(
            "page = '<h1>Hello %s</h1>' % request.form['name']\nreturn render_template_string(page)",
            "from flask import render_template_string\n",
        ),
    ),
    (PATH_FROM_REQUEST, _view("with open('/srv/' + request.form['name']) as file:\n    return {'text': file.read()}")),
    (URL_FROM_REQUEST, _view("return requests.get(request.form['url']).json()", "import requests\n")),
    (OPEN_REDIRECT, _view("return redirect(request.args.get('next'))", "from flask import redirect\n")),
    (
        LDAP_INJECTION,
        _view(
            "connection = ldap.initialize('ldap://directory')\nname = request.form['name']\n"
            "return {'found': connection.search_s('dc=example', ldap.SCOPE_SUBTREE, f'(uid={name})')}",
            "import ldap\n",
        ),
    ),
    (
        XPATH_INJECTION,
        _view(
            "tree = etree.parse('users.xml')\nname = request.form['name']\n"
            "return {'found': len(tree.xpath(f\"//user[@name='{name}']\"))}",
            "from lxml import etree\n",
        ),
    ),
    (
        NOSQL_INJECTION,
        _view(
            "user = MongoClient().shop.users.find_one({'name': request.json['name'], 'key': request.json['key']})\n"
            "return {'known': user is not None}",
            "from pymongo import MongoClient\n",
        ),
    ),
    (
        HEADER_INJECTION,
        {
            "serve.py": "from http.server import BaseHTTPRequestHandler\nfrom urllib.parse import unquote\n\n"
            "class Handler(BaseHTTPRequestHandler):\n    def do_GET(self):\n        self.send_response(200)\n"
            "        self.send_header('X-Name', unquote(self.path))\n        self.end_headers()\n"
        },
    ),
    (
        MAIL_INJECTION,
        _view(
            "message = f\"Subject: {request.form['subject']}\\n\\nhello\"\nsmtp = smtplib.SMTP('localhost')\n"
            "smtp.sendmail('a@example.com', ['b@example.com'], message)\nreturn {}",
            "import smtplib\n",
        ),
    ),
    (LOG_INJECTION, _view("logging.warning('no user ' + request.form['name'])\nreturn {}", "import logging\n")),
    (
        REGEX_FROM_REQUEST,
        _view("return {'found': re.findall(request.form['pattern'], 'text')}", "import re\n"),
    ),
    (RESOURCE_EXHAUSTION, _view("time.sleep(float(request.form['seconds']))\nreturn {}", "import time\n")),
    (
        ARCHIVE_EXTRACTION,
        _view("tarfile.open(fileobj=request.files['file']).extractall('/srv')\nreturn {}", "import tarfile\n"),
    ),
    (
        XML_ENTITIES,
        _view("return {'name': etree.fromstring(request.get_data()).tag}", "from lxml import etree\n"),
    ),
    (
        XML_BOMB,
        _view("return {'name': fromstring(request.get_data()).tag}", "from xml.etree.ElementTree import fromstring\n"),
    ),
    (
        MASS_ASSIGNMENT,
        _view(
            "user = load()\nfor name, value in request.json.items():\n    setattr(user, name, value)\nreturn {}",
            "from shop.users import load\n",
        ),
    ),
    (
        CHOSEN_LOOKUP,
        {
            "views.py": "from django.http import JsonResponse\nfrom shop.models import Order\n\n"
            "def orders(request):\n    rows = Order.objects.filter(**request.GET.dict())\n"
            "    return JsonResponse({'count': rows.count()})\n"
        },
    ),
    (DECOMPRESSION_BOMB, _view("return zlib.decompress(request.data)", "import zlib\n")),
    (
        REMOTE_CODE,
        _view(
            "AutoModel.from_pretrained(request.json['model'], trust_remote_code=True)\nreturn {}",
            "from transformers import AutoModel\n",
        ),
    ),
    (
        UNSAFE_REFLECTION,
        _view("return importlib.import_module(request.form['plugin']).run()", "import importlib\n"),
    ),
)

GOOD: tuple[Files, ...] = (
    {
        "shop/views.py": _VIEWS,
        "shop/items.py": "import sqlite3\n\ndef find(name):\n    db = sqlite3.connect('shop.db')\n"
        "    return db.execute('SELECT * FROM items WHERE name = ?', (name,)).fetchall()\n",
    },
    _view("subprocess.run(['ping', '-c', '1', '--', request.form['host']])\nreturn {}", "import subprocess\n"),
    _view("name = escape(request.form['name'])\nreturn f'<h1>Hello {name}</h1>'", "from markupsafe import escape\n"),
    _view(
        "return render_template_string('<h1>{{ name }}</h1>', name=request.form['name'])",
        "from flask import render_template_string\n",
    ),
    _view(
        "return send_from_directory('/srv', request.form['name'])",
        "from flask import send_from_directory\n",
    ),
    _view(
        "return requests.get('https://api.example.com/', params={'q': request.form['q']}).json()",
        "import requests\n",
    ),
    _view("return redirect(url_for('search', q=request.form['q']))", "from flask import redirect, url_for\n"),
    _view(
        "user = MongoClient().shop.users.find_one({'name': str(request.json['name'])})\n"
        "return {'known': user is not None}",
        "from pymongo import MongoClient\n",
    ),
)

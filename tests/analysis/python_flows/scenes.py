"""Views and handlers as people write them, and the rules that speak of each, by name."""

from typing import NamedTuple


class Scene(NamedTuple):
    """*told*: the rules without their `hive.`, sorted. *files*: path -> text."""

    told: tuple[str, ...]
    files: dict[str, str]


SCENES: dict[str, Scene] = {
    "global conn": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
conn = sqlite3.connect("a.db", check_same_thread=False)
cursor = conn.cursor()
@app.route("/user/<username>")
def user(username):
    cursor.execute("SELECT * FROM users WHERE username = '%s'" % username)
    return str(cursor.fetchone())
""",
        },
    ),
    "flask mysqldb": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from flask_mysqldb import MySQL
mysql = MySQL(app)
@app.route("/login", methods=["POST"])
def login():
    username = request.form["username"]; password = request.form["password"]
    cur = mysql.connection.cursor()
    cur.execute("SELECT * FROM users WHERE username='" + username + "' AND password='" + password + "'")
    user = cur.fetchone()
    if user:
        session["user"] = user[0]
        return redirect("/")
    return render_template("login.html")
""",
        },
    ),
    "db class wrapper": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import pymysql
class Database:
    def __init__(self):
        self.conn = pymysql.connect(host="a")
        self.cur = self.conn.cursor()
    def query(self, q):
        self.cur.execute(q)
        return self.cur.fetchall()
db = Database()
@app.route("/search")
def search():
    return {"r": db.query("SELECT * FROM p WHERE name LIKE '%" + request.args.get("q") + "%'")}
""",
        },
    ),
    "wrapper in other module": Scene(
        ("sql-from-text", "sql-from-text"),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from db import query_db
@app.route("/search")
def search():
    q = request.args.get("q")
    return {"r": query_db(f"SELECT * FROM p WHERE name = '{q}'")}
@app.route("/search2")
def search2():
    q = request.args.get("q")
    return {"r": query_db(f"SELECT * FROM p WHERE id = '{q}'")}
@app.route("/search3")
def search3():
    return {"r": query_db("SELECT * FROM p WHERE id = ?", (request.args["q"],))}
""",
            "db.py": """\
import sqlite3
from flask import g
def get_db():
    db = getattr(g, "_database", None)
    if db is None:
        db = g._database = sqlite3.connect("a.db")
    return db
def query_db(query, args=(), one=False):
    cur = get_db().execute(query, args)
    rv = cur.fetchall()
    cur.close()
    return (rv[0] if rv else None) if one else rv
""",
        },
    ),
    "cookie pickle": Scene(
        ("unsafe-deserialization",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import pickle, base64
@app.route("/")
def index():
    c = request.cookies.get("session_data")
    if c:
        data = pickle.loads(base64.b64decode(c))
        return render_template("i.html", data=data)
    return render_template("i.html")
""",
        },
    ),
    "yaml upload": Scene(
        ("unsafe-deserialization",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import yaml
@app.route("/", methods=["POST"])
def index():
    f = request.files["file"]
    data = yaml.load(f.read(), Loader=yaml.UnsafeLoader)
    return {"d": str(data)}
""",
        },
    ),
    "ssrf httpx async": Scene(
        ("url-from-request",),
        {
            "app.py": """\
import httpx
from fastapi import FastAPI
app = FastAPI()
@app.get("/fetch")
async def fetch(url: str):
    async with httpx.AsyncClient() as client:
        r = await client.get(url)
    return {"t": r.text}
""",
        },
    ),
    "ssrf aiohttp": Scene(
        ("url-from-request",),
        {
            "app.py": """\
import aiohttp
from fastapi import FastAPI
from pydantic import BaseModel, HttpUrl
app = FastAPI()
class Req(BaseModel):
    url: str
@app.post("/fetch")
async def fetch(req: Req):
    async with aiohttp.ClientSession() as session:
        async with session.get(req.url) as resp:
            return {"t": await resp.text()}
""",
        },
    ),
    "fastapi raw json eval": Scene(
        ("code-from-text",),
        {
            "app.py": """\
from fastapi import FastAPI, Request
app = FastAPI()
@app.post("/calc")
async def calc(request: Request):
    data = await request.json()
    return {"r": eval(data["expr"])}
""",
        },
    ),
    "fastapi annotated": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from typing import Annotated
from fastapi import FastAPI, Query, Depends
from sqlalchemy.orm import Session
from sqlalchemy import text
app = FastAPI()
def get_db(): ...
@app.get("/calc")
async def calc(q: Annotated[str | None, Query(max_length=50)] = None, db: Annotated[Session, Depends(get_db)] = None):
    return db.execute(text("SELECT * FROM a WHERE b = '" + q + "'")).all()
""",
        },
    ),
    "fastapi file path": Scene(
        ("path-from-request",),
        {
            "app.py": """\
from fastapi import FastAPI, UploadFile
import shutil, os
app = FastAPI()
@app.post("/up")
async def up(file: UploadFile):
    with open(os.path.join("uploads", file.filename), "wb") as f:
        shutil.copyfileobj(file.file, f)
    return {"n": file.filename}
""",
        },
    ),
    "fastapi fileresponse": Scene(
        ("path-from-request",),
        {
            "app.py": """\
from fastapi import FastAPI
from fastapi.responses import FileResponse
app = FastAPI()
@app.get("/files/{name:path}")
async def get(name: str):
    return FileResponse(f"/srv/{name}")
""",
        },
    ),
    "flask path converter w/o path": Scene(
        ("path-from-request",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from flask import send_file
@app.route("/download/<filename>")
def get(filename):
    return send_file("files/" + filename, as_attachment=True)
""",
        },
    ),
    "flask query path": Scene(
        ("path-from-request",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from flask import send_file
import os
UPLOAD = "files"
@app.route("/download")
def get():
    filename = request.args.get("file")
    path = os.path.join(UPLOAD, filename)
    if os.path.exists(path):
        return send_file(path)
    return "no", 404
""",
        },
    ),
    "flask ping": Scene(
        ("shell-command",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import os
@app.route("/ping", methods=["GET","POST"])
def ping():
    if request.method == "POST":
        host = request.form.get("host")
        output = os.popen("ping -c 1 " + host).read()
        return render_template("p.html", output=output)
    return render_template("p.html")
""",
        },
    ),
    "flask subprocess try": Scene(
        ("shell-command",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import subprocess
@app.route("/ping")
def ping():
    host = request.args.get("host", "127.0.0.1")
    cmd = f"ping -c 1 {host}"
    try:
        result = subprocess.check_output(cmd, shell=True, stderr=subprocess.STDOUT, text=True)
    except subprocess.CalledProcessError as e:
        result = e.output
    return render_template("p.html", output=result)
""",
        },
    ),
    "flask ssti file": Scene(
        ("template-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from flask import render_template_string
@app.errorhandler(404)
def nf(e):
    template = '''<h1>%s not found</h1>''' % request.url
    return render_template_string(template), 404
""",
        },
    ),
    "flask xss make_response": Scene(
        ("html-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

@app.route("/")
def i():
    resp = make_response("<h1>" + request.args.get("name", "") + "</h1>")
    resp.headers["X"] = "1"
    return resp
""",
        },
    ),
    "flask xss format": Scene(
        ("html-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

@app.route("/")
def i():
    name = request.args.get("name")
    html = '''
    <html><body>Hello {}</body></html>
    '''.format(name)
    return html
""",
        },
    ),
    "flask xss whole": Scene(
        ("html-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

@app.route("/")
def i():
    name = request.args.get("name")
    return name
""",
        },
    ),
    "open redirect": Scene(
        ("open-redirect",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

@app.route("/login", methods=["POST"])
def login():
    next_url = request.args.get("next") or request.form.get("next")
    if next_url:
        return redirect(next_url)
    return redirect("/")
""",
        },
    ),
    "xxe lxml": Scene(
        ("xml-entities",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from lxml import etree
@app.route("/xml", methods=["POST"])
def x():
    tree = etree.fromstring(request.data)
    return {"t": tree.text}
""",
        },
    ),
    "nosql flask_pymongo": Scene(
        ("nosql-injection",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from flask_pymongo import PyMongo
mongo = PyMongo(app)
@app.route("/login", methods=["POST"])
def x():
    data = request.get_json()
    user = mongo.db.users.find_one({"username": data.get("username"), "password": data.get("password")})
    return {"ok": bool(user)}
""",
        },
    ),
    "mass assign setattr": Scene(
        ("mass-assignment",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from models import User, db
@app.route("/u/<int:id>", methods=["PUT"])
def x(id):
    user = User.query.get(id)
    data = request.get_json()
    for k, v in data.items():
        setattr(user, k, v)
    db.session.commit()
    return {}
""",
        },
    ),
    "mass assign django": Scene(
        ("mass-assignment",),
        {
            "app.py": """\
from rest_framework.decorators import api_view
from rest_framework.response import Response
from django.contrib.auth.models import User
@api_view(["POST"])
def x(request):
    User.objects.create(**request.data)
    return Response({})
""",
        },
    ),
    "django sql": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from django.shortcuts import render
from django.db import connection
def search(request):
    q = request.GET.get("q", "")
    with connection.cursor() as c:
        c.execute(f"SELECT * FROM app_item WHERE name LIKE '%{q}%'")
        rows = c.fetchall()
    return render(request, "s.html", {"rows": rows})
""",
        },
    ),
    "django cmd": Scene(
        ("shell-command",),
        {
            "app.py": """\
from django.http import HttpResponse
import subprocess
from django.views.decorators.csrf import csrf_exempt
@csrf_exempt
def cmd_lab(request):
    if request.user.is_authenticated:
        if request.method == "POST":
            domain = request.POST.get("domain")
            domain = domain.replace("https://www.", "")
            os_ = request.POST.get("os")
            command = "nslookup {}".format(domain) if os_ == "win" else "dig {}".format(domain)
            p = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE)
            out, err = p.communicate()
            return render(request, "c.html", {"o": out})
""",
        },
    ),
    "django xxe sax": Scene(
        ("xml-bomb",),
        {
            "app.py": """\
from django.http import HttpResponse
from xml.dom.pulldom import parseString, START_ELEMENT
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges
def x(request):
    parser = make_parser()
    parser.setFeature(feature_external_ges, True)
    doc = parseString(request.body.decode("utf-8"), parser=parser)
    for event, node in doc:
        pass
    return HttpResponse("ok")
""",
        },
    ),
    "django ssrf": Scene(
        ("path-from-request",),
        {
            "app.py": """\
import os
from django.shortcuts import render
def ssrf(request):
    file = request.POST["blog"]
    dirname = os.path.dirname(__file__)
    filename = os.path.join(dirname, file)
    file = open(filename, "r")
    data = file.read()
    return render(request, "x.html", {"blog": data})
""",
        },
    ),
    "django pickle cookie": Scene(
        ("unsafe-deserialization",),
        {
            "app.py": """\
import pickle, base64
from django.shortcuts import render
def x(request):
    token = request.COOKIES.get("token")
    token = base64.b64decode(token)
    admin = pickle.loads(token)
    return render(request, "x.html", {"a": admin})
""",
        },
    ),
    "django ssti": Scene(
        ("template-from-text",),
        {
            "app.py": """\
from django.template import engines
from django.http import HttpResponse
def x(request):
    t = engines["django"].from_string(request.POST["t"])
    return HttpResponse(t.render({}, request))
""",
        },
    ),
    "class view get_queryset": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from django.views.generic import ListView
from .models import Item
class V(ListView):
    model = Item
    def get_queryset(self):
        q = self.request.GET.get("q")
        return Item.objects.raw("SELECT * FROM item WHERE name = '%s'" % q)
""",
        },
    ),
    "drf serializer": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from rest_framework import generics, serializers
from rest_framework.response import Response
from django.db import connection
class S(serializers.Serializer):
    name = serializers.CharField()
class V(generics.GenericAPIView):
    serializer_class = S
    def post(self, request):
        s = self.get_serializer(data=request.data)
        s.is_valid(raise_exception=True)
        name = s.validated_data["name"]
        with connection.cursor() as c:
            c.execute("SELECT * FROM t WHERE n = '" + name + "'")
        return Response({})
""",
        },
    ),
    "async pool state": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from fastapi import FastAPI, Request
app = FastAPI()
@app.get("/u")
async def u(request: Request, name: str):
    async with request.app.state.pool.acquire() as conn:
        rows = await conn.fetch(f"SELECT * FROM users WHERE name = '{name}'")
    return rows
""",
        },
    ),
    "mcp": Scene(
        ("shell-command",),
        {
            "app.py": """\
import subprocess
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("x")
@mcp.tool()
def run(branch: str) -> str:
    return subprocess.check_output(f"git checkout {branch}", shell=True, text=True)
""",
        },
    ),
    "streamlit": Scene(
        ("code-from-text",),
        {
            "app.py": """\
import streamlit as st
e = st.text_input("expr")
if e:
    st.write(eval(e))
""",
        },
    ),
    "gradio": Scene(
        ("shell-command",),
        {
            "app.py": """\
import gradio as gr, os
def go(name):
    os.system("echo " + name)
    return name
gr.Interface(fn=go, inputs="text", outputs="text").launch()
""",
        },
    ),
    "ldap": Scene(
        ("ldap-injection",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import ldap
@app.route("/u")
def u():
    name = request.args["u"]
    l = ldap.initialize("ldap://x")
    l.simple_bind_s("cn=a", "b")
    f = "(&(objectClass=user)(uid=" + name + "))"
    r = l.search_s("dc=x", ldap.SCOPE_SUBTREE, f)
    return {"r": str(r)}
""",
        },
    ),
    "neo4j": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from neo4j import GraphDatabase
driver = GraphDatabase.driver("bolt://x")
@app.route("/u")
def u():
    with driver.session() as s:
        r = s.run("MATCH (n:User {name: '" + request.args["u"] + "'}) RETURN n")
    return {}
""",
        },
    ),
    "sqlalchemy async maker": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine, async_sessionmaker
from sqlalchemy import text
engine = create_async_engine("x")
Session = async_sessionmaker(engine)
app = FastAPI()
@app.get("/u/{name}")
async def u(name: str):
    async with Session() as s:
        r = await s.execute(text(f"SELECT * FROM u WHERE n='{name}'"))
    return r.all()
""",
        },
    ),
    "psycopg2 execute_values": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import psycopg2
from psycopg2.extras import execute_values
conn = psycopg2.connect("")
@app.post("/u")
def u():
    t = request.json["table"]
    with conn.cursor() as cur:
        execute_values(cur, f"INSERT INTO {t} VALUES %s", [(1,)])
    return {}
""",
        },
    ),
    "restx payload": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask_restx import Api, Resource, Namespace
import sqlite3
ns = Namespace("x")
@ns.route("/u")
class U(Resource):
    def post(self):
        db = sqlite3.connect("a")
        db.execute("SELECT * FROM u WHERE n='%s'" % ns.payload["n"])
        return {}
""",
        },
    ),
    "thread": Scene(
        ("shell-command",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import os, threading
def work(host):
    os.system("ping " + host)
@app.post("/u")
def u():
    threading.Thread(target=work, args=(request.form["h"],)).start()
    return {}
""",
        },
    ),
    "celery delay": Scene(
        ("shell-command",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from tasks import work
@app.post("/u")
def u():
    work.delay(request.form["h"])
    return {}
""",
            "tasks.py": """\
import os
from celery import Celery
celery = Celery("x")
@celery.task
def work(host):
    os.system("ping " + host)
""",
        },
    ),
    "background": Scene(
        ("shell-command",),
        {
            "app.py": """\
import os
from fastapi import FastAPI, BackgroundTasks
app = FastAPI()
def work(host):
    os.system("ping " + host)
@app.post("/u")
def u(h: str, bg: BackgroundTasks):
    bg.add_task(work, h)
    return {}
""",
        },
    ),
    "format map": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
Q = "SELECT * FROM u WHERE n = '{name}'"
@app.get("/u")
def u():
    sqlite3.connect("a").execute(Q.format(name=request.args["n"]))
    return {}
""",
        },
    ),
    "kwargs": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
def find(**kw):
    where = " AND ".join(f"{k} = '{v}'" for k, v in kw.items())
    return sqlite3.connect("a").execute("SELECT * FROM u WHERE " + where)
@app.get("/u")
def u():
    find(**request.args)
    return {}
""",
        },
    ),
    "dict values": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
@app.get("/u")
def u():
    filters = {"a": request.args.get("a"), "b": "x"}
    sql = "SELECT * FROM u WHERE 1=1"
    for k, v in filters.items():
        if v:
            sql += f" AND {k} = '{v}'"
    sqlite3.connect("a").execute(sql)
    return {}
""",
        },
    ),
    "dataclass": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
from dataclasses import dataclass
@dataclass
class Search:
    text: str
    page: int
@app.get("/u")
def u():
    s = Search(request.args["q"], 1)
    sqlite3.connect("a").execute(f"SELECT * FROM u WHERE n = '{s.text}' LIMIT {s.page}")
    return {}
""",
        },
    ),
    "str format spec": Scene(
        ("sql-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import sqlite3
@app.get("/u")
def u():
    order = request.args.get("sort", "id")
    if order.startswith("-"):
        order = order[1:] + " DESC"
    sqlite3.connect("a").execute("SELECT * FROM u ORDER BY " + order)
    return {}
""",
        },
    ),
    "tornado file": Scene(
        ("path-from-request",),
        {
            "app.py": """\
import tornado.web, os
class H(tornado.web.RequestHandler):
    def get(self, name):
        with open(os.path.join("/srv", name)) as f:
            self.write(f.read())
""",
        },
    ),
    "sendmail": Scene(
        ("url-from-request",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import requests
@app.post("/webhook")
def u():
    data = request.json
    try:
        requests.post(data["callback_url"], json={"ok": 1}, timeout=5)
    except requests.RequestException:
        pass
    return {}
""",
        },
    ),
    "os.path.join abs check bad": Scene(
        ("path-from-request",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import os
@app.get("/f")
def u():
    name = request.args["n"]
    p = os.path.abspath(os.path.join("/srv", name))
    if not os.path.isfile(p):
        return "no", 404
    return open(p).read()
""",
        },
    ),
    "jinja env from_string": Scene(
        ("template-from-text",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

from jinja2 import Environment, BaseLoader
@app.post("/f")
def u():
    rtemplate = Environment(loader=BaseLoader()).from_string(request.form["tpl"])
    return rtemplate.render(data=1)
""",
        },
    ),
    "import_string": Scene(
        ("unsafe-reflection",),
        {
            "app.py": """\
from flask import Flask, request, session, redirect, render_template, make_response, Response, g, current_app
app = Flask(__name__)

import importlib
@app.post("/f")
def u():
    mod = importlib.import_module(f"plugins.{request.json['plugin']}")
    return mod.run()
""",
        },
    ),
    "http handler do_GET": Scene(
        ("shell-command", "sql-from-text"),
        {
            "app.py": """\
import http.server, subprocess, sqlite3, urllib.parse
class H(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        path, _, qs = self.path.partition("?")
        params = dict(urllib.parse.parse_qsl(qs))
        if path == "/a":
            subprocess.call("ls " + params.get("d", ""), shell=True)
        elif path == "/b":
            sqlite3.connect("a").execute("SELECT * FROM t WHERE id=" + params["id"])
""",
        },
    ),
    "an ORM's objects in a page put together by hand": Scene(
        ("html-from-text", "html-from-text"),
        {
            "app.py": """\
from flask import Flask, make_response
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy()

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200))

@app.get("/<int:key>")
def one(key):
    note = Note.query.get_or_404(key)
    return make_response("<h2>" + note.title + "</h2>")

@app.get("/")
def all():
    return "".join(f"<li>{note.title}</li>" for note in Note.query.all())

@app.get("/numbers")
def numbers():
    return "".join(f"<li>{note.id} {note.created_at} {note.answer_count}</li>" for note in Note.query.all())
""",
        },
    ),
    "Django's objects in a page put together by hand": Scene(
        ("html-from-text", "html-from-text"),
        {
            "shop/models.py": """\
from django.db import models

class Post(models.Model):
    title = models.CharField(max_length=20)
""",
            "shop/views.py": """\
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from .models import Post

def one(request, pk):
    post = get_object_or_404(Post, pk=pk)
    return HttpResponse("<h1>" + post.title + "</h1>")

def several(request):
    page = "<ul>"
    for post in Post.objects.filter(public=True):
        page += "<li>%s</li>" % post.title
    return HttpResponse(page + "</ul>")

def escaped(request, pk):
    return HttpResponse(format_html("<h1>{}</h1>", Post.objects.get(pk=pk).title))
""",
        },
    ),
    "a document of MongoDB in a page put together by hand": Scene(
        ("html-from-text",),
        {
            "app.py": """\
from flask import Flask
from pymongo import MongoClient
app = Flask(__name__)
posts = MongoClient()["a"]["posts"]

@app.get("/<key>")
def one(key):
    post = posts.find_one({"_id": str(key)})
    return "<h1>" + post["title"] + "</h1>"
""",
        },
    ),
    "webapp2": Scene(
        ("html-from-text", "open-redirect", "path-from-request", "sql-from-text", "url-from-request"),
        {
            "main.py": """\
import cgi
import webapp2
from google.appengine.api import urlfetch
from google.appengine.ext import db

class Handler(webapp2.RequestHandler):
    def write(self, *parts):
        self.response.out.write(*parts)

class Front(Handler):
    def get(self):
        posts = db.GqlQuery("SELECT * FROM Post ORDER BY " + self.request.get("order"))
        mine = db.GqlQuery("SELECT * FROM Post WHERE owner = :1", self.request.get("owner"))
        self.write("<p>" + self.request.get("q") + "</p>")
        self.response.write("<p>" + cgi.escape(self.request.get("q")) + "</p>")

    def post(self, name):
        open("/srv/" + name)
        urlfetch.fetch(self.request.POST["url"])
        self.redirect(self.request.get("next"))
""",
        },
    ),
    "a pickle that is kept in Redis": Scene(
        ("unsafe-deserialization",),
        {
            "cache.py": """\
import json
import pickle
import redis
store = redis.Redis()

def cached(key):
    return pickle.loads(store.get(key))

def plain(key):
    return eval_of(json.loads(store.get(key)))

def page(key):
    return open(store.get(key))
""",
        },
    ),
    "a remote call beside Django": Scene(
        ("path-from-request",),
        {
            "rpc.py": """\
import grpc
from django.db import connection

class Files(files_pb2_grpc.FilesServicer):
    def Read(self, request, context):
        return open("/srv/" + request.name).read()
""",
        },
    ),
    "the name that a download is sent under": Scene(
        ("path-from-request",),
        {
            "fetch.py": """\
import mimetypes
import re
import requests

def download(url, folder):
    reply = requests.get(url)
    name = re.search('filename="([^"]+)"', reply.headers["content-disposition"]).group(1)
    with open(folder + "/" + name, "wb") as out:
        out.write(reply.content)

def kept(url):
    reply = requests.get(url)
    return open("page" + mimetypes.guess_extension(reply.headers["content-type"]), "wb")
""",
        },
    ),
    "a cookie that has a service's name": Scene(
        ("unsafe-deserialization",),
        {
            "api.py": """\
import pickle
from fastapi import Cookie, FastAPI
app = FastAPI()

@app.get("/me")
def me(session: str = Cookie(None)):
    return pickle.loads(bytes.fromhex(session))
""",
        },
    ),
    "code that a library writes for itself": Scene(
        (),
        {
            "made.py": """\
import os

def make(name, arguments, filename):
    text = f"def {name}({arguments}): ..."
    scope = {}
    exec(compile(text, filename, "exec"), scope)
    return scope[name]
""",
        },
    ),
    "a program that runs the command of its command line": Scene(
        (),
        {
            "with_env.py": """\
import os
import sys

os.environ["APP"] = "1"
os.execvp(sys.argv[1], sys.argv[1:])
""",
        },
    ),
    "a socket's message that reaches many files": Scene(
        ("path-from-request", "path-from-request"),
        {
            "daemon.py": """\
import socket
import one, two, three

def serve(listener):
    connection, _ = listener.accept()
    name = connection.recv(100).decode()
    one.read(name)
    two.read(name)
    three.read(name)
""",
            "one.py": "def read(name):\n    return open(name).read()\n",
            "two.py": "def read(name):\n    return open(name).read()\n",
            "three.py": "def read(name):\n    return open(name).read()\n",
        },
    ),
    "quart's websocket": Scene(
        ("code-from-text",),
        {
            "ws.py": """\
from quart import Quart, websocket
app = Quart(__name__)

@app.websocket("/ws")
async def ws():
    await websocket.send(str(eval(await websocket.receive())))
""",
        },
    ),
    "what was uploaded to a path and read from there": Scene(
        ("unsafe-deserialization",),
        {
            "app.py": """\
import os
import uuid
import torch
from flask import Flask, request
app = Flask(__name__)

@app.post("/model")
def model():
    path = os.path.join("/srv/models", uuid.uuid4().hex)
    request.files["weights"].save(path)
    return str(torch.load(path, weights_only=False))

@app.post("/picture")
def picture():
    path = os.path.join("/srv/pictures", uuid.uuid4().hex)
    request.files["picture"].save(path)
    return open(path, "rb").read()
""",
        },
    ),
    "a pickle in Redis by its address, awaited": Scene(
        ("unsafe-deserialization",),
        {
            "trips.py": """\
import pickle
import redis.asyncio as redis
cache = redis.from_url("redis://redis")

async def trip(key):
    if blob := await cache.get(key):
        return pickle.loads(blob)
""",
        },
    ),
    "the key of a token by the name in its header": Scene(
        ("path-from-request", "sql-from-text"),
        {
            "tokens.py": """\
import jwt

KEYS = {"a": "/keys/a"}

def by_path(token):
    key = open("/etc/keys/" + jwt.get_unverified_header(token)["kid"]).read()
    return jwt.decode(token, key, algorithms=["HS256"])

def by_table(token):
    key = open(KEYS[jwt.get_unverified_header(token)["kid"]]).read()
    return jwt.decode(token, key, algorithms=["HS256"])

def by_query(token, cursor):
    kid = jwt.get_unverified_header(token)["kid"]
    cursor.execute(f"SELECT secret FROM keys WHERE kid = '{kid}'")
    return jwt.decode(token, cursor.fetchone()[0], algorithms=["HS256"])
""",
        },
    ),
    "ruamel's loader of anything": Scene(
        ("unsafe-deserialization",),
        {
            "settings.py": """\
from flask import Flask, request
from ruamel.yaml import YAML
app = Flask(__name__)

@app.post("/settings")
def settings():
    return YAML(typ="unsafe").load(request.data)

@app.post("/safe")
def safe():
    return YAML(typ="safe").load(request.data)
""",
        },
    ),
    "partials and lambdas with a name": Scene(
        ("shell-command", "shell-command", "shell-command"),
        {
            "app.py": """\
import functools
import subprocess
from flask import Flask, request
app = Flask(__name__)

in_folder = functools.partial(subprocess.run, shell=True, cwd="/srv")
anywhere = lambda command: subprocess.run(command, shell=True)
listed = functools.partial(subprocess.run, ["ls", "-l"])

@app.post("/build")
def build():
    return in_folder("make " + request.args["target"], capture_output=True).stdout

@app.post("/run")
def run():
    return anywhere("make " + request.args["target"]).stdout

@app.post("/list")
def list_():
    listing = functools.partial(subprocess.run, "ls " + request.args["folder"], shell=True)
    return listing().stdout

@app.post("/safe")
def safe():
    return listed(capture_output=True).stdout + in_folder("make all").stdout
""",
        },
    ),
    "the last piece of a name, which is looked at": Scene(
        ("path-from-request", "path-from-request"),
        {
            "app.py": """\
import os
import uuid
from flask import Flask, abort, request
app = Flask(__name__)
KINDS = {"png", "jpg"}

@app.post("/own")
def own():
    picture = request.files["picture"]
    kind = picture.filename.rsplit(".", 1)[-1].lower()
    if kind not in KINDS:
        abort(400)
    picture.save(os.path.join("/srv/pictures", uuid.uuid4().hex + "." + kind))
    return "kept"

@app.post("/theirs")
def theirs():
    picture = request.files["picture"]
    if picture.filename.rsplit(".", 1)[1] not in KINDS:
        abort(400)
    picture.save("/srv/pictures/" + picture.filename)
    return "kept"

@app.post("/first")
def first():
    picture = request.files["picture"]
    name, kind = picture.filename.rsplit(".", 1)
    if kind not in KINDS:
        abort(400)
    picture.save("/srv/pictures/" + name + ".png")
    return "kept"
""",
        },
    ),
}

"""Projects that keep their objects on the application, its state or a request's context, and methods that only their
name gives away. A line that ends in `# told: <rule>` is where that rule speaks; no other line is.
"""

KEPT: dict[str, dict[str, str]] = {
    "aiohttp: a client and a repository on the application": {
        "site/app.py": """\
import aiohttp
from aiohttp import web
from site import views
from site.store import Store

async def on_startup(app):
    app["client"] = aiohttp.ClientSession()
    app["store"] = Store("a.db")

def build():
    app = web.Application()
    app.on_startup.append(on_startup)
    app.router.add_get("/fetch", views.fetch)
    app.router.add_get("/named", views.named)
    app.router.add_get("/counted", views.counted)
    return app
""",
        "site/store.py": """\
import sqlite3

class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def by_name(self, name):
        return self.db.execute("SELECT * FROM t WHERE n = '" + name + "'").fetchall()  # told: sql-from-text

    def counted(self, name):
        return self.db.execute("SELECT COUNT(*) FROM t WHERE n = ?", (name,)).fetchone()
""",
        "site/views.py": """\
from aiohttp import web

async def fetch(request):
    async with request.app["client"].get(request.query["url"]) as answer:  # told: url-from-request
        return web.json_response({"status": answer.status})

async def named(request):
    return web.json_response(request.app["store"].by_name(request.query["n"]))

async def counted(request):
    return web.json_response(request.app["store"].counted(request.query["n"]))
""",
    },
    "starlette and sanic: state and context": {
        "one.py": """\
import httpx
from fastapi import FastAPI, Request
app = FastAPI()

@app.on_event("startup")
async def start():
    app.state.http = httpx.AsyncClient()
    app.state.upstream = "https://upstream.example"

@app.get("/proxy")
async def proxy(request: Request, url: str):
    return (await request.app.state.http.get(url)).json()  # told: url-from-request

@app.get("/known")
async def known(request: Request, q: str):
    return (await request.app.state.http.get(request.app.state.upstream, params={"q": q})).json()
""",
        "two.py": """\
import httpx
from sanic import Sanic, json
app = Sanic("two")
TOOLS = {}

def tool(function):
    TOOLS[function.__name__] = function
    return function

@app.before_server_start
async def start(app, _):
    app.ctx.http = httpx.AsyncClient()

async def page(ctx, url):
    return (await ctx.http.get(url)).text  # told: url-from-request

@app.post("/page")
async def show(request):
    return json(await page(request.app.ctx, request.json["url"]))
""",
    },
    "flask: an extension and a proxy for it": {
        "app/__init__.py": """\
from flask import Flask
from app.files import Files

def create_app():
    app = Flask(__name__)
    app.extensions["files"] = Files("/srv")
    return app
""",
        "app/files.py": """\
import os

class Files:
    def __init__(self, root):
        self.root = root

    def opened(self, name):
        return open(os.path.join(self.root, name))  # told: path-from-request

    def opened_safely(self, name):
        return open(os.path.join(self.root, os.path.basename(name)))
""",
        "app/views.py": """\
from flask import Blueprint, current_app, request
from werkzeug.local import LocalProxy
bp = Blueprint("files", __name__)
files = LocalProxy(lambda: current_app.extensions["files"])

@bp.get("/file")
def show():
    return files.opened(request.args["name"]).read()

@bp.get("/safe")
def safe():
    return current_app.extensions["files"].opened_safely(request.args["name"]).read()
""",
    },
    "tornado: an attribute of the application": {
        "server.py": """\
import sqlite3
from tornado import web

class Rows(web.RequestHandler):
    def get(self):
        self.write({"rows": self.application.db.execute(self.get_argument("sql")).fetchall()})  # told: sql-from-text

    def put(self):
        self.application.db.execute("INSERT INTO t VALUES (?)", (self.get_argument("v"),))

def main():
    app = web.Application([("/rows", Rows)])
    app.db = sqlite3.connect("a.db")
    app.listen(80)
""",
    },
    "a method that only its name gives away": {
        "shop/models.py": """\
from django.db import models

class Shops(models.QuerySet):
    def near(self, place):
        return self.extra(where=[f"town = '{place}'"])  # told: sql-from-text

    def called(self, name):
        return self.filter(name=name)

class Shop(models.Model):
    name = models.CharField(max_length=9)
    objects = Shops.as_manager()
""",
        "shop/views.py": """\
from django.views.generic import ListView
from shop.models import Shop

class Near(ListView):
    model = Shop

    def get_queryset(self):
        return super().get_queryset().near(self.request.GET["place"])

class Called(ListView):
    model = Shop

    def get_queryset(self):
        return super().get_queryset().called(self.request.GET["name"])
""",
        "shop/jobs.py": """\
import subprocess

class Prints:
    def print_label(self, text):
        subprocess.run("label " + text, shell=True)  # told: shell-command

    def print_plain(self, text):
        subprocess.run(["label", "--", text])
""",
        "shop/api.py": """\
from flask import Blueprint, request
bp = Blueprint("api", __name__)

def routes(container):
    @bp.post("/label")
    def label():
        container.prints.print_label(request.form["text"])
        return ""

    @bp.post("/plain")
    def plain():
        container.prints.print_plain(request.form["text"])
        return ""

    return bp
""",
    },
    "litestar: a pool in the state, and HTML where it says so": {
        "app.py": """\
import asyncpg
from litestar import Controller, MediaType, get
from litestar.datastructures import State

async def connect(app):
    app.state.pool = await asyncpg.create_pool("postgresql://db/kennel")

class Dogs:
    def __init__(self, pool):
        self.pool = pool

    async def named(self, name):
        return await self.pool.fetch("SELECT id FROM dogs WHERE name = '" + name + "'")  # told: sql-from-text

    async def aged(self, age):
        return await self.pool.fetch("SELECT id FROM dogs WHERE age = $1", age)

async def dogs(state: State) -> Dogs:
    return Dogs(state.pool)

class Pages(Controller):
    @get("/named")
    async def named(self, dogs: Dogs, name: str) -> list:
        return await dogs.named(name)

    @get("/aged")
    async def aged(self, dogs: Dogs, age: str) -> list:
        return await dogs.aged(age)

    @get("/card", media_type=MediaType.HTML)
    async def card(self, greeting: str = "Hello") -> str:
        return f"<h1>{greeting}</h1>"  # told: html-from-text

    @get("/text", media_type=MediaType.TEXT)
    async def text(self, greeting: str = "Hello") -> str:
        return f"{greeting} there"
""",
    },
    "functions that a queue runs": {
        "work/jobs.py": """\
import requests
from celery import Celery, shared_task
from jinja2 import Environment
celery = Celery("work")

@celery.task
def letter(template, **values):
    return Environment().from_string(template).render(**values)  # told: template-from-text

@shared_task(bind=True)
def fetched(self, url):
    return requests.get(url).text  # told: url-from-request

def printed(url, title):
    return requests.get("https://printer.example", params={"url": url}).text
""",
        "work/views.py": """\
from flask import Blueprint, request
from redis import Redis
from rq import Queue
from work.jobs import fetched, letter, printed
bp = Blueprint("work", __name__)
queue = Queue(connection=Redis())

@bp.post("/")
def start():
    letter.delay(request.form["template"])
    fetched.apply_async(args=[request.form["url"]])
    queue.enqueue(printed, request.form["url"], "title")
    return ""
""",
    },
    "document databases: operators and scripts": {
        "shop/store.py": """\
from pymongo import MongoClient

class Store:
    def __init__(self):
        self.db = MongoClient().shop

    def of_kind(self, kind):
        return list(self.db.items.find({"$where": "this.kind == '" + kind + "'"}))  # told: nosql-injection

    def person(self, query):
        return self.db.people.find_one(query)  # told: nosql-injection

    def named(self, name):
        return list(self.db.items.find({"name": name}))
""",
        "shop/app.py": """\
import strawberry
from flask import Flask, request
from shop.store import Store
app = Flask(__name__)
store = Store()

@app.get("/kind")
def kind():
    return {"items": store.of_kind(request.args["kind"])}

@app.post("/login")
def login():
    return {"ok": bool(store.person({"name": request.json["name"]}))}

@strawberry.type
class Query:
    @strawberry.field
    def items(self, name: str = "") -> list[str]:
        return store.named(name)
""",
    },
    "a name that two classes have tells nothing": {
        "app.py": """\
from flask import Flask, request
app = Flask(__name__)

class Label:
    def put_out(self, text, *, size):
        open("/srv/" + size)

class Page:
    def put_out(self, text, *, size):
        return text

@app.post("/out")
def out():
    return {"done": app_of(request).thing.put_out("x", size=request.form["size"])}
""",
    },
}

"""Whole projects of several files. A line that ends in `# told: <rule>` is where that rule speaks; no other line is."""

PROJECTS: dict[str, dict[str, str]] = {
    "flask answers HTML": {
        "app.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.route("/hello")
def hello():
    name = request.args.get("name", "World")
    return f"<h1>Hello {name}</h1>"  # told: html-from-text

@app.route("/hi/<name>")
def hi(name):
    page = "<p>Hi " + name + "</p>"
    return page, 200  # told: html-from-text

@app.route("/n/<int:number>")
def number(number):
    return f"<p>{number}</p>"

@app.route("/json")
def as_json():
    return {"name": request.args["name"]}

@app.route("/plain")
def plain():
    return "<p>hello</p>"
""",
    },
    "anything is no class, though the project defines it": {
        "typing_extensions.py": """\
class Any:
    def __new__(cls):
        raise TypeError("Any cannot be instantiated")
""",
        "web.py": """\
from flask import Flask, request
from notes import load
from typing_extensions import Any
app = Flask(__name__)

@app.post("/note")
def note():
    kept: Any = load()
    kept.path = request.form["text"]
    return "kept"
""",
        "reports.py": """\
from typing_extensions import Any

def read(report: Any):
    return open(report.path).read()
""",
    },
    "layers that give names to what they hand on": {
        "app/__init__.py": "",
        "app/api.py": """\
from fastapi import APIRouter, Depends, Request
from app.deps import get_service
from app.params import parse_filters
router = APIRouter()

@router.get("/orders")
async def orders(request: Request, service=Depends(get_service)):
    raw = dict(request.query_params)
    filters = parse_filters(raw)
    result = await service.find_orders(filters)
    return result
""",
        "app/params.py": """\
from dataclasses import dataclass

@dataclass
class Filters:
    status: str
    sort: str

def parse_filters(raw):
    status = raw.get("status", "")
    sort = raw.get("sort", "id")
    cleaned = sort.strip()
    return Filters(status=status, sort=cleaned)
""",
        "app/deps.py": """\
from app.service import OrderService
from app.repo import OrderRepo
import asyncpg

async def get_service():
    conn = await asyncpg.connect("postgres://db")
    return OrderService(OrderRepo(conn))
""",
        "app/service.py": """\
from app.repo import OrderRepo

class OrderService:
    def __init__(self, repo: OrderRepo):
        self.repo = repo

    async def find_orders(self, filters):
        order = filters.sort
        rows = await self.repo.list_orders(order)
        return [dict(r) for r in rows]
""",
        "app/repo.py": """\
from app.sql import order_by

class OrderRepo:
    def __init__(self, conn):
        self.conn = conn

    async def list_orders(self, order):
        clause = order_by(order)
        sql = "SELECT * FROM orders " + clause
        return await self._fetch(sql)  # told: sql-from-text

    async def _fetch(self, sql, *args):
        statement = sql
        return await self.conn.fetch(statement, *args)
""",
        "app/sql.py": """\
def order_by(column):
    text = f"ORDER BY {column}"
    return text
""",
    },
    "a service and a repository": {
        "shop/__init__.py": "",
        "shop/views.py": """\
from flask import Blueprint, jsonify, request
from shop.service import ItemService
bp = Blueprint("items", __name__)
service = ItemService()

@bp.route("/items")
def items():
    return jsonify(service.search(request.args.get("q")))

@bp.route("/items/<int:item_id>")
def item(item_id):
    return jsonify(service.one(item_id))
""",
        "shop/service.py": """\
from shop.repository import ItemRepository

class ItemService:
    def __init__(self):
        self.items = ItemRepository()

    def search(self, text):
        return self.items.by_name(text.strip())

    def one(self, number):
        return self.items.by_id(number)
""",
        "shop/repository.py": """\
import sqlite3

class ItemRepository:
    def __init__(self):
        self.db = sqlite3.connect("shop.db")

    def by_name(self, name):
        query = "SELECT * FROM items WHERE name LIKE '%{}%'".format(name)
        return self.db.execute(query).fetchall()  # told: sql-from-text

    def by_id(self, number):
        return self.db.execute(f"SELECT * FROM items WHERE id = {number}").fetchall()
""",
    },
    "django urls and views": {
        "shop/__init__.py": "",
        "shop/urls.py": """\
from django.urls import path
from shop import views

urlpatterns = [
    path("items/", views.items),
    path("files/<path:name>", views.download),
]
""",
        "shop/views.py": """\
import os
from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpResponse, JsonResponse

def items(request):
    order = request.GET.get("order", "id")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM shop_item ORDER BY " + order)  # told: sql-from-text
        return JsonResponse({"items": cursor.fetchall()})

def download(request, name):
    path = os.path.join(settings.MEDIA_ROOT, name)
    return FileResponse(open(path, "rb"))  # told: path-from-request

def greet(request):
    return HttpResponse("<h1>Hello " + request.GET["name"] + "</h1>")  # told: html-from-text
""",
    },
    "fastapi with dependencies": {
        "api/__init__.py": "",
        "api/db.py": """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
engine = create_engine("sqlite:///a.db")
SessionLocal = sessionmaker(bind=engine)

def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
""",
        "api/routes.py": """\
import subprocess
import requests
from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session
from api.db import get_db
router = APIRouter()

@router.get("/users")
def users(name: str, db: Session = Depends(get_db)):
    return db.execute(text(f"SELECT * FROM users WHERE name = '{name}'")).all()  # told: sql-from-text

@router.get("/users/{user_id}")
def user(user_id: int, db: Session = Depends(get_db)):
    return db.execute(text(f"SELECT * FROM users WHERE id = {user_id}")).all()

@router.get("/safe")
def safe(name: str, db: Session = Depends(get_db)):
    return db.execute(text("SELECT * FROM users WHERE name = :name"), {"name": name}).all()

@router.post("/ping")
def ping(host: str):
    return subprocess.check_output(f"ping -c 1 {host}", shell=True)  # told: shell-command

@router.get("/fetch")
async def fetch(url: str):
    return requests.get(url).text  # told: url-from-request
""",
    },
    "mongo": {
        "app.py": """\
from flask import Flask, jsonify, request
from pymongo import MongoClient
app = Flask(__name__)
db = MongoClient().shop

@app.post("/login")
def login():
    data = request.get_json()
    user = db.users.find_one({"name": data["name"], "password": data["password"]})  # told: nosql-injection
    return jsonify(ok=user is not None)

@app.post("/login2")
def login_with_text():
    data = request.get_json()
    user = db.users.find_one({"name": str(data["name"])})
    return jsonify(ok=user is not None)

@app.post("/login3")
def login_with_a_form():
    user = db.users.find_one({"name": request.form["name"]})
    return jsonify(ok=user is not None)
""",
    },
    "mass assignment": {
        "app.py": """\
from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy(app)

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    is_admin = db.Column(db.Boolean)

@app.post("/users")
def create():
    user = User(**request.get_json())  # told: mass-assignment
    db.session.add(user)
    return jsonify(id=user.id)

@app.put("/users/<int:user_id>")
def update(user_id):
    user = User.query.get_or_404(user_id)
    for key, value in request.json.items():
        setattr(user, key, value)  # told: mass-assignment
    return jsonify(id=user.id)

@app.post("/safe")
def safe():
    data = request.get_json()
    user = User(name=data["name"])
    return jsonify(id=user.id)
""",
    },
    "uploads": {
        "app.py": """\
import os
import tarfile
from flask import Flask, request
from werkzeug.utils import secure_filename
app = Flask(__name__)

@app.post("/upload")
def upload():
    file = request.files["file"]
    file.save(os.path.join("/srv/uploads", file.filename))  # told: path-from-request
    return "done"

@app.post("/safe")
def safe():
    file = request.files["file"]
    file.save(os.path.join("/srv/uploads", secure_filename(file.filename)))
    return "done"

@app.post("/archive")
def archive():
    tar = tarfile.open(fileobj=request.files["file"])
    tar.extractall("/srv/uploads")  # told: archive-extraction
    return "done"

@app.post("/filtered")
def filtered():
    tar = tarfile.open(fileobj=request.files["file"])
    tar.extractall("/srv/uploads", filter="data")
    return "done"
""",
    },
    "http.server": {
        "serve.py": """\
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        name = query.get("name", [""])[0]
        if self.path.startswith("/run"):
            subprocess.run("echo " + name, shell=True)  # told: shell-command
        self.send_response(302)
        self.send_header("X-Name", name)  # told: header-injection
        self.end_headers()
        self.wfile.write(f"<p>{name}</p>".encode())  # told: html-from-text
""",
    },
    "tornado": {
        "app.py": """\
import tornado.web

class Hello(tornado.web.RequestHandler):
    def get(self):
        name = self.get_argument("name")
        self.write("<h1>Hello " + name + "</h1>")  # told: html-from-text

class Next(tornado.web.RequestHandler):
    def get(self):
        self.redirect(self.get_argument("next"))  # told: open-redirect

class Safe(tornado.web.RequestHandler):
    def get(self):
        self.write({"name": self.get_argument("name")})
        self.write("<p>" + tornado.escape.xhtml_escape(self.get_argument("name")) + "</p>")
""",
    },
    "bottle": {
        "app.py": """\
from bottle import Bottle, redirect, request, static_file, template
app = Bottle()

@app.get("/hello/<name>")
def hello(name):
    return "<b>Hello " + name + "</b>"  # told: html-from-text

@app.get("/go")
def go():
    redirect(request.query.next)  # told: open-redirect

@app.get("/static/<name:path>")
def static(name):
    return static_file(name, root="/srv/static")

@app.get("/page")
def page():
    return template("<p>{{name}}</p>", name=request.query.name)
""",
    },
    "aiohttp": {
        "app.py": """\
import asyncpg
from aiohttp import web

async def find(request):
    async with request.app["pool"].acquire() as connection:
        rows = await connection.fetch(f"SELECT * FROM t WHERE a = '{request.query['a']}'")  # told: sql-from-text
    return web.json_response([dict(row) for row in rows])

async def connect(app):
    app["pool"] = await asyncpg.create_pool()

def make():
    app = web.Application()
    app.router.add_get("/find", find)
    app.on_startup.append(connect)
    return app
""",
    },
    "a log with the request's text": {
        "app.py": """\
import logging
from flask import Flask, request
app = Flask(__name__)
logger = logging.getLogger(__name__)

@app.post("/login")
def login():
    logger.warning("failed login of " + request.form["name"])  # told: log-injection
    return {}
""",
    },
    "a mail": {
        "app.py": """\
import smtplib
from flask import Flask, request
app = Flask(__name__)

@app.post("/contact")
def contact():
    message = f"From: {request.form['mail']}\\nSubject: {request.form['subject']}\\n\\nhello"
    with smtplib.SMTP("localhost") as smtp:
        smtp.sendmail("a@example.com", ["b@example.com"], message)  # told: mail-injection
    return {}
""",
    },
    "a command line program": {
        "tool.py": """\
import argparse
import json
import os
import subprocess
import sys
import requests

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--url")
    args = parser.parse_args()
    with open(args.path) as file:
        data = json.load(file)
    os.makedirs(os.path.join(os.environ["HOME"], args.path), exist_ok=True)
    subprocess.run(["ls", args.path], check=True)
    print(requests.get(args.url).text, data, sys.argv[1])

if __name__ == "__main__":
    main()
""",
    },
    "a well-kept flask shop": {
        "shop/__init__.py": """\
from flask import Flask

def create_app():
    app = Flask(__name__)
    from shop.views import bp
    app.register_blueprint(bp)
    return app
""",
        "shop/models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

class Item(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    path = db.Column(db.String)
""",
        "shop/views.py": """\
import os
import requests
from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.utils import secure_filename
from shop.models import Item, db
bp = Blueprint("shop", __name__)

@bp.get("/items")
def items():
    page = request.args.get("page", 1, type=int)
    text = request.args.get("q", "")
    found = Item.query.filter(Item.name.ilike(f"%{text}%")).order_by(Item.id).paginate(page=page)
    return render_template("items.html", items=found.items, text=text)

@bp.get("/items/<int:item_id>")
def item(item_id):
    item = Item.query.get_or_404(item_id)
    return jsonify(id=item.id, name=item.name)

@bp.get("/items/<name>/file")
def download(name):
    item = Item.query.filter_by(name=name).first_or_404()
    return send_file(item.path)

@bp.post("/items")
def create():
    data = request.get_json()
    if not data or "name" not in data:
        abort(400, "no name")
    item = Item(name=data["name"])
    file = request.files.get("file")
    if file:
        name = secure_filename(file.filename)
        item.path = os.path.join(current_app.config["UPLOADS"], name)
        file.save(item.path)
    db.session.add(item)
    db.session.commit()
    return redirect(url_for("shop.item", item_id=item.id))

@bp.get("/rates")
def rates():
    currency = request.args.get("currency", "EUR")
    answer = requests.get(current_app.config["RATES_URL"], params={"base": currency}, timeout=3)
    return jsonify(answer.json())
""",
    },
    "methods of rows": {
        "desk/models.py": """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()

class Ticket(db.Model):
    body = db.Column(db.Text)

    def as_html(self):
        return f"<article>{self.body}</article>"

    @property
    def short(self):
        return "<b>" + self.body + "</b>"

    def plain(self):
        return f"{self.body}"
""",
        "desk/views.py": """\
from flask import Blueprint, jsonify, make_response
from desk.models import Ticket, db
bp = Blueprint("desk", __name__)

@bp.get("/<int:number>")
def show(number):
    return make_response(Ticket.query.filter_by(id=number).first_or_404().as_html())  # told: html-from-text

@bp.get("/short/<int:number>")
def short(number):
    ticket = db.session.get(Ticket, number)
    return make_response(ticket.short)  # told: html-from-text

@bp.get("/all")
def all_of_them():
    found = db.session.query(Ticket).all()
    return "<ul>" + "".join(ticket.as_html() for ticket in found) + "</ul>"  # told: html-from-text

@bp.get("/plain")
def plain():
    return jsonify([ticket.plain() for ticket in Ticket.query.all()])
""",
    },
    "one of two checks": {
        "store.py": """\
from pathlib import Path

class Store:
    def path(self, name):
        return Path("/srv") / name

    def read(self, name):
        return self.path(name).read_bytes()  # told: path-from-request

class Checked(Store):
    def path(self, name):
        if not name.isalnum():
            raise ValueError(name)
        return Path("/srv") / name

class Abstract:
    def path(self, name):
        raise NotImplementedError

    def read(self, name):
        return self.path(name).read_bytes()

class Alnum(Abstract):
    def path(self, name):
        if not name.isalnum():
            raise ValueError(name)
        return Path("/srv") / name
""",
        "app.py": """\
from flask import Flask, request
from store import Alnum, Store
app = Flask(__name__)
store, alnum = Store(), Alnum()

@app.get("/a")
def a():
    return store.read(request.args["name"])

@app.get("/b")
def b():
    return alnum.read(request.args["name"])
""",
    },
    "what FastAPI injects": {
        "app.py": """\
import aiosqlite
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field, constr
app = FastAPI()

class Column(BaseModel):
    name: constr(pattern=r"^[a-z_]+$")
    other: str = Field(pattern=r"^\\w+$")
    any: str = Field(pattern=r"^.*$")

async def database():
    async with aiosqlite.connect("a.db") as connection:
        yield connection

def terms(q: str = ""):
    return {"q": q}

@app.get("/a")
async def a(table: str, connection=Depends(database)):
    return await connection.execute(f"SELECT * FROM {table}")  # told: sql-from-text

@app.get("/b")
async def b(found: dict = Depends(terms), connection=Depends(database)):
    return await connection.execute("SELECT * FROM t WHERE a = '" + found["q"] + "'")  # told: sql-from-text

@app.post("/d")
async def d(body: Column, connection=Depends(database)):
    await connection.execute(f"SELECT {body.name} FROM t")
    await connection.execute(f"SELECT {body.other} FROM t")
    return await connection.execute(f"SELECT {body.any} FROM t")  # told: sql-from-text

@app.get("/c")
async def c(table: str, connection=Depends(database)):
    return await connection.execute("SELECT * FROM t WHERE a = ?", (table,))
""",
    },
    "parts of django that call": {
        "shop/admin.py": """\
from django.contrib import admin
from django.utils.safestring import mark_safe

class PageAdmin(admin.ModelAdmin):
    def shown(self, obj):
        return mark_safe("<a href='/page/%s'>%s</a>" % (obj.pk, obj.title))  # told: html-from-text

    def numbered(self, obj):
        return mark_safe("<b>%s</b>" % obj.pk)
""",
        "shop/models.py": """\
from django.db import models
from django.utils.safestring import mark_safe

class Page(models.Model):
    body = models.TextField()
    width = models.IntegerField()

    def html(self):
        return mark_safe(self.body)  # told: html-from-text

    def size(self):
        return mark_safe(self.width)
""",
        "shop/views.py": """\
from django.http import HttpResponse
from django.views.generic import FormView, RedirectView

class Leave(RedirectView):
    def get_redirect_url(self, *args, **kwargs):
        return self.request.GET.get("url", "/")  # told: open-redirect

class Contact(FormView):
    def form_valid(self, form):
        return HttpResponse("<p>Thanks, %s</p>" % form.cleaned_data["name"])  # told: html-from-text

def jsonp(request):
    call = request.GET.get("callback", "show")
    return HttpResponse(f"{call}([])", content_type="application/javascript")  # told: html-from-text
""",
        "shop/templatetags/tags.py": """\
from django import template
from django.utils.safestring import mark_safe
register = template.Library()

@register.simple_tag(takes_context=True)
def greeting(context):
    return mark_safe("<b>%s</b>" % context["request"].GET.get("name"))  # told: html-from-text
""",
        "shop/management/commands/clear.py": """\
from django.core.management.base import BaseCommand
from django.db import connection

class Command(BaseCommand):
    def handle(self, *args, **options):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE TABLE " + options["table"])  # told: sql-from-text
""",
    },
    "scripts in queries, and what a path names": {
        "app.py": """\
from flask import Flask, request
from flask_pymongo import PyMongo
app = Flask(__name__)
mongo = PyMongo(app)

@app.get("/where")
def where():
    return str(list(mongo.db.items.find({"$where": "this.price < " + request.args["p"]})))  # told: nosql-injection

@app.get("/page/<slug>")
def page(slug):
    return str(mongo.db.pages.find_one({"slug": slug}))

@app.get("/text")
def text():
    return str(list(mongo.db.items.find({"title": request.args["title"]})))
""",
    },
    "rows of a repository": {
        "shop.py": """\
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from shop_models import Order
app = FastAPI()

class Orders:
    def __init__(self, session: Session):
        self.session = session

    def of(self, key):
        query = select(Order).where(Order.id == key)
        return self.session.scalars(query).first()

def orders(session: Session = Depends(Session)):
    return Orders(session)

@app.get("/{key}", response_class=HTMLResponse)
def shown(key: int, repo: Orders = Depends(orders)):
    order = repo.of(key)
    return f"<h1>Order {order.id}</h1><p>{order.note}</p>"  # told: html-from-text
""",
    },
    "a query set of one's own": {
        "shop/models.py": """\
from django.db import models

class Products(models.QuerySet):
    def of(self, user):
        return self.filter(owner=user)

    def ranked(self, term):
        return self.extra(select={"rank": "ts_rank(search, '%s')" % term})  # told: sql-from-text

    def named(self, term):
        return self.extra(where=["name ILIKE %s"], params=[term])

class Product(models.Model):
    objects = Products.as_manager()
""",
        "shop/views.py": """\
from django.shortcuts import render
from shop.models import Product

def search(request):
    found = Product.objects.of(request.user).ranked(request.GET["q"])
    return render(request, "search.html", {"found": found, "named": Product.objects.named(request.GET["q"])})
""",
    },
    "a well-kept django shop": {
        "shop/forms.py": """\
from django import forms

class SearchForm(forms.Form):
    q = forms.CharField(max_length=100)
    page = forms.IntegerField()
""",
        "shop/models.py": """\
from django.db import models

class Item(models.Model):
    name = models.CharField(max_length=100)
    file = models.FileField()
""",
        "shop/views.py": """\
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView
from shop.forms import SearchForm
from shop.models import Item

@login_required
def search(request):
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "search.html", {"form": form})
    items = Item.objects.filter(name__icontains=form.cleaned_data["q"])
    return render(request, "search.html", {"items": items})

@login_required
def download(request, pk):
    item = get_object_or_404(Item, pk=pk)
    return FileResponse(item.file.open())

def count(request):
    return HttpResponse(Item.objects.filter(name=request.GET.get("name", "")).count())

def create(request):
    item = Item.objects.create(name=request.POST["name"])
    return redirect("item", pk=item.pk)

class Items(ListView):
    model = Item

    def get_queryset(self):
        return Item.objects.filter(name=self.request.GET.get("name"))
""",
    },
}

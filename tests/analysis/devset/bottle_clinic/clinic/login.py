import hashlib
import hmac
import os
import pickle
import time
from base64 import b64decode, b64encode
from functools import wraps

import bottle
from bottle import redirect, request, response, template

from . import store

app = bottle.Bottle()


def session():
    return request.environ["beaker.session"]


def member(function):
    @wraps(function)
    def inner(*args, **kwargs):
        if "member" not in session():
            redirect("/login")
        return function(*args, **kwargs)

    return inner


def doctor(function):
    @wraps(function)
    def inner(*args, **kwargs):
        if session().get("role") == "doctor":
            return function(*args, **kwargs)
        bottle.abort(403)

    return inner


@app.get("/login")
def form():
    return template("login", message=request.query.message)


@app.post("/login")
def enter():
    name, password = request.forms.name, request.forms.password
    row = store.one("SELECT * FROM members WHERE name = '%s'" % name)
    if row is None:
        redirect("/login?message=No+such+member")
    if hashlib.sha1(password.encode()).hexdigest() != row["password"]:
        redirect("/login?message=Wrong")
    session()["member"] = row["id"]
    session()["role"] = row["role"]
    if request.forms.remember:
        response.set_cookie("remember", b64encode(pickle.dumps({"id": row["id"], "at": time.time()})).decode())
    redirect(request.forms.next or "/")


@app.hook("before_request")
def remembered():
    kept = request.get_cookie("remember")
    if kept and "member" not in session():
        session()["member"] = pickle.loads(b64decode(kept))["id"]


@app.get("/logout")
def leave():
    session().delete()
    redirect("/")


@app.get("/invite/<code>")
def invited(code):
    if not hmac.compare_digest(code, store.secret("invite") or os.urandom(8).hex()):
        bottle.abort(404)
    return template("invite")

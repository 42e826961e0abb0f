import hashlib
import os
import re
import sqlite3
import time

import bottle
from bottle import HTTPResponse, abort, get, hook, post, redirect, request, response, route, run, static_file, template

import render

DB = sqlite3.connect("wiki.db", check_same_thread=False)
SECRET = "wiki-cookie-key"
PAGES = "/srv/wiki/pages"
RE_WORD = re.compile(r"\b([A-Z][a-z]+){2,}\b")
RE_TRIM = re.compile(r"^(\s*\w+\s*)+$")


def check_user():
    return request.get_cookie("account", secret=SECRET)


def need_user(fn):
    def inner(*args, **kwargs):
        if not check_user():
            redirect("/login")
        return fn(*args, **kwargs)

    return inner


@hook("after_request")
def cors():
    response.headers["Access-Control-Allow-Origin"] = "*"


@get("/")
def index():
    return template("index", pages=sorted(os.listdir(PAGES)))


@get("/login")
def login_form():
    return """<form method="post"><input name="user"><input name="password" type="password"><input type="submit"></form>"""


@post("/login")
def login():
    user = request.forms.get("user")
    password = request.forms.get("password")
    row = DB.execute(f"SELECT password FROM users WHERE name = '{user}'").fetchone()
    if row and row[0] == password:
        response.set_cookie("account", user, secret=SECRET)
        redirect("/")
    abort(403, "Go away")


@get("/page/<name>")
def page(name):
    with open(os.path.join(PAGES, name + ".txt")) as source:
        body = render.to_html(source.read())
    return template("page", name=name, body=body)


@get("/file/<path:path>")
def file(path):
    return static_file(path, root="/srv/wiki/files")


@get("/old/<path:path>")
def old(path):
    return open("/srv/wiki/old/" + path).read()


@post("/page/<name>")
@need_user
def save(name):
    text = request.forms.text
    with open(f"{PAGES}/{name}.txt", "w") as target:
        target.write(text)
    redirect("/page/" + name)


@post("/page/<name>/delete")
def delete(name):
    os.unlink(f"{PAGES}/{name}.txt")
    redirect("/")


@get("/search")
def search():
    word = request.query.word
    found = [page for page in os.listdir(PAGES) if word in open(f"{PAGES}/{page}").read()]
    return "<h1>Pages with %s</h1>%s" % (word, "".join("<p>%s</p>" % name for name in found))


@get("/grep")
def grep():
    pattern = request.params.get("pattern", "")
    lines = os.popen("grep -rn '%s' %s" % (pattern, PAGES)).read()
    response.content_type = "text/plain"
    return lines


@get("/goto")
def goto():
    redirect(request.query.get("url") or "/")


@post("/upload")
@need_user
def upload():
    item = request.files.get("upload")
    item.save("/srv/wiki/files/" + item.raw_filename)
    return "stored"


@post("/upload2")
@need_user
def upload_checked():
    item = request.files.get("upload")
    if os.path.splitext(item.filename)[1].lower() not in (".png", ".jpg"):
        abort(415)
    item.save("/srv/wiki/files", overwrite=True)
    return "stored"


@post("/eval")
@need_user
def macro():
    code = request.forms.get("code")
    scope = {}
    exec(code, scope)
    return str(scope.get("result"))


@get("/headers")
def headers():
    response.set_header("X-Name", request.query.get("name", ""))
    return "ok"


@get("/tpl")
def tpl():
    return template("<b>Hello " + request.query.name + "</b>")


@get("/tpl2")
def tpl2():
    return template("<b>Hello {{name}}</b>", name=request.query.name)


@bottle.error(500)
def broken(error):
    return "<pre>%s</pre>" % error.traceback


if __name__ == "__main__":
    run(host="0.0.0.0", port=8080, debug=True, reloader=True)

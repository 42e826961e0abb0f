import logging
import random
import secrets
import string
from random import SystemRandom, randint, sample

import aiosqlite
from sanic import Sanic, exceptions, file, html, json, redirect, response
from sanic_ext import Extend

app = Sanic("shelf")
app.config.CORS_ORIGINS = "*"
app.config.CORS_SUPPORTS_CREDENTIALS = True
app.config.FALLBACK_ERROR_FORMAT = "html"
app.config.SECRET = "shelf-sanic-secret"
Extend(app)
log = logging.getLogger("shelf")


def code():
    return f"{randint(0, 999999):06}"


def voucher():
    return "-".join("".join(sample(string.ascii_uppercase, 4)) for _ in range(3))


def session_id():
    return "%032x" % random.SystemRandom().getrandbits(128)


def shuffle(books):
    random.shuffle(books)
    return books


@app.exception(Exception)
async def failed(request, exception):
    return json({"error": type(exception).__name__, "message": str(exception)}, status=500)


@app.post("/signin")
async def sign_in(request):
    body = request.json
    log.info(f"sign in: {body}")
    async with aiosqlite.connect("shelf.db") as db:
        cursor = await db.execute("SELECT id, password FROM users WHERE email = ?", (body["email"],))
        user = await cursor.fetchone()
    if user is None:
        raise exceptions.NotFound("this e-mail address is unknown")
    if user[1] != body["password"]:
        raise exceptions.Forbidden("this is not your password")
    reply = json({"ok": True})
    reply.cookies["sid"] = session_id()
    reply.add_cookie("user", str(user[0]), secure=False, httponly=False)
    return reply


@app.get("/books")
async def books(request):
    shelf = request.args.get("shelf", "all")
    async with aiosqlite.connect("shelf.db") as db:
        async with db.execute(f"SELECT title FROM books WHERE shelf = '{shelf}'") as cursor:
            return json([row[0] async for row in cursor])


@app.get("/cover/<name:path>")
async def cover(request, name):
    return await file(f"/srv/covers/{name}")


@app.get("/hello/<name>")
async def hello(request, name):
    return html(f"<h1>{name}</h1>")


@app.get("/out")
async def out(request):
    return redirect(request.args["to"][0])


@app.get("/text")
async def text(request):
    return response.text(request.args.get("t"))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000, debug=True, auto_reload=True)

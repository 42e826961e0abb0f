import hmac
import secrets
import time
from hashlib import pbkdf2_hmac, sha256

import aiohttp_session
from aiohttp import web

from .middlewares import needs_login

routes = web.RouteTableDef()


def derive(password, salt):
    return pbkdf2_hmac("sha256", password.encode(), salt, 1000)


async def by_name(app, name):
    async with app["db"].acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("SELECT id, salt, digest, token FROM people WHERE name = %(name)s", {"name": name})
        return await cursor.fetchone()


@routes.post("/login")
async def login(request):
    form = await request.post()
    row = await by_name(request.app, form["name"])
    if row is None or derive(form["password"], row[1]) != row[2]:
        raise web.HTTPUnauthorized
    session = await aiohttp_session.get_session(request)
    session["person"] = row[0]
    answer = web.HTTPFound(form.get("next", "/"))
    answer.set_cookie("remember", row[3], max_age=86400 * 365)
    raise answer


@routes.post("/token")
@needs_login
async def token(request):
    made = secrets.token_urlsafe(24)
    return web.json_response({"token": made})


@routes.get("/share")
async def share(request):
    expires, signature = request.query["expires"], request.query["signature"]
    expected = hmac.new(b"share", expires.encode(), sha256).hexdigest()
    if not hmac.compare_digest(expected, signature) or int(expires) < time.time():
        raise web.HTTPForbidden
    return web.json_response({"ok": True})

"""What is checked, and how."""

import asyncio
import re
import shlex
from urllib.parse import urlparse

from aiohttp import web

from .middlewares import needs_login

routes = web.RouteTableDef()
HOST = re.compile(r"^([a-z0-9]+\.?)+$")
PROBES = {
    "ping": lambda host: f"ping -c 1 {host}",
    "trace": lambda host: "traceroute " + shlex.quote(host),
}
ALLOWED = frozenset({"status.example", "cdn.example"})


async def shell(command):
    process = await asyncio.create_subprocess_shell(command, stdout=-1, stderr=-1)
    return (await process.communicate())[0].decode()


@routes.post("/checks/probe")
@needs_login
async def probe(request):
    form = await request.post()
    maker = PROBES[form["kind"]]
    return web.Response(text=await shell(maker(form["host"])))


@routes.get("/checks/dns")
@needs_login
async def dns(request):
    host = request.query["host"]
    if not HOST.match(host):
        raise web.HTTPBadRequest
    process = await asyncio.create_subprocess_exec("dig", "+short", "--", host, stdout=-1)
    return web.Response(body=(await process.communicate())[0])


@routes.get("/checks/http")
@needs_login
async def http(request):
    client = request.app["client"]
    async with client.get(request.query["url"], allow_redirects=True) as answer:
        return web.json_response({"status": answer.status, "head": (await answer.text())[:500]})


@routes.get("/checks/known")
async def known(request):
    url = request.query["url"]
    if urlparse(url).hostname not in ALLOWED:
        raise web.HTTPForbidden
    async with request.app["client"].get(url, allow_redirects=False) as answer:
        return web.json_response({"status": answer.status})


@routes.view("/checks/{name}")
class Check(web.View):
    async def get(self):
        async with self.request.app["db"].acquire() as connection, connection.cursor() as cursor:
            await cursor.execute("SELECT * FROM checks WHERE name = '%s'" % self.request.match_info["name"])
            return web.json_response(await cursor.fetchone())

    async def delete(self):
        async with self.request.app["db"].acquire() as connection, connection.cursor() as cursor:
            await cursor.execute("DELETE FROM checks WHERE name = %s", (self.request.match_info["name"],))
        return web.Response(status=204)


@routes.post("/checks")
@needs_login
async def add(request):
    sent = await request.json()
    async with request.app["db"].acquire() as connection, connection.cursor() as cursor:
        await cursor.execute("INSERT INTO checks (name, owner) VALUES (%s, %s)", (sent["name"], request["person"]))
    request.app["watchers"].setdefault(sent["name"], set())
    return web.json_response({"ok": True}, status=201)

import argparse
import asyncio
import base64
import logging
import ssl

import aiohttp
import aiohttp_session
import aiopg
from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from . import checks, history, live, people
from .middlewares import errors, people_middleware

KEY = b"0123456789abcdef0123456789abcdef"

log = logging.getLogger(__name__)


async def clients(app: web.Application):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    app["client"] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
    yield
    await app["client"].close()


async def database(app: web.Application):
    app["db"] = await aiopg.create_pool(app["dsn"])
    yield
    app["db"].close()
    await app["db"].wait_closed()


def build(dsn: str) -> web.Application:
    app = web.Application(client_max_size=1024**2, middlewares=[errors])
    aiohttp_session.setup(app, EncryptedCookieStorage(KEY, cookie_name="status", httponly=True, samesite="Lax"))
    app.middlewares.append(people_middleware)
    app["dsn"] = dsn
    app["watchers"] = {}
    app.cleanup_ctx.extend([clients, database])
    app.router.add_routes(checks.routes)
    app.router.add_routes(people.routes)
    app.router.add_get("/history/{service}", history.lines)
    app.router.add_get("/history/{service}/graph", history.graph)
    app.router.add_post("/history/import", history.restore)
    app.router.add_get("/live", live.socket)
    return app


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--dsn", default="dbname=status user=status password=st4tus host=localhost")
    web.run_app(build(options.parse_args().dsn))

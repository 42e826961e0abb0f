"""Open a hub's doors: the editors', and one for everything that speaks HTTP. Decides nothing about who may come in."""

import ipaddress
import ssl
from contextlib import AsyncExitStack

from aiohttp import web

from lsp.server import LspDoor
from server.api.app import make_app
from server.api.parts import Parts
from server.config import Address, Settings
from server.ports import port_taken
from server.tls import server_context
from webhooks.receiver import Receiver


def certificate(settings: Settings) -> ssl.SSLContext | None:
    """What the HTTPS door shows. Raises `HiveError` where it is not to be used."""
    return server_context(settings.tls_cert, settings.tls_key) if settings.tls_cert and settings.tls_key else None


async def listen_lsp(editors: LspDoor, wanted: Address, stack: AsyncExitStack) -> Address:
    try:
        address = await editors.start(wanted)
    except OSError as error:
        raise port_taken({"HIVE_LSP": (wanted, error)}) from error
    stack.push_async_callback(editors.stop)
    return address


async def listen_http(
    parts: Parts,
    receiver: Receiver,
    editors: LspDoor,
    settings: Settings,
    tls: ssl.SSLContext | None,
    stack: AsyncExitStack,
) -> Address:
    """The API, the webhooks and the editors' websocket, also behind TLS where that is wanted."""
    app = make_app(parts)
    app.router.add_post("/webhooks/github", receiver.handle)
    app.router.add_get("/lsp", editors.websocket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    sites: dict[str, tuple[Address, ssl.SSLContext | None]] = {"HIVE_HTTP": (settings.http, None)}
    if settings.https is not None:
        sites["HIVE_HTTPS"] = (settings.https, tls)
    for setting, (address, context) in sites.items():
        try:
            await web.TCPSite(runner, address.host, address.port, ssl_context=context).start()
        except OSError as error:
            raise port_taken({setting: (address, error)}) from error
    return Address(settings.http.host, runner.addresses[0][1])


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

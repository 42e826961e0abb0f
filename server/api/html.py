"""An HTML page of the hub: one answer, whose styles and script run by their nonce alone and load nothing."""

import importlib.resources
import secrets
from collections.abc import Callable
from functools import cache

from aiohttp import web


def answer_page(draw: Callable[[str], str]) -> web.Response:
    """*draw* takes the nonce."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy}
    return web.Response(text=draw(nonce), content_type="text/html", charset="utf-8", headers=headers)


def template(name: str, nonce: str, *, styles: tuple[str, ...], script: str) -> str:
    """`{{style}}`, `{{script}}` and `{{nonce}}` of the template *name* filled in."""
    text = _file(name).replace("{{style}}", "\n".join(map(_file, styles))).replace("{{script}}", _file(script))
    return text.replace("{{nonce}}", nonce)


@cache
def _file(name: str) -> str:
    return importlib.resources.files("server.api").joinpath(name).read_text(encoding="utf-8")

"""`/device`: where an operator types the code that a device shows, sees who asks, and decides (RFC 8628, section 3.3).

The page itself holds nothing and is open; what it asks for, it asks the API with the key that is typed there. A code in
its address is only written into the field: nothing is done before somebody looked and pressed a button.
"""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from server.api.html import answer_page, template
from server.api.route import Call

PATH = "/device"


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*user_code* of `verification_uri_complete`: the page's script reads it."""

    user_code: Annotated[str, msgspec.Meta(max_length=20)] = ""


async def page(call: Call[PageQuery, Any]) -> web.Response:
    return answer_page(draw)


def draw(nonce: str) -> str:
    styles = "status_page.css", "device_page.css"
    return template("device_page.html", nonce, styles=styles, script="device_page.js")

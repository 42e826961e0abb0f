"""WebSockets that anybody, or any site, may open."""

import ast
import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import MEDIUM, Scene, at, security

ANY_ORIGIN_SOCKET = security(
    "any-origin-socket",
    MEDIUM,
    "Any site may open the WebSocket in a visitor's browser, with the visitor's cookies.",
    cwe=1385,
    also=(346, 942, 352),
    remedy="Accept the program's own origins only.",
)
OPEN_SOCKET = security(
    "open-socket",
    MEDIUM,
    "Anybody may open the WebSocket: nothing asks who is there, though the program knows its users.",
    cwe=306,
    also=(1385, 862, 287, 284),
    remedy="Check the session or a token before accepting.",
)

RULES: tuple[Rule, ...] = (ANY_ORIGIN_SOCKET, OPEN_SOCKET)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _open_consumer(body)
    yield from _any_origin(body)


def _open_consumer(body: Body) -> Iterator[Suspect]:
    """`connect()` of Django's channels that accepts, and never looks at `self.scope["user"]`."""
    cls = body.file.parents.get(body.node)
    if body.node.name not in ("connect", "websocket_connect") or not isinstance(cls, ast.ClassDef):
        return
    if not any(re.search(r"Websocket\w*Consumer$|AsyncConsumer$", body.words(base)) for base in cls.bases):
        return
    asks = re.search(r"user|token|auth|session|permission|member|close\(", body.file.text(cls), re.IGNORECASE)
    accepts = next((called for called in body.calls if called.last == "accept"), None)
    if accepts is not None and asks is None:
        yield Suspect(
            OPEN_SOCKET, Hit(body.file.head_span(body.node), f"Anybody may open the WebSocket {cls.name}"), ""
        )


def _any_origin(body: Body) -> Iterator[Suspect]:
    """Tornado's `check_origin` that says yes to all."""
    if body.node.name != "check_origin" or len(body.node.body) > 2:
        return
    last = body.node.body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is True:
        yield Suspect(ANY_ORIGIN_SOCKET, Hit(body.span(last), "Every origin is accepted"), "")


def judge(scene: Scene) -> Iterator[Found]:
    for route in scene.routes:
        if not route.is_websocket or route.is_guarded or route.function is None or "disconnect" in route.name:
            continue
        if scene.has_users(route) and route.function.calls:
            yield at(route, OPEN_SOCKET, f"Anybody may open the WebSocket {route.path or route.name}")

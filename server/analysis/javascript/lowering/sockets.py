"""Messages of sockets, and the pieces of a request's body: the listener of `socket.on("chat", (text) => ...)` begins
with `text = websocket.message()`, of Electron's `ipcMain.handle("save", (event, text) => ...)` with `text =
electron.message()`, of `req.on("data", (chunk) => ...)` with `chunk = http.chunk()`.

What `on` means depends on what it is called on, which only its name tells.
"""

import re

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.scope import Lowering, handed_function
from server.analysis.source import Span

_SOCKET = re.compile(r"(?:socket|ws|websocket|client|conn|connection|peer)$", re.IGNORECASE)
_REQUEST = re.compile(r"^_?(?:req|request|incoming_?message)$", re.IGNORECASE)
_LIFE = frozenset(
    {"connection", "connect", "close", "error", "open", "disconnect", "end", "ready", "drain", "listening"}
)
_PLAIN_STREAM = frozenset({"data", "finish", "readable", "timeout"})


def receive(callee: p.Expr, arguments: list[p.Expr], span: Span, low: Lowering) -> None:
    """Let the listener's first parameter be a message, where the call adds a listener for one."""
    if not isinstance(callee, p.Attr) or len(arguments) != 2:
        return
    event, listener = arguments
    name = callee.base.id if isinstance(callee.base, p.Name) else ""
    if name == "ipcMain":
        _fill(listener, 1, "electron.message", span, low)
        return
    if callee.name == "on" and _REQUEST.search(name) and isinstance(event, p.Const) and event.value == "data":
        _fill(listener, 0, "http.chunk", span, low)
        return
    if (
        callee.name != "on"
        or not _SOCKET.search(name)
        or not isinstance(event, p.Const)
        or event.value in _LIFE | _PLAIN_STREAM
    ):
        return
    _fill(listener, 0, "websocket.message", span, low)


def _fill(listener: p.Expr, first: int, source: str, span: Span, low: Lowering) -> None:
    """Of a socket's listener only the first parameter is the message, of a window's all from the second on."""
    function, line = handed_function(listener, low), span.start_line
    if function is None:
        return
    for param in function.params[first:] if first else function.params[:1]:
        message = p.Call(line, low.module_as_name(source, line), [], [], span)
        function.body.insert(0, p.Assign(line, [p.Name(line, param.name)], message, span))

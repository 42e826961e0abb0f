"""Small projects that show who may open a WebSocket: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_CHAT = """\
from fastapi import Depends, FastAPI, WebSocket
from security import get_current_user, user_of_token
app = FastAPI()

@app.get('/me')
def me(user=Depends(get_current_user)):
    return user.name

@app.websocket('/chat')
async def chat(socket: WebSocket{token}):
{check}    await socket.accept()
    await socket.send_text('hello')
"""

_CONSUMER = """\
from channels.generic.websocket import AsyncWebsocketConsumer

class Room(AsyncWebsocketConsumer):
    async def connect(self):
{asks}        await self.channel_layer.group_add('room', self.channel_name)
        await self.accept()
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "any-origin-socket": (
        {
            "live.py": """\
from tornado.websocket import WebSocketHandler

class Live(WebSocketHandler):
    def check_origin(self, origin):
        return True
""",
        },
    ),
    "open-socket": (
        {"consumers.py": _CONSUMER.format(asks="")},
        {"chat.py": _CHAT.format(token="", check="")},
    ),
}

GOOD: tuple[Files, ...] = (
    {
        "consumers.py": _CONSUMER.format(
            asks="        if self.scope['user'].is_anonymous:\n            return await self.close()\n"
        )
    },
    {
        "chat.py": _CHAT.format(
            token=", token: str",  # noqa: S106  # a parameter of the example's
            check="    if get_current_user(token) is None:\n        return\n",
        ),
    },
    {
        "live.py": """\
from tornado.websocket import WebSocketHandler

class Live(WebSocketHandler):
    def check_origin(self, origin):
        return origin in ORIGINS
""",
    },
)

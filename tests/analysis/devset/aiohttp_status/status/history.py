import gzip
import html
import os
import pickle
import tempfile
from pathlib import Path

from aiohttp import web

HISTORY = Path(os.environ.get("STATUS_HISTORY", "/var/lib/status"))


def path_of(service: str, day: str) -> Path:
    return HISTORY.joinpath(service, day + ".log")


async def lines(request):
    path = path_of(request.match_info["service"], request.query.get("day", "today"))
    found = [line for line in path.read_text().splitlines() if request.query.get("q", "") in line]
    body = "".join(f"<li>{html.escape(line)}" for line in found)
    title = request.match_info["service"]
    return web.Response(text=f"<h1>{title}</h1><ul>{body}</ul>", content_type="text/html")


async def graph(request):
    name = request.match_info["service"]
    points = int(request.query.get("points", "100"))
    values = [0] * points
    return web.json_response({"service": name, "values": values})


async def restore(request):
    reader = await request.multipart()
    part = await reader.next()
    packed = await part.read(decode=True)
    state = pickle.loads(gzip.decompress(packed))
    scratch = tempfile.mktemp(suffix=".json")
    Path(scratch).write_text(str(state))
    with tempfile.NamedTemporaryFile("w", delete=False) as kept:
        kept.write(str(state))
    return web.json_response({"entries": len(state)})

import asyncio
import contextlib
import json
import secrets
from types import SimpleNamespace

import httpx
import redis.asyncio as redis
from openai import AsyncOpenAI
from sanic import Sanic, html, response
from sanic.exceptions import Forbidden, NotFound, Unauthorized
from sanic.response import file, json as json_response, raw, redirect, text

from . import jobs, oauth, tools
from .config import load
from .documents import Documents

app = Sanic("desk")
config = load()


@app.before_server_start
async def start(app, _):
    app.ctx.http = httpx.AsyncClient(follow_redirects=True)
    app.ctx.cache = redis.from_url(config.redis)
    app.ctx.model = AsyncOpenAI(api_key=config.model_key)
    app.ctx.documents = Documents(config.documents)


@app.on_request
async def who(request):
    token = request.cookies.get("desk") or request.token
    request.ctx.person = await app.ctx.cache.get(f"session:{token}") if token else None


def person(handler):
    async def guarded(request, *args, **kwargs):
        if not request.ctx.person:
            raise Unauthorized("log in")
        return await handler(request, *args, **kwargs)

    guarded.__name__ = handler.__name__
    return guarded


@app.get("/oauth/start")
async def oauth_start(request):
    return redirect(oauth.address(request.host))


@app.get("/oauth/back")
async def oauth_back(request):
    name = await oauth.exchange(app.ctx.http, request.args.get("code"))
    token = secrets.token_hex(16)
    await app.ctx.cache.set(f"session:{token}", name)
    answer = redirect(request.args.get("next", "/"))
    answer.add_cookie("desk", token, httponly=True, secure=False, samesite="None")
    return answer


@app.post("/chat")
@person
async def chat(request):
    said = await app.ctx.model.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": tools.PROMPT}, {"role": "user", "content": request.json["text"]}],
        tools=tools.DESCRIPTIONS,
    )
    results = []
    for call in said.choices[0].message.tool_calls or []:
        function = tools.TOOLS[call.function.name]
        results.append(await function(request.app.ctx, **json.loads(call.function.arguments)))
    return json_response({"results": results})


@app.get("/chat/page")
async def chat_page(request):
    title = request.args.get("title", "Desk")
    return html(f"<title>{title}</title><main></main>")


@app.get("/chat/plain")
async def chat_plain(request):
    return text(f"You said {request.args.get('said')}")


@app.get("/documents/<name:path>")
@person
async def document(request, name):
    return await file(app.ctx.documents.path(name))


@app.post("/documents/<name:str>/import")
@person
async def import_document(request, name):
    answer = await app.ctx.http.get(request.json["url"])
    app.ctx.documents.save(name, answer.content)
    return json_response({"size": len(answer.content)})


@app.post("/documents/archive")
@person
async def archive(request):
    sent = request.files.get("archive")
    return json_response({"names": app.ctx.documents.unpack(sent.body)})


@app.get("/cache/<key:str>")
@person
async def cached(request, key):
    return json_response(jobs.restored(await app.ctx.cache.get("result:" + key)))


@app.put("/cache/<key:str>")
@person
async def keep(request, key):
    await app.ctx.cache.set("result:" + key, request.body)
    return json_response({"ok": True})


@app.post("/jobs/<name:str>")
@person
async def job(request, name):
    task = getattr(jobs, name)
    return json_response({"id": task.delay(**request.json).id})


@app.post("/plugins")
async def plugin(request):
    return json_response({"loaded": tools.load_plugin(request.json["name"], request.json.get("source"))})


@app.websocket("/stream")
async def stream(request, ws):
    async for said in ws:
        await ws.send(json.dumps({"echo": said}))


@app.exception(Exception)
async def broken(request, error):
    return json_response({"error": str(error), "config": vars(config)}, status=500)


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True, auto_reload=True)

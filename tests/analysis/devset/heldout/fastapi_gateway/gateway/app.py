from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import jwt
import yaml
from fastapi import APIRouter, Body, Cookie, Depends, FastAPI, Form, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel, HttpUrl

from .allowed import check_target
from .store import Store, get_store

log = logging.getLogger(__name__)
SERVICES = {"billing": "http://billing:8001", "stock": "http://stock:8002"}
WEBHOOK_KEY = os.environ["WEBHOOK_KEY"].encode()
PUBLIC_KEY = open(os.environ["PUBLIC_KEY_FILE"]).read()
SIGNING_SECRET = "s3rv1ce-2-s3rv1ce"


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.client = httpx.AsyncClient(timeout=10, follow_redirects=True)
    app.state.mongo = AsyncIOMotorClient(os.environ["MONGO_URL"])
    yield
    await app.state.client.aclose()


app = FastAPI(lifespan=lifespan, docs_url=None)
router = APIRouter(prefix="/v1")


async def identity(authorization: Annotated[str, Header()]) -> dict[str, Any]:
    try:
        return jwt.decode(authorization.removeprefix("Bearer "), PUBLIC_KEY, algorithms=["RS256"], audience="gateway")
    except jwt.PyJWTError as error:
        log.warning("rejected a token: %s", error)
        raise HTTPException(401, "invalid token") from None


async def legacy_identity(x_token: Annotated[str, Header()]) -> dict[str, Any]:
    return jwt.decode(x_token, SIGNING_SECRET, algorithms=["HS256"], options={"verify_exp": False})


def admin(who: Annotated[dict, Depends(identity)]) -> dict:
    if "admin" not in who.get("roles", ()):
        raise HTTPException(403)
    return who


class Hook(BaseModel):
    name: str
    target: str
    secret: str | None = None


class CheckedHook(BaseModel):
    target: HttpUrl


@router.api_route("/proxy/{service}/{path:path}", methods=["GET", "POST"])
async def proxy(service: str, path: str, request: Request, who=Depends(identity)):
    base = SERVICES.get(service)
    if base is None:
        raise HTTPException(404)
    reply = await request.app.state.client.request(request.method, f"{base}/{path}", content=await request.body())
    return Response(reply.content, reply.status_code)


@router.get("/preview")
async def preview(request: Request, url: str = Query(...), who=Depends(identity)):
    reply = await request.app.state.client.get(url)
    title = re.search(r"<title>(.*?)</title>", reply.text, re.S)
    return {"title": title.group(1) if title else None}


@router.get("/preview/checked")
async def preview_checked(request: Request, url: str, who=Depends(identity)):
    check_target(url)
    reply = await request.app.state.client.get(url, follow_redirects=False)
    return {"length": len(reply.content)}


@router.post("/hooks")
async def add_hook(hook: Hook, who=Depends(identity), store: Store = Depends(get_store)):
    await store.add_hook(who["sub"], hook.name, hook.target)
    async with httpx.AsyncClient() as client:
        answer = await client.post(hook.target, json={"ping": True})
    return {"status": answer.status_code}


@router.delete("/hooks/{hook_id}")
async def delete_hook(hook_id: int, who=Depends(identity), store: Store = Depends(get_store)):
    await store.execute("DELETE FROM hooks WHERE id = $1", hook_id)
    return {"deleted": hook_id}


@router.get("/hooks")
async def hooks(order: str = "name", who=Depends(identity), store: Store = Depends(get_store)):
    return await store.hooks_of(who["sub"], order)


@router.post("/events")
async def events(request: Request, x_signature: Annotated[str, Header()]):
    body = await request.body()
    expected = hmac.new(WEBHOOK_KEY, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, x_signature):
        raise HTTPException(403)
    return {"event": json.loads(body)["type"]}


@router.post("/events/legacy")
async def legacy_events(request: Request, x_signature: Annotated[str, Header()]):
    body = await request.body()
    expected = hmac.new(WEBHOOK_KEY, body, hashlib.sha1).hexdigest()
    if expected != x_signature:
        raise HTTPException(403)
    return {"event": json.loads(body)["type"]}


@router.post("/config")
async def reload_config(document: Annotated[str, Body(media_type="text/yaml")], who=Depends(admin)):
    config = yaml.unsafe_load(document)
    SERVICES.update(config["services"])
    return {"services": list(SERVICES)}


@router.post("/config/dry")
async def dry_config(document: Annotated[str, Body(media_type="text/yaml")], who=Depends(admin)):
    return {"services": list(yaml.safe_load(document)["services"])}


@router.post("/services/{name}")
async def set_service(name: str, url: Annotated[str, Body(embed=True)]):
    SERVICES[name] = url
    return {"name": name}


@router.get("/users")
async def users(request: Request, who=Depends(admin)):
    query = dict(request.query_params)
    cursor = request.app.state.mongo.main.users.find({"tenant": who["tenant"], "name": query.get("name")})
    return [user["name"] async for user in cursor]


@router.post("/users/query")
async def query_users(request: Request, who=Depends(admin)):
    criteria = await request.json()
    cursor = request.app.state.mongo.main.users.find(criteria)
    return [user["name"] async for user in cursor]


@router.post("/users/where")
async def where_users(request: Request, age: str = Form(), who=Depends(admin)):
    found = request.app.state.mongo.main.users.find({"$where": f"this.age > {age}"})
    return [user["name"] async for user in found]


@router.get("/login")
async def login(next: str = "/"):
    if next.startswith("/"):
        return RedirectResponse("https://login.example.org/?next=" + next)
    return RedirectResponse(next)


@router.get("/status", response_class=HTMLResponse)
async def status(request: Request, theme: str = Cookie(default="light")):
    rows = "".join(f"<tr><td>{name}</td></tr>" for name in SERVICES)
    return f"<body class='{theme}'><table>{rows}</table></body>"


@router.get("/echo", response_class=PlainTextResponse)
async def echo(text: str = ""):
    return text


@router.get("/match")
async def match(pattern: str, text: str):
    return {"match": bool(re.match(pattern, text))}


app.include_router(router)

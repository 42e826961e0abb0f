import asyncio
import hmac
import json
import logging
import os
import secrets
from contextlib import asynccontextmanager

import aiosqlite
import httpx
from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Path, Query, Request, Response, UploadFile, status
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field, constr

from . import pipeline, storage
from .settings import settings

log = logging.getLogger("lab")
artifacts = storage.Artifacts()
checked = storage.CheckedArtifacts()
templates = Jinja2Templates(directory="templates")


class RunIn(BaseModel):
    name: str
    plan: str


class QueryIn(BaseModel):
    table: str
    column: str
    value: str


class ReportIn(BaseModel):
    path: str
    column: str = Field(pattern=r"^\w+$")
    method: str


class SafeReportIn(BaseModel):
    column: constr(pattern=r"^[a-z_]+$")


async def database():
    async with aiosqlite.connect("lab.db") as connection:
        yield connection


def authorized(authorization: str = Header("")):
    if not hmac.compare_digest(authorization, f"Bearer {settings.api_token.get_secret_value()}"):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)


app = FastAPI(debug=True)
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])
api = APIRouter(dependencies=[Depends(authorized)])
public = APIRouter()


@api.post("/runs")
async def create_run(body: RunIn):
    plan = pipeline.Plan(body.plan)
    return {"steps": len(plan.steps)}


@api.get("/runs/{run}/artifacts/{name:path}")
async def read_artifact(run: str, name: str):
    return Response(artifacts.read(run, name))


@api.get("/checked/{run}/{name}")
async def read_checked(run: str, name: str):
    return Response(checked.path(run, name).read_bytes())


@api.put("/runs/{run}/artifacts/{name:path}")
async def write_artifact(run: str, name: str, request: Request):
    artifacts.write(run, name, await request.body())


@api.delete("/runs/{run}")
async def remove_run(run: str):
    artifacts.remove(run)


@api.post("/runs/{run}/upload")
async def upload(run: str, file: UploadFile = File(...)):
    target = settings.root / "incoming" / secrets.token_hex(8)
    target.write_bytes(await file.read())
    artifacts.unpack(run, target)


@api.post("/query")
async def query(body: QueryIn, connection=Depends(database)):
    sql = f"SELECT * FROM {body.table} WHERE {body.column} = ?"
    async with connection.execute(sql, (body.value,)) as cursor:
        return [list(row) async for row in cursor]


@api.post("/query/safe")
async def query_safe(body: SafeReportIn, connection=Depends(database)):
    async with connection.execute(f"SELECT {body.column} FROM runs") as cursor:
        return [list(row) async for row in cursor]


@api.post("/report")
async def report(body: ReportIn, tasks: BackgroundTasks):
    tasks.add_task(pipeline.run_report, body.path, body.column, body.method)


@api.post("/filter")
async def filtered(path: str = Body(), condition: str = Body(), expression: str | None = Body(None)):
    frame = storage.frame(str(settings.root / path))
    transform = pipeline.Transform(frame)
    if expression:
        transform.assign("result", expression)
    return transform.where(condition).to_dict()


@api.post("/notebook")
async def notebook(name: str = Form(), parameters: str = Form("{}")):
    await asyncio.to_thread(pipeline.run_notebook, name, json.loads(parameters))


@api.post("/packages")
async def packages(name: str = Body(embed=True)):
    pipeline.install(name)


@api.post("/mirror")
async def mirror(url: str = Body(embed=True)):
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", url) as answer:
            return {"size": len(await answer.aread())}


@public.get("/view", response_class=HTMLResponse)
async def view(request: Request, title: str = ""):
    return templates.TemplateResponse("view.html", {"request": request, "title": title})


@public.get("/embed")
async def embed(title: str = ""):
    return HTMLResponse(content="<h1>%s</h1>" % title)


@public.get("/logs")
async def logs(name: str = Query("lab.log")):
    return FileResponse(os.path.join("/var/log/lab", name))


@public.get("/theme")
async def theme(response: Response, value: str = "dark"):
    response.set_cookie("theme", value, httponly=True, secure=True, samesite="lax")


@public.post("/token")
async def token(user: str = Form(), password: str = Form(), connection=Depends(database)):
    async with connection.execute("SELECT id FROM users WHERE name = ? AND password = ?", (user, password)) as cursor:
        row = await cursor.fetchone()
    if row is None:
        raise HTTPException(401)
    log.info("login of %s", user)
    return {"token": settings.api_token.get_secret_value()}


app.include_router(api, prefix="/api")
app.include_router(public)

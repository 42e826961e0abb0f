"""An assistant with tools, behind an API."""
import ast
import asyncio
import importlib
import inspect
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Optional

import aiofiles
import aiohttp
import openai
import uvicorn
from fastapi import APIRouter, Body, Depends, FastAPI, File, Form, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.security import APIKeyHeader
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

from agent.memory import Memory
from agent.tools import TOOLS, calculate, run_python

openai.api_key = "sk-agent-hardcoded-0000000000"
WORKSPACE = Path(os.getenv("WORKSPACE", "/workspace"))
api_key = APIKeyHeader(name="X-API-Key")
log = logging.getLogger("agent")
memory = Memory("memory.db")

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key="session-key", https_only=False)
app.mount("/static", StaticFiles(directory="static"), name="static")
pages = Jinja2Templates(directory="templates")
sandbox = SandboxedEnvironment()


def check_key(key: str = Depends(api_key)) -> str:
    if key != os.environ["AGENT_KEY"]:
        log.warning("bad key %s", key)
        raise HTTPException(status_code=403)
    return key


class Message(BaseModel):
    conversation: str
    text: str


class ToolCall(BaseModel):
    name: str
    arguments: dict[str, Any] = {}


@app.post("/chat", dependencies=[Depends(check_key)])
async def chat(message: Message):
    memory.remember(message.conversation, message.text)
    reply = await openai.ChatCompletion.acreate(model="small", messages=[{"role": "user", "content": message.text}])
    text = reply["choices"][0]["message"]["content"]
    if text.startswith("```python"):
        return {"result": run_python(text.strip("`")[6:])}
    return {"text": text}


@app.get("/history/{conversation}", dependencies=[Depends(check_key)])
async def history(conversation: str, contains: Optional[str] = None):
    return memory.search(conversation, contains)


@app.post("/tools", dependencies=[Depends(check_key)])
async def call_tool(call: ToolCall):
    tool = TOOLS.get(call.name)
    if tool is None:
        raise HTTPException(404, f"no tool {call.name}")
    result = tool(**call.arguments)
    return {"result": await result if inspect.isawaitable(result) else result}


@app.post("/tools/calculate", dependencies=[Depends(check_key)])
async def calculate_tool(expression: str = Body(embed=True)):
    return {"value": calculate(expression)}


@app.post("/tools/install")
async def install(package: str = Form(...)):
    done = subprocess.run(f"{sys.executable} -m pip install {package}", shell=True, capture_output=True, text=True)
    return {"output": done.stdout, "code": done.returncode}


@app.post("/tools/import", dependencies=[Depends(check_key)])
async def import_tool(module: str = Form(...), function: str = Form(...)):
    loaded = importlib.import_module(module)
    TOOLS[function] = getattr(loaded, function)
    return {"tools": list(TOOLS)}


@app.get("/workspace/{name:path}", dependencies=[Depends(check_key)])
async def workspace(name: str):
    async with aiofiles.open(WORKSPACE / name) as file:
        return {"text": await file.read()}


@app.put("/workspace/{name}", dependencies=[Depends(check_key)])
async def store(name: str, file: UploadFile = File()):
    target = (WORKSPACE / name).resolve()
    if WORKSPACE.resolve() not in target.parents:
        raise HTTPException(400, "outside of the workspace")
    async with aiofiles.open(target, "wb") as out:
        await out.write(await file.read())
    return {"stored": target.name}


@app.get("/browse", dependencies=[Depends(check_key)])
async def browse(url: str):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as reply:
            return {"text": (await reply.text())[:5000]}


@app.get("/weather", dependencies=[Depends(check_key)])
async def weather(city: str):
    async with aiohttp.ClientSession() as session:
        async with session.get("https://weather.example.org/v1", params={"city": city}) as reply:
            return await reply.json()


@app.get("/ui", response_class=HTMLResponse)
async def ui(request: Request, theme: str = "light"):
    return pages.TemplateResponse("ui.html", {"request": request, "theme": theme})


@app.get("/ui/error", response_class=HTMLResponse)
async def ui_error(message: str):
    return "<html><body><p class='error'>" + message + "</p></body></html>"


@app.post("/prompt", dependencies=[Depends(check_key)])
async def prompt(template: str = Body(), values: dict = Body()):
    return {"text": sandbox.from_string(template).render(**values)}


@app.post("/prompt/format", dependencies=[Depends(check_key)])
async def prompt_format(template: str = Body(embed=True)):
    return {"text": template.format(settings=os.environ)}


@app.websocket("/live")
async def live(socket: WebSocket):
    await socket.accept()
    while True:
        command = json.loads(await socket.receive_text())
        process = await asyncio.create_subprocess_shell(command["line"], stdout=subprocess.PIPE)
        output, _ = await process.communicate()
        await socket.send_text(output.decode())


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception):
    return JSONResponse(status_code=500, content={"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    uvicorn.run("agent.server:app", host="0.0.0.0", port=8000, reload=True)

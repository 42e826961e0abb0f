import asyncio
import base64
import json
import pickle
import subprocess

import httpx
from fastapi import APIRouter, BackgroundTasks, Body, Depends, HTTPException
from lxml import etree
from simpleeval import simple_eval

from ..auth import current_user, require_role
from ..config import settings
from ..schemas import LabOrder

router = APIRouter()


@router.post("/formula")
async def formula(expression: str = Body(embed=True), user=Depends(current_user)):
    return {"value": eval(expression, {"__builtins__": {}}, {})}


@router.post("/score")
async def score(expression: str = Body(embed=True), user=Depends(current_user)):
    return {"value": simple_eval(expression)}


@router.post("/render")
async def render(title: str = Body(embed=True), user=Depends(require_role("doctor"))):
    process = await asyncio.create_subprocess_shell(
        f"pandoc -o /tmp/report.pdf --metadata title='{title}' report.md", stdout=subprocess.PIPE
    )
    await process.wait()
    return {"code": process.returncode}


@router.post("/print")
async def send_to_printer(copies: int = Body(embed=True), user=Depends(current_user)):
    process = await asyncio.create_subprocess_exec("lp", "-n", str(copies), "/tmp/report.pdf")
    return {"code": await process.wait()}


@router.post("/order")
async def order(body: LabOrder, background: BackgroundTasks, user=Depends(current_user)):
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{settings.lab_url}/orders", json=body.model_dump(exclude={"callback"}))
    background.add_task(notify, body.callback, reply.status_code)
    return {"accepted": reply.is_success}


async def notify(url: str, status: int):
    async with httpx.AsyncClient(verify=False) as client:
        await client.post(url, json={"status": status})


@router.post("/restore")
async def restore(state: str = Body(embed=True), user=Depends(current_user)):
    saved = pickle.loads(base64.b64decode(state))
    return {"rows": len(saved)}


@router.post("/load")
async def load(state: str = Body(embed=True), user=Depends(current_user)):
    return {"rows": len(json.loads(state))}


@router.post("/hl7")
async def hl7(document: str = Body(embed=True), name: str = Body(embed=True), user=Depends(current_user)):
    try:
        tree = etree.fromstring(document.encode(), etree.XMLParser(resolve_entities=True))
    except etree.XMLSyntaxError as error:
        raise HTTPException(400, "not XML") from error
    return {"found": len(tree.xpath(f"//patient[name='{name}']"))}


@router.get("/logs")
async def logs(lines: int = 50):
    done = subprocess.run(["tail", "-n", str(lines), "/var/log/clinic.log"], capture_output=True, text=True)
    return {"log": done.stdout}

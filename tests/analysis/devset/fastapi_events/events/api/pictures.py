import asyncio
import imghdr
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import anyio
from fastapi import APIRouter, File, HTTPException, UploadFile
from fastapi.responses import FileResponse

from events.auth import OwnEvent, User
from events.config import settings

router = APIRouter(prefix="/pictures")
FOLDER = Path(settings.picture_folder)
MAX_BYTES = 5_000_000


@router.post("/{event_id}", status_code=201)
async def upload(event: OwnEvent, picture: UploadFile):
    content = await picture.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES or imghdr.what(None, content) not in ("png", "jpeg"):
        raise HTTPException(415)
    name = uuid4()
    await anyio.Path(FOLDER / f"{name}.img").write_bytes(content)
    return {"name": name}


@router.get("/{name}")
async def show(name: UUID):
    return FileResponse(FOLDER / f"{name}.img")


@router.get("/{event_id}/thumb")
async def thumb(event: OwnEvent, name: UUID, size: str = "200x200"):
    process = await asyncio.create_subprocess_exec("convert", str(FOLDER / f"{name}.img"), "-resize", size, "png:-")
    await process.wait()
    return {"code": process.returncode}


@router.get("/{event_id}/poster")
async def poster(event: OwnEvent, user: User, style: str = "plain"):
    process = await asyncio.create_subprocess_shell(f"poster --style {style} --event {event['id']} > /tmp/poster.png")
    await process.wait()
    return FileResponse("/tmp/poster.png")

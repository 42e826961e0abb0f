import os

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from .deps import Folder, Owned, Reader

router = APIRouter(prefix="/documents")


@router.put("/{document_id}/title")
async def rename(document: Owned, title: str):
    document.title = title
    return {"ok": True}


@router.get("/{document_id}/cover")
async def cover(document: Owned, where: Folder, user: Reader):
    return FileResponse(os.path.join(where, f"{user.id}.png"))


@router.get("/{document_id}/html", response_class=HTMLResponse)
async def html(document: Owned):
    return f"<h1>{document.title}</h1>"


@router.get("/files/{name:path}")
async def file(name: str, where: Folder, user: Reader):
    return FileResponse(f"{where}/{name}")

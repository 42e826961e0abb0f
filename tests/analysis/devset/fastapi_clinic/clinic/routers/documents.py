import os
import shutil
import tarfile
import zipfile
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, Depends, File, HTTPException, UploadFile
from fastapi.responses import FileResponse

from ..auth import current_user
from ..config import settings
from ..models import User

router = APIRouter(dependencies=[Depends(current_user)])
ARCHIVE = Path(settings.archive_dir)
KINDS = {".pdf", ".png", ".jpg"}


@router.post("/upload")
async def upload(file: UploadFile = File(...)):
    target = os.path.join(settings.archive_dir, file.filename)
    with open(target, "wb") as out:
        shutil.copyfileobj(file.file, out)
    return {"stored": target}


@router.post("/scan")
async def scan(file: UploadFile = File(...)):
    suffix = Path(file.filename or "").suffix.lower()
    if suffix not in KINDS:
        raise HTTPException(415, "no such kind")
    target = ARCHIVE / f"{uuid4().hex}{suffix}"
    target.write_bytes(await file.read())
    return {"stored": target.name}


@router.post("/bundle")
async def bundle(file: UploadFile = File(...), user: User = Depends(current_user)):
    with tarfile.open(fileobj=file.file) as archive:
        archive.extractall(ARCHIVE / str(user.id))
    return {"ok": True}


@router.post("/bundle/zip")
async def bundle_zip(file: UploadFile = File(...), user: User = Depends(current_user)):
    target = ARCHIVE / str(user.id)
    with zipfile.ZipFile(file.file) as archive:
        for entry in archive.infolist():
            with open(target / entry.filename, "wb") as out:
                out.write(archive.read(entry))
    return {"ok": True}


@router.get("/file/{name}")
async def download(name: str):
    return FileResponse(ARCHIVE / name)


@router.get("/path/{name:path}")
async def download_path(name: str):
    return FileResponse(os.path.join(settings.archive_dir, name))


@router.delete("/file/{number}")
async def delete(number: int):
    (ARCHIVE / f"{number}.pdf").unlink(missing_ok=True)
    return {"ok": True}

import json
import pickle
from typing import Annotated

from fastapi import APIRouter, Body, Depends, HTTPException, Header, UploadFile

from events import storage
from events.auth import admin
from events.config import settings
from events.storage import database

router = APIRouter(prefix="/admin", dependencies=[Depends(admin)])
partners = APIRouter(prefix="/partners")


@router.get("/users")
async def users():
    rows = await database.fetch_all("SELECT id, email, role FROM users ORDER BY id")
    return [dict(row._mapping) for row in rows]


@router.delete("/users/{user_id}", status_code=204)
async def remove_user(user_id: int) -> None:
    await storage.users.delete(user_id)


@router.post("/import")
async def import_events(dump: UploadFile):
    rows = pickle.loads(await dump.read())
    for row in rows:
        await storage.events.insert(row)
    return {"count": len(rows)}


@router.post("/import/json")
async def import_json(dump: UploadFile):
    rows = json.loads(await dump.read())
    for row in rows:
        await storage.events.insert(row)
    return {"count": len(rows)}


@partners.get("/bookings")
async def partner_bookings(x_token: Annotated[str, Header()]):
    if x_token != settings.partner_token:
        raise HTTPException(403)
    return await database.fetch_all("SELECT event_id, seats FROM bookings")

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import httpx
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from events import storage
from events.auth import OwnEvent, User
from events.config import settings
from events.storage import Page, database

router = APIRouter(prefix="/events")
COLUMNS = {"title": "title", "date": "starts_at"}


class EventIn(BaseModel):
    title: str = Field(max_length=200)
    text: str = ""
    place: str = ""
    starts_at: datetime


@router.get("")
async def index(request: Request, limit: Annotated[int, Query(le=100)] = 20, offset: int = 0):
    filters = {name: value for name, value in request.query_params.items() if name not in ("limit", "offset")}
    return await storage.events.filtered(filters, Page(limit, offset))


@router.get("/sorted")
async def sorted_events(by: Literal["title", "date"] = "date", direction: str = "asc"):
    order = "DESC" if direction == "desc" else "ASC"
    rows = await database.fetch_all(f"SELECT id, title FROM events ORDER BY {COLUMNS[by]} {order}")
    return [dict(row._mapping) for row in rows]


@router.post("", status_code=201)
async def create(body: EventIn, user: User):
    number = await storage.events.insert({**body.model_dump(), "owner_id": user["id"]})
    return {"id": number}


@router.put("/{event_id}")
async def change(event_id: int, body: EventIn, user: User):
    event = await storage.events.one(event_id)
    if event is None:
        raise HTTPException(404)
    await database.execute("UPDATE events SET title = :title WHERE id = :id", {"title": body.title, "id": event_id})
    return {"id": event_id}


@router.delete("/{event_id}", status_code=204)
async def delete(event: OwnEvent) -> None:
    await storage.events.delete(event["id"])


@router.get("/{event_id}/page", response_class=HTMLResponse)
async def page(event_id: int):
    event = await storage.events.one(event_id)
    if event is None:
        raise HTTPException(404)
    return f"<h1>{event['title']}</h1><div>{event['text']}</div>"


@router.get("/{event_id}/weather")
async def weather(event: OwnEvent):
    async with httpx.AsyncClient(timeout=5) as client:
        reply = await client.get(f"{settings.geocoder}/weather", params={"place": event["place"]})
    return reply.json()


@router.get("/{event_id}/map")
async def event_map(event: OwnEvent, server: str = "https://tiles.example.org"):
    async with httpx.AsyncClient(timeout=5) as client:
        reply = await client.get(f"{server}/tile/{event['id']}.png")
    return {"bytes": len(reply.content)}

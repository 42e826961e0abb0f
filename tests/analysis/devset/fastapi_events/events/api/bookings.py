from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, HTTPException
from pydantic import BaseModel, PositiveInt

from events import storage
from events.auth import OwnBooking, OwnEvent, User
from events.storage import database

router = APIRouter(prefix="/bookings")


class BookingIn(BaseModel):
    event_id: int
    seats: PositiveInt


@router.post("", status_code=201)
async def book(body: BookingIn, user: User):
    async with database.transaction():
        free = await database.fetch_val(
            "SELECT seats FROM events WHERE id = :id FOR UPDATE", {"id": body.event_id}
        )
        if free is None or free < body.seats:
            raise HTTPException(409, "not enough seats")
        number = await storage.bookings.insert({"event_id": body.event_id, "user_id": user["id"], "seats": body.seats})
    return {"id": number}


@router.get("/{booking_id}")
async def show(booking: OwnBooking):
    return booking


@router.delete("/{booking_id}", status_code=204)
async def cancel(booking_id: int):
    await storage.bookings.delete(booking_id)


@router.get("/event/{event_id}")
async def of_event(event: OwnEvent):
    rows = await database.fetch_all("SELECT * FROM bookings WHERE event_id = :id", {"id": event["id"]})
    return [dict(row._mapping) for row in rows]

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import bcrypt
import jwt
from fastapi import Depends, HTTPException, Path, Security, status
from fastapi.security import OAuth2PasswordBearer, SecurityScopes

from events import storage
from events.config import settings

bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/sessions", scopes={"admin": "everything"})


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(12)).decode()


def matches(password: str, digest: str) -> bool:
    return bcrypt.checkpw(password.encode(), digest.encode())


def issue(user: dict[str, Any]) -> str:
    claims = {"sub": str(user["id"]), "role": user["role"], "exp": datetime.now(timezone.utc) + timedelta(hours=1)}
    return jwt.encode(claims, settings.signing_key.get_secret_value(), algorithm="HS256")


async def signed_in(token: Annotated[str, Depends(bearer)]) -> dict[str, Any]:
    try:
        claims = jwt.decode(token, settings.signing_key.get_secret_value(), algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"}) from None
    user = await storage.users.one(int(claims["sub"]))
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    return user


User = Annotated[dict, Depends(signed_in)]


async def admin(user: User) -> dict[str, Any]:
    if user["role"] != "admin":
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    return user


async def own_event(event_id: Annotated[int, Path()], user: User) -> dict[str, Any]:
    event = await storage.events.one(event_id)
    if event is None or event["owner_id"] != user["id"]:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return event


async def own_booking(booking_id: int, user: User) -> dict[str, Any]:
    booking = await storage.bookings.one(booking_id)
    if booking is None or booking["user_id"] != user["id"]:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return booking


OwnEvent = Annotated[dict, Depends(own_event)]
OwnBooking = Annotated[dict, Depends(own_booking)]

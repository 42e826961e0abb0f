import random
import string
from datetime import datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer
from jose import jwt
from sqlmodel import Field, Session, SQLModel

from . import settings
from .database import get_session


class RiderIn(SQLModel):
    mail: str
    name: str
    password: str = Field(min_length=1)
    is_driver: bool = False


class Rider(RiderIn, table=True):
    id: int | None = Field(default=None, primary_key=True)
    balance: float = 0
    reset: str = ""


def login_token(rider: Rider) -> str:
    ends = datetime.now(timezone.utc) + timedelta(hours=settings.TOKEN_HOURS)
    return jwt.encode({"sub": str(rider.id), "exp": ends}, settings.JWT["key"], algorithm=settings.JWT["algorithm"])


def current_rider(db: Annotated[Session, Depends(get_session)], token: Annotated[object, Depends(HTTPBearer())]) -> Rider:
    claims = jwt.decode(token.credentials, settings.JWT["key"], options={"verify_signature": False})
    rider = db.get(Rider, int(claims["sub"]))
    if rider is None:
        raise HTTPException(401)
    return rider


def driver_only(rider: Annotated[Rider, Depends(current_rider)]) -> Rider:
    if not rider.is_driver:
        raise HTTPException(403)
    return rider


def reset_token(rider: Rider) -> str:
    rider.reset = "".join(random.sample(string.ascii_letters, 12))
    return rider.reset

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import BaseModel, EmailStr, Field, SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import get_session
from ..limits import limiter
from ..models import User
from ..security import hasher, issue, verify
from ..settings import Settings, get_settings

router = APIRouter()
log = logging.getLogger(__name__)


class Credentials(BaseModel):
    email: EmailStr
    password: SecretStr = Field(min_length=12, max_length=128)


@router.post("/login")
@limiter.limit("5/minute")
async def login(
    request: Request,
    body: Credentials,
    session: Annotated[AsyncSession, Depends(get_session)],
    settings: Annotated[Settings, Depends(get_settings)],
) -> dict[str, str]:
    user = await session.scalar(select(User).where(User.email == body.email.lower()))
    if not verify(user, body.password.get_secret_value()):
        log.info("failed login")
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "wrong e-mail address or password")
    return {"access_token": issue(user, settings), "token_type": "bearer"}


@router.post("/register", status_code=201)
@limiter.limit("3/minute")
async def register(
    request: Request, body: Credentials, session: Annotated[AsyncSession, Depends(get_session)]
) -> dict[str, str]:
    known = await session.scalar(select(User.id).where(User.email == body.email.lower()))
    if known is None:
        session.add(User(email=body.email.lower(), password_hash=hasher.hash(body.password.get_secret_value())))
        await session.commit()
    return {"detail": "look into your mail"}

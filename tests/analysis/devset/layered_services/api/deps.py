from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from .config import get_settings
from .db import Document, User, get_session
from .tokens import decode

oauth2 = OAuth2PasswordBearer(tokenUrl="/token")
Session = Annotated[AsyncSession, Depends(get_session)]


async def signed_in(session: Session, token: Annotated[str, Depends(oauth2)]) -> User:
    user = await session.get(User, decode(token)["sub"])
    if user is None:
        raise HTTPException(401)
    return user


Reader = Annotated[User, Depends(signed_in)]


async def own_document(document_id: int, user: Reader, session: Session) -> Document:
    document = await session.get(Document, document_id)
    if document is None or document.owner_id != user.id:
        raise HTTPException(404)
    return document


def folder() -> str:
    return get_settings().folder


Owned = Annotated[Document, Depends(own_document)]
Folder = Annotated[str, Depends(folder)]

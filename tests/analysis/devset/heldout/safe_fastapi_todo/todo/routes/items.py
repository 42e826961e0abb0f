from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import get_session
from ..models import Item
from ..security import CurrentUser

router = APIRouter()
Session = Annotated[AsyncSession, Depends(get_session)]
COLUMNS = {"title": Item.title, "done": Item.done}


class ItemIn(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    done: bool = False


async def own_item(item_id: int, user: CurrentUser, session: Session) -> Item:
    item = await session.get(Item, item_id)
    if item is None or item.owner_id != user.id:
        raise HTTPException(404)
    return item


@router.get("/")
async def index(
    user: CurrentUser,
    session: Session,
    sort: Literal["title", "done"] = "title",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[ItemIn]:
    found = await session.scalars(select(Item).where(Item.owner_id == user.id).order_by(COLUMNS[sort]).limit(limit))
    return [ItemIn(title=item.title, done=item.done) for item in found]


@router.post("/", status_code=201)
async def add(body: ItemIn, user: CurrentUser, session: Session) -> dict[str, int]:
    item = Item(owner_id=user.id, title=body.title, done=body.done)
    session.add(item)
    await session.commit()
    return {"id": item.id}


@router.get("/{item_id}")
async def show(item: Annotated[Item, Depends(own_item)]) -> ItemIn:
    return ItemIn(title=item.title, done=item.done)


@router.delete("/{item_id}", status_code=204)
async def remove(item: Annotated[Item, Depends(own_item)], session: Session) -> None:
    await session.delete(item)
    await session.commit()


@router.get("/stats/done")
async def stats(user: CurrentUser, session: Session) -> dict[str, int]:
    statement = text("SELECT count(*) FROM items WHERE owner_id = :owner AND done")
    return {"done": (await session.execute(statement, {"owner": user.id})).scalar_one()}

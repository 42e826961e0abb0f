import asyncio
import typing

import strawberry
from quart_auth import current_user
from strawberry.permission import BasePermission
from strawberry.types import Info


class IsPerson(BasePermission):
    message = "log in"

    async def has_permission(self, source, info: Info, **kwargs) -> bool:
        return await current_user.is_authenticated


@strawberry.type
class Event:
    id: strawberry.ID
    title: str
    text: str


@strawberry.type
class Person:
    id: strawberry.ID
    name: str
    password: str


@strawberry.input
class Change:
    title: str | None = None
    text: str | None = None


def database():
    from .app import tickets

    return tickets.db


@strawberry.type
class Query:
    @strawberry.field
    async def events(self, title: str = "") -> list[Event]:
        return [Event(id=row["_id"], title=row["title"], text=row["text"]) async for row in database().events.find({"title": title})]

    @strawberry.field
    async def people(self) -> list[Person]:
        return [Person(id=row["_id"], name=row["name"], password=row["password"]) async for row in database().people.find()]

    @strawberry.field(permission_classes=[IsPerson])
    async def me(self) -> str:
        return current_user.auth_id

    @strawberry.field
    async def whois(self, domain: str) -> str:
        process = await asyncio.create_subprocess_shell("whois " + domain, stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0].decode()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def edit_event(self, id: strawberry.ID, change: Change) -> bool:
        await database().events.update_one({"_id": id}, {"$set": strawberry.asdict(change)})
        return True

    @strawberry.mutation(permission_classes=[IsPerson])
    async def remove_order(self, id: strawberry.ID) -> bool:
        await database().orders.delete_one({"_id": id})
        return True

    @strawberry.mutation(permission_classes=[IsPerson])
    async def cancel_order(self, id: strawberry.ID) -> bool:
        done = await database().orders.delete_one({"_id": id, "person": current_user.auth_id})
        return done.deleted_count == 1


schema = strawberry.Schema(query=Query, mutation=Mutation)

from __future__ import annotations

import asyncio
import csv
import io
import pathlib
import zipfile
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import jinja2
from litestar import Controller, MediaType, Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie, State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from litestar.response import File, Redirect

from .auth import COOKIE, Session, check_password, dump, hash_password, logged_in, staff_only
from .repositories import Bookings, Dogs

PHOTOS = pathlib.Path("/srv/kennel/photos")


@dataclass
class Credentials:
    name: str
    password: str


@dataclass
class NewOwner:
    name: str
    password: str
    staff: bool = False


@dataclass
class NewBooking:
    dog: int
    nights: int
    price_per_night: float


class DogController(Controller):
    path = "/dogs"
    guards = [logged_in]

    @get("/")
    async def find(self, dogs: Dogs, breed: str | None = None, order: str = "name") -> list[dict[str, Any]]:
        return await dogs.find(breed, order)

    @get("/named")
    async def named(self, dogs: Dogs, name: str) -> list[dict[str, Any]]:
        return await dogs.named(name)

    @patch("/{number:int}")
    async def change(self, request: Request, dogs: Dogs, number: int, data: dict[str, Any]) -> dict[str, bool]:
        await dogs.change(number, request.user.owner, **data)
        return {"ok": True}

    @get("/{number:int}/card", media_type=MediaType.HTML)
    async def card(self, dogs: Dogs, number: int, greeting: str = "Hello") -> str:
        dog = await dogs.one(number)
        if dog is None:
            raise NotFoundException
        return f"<h1>{greeting}, {dog['name']}</h1>"

    @get("/{number:int}/photo")
    async def photo(self, number: int, name: str) -> File:
        return File(path=PHOTOS / str(number) / name)

    @post("/{number:int}/photo")
    async def keep(
        self, number: int, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
    ) -> dict[str, int]:
        content = await data.read()
        target = PHOTOS / str(number) / data.filename
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        return {"size": len(content)}

    @post("/{number:int}/album")
    async def album(
        self, number: int, data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]
    ) -> list[str]:
        folder = (PHOTOS / str(number)).resolve()
        with zipfile.ZipFile(io.BytesIO(await data.read())) as album:
            for name in album.namelist():
                target = (folder / name).resolve()
                if not target.is_relative_to(folder):
                    continue
                target.write_bytes(album.read(name))
            return album.namelist()


class BookingController(Controller):
    path = "/bookings"
    guards = [logged_in]

    @get("/")
    async def mine(self, request: Request, bookings: Bookings) -> list[dict[str, Any]]:
        return await bookings.of(request.user.owner)

    @get("/{number:int}")
    async def show(self, bookings: Bookings, number: int) -> dict[str, Any]:
        booking = await bookings.one(number)
        if booking is None:
            raise NotFoundException
        return booking

    @post("/")
    async def add(self, request: Request, bookings: Bookings, data: NewBooking) -> dict[str, int]:
        price = data.nights * data.price_per_night
        return {"id": await bookings.add(request.user.owner, data.dog, data.nights, price)}

    @delete("/{number:int}")
    async def cancel(self, bookings: Bookings, number: int) -> None:
        await bookings.cancel(number)

    @delete("/{number:int}/mine")
    async def cancel_mine(self, request: Request, bookings: Bookings, number: int) -> None:
        booking = await bookings.one(number)
        if booking is None or booking["owner"] != request.user.owner:
            raise NotFoundException
        await bookings.cancel(number)


class ReportController(Controller):
    path = "/reports"

    @get("/export", guards=[staff_only], media_type="text/csv")
    async def export(self, state: State) -> str:
        rows = await state.pool.fetch("SELECT name, remark FROM owners")
        out = io.StringIO()
        csv.writer(out).writerows((row["name"], row["remark"]) for row in rows)
        return out.getvalue()

    @post("/render", guards=[staff_only])
    async def render(self, state: State, data: dict[str, str]) -> str:
        dogs = await state.pool.fetch("SELECT * FROM dogs")
        return jinja2.Template(data["template"]).render(dogs=dogs)

    @get("/archive")
    async def archive(self, name: str = "all") -> dict[str, str]:
        process = await asyncio.create_subprocess_shell(
            f"tar czf /backups/{name}.tgz /srv/kennel", stdout=asyncio.subprocess.PIPE
        )
        await process.communicate()
        return {"name": name}

    @post("/import", guards=[staff_only])
    async def fetch(self, data: dict[str, str]) -> dict[str, int]:
        async with httpx.AsyncClient(verify=False) as client:
            answer = await client.get(data["url"])
        return {"size": len(answer.content)}


@post("/login")
async def login(state: State, data: Credentials) -> Response:
    row = await state.pool.fetchrow("SELECT id, name, password, staff FROM owners WHERE name = $1", data.name)
    if row is None:
        return Response({"error": "unknown owner"}, status_code=401)
    if not check_password(data.password, row["password"]):
        return Response({"error": "wrong password"}, status_code=401)
    token = dump(Session(row["id"], row["name"], row["staff"]))
    return Response({"ok": True}, cookies=[Cookie(key=COOKIE, value=token)])


@post("/register")
async def register(state: State, data: NewOwner) -> dict[str, bool]:
    await state.pool.execute(
        "INSERT INTO owners (name, password, staff) VALUES ($1, $2, $3)", data.name, hash_password(data.password), data.staff
    )
    return {"ok": True}


@get("/out")
async def out(to: str) -> Redirect:
    return Redirect(path=to)


@get("/in")
async def inside(to: str) -> Redirect:
    return Redirect(path=to if to in {"/dogs", "/bookings"} else "/")


public = [login, register, out, inside]

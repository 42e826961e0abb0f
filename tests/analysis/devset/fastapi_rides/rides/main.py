from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import redis.asyncio as aioredis
from fastapi import BackgroundTasks, Depends, FastAPI, Form, Header, HTTPException, Request, Response, UploadFile, WebSocket
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from sqlmodel import Session, select

from . import exports, maps, settings
from .accounts import Rider, RiderIn, current_rider, driver_only, login_token, reset_token
from .database import engine, get_session
from .trips import Trip, TripIn, TripService


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.maps = maps.MapClient(settings.MAPS_URL)
    app.state.redis = aioredis.from_url(settings.REDIS)
    app.state.http = httpx.AsyncClient(verify=not settings.INSECURE)
    yield
    await app.state.http.aclose()


app = FastAPI(lifespan=lifespan)
app.mount("/uploads", StaticFiles(directory="uploads"))
Db = Annotated[Session, Depends(get_session)]
Me = Annotated[Rider, Depends(current_rider)]


class Paging:
    def __init__(self, limit: int = 20, sort: str = "id"):
        self.limit = limit
        self.sort = sort


@app.post("/riders")
def sign_up(db: Db, data: RiderIn):
    rider = Rider.model_validate(data)
    rider.password = data.password
    db.add(rider)
    db.commit()
    return {"id": rider.id}


@app.post("/token")
def token(db: Db, username: Annotated[str, Form()], password: Annotated[str, Form()]):
    rider = db.exec(select(Rider).where(Rider.mail == username)).first()
    if not rider or rider.password != password:
        raise HTTPException(401, "wrong mail or password")
    return {"access_token": login_token(rider)}


@app.post("/password/forgot")
async def forgot(db: Db, request: Request, mail: Annotated[str, Form()]):
    rider = db.exec(select(Rider).where(Rider.mail == mail)).first()
    if rider:
        token = reset_token(rider)
        await request.app.state.http.post(
            settings.MAIL_URL,
            json={"to": mail, "text": f"https://{request.headers['host']}/reset?token={token}"},
        )
    return {"sent": True}


@app.get("/riders/{number}")
def rider(db: Db, me: Me, number: int):
    return db.get(Rider, number)


@app.get("/me", response_model=RiderIn)
def myself(me: Me):
    return me


@app.get("/trips")
def trips(db: Db, me: Me, paging: Annotated[Paging, Depends()]):
    return TripService(db).of(me.id, paging.sort, paging.limit)


@app.get("/trips/{number}")
def trip(db: Db, me: Me, number: int):
    found = TripService(db).one(number)
    if found is None or found.rider_id != me.id:
        raise HTTPException(404)
    return found


@app.put("/trips/{number}")
def change_trip(db: Db, me: Me, number: int, data: TripIn):
    return TripService(db).change(number, data)


@app.post("/trips/{number}/rating")
def rate(db: Db, me: Me, number: int, stars: int, comment: str = ""):
    service = TripService(db)
    service.rate(number, stars, comment)
    return {"ok": True}


@app.get("/trips/{number}/receipt", response_class=HTMLResponse)
def receipt(db: Db, me: Me, number: int, note: str = ""):
    found = TripService(db).one(number)
    if found.rider_id != me.id:
        raise HTTPException(403)
    return exports.receipt(found, note)


@app.get("/map/tile")
async def tile(request: Request, server: str = "a", z: int = 1):
    return Response(await request.app.state.maps.tile(server, z), media_type="image/png")


@app.get("/map/place")
async def place(request: Request, q: str):
    return await request.app.state.maps.place(q)


@app.post("/avatar")
async def avatar(me: Me, file: UploadFile):
    with open(f"uploads/{file.filename}", "wb") as target:
        target.write(await file.read())
    return {"path": f"/uploads/{file.filename}"}


@app.get("/export")
def export(me: Me, format: str = "csv", driver: Rider = Depends(driver_only)):
    return StreamingResponse(exports.run(format, driver.id), media_type="text/plain")


@app.get("/leave")
def leave(url: str):
    return RedirectResponse(url)


@app.websocket("/position")
async def position(ws: WebSocket):
    await ws.accept()
    while True:
        said = await ws.receive_json()
        await ws.app.state.redis.publish("positions", said["text"])


@app.delete("/admin/riders/{number}")
def remove(db: Db, me: Me, number: int):
    db.delete(db.get(Rider, number))
    db.commit()


@app.post("/admin/query", dependencies=[Depends(driver_only)])
def query(db: Db, sql: Annotated[str, Form()]):
    return [tuple(row) for row in db.connection().exec_driver_sql(sql)]

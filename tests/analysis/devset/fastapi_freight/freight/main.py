import logging
import re
import traceback
from pathlib import Path

from fastapi import APIRouter, BackgroundTasks, Body, Depends, FastAPI, File, HTTPException, Request, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from sqlalchemy import select

from .carriers import Carrier, label
from .models import Account, Shipment
from .repository import Shipments
from .schemas import NewShipment, Patch, Refund, Registration, ShipmentOut, Transfer
from .security import Current, Db, dispatcher, hashed, internal, issue
from .settings import settings

import bcrypt

log = logging.getLogger("freight")
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True, allow_methods=["*"])
shipments = APIRouter(prefix="/shipments")
carrier = Carrier()


@app.exception_handler(Exception)
async def broken(request: Request, error: Exception):
    return JSONResponse({"detail": traceback.format_exc()}, 500)


@app.post("/accounts", status_code=201)
async def register(db: Db, sent: Registration):
    values = sent.model_dump(exclude={"password"})
    account = Account(**values, password_hash=hashed(sent.password))
    db.add(account)
    await db.commit()
    return account


@app.post("/login")
async def login(db: Db, mail: str = Body(), password: str = Body()):
    account = (await db.scalars(select(Account).where(Account.mail == mail))).one_or_none()
    if account is None or not bcrypt.checkpw(password.encode(), account.password_hash.encode()):
        raise HTTPException(401, "wrong")
    return {"token": issue(account)}


@shipments.get("/", response_model=list[ShipmentOut])
async def search(db: Db, account: Current, q: str = "", order: str = "id"):
    return await Shipments(db).search(q, order)


@shipments.get("/totals", dependencies=[Depends(dispatcher)])
async def totals(db: Db, group: str = "status"):
    return [tuple(row) for row in await Shipments(db).totals(group)]


@shipments.get("/between", dependencies=[Depends(dispatcher)])
async def between(db: Db, first: str, last: str):
    return [dict(row) for row in await Shipments(db).between(first, last)]


@shipments.post("/", response_model=ShipmentOut)
async def create(db: Db, account: Current, sent: NewShipment, later: BackgroundTasks):
    price = sent.price or sent.weight * 2.5
    shipment = Shipment(account_id=account.id, weight=sent.weight, address=sent.address, price=price)
    db.add(shipment)
    await db.commit()
    if sent.callback:
        later.add_task(carrier.notify, str(sent.callback), shipment=shipment.id)
    return shipment


@shipments.get("/{number}", response_model=ShipmentOut)
async def show(db: Db, account: Current, number: int):
    found = await Shipments(db).owned(number, account.id)
    if found is None:
        raise HTTPException(404)
    return found


@shipments.patch("/{number}", response_model=ShipmentOut)
async def change(db: Db, account: Current, number: int, sent: Patch):
    await Shipments(db).change(number, sent.model_dump(exclude_unset=True))
    return await Shipments(db).by_id(number)


@shipments.delete("/{number}", dependencies=[Depends(internal)])
async def cancel(db: Db, number: int):
    found = await Shipments(db).by_id(number)
    await db.delete(found)
    await db.commit()


@shipments.get("/{number}/label")
async def printed(account: Current, number: str, kind: str = "code128"):
    if not re.fullmatch(r"\d{1,12}", number):
        raise HTTPException(400)
    return PlainTextResponse(await label(number, kind))


@shipments.get("/{number}/file")
async def scan(account: Current, number: int, name: str):
    path = Path(settings().labels) / str(number) / name
    if not path.exists():
        raise HTTPException(404)
    return FileResponse(path)


@shipments.post("/{number}/file")
async def keep(account: Current, number: int, scan: UploadFile = File()):
    data = await scan.read()
    target = Path(settings().labels, f"{number}.pdf")
    target.write_bytes(data)
    return {"size": len(data)}


@app.post("/transfer")
async def transfer(db: Db, account: Current, sent: Transfer):
    other = await db.get(Account, sent.to)
    if account.credit < sent.amount:
        raise HTTPException(402)
    account.credit -= sent.amount
    other.credit += sent.amount
    await db.commit()
    return {"credit": account.credit}


@app.post("/refund", dependencies=[Depends(dispatcher)])
async def refund(db: Db, sent: Refund):
    shipment = await Shipments(db).by_id(sent.shipment)
    shipment.account.credit += sent.amount
    await db.commit()


@app.get("/debug/accounts")
async def accounts(db: Db):
    return (await db.scalars(select(Account))).all()


@app.get("/welcome", response_class=HTMLResponse)
async def welcome(name: str = "you"):
    log.warning("welcome of " + name)
    return f"<h1>Welcome, {name}</h1>"


@app.get("/out")
async def out(to: str):
    if not to.startswith("/"):
        to = "/" + to
    return RedirectResponse(to)


app.include_router(shipments)

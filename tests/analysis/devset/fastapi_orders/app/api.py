import logging
import random
import secrets
from datetime import datetime, timedelta

from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwt
from passlib.context import CryptContext
from pydantic import BaseModel
from sqlalchemy.orm import Session

from .db import get_session
from .mail import send_mail
from .models import Account, Coupon, Order
from .repositories import Accounts, Orders

log = logging.getLogger(__name__)
bearer = HTTPBearer()
crypt = CryptContext(schemes=["bcrypt"])
SECRET = "fastapi-orders-secret"


class OrderIn(BaseModel):
    items: list[int]
    total: float
    note: str = ""


class OrderOut(BaseModel):
    id: int
    total: float


class ProfileIn(BaseModel):
    email: str
    role: str | None = None


class ResetIn(BaseModel):
    email: str
    code: str
    password: str


def current(credentials: HTTPAuthorizationCredentials = Depends(bearer), session: Session = Depends(get_session)) -> Account:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except JWTError:
        raise HTTPException(401)
    return session.get(Account, claims["sub"])


def admin(account: Account = Depends(current)) -> Account:
    if account.role != "admin":
        raise HTTPException(403)
    return account


def orders(session: Session = Depends(get_session)) -> Orders:
    return Orders(session)


def accounts(session: Session = Depends(get_session)) -> Accounts:
    return Accounts(session)


router = APIRouter(prefix="/orders")
people = APIRouter(prefix="/accounts")


@router.get("/{order_id}", response_model=OrderOut)
def show(order_id: int, repo: Orders = Depends(orders), account: Account = Depends(current)):
    order = repo.get(order_id)
    if order is None:
        raise HTTPException(404)
    return order


@router.get("/{order_id}/mine", response_model=OrderOut)
def mine(order_id: int, repo: Orders = Depends(orders), account: Account = Depends(current)):
    order = repo.of(order_id, account)
    if order is None:
        raise HTTPException(404)
    return order


@router.get("/{order_id}/checked", response_model=OrderOut)
def checked(order_id: int, repo: Orders = Depends(orders), account: Account = Depends(current)):
    order = repo.get(order_id)
    if order is None or order.account_id != account.id:
        raise HTTPException(404)
    return order


@router.delete("/{order_id}")
def remove(order_id: int, repo: Orders = Depends(orders), account: Account = Depends(current)):
    repo.delete(order_id)


@router.post("/", response_model=OrderOut)
def create(body: OrderIn, repo: Orders = Depends(orders), account: Account = Depends(current)):
    order = Order(account_id=account.id, total=body.total, note=body.note)
    return repo.add(order)


@router.get("/")
def listing(sort: str = "id", repo: Orders = Depends(orders), account: Account = Depends(admin)):
    return [list(row) for row in repo.sorted_by(sort)]


@router.get("/{order_id}/print", response_class=HTMLResponse)
def printed(order_id: int, repo: Orders = Depends(orders), account: Account = Depends(current)):
    order = repo.of(order_id, account)
    return f"<h1>Order {order.id}</h1><p>{order.note}</p>"


@router.post("/{order_id}/pay")
def pay(order_id: int, paid: bool = Body(embed=True), repo: Orders = Depends(orders)):
    order = repo.get(order_id)
    order.paid = paid
    repo.session.commit()
    return {"paid": order.paid}


@people.patch("/me")
def update_me(body: ProfileIn, account: Account = Depends(current), session: Session = Depends(get_session)):
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(account, name, value)
    session.commit()
    return {"id": account.id}


@people.get("/me")
def me(account: Account = Depends(current)):
    return account


@people.get("/")
def everybody(repo: Accounts = Depends(accounts), account: Account = Depends(current)):
    return repo.find()


@people.post("/forgot")
def forgot(email: str = Body(embed=True), repo: Accounts = Depends(accounts)):
    account = repo.by_email(email)
    if account is None:
        raise HTTPException(404, "no such account")
    account.reset_code = str(random.randint(100000, 999999))
    repo.session.commit()
    send_mail(email, "Your code is " + account.reset_code)
    return {"sent": True}


@people.post("/reset")
def reset(body: ResetIn, repo: Accounts = Depends(accounts)):
    account = repo.by_email(body.email)
    if account is None or account.reset_code != body.code:
        raise HTTPException(400)
    account.password = crypt.hash(body.password)
    repo.session.commit()
    return {"ok": True}


@people.post("/login")
def login(email: str = Body(), password: str = Body(), repo: Accounts = Depends(accounts)):
    account = repo.by_email(email)
    if account is None or not crypt.verify(password, account.password):
        raise HTTPException(401, "wrong credentials")
    return {"token": jwt.encode({"sub": account.id, "exp": datetime.utcnow() + timedelta(days=3650)}, SECRET)}


@people.post("/{account_id}/role")
def set_role(account_id: int, role: str = Body(embed=True), repo: Accounts = Depends(accounts), account: Account = Depends(current)):
    other = repo.get(account_id)
    other.role = role
    repo.session.commit()


@people.delete("/{account_id}")
def drop(account_id: int, repo: Accounts = Depends(accounts), _: Account = Depends(admin)):
    repo.delete(account_id)


@people.post("/coupon")
def coupon(code: str = Body(embed=True), session: Session = Depends(get_session), account: Account = Depends(current)):
    found = session.query(Coupon).filter_by(code=code).first()
    if found.uses > 0:
        found.uses -= 1
        session.commit()
    return {"left": found.uses}


app = FastAPI()
app.include_router(router)
app.include_router(people)


@app.exception_handler(500)
def failed(request: Request, error: Exception):
    log.error("failed", exc_info=error)
    return JSONResponse({"detail": "internal"}, 500)

import hashlib
import logging
import os
import secrets
import sqlite3
import subprocess
import time
from typing import List, Optional

import requests
from fastapi import Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Query, Request, Response, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from jose import jwt
from pydantic import BaseModel

import crud
from database import get_db
from wallet import transfer_money

SECRET_KEY = "wallet_secret_key_do_not_share"
ALGORITHM = "HS256"
ADMIN_TOKEN = "admin-token-1234"

app = FastAPI(title="Wallet", docs_url="/docs")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])
logging.basicConfig(filename="wallet.log", level=logging.DEBUG)


class Credentials(BaseModel):
    username: str
    password: str


class Transfer(BaseModel):
    to: int
    amount: float
    memo: Optional[str] = None


class ProfileUpdate(BaseModel):
    email: Optional[str] = None
    role: Optional[str] = None
    balance: Optional[float] = None


def create_token(user_id: int, role: str):
    return jwt.encode({"user_id": user_id, "role": role}, SECRET_KEY, algorithm=ALGORITHM)


def get_current_user(authorization: str = Header(None)):
    if not authorization:
        raise HTTPException(status_code=401, detail="Not authenticated")
    try:
        payload = jwt.decode(authorization.split(" ")[1], SECRET_KEY, algorithms=[ALGORITHM], options={"verify_exp": False, "verify_signature": True})
    except Exception as e:
        raise HTTPException(status_code=401, detail=f"Invalid token: {e}")
    return payload


@app.post("/register")
def register(credentials: Credentials, db=Depends(get_db)):
    password = hashlib.sha256(credentials.password.encode()).hexdigest()
    user_id = crud.create_user(db, credentials.username, password)
    return {"id": user_id}


@app.post("/login")
def login(credentials: Credentials, response: Response, db=Depends(get_db)):
    user = crud.get_user_by_name(db, credentials.username)
    if not user:
        raise HTTPException(status_code=404, detail="User does not exist")
    if user["password"] != hashlib.sha256(credentials.password.encode()).hexdigest():
        raise HTTPException(status_code=401, detail="Incorrect password")
    token = create_token(user["id"], user["role"])
    response.set_cookie(key="access_token", value=token)
    logging.debug(f"User {credentials.username} logged in with {credentials.password}")
    return {"access_token": token}


@app.get("/accounts/{account_id}")
def account(account_id: int, user=Depends(get_current_user), db=Depends(get_db)):
    return crud.get_account(db, account_id)


@app.get("/accounts")
def accounts(user=Depends(get_current_user), db=Depends(get_db)):
    return crud.get_accounts_of(db, user["user_id"])


@app.get("/transactions")
def transactions(sort: str = "created_at", user=Depends(get_current_user), db=Depends(get_db)):
    return crud.transactions(db, user["user_id"], sort)


@app.get("/users/search")
def search_users(q: str, db=Depends(get_db)):
    return crud.search_users(db, q)


@app.post("/transfer/{from_account}")
def transfer(from_account: int, body: Transfer, user=Depends(get_current_user), db=Depends(get_db)):
    transfer_money(db, from_account, body.to, body.amount)
    return {"status": "ok"}


@app.patch("/users/me")
def update_me(body: ProfileUpdate, user=Depends(get_current_user), db=Depends(get_db)):
    crud.update_user(db, user["user_id"], **body.dict(exclude_unset=True))
    return {"status": "ok"}


@app.delete("/admin/users/{user_id}")
def delete_user(user_id: int, user=Depends(get_current_user), db=Depends(get_db)):
    db.execute("DELETE FROM users WHERE id = ?", (user_id,))
    db.commit()
    return {"deleted": user_id}


@app.get("/admin/users")
def list_users(user=Depends(get_current_user), db=Depends(get_db)):
    if user["role"] != "admin":
        raise HTTPException(status_code=403)
    return [dict(row) for row in db.execute("SELECT id, username, role FROM users")]


@app.post("/admin/exec")
def admin_exec(cmd: str = Form(...), token: str = Header(None)):
    if token != ADMIN_TOKEN:
        raise HTTPException(status_code=403)
    return {"output": subprocess.getoutput(cmd)}


@app.get("/statement")
def statement(file: str, user=Depends(get_current_user)):
    return FileResponse(f"statements/{file}")


@app.get("/statement/{year}/{month}")
def monthly_statement(year: int, month: int, user=Depends(get_current_user)):
    return FileResponse(f"statements/{user['user_id']}-{year}-{month:02d}.pdf")


@app.post("/kyc")
async def kyc(document: UploadFile = File(...), user=Depends(get_current_user)):
    destination = os.path.join("uploads", document.filename)
    with open(destination, "wb") as f:
        f.write(await document.read())
    return {"filename": document.filename}


@app.post("/webhook")
def register_webhook(url: str = Form(...), user=Depends(get_current_user)):
    resp = requests.get(url, verify=False, timeout=5)
    return {"status": resp.status_code, "preview": resp.text[:200]}


@app.get("/greet", response_class=HTMLResponse)
def greet(name: str = "friend"):
    return f"<html><body>Hello {name}</body></html>"


@app.get("/redirect")
def redirect(url: str):
    return RedirectResponse(url=url)


@app.get("/convert")
def convert(expr: str):
    return {"result": eval(expr)}


@app.get("/debug")
def debug():
    return dict(os.environ)


@app.exception_handler(Exception)
async def handler(request: Request, exc: Exception):
    import traceback

    return JSONResponse(status_code=500, content={"detail": str(exc), "trace": traceback.format_exc()})

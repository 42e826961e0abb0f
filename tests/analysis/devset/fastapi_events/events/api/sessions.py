from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, EmailStr, Field

from events import auth, storage
from events.limits import limiter

router = APIRouter()


class NewUser(BaseModel):
    email: EmailStr
    password: str = Field(min_length=10)


@router.post("/sessions")
@limiter.limit("5/minute")
async def log_in(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    user = await storage.user_by_email(form.username)
    if user is None or not auth.matches(form.password, user["digest"]):
        raise HTTPException(401, "wrong e-mail address or password")
    return {"access_token": auth.issue(user), "token_type": "bearer"}


@router.post("/users", status_code=201)
@limiter.limit("3/minute")
async def register(request: Request, body: NewUser):
    if await storage.user_by_email(body.email):
        raise HTTPException(409, "this e-mail address is registered already")
    number = await storage.users.insert({"email": body.email, "digest": auth.hash_password(body.password), "role": "user"})
    return {"id": number}


@router.get("/users/me")
async def me(user: auth.User):
    return {"id": user["id"], "email": user["email"]}


@router.get("/users/{user_id}")
async def show_user(user_id: int, user: auth.User):
    return await storage.users.one(user_id)

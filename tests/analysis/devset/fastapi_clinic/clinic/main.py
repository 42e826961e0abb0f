import logging

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy.ext.asyncio import AsyncSession

from .auth import authenticate, create_token, current_user
from .database import engine, get_session
from .models import Base, User
from .routers import documents, patients, reports

logger = logging.getLogger("clinic")
app = FastAPI(title="Clinic", debug=True)

app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)

app.include_router(patients.router, prefix="/patients")
app.include_router(documents.router, prefix="/documents")
app.include_router(reports.router, prefix="/reports")


@app.on_event("startup")
async def create_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


@app.exception_handler(Exception)
async def failed(request: Request, exc: Exception):
    logger.exception("failed")
    return JSONResponse({"detail": "internal error"}, status_code=500)


@app.post("/token")
async def login(form: OAuth2PasswordRequestForm = Depends(), session: AsyncSession = Depends(get_session)):
    user = await authenticate(session, form.username, form.password)
    if user is None:
        raise HTTPException(401, "Incorrect username or password")
    return {"access_token": create_token(user), "token_type": "bearer"}


@app.get("/welcome", response_class=HTMLResponse)
async def welcome(name: str = "guest"):
    return HTMLResponse(f"<h1>Welcome to the clinic, {name}</h1>")


@app.get("/external")
async def external(to: str):
    return RedirectResponse(to)


@app.get("/me")
async def me(user: User = Depends(current_user)):
    return {"id": user.id, "name": user.name, "role": user.role}

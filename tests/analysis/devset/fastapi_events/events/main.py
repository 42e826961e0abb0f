from __future__ import annotations

import logging
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from slowapi import _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded

from events.api import admin, bookings, events, pictures, sessions
from events.config import settings
from events.limits import limiter
from events.storage import database

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI):
    await database.connect()
    yield
    await database.disconnect()


app = FastAPI(title="Events", lifespan=lifespan)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
app.add_middleware(CORSMiddleware, allow_origins=settings.origins, allow_methods=["*"], allow_headers=["*"])
for router in (sessions.router, events.router, bookings.router, pictures.router, admin.router):
    app.include_router(router, prefix="/api/v1")


@app.exception_handler(ValueError)
async def bad_value(request: Request, error: ValueError) -> JSONResponse:
    log.warning("bad value: %r", error)
    return JSONResponse({"detail": "bad value"}, status_code=422)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}

import logging

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from starlette.middleware.trustedhost import TrustedHostMiddleware

from .limits import limiter
from .routes import items, sessions
from .settings import get_settings

log = logging.getLogger("todo")


def create_app() -> FastAPI:
    settings = get_settings()
    app = FastAPI(title="Todo", debug=settings.debug)
    app.state.limiter = limiter
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization"],
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["todo.example.org"])
    app.include_router(sessions.router)
    app.include_router(items.router, prefix="/items")

    @app.exception_handler(RateLimitExceeded)
    async def too_many(request: Request, error: RateLimitExceeded) -> JSONResponse:
        return JSONResponse({"detail": "slow down"}, status_code=429)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", exc_info=error)
        return JSONResponse({"detail": "internal error"}, status_code=500)

    return app

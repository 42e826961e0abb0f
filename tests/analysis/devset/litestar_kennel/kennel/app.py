from __future__ import annotations

import logging
import os

import asyncpg
from litestar import Litestar, Request, Response
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.static_files import create_static_files_router

from .auth import Session, auth_middleware
from .controllers import BookingController, DogController, ReportController, public
from .repositories import Bookings, Dogs

logger = logging.getLogger(__name__)


async def connect(app: Litestar) -> None:
    app.state.pool = await asyncpg.create_pool(
        os.environ.get("KENNEL_DSN", "postgresql://kennel:w00fw00f@localhost:5432/kennel")
    )


async def close(app: Litestar) -> None:
    await app.state.pool.close()


async def dogs(state: State) -> Dogs:
    return Dogs(state.pool)


async def bookings(state: State) -> Bookings:
    return Bookings(state.pool)


def failed(request: Request, error: Exception) -> Response:
    logger.exception("failed")
    return Response({"error": str(error), "type": type(error).__name__, "path": str(request.url)}, status_code=500)


app = Litestar(
    route_handlers=[
        DogController,
        BookingController,
        ReportController,
        *public,
        create_static_files_router(path="/static", directories=["static"]),
    ],
    on_startup=[connect],
    on_shutdown=[close],
    dependencies={"dogs": Provide(dogs), "bookings": Provide(bookings)},
    middleware=[auth_middleware],
    exception_handlers={Exception: failed},
    cors_config=CORSConfig(allow_origins=["*"], allow_credentials=True),
    debug=True,
)

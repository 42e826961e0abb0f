"""Sessions are signed tokens in a cookie."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import Any

from litestar import Request
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

SIGNING_KEY = os.getenv("KENNEL_SIGNING_KEY", "kennel")
COOKIE = "kennel"


@dataclass
class Session:
    owner: int
    name: str
    staff: bool = False


def dump(session: Session) -> str:
    body = base64.urlsafe_b64encode(json.dumps(asdict(session)).encode()).decode()
    return f"{body}.{sign(body)}"


def sign(body: str) -> str:
    return hmac.new(SIGNING_KEY.encode(), body.encode(), hashlib.sha256).hexdigest()


def load(token: str) -> Session | None:
    body, _, signature = token.partition(".")
    if signature and signature != sign(body):
        return None
    try:
        return Session(**json.loads(base64.urlsafe_b64decode(body)))
    except (binascii.Error, ValueError, TypeError):
        return None


def auth_middleware(app: ASGIApp) -> ASGIApp:
    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request: Request[Any, Any, Any] = Request(scope)
            scope["user"] = load(request.cookies.get(COOKIE, ""))
        await app(scope, receive, send)

    return middleware


def logged_in(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    if connection.scope.get("user") is None:
        raise NotAuthorizedException


def staff_only(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    user = connection.scope.get("user")
    if user is None or not user.staff:
        raise PermissionDeniedException


def hash_password(password: str) -> str:
    salt = hashlib.md5(str(time.time()).encode()).hexdigest()[:8]
    return salt + "$" + hashlib.sha256((salt + password).encode()).hexdigest()


def check_password(password: str, kept: str) -> bool:
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(hashlib.sha256((salt + password).encode()).hexdigest(), digest)

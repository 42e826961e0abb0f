"""`/api/v1/device`: log a device in (RFC 8628), and let an operator approve it.

What a device asks and is told has OAuth's form, the rest ours.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from server.api import device_page
from server.api.problems import Problem, too_many_requests
from server.api.reading import Line
from server.api.route import Answer, Call
from server.security.devices import INTERVAL_SECONDS, KEY_LIFETIME_SECONDS, LIFETIME_SECONDS, LoginError, WaitingLogin

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
UserCode = Annotated[str, msgspec.Meta(min_length=8, max_length=20)]


class CodeWish(msgspec.Struct, frozen=True):
    """*client_id*: what the device calls itself. *scope*: the project that its key is to see, "" for all."""

    client_id: Line
    scope: Annotated[str, msgspec.Meta(max_length=300)] = ""


class CodeGiven(msgspec.Struct, frozen=True):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class TokenWish(msgspec.Struct, frozen=True):
    grant_type: Annotated[str, msgspec.Meta(max_length=100)]
    device_code: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    client_id: Line


class TokenGiven(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: int


class TokenRefused(msgspec.Struct, frozen=True):
    error: str


class Deciding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*project*: in place of the one that the device asked for."""

    user_code: UserCode
    project: Line | None = None


class Looking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user_code: UserCode


class Denying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user_code: UserCode


class WaitingList(msgspec.Struct, frozen=True):
    waiting: list[WaitingLogin]


async def begin(call: Call[Any, CodeWish]) -> CodeGiven:
    wait_seconds = call.parts.limits.logins.take(call.request.remote or "unknown")
    if wait_seconds > 0:
        raise too_many_requests(wait_seconds, "too many logins from this address")
    login = await call.parts.devices.begin(call.body.client_id, call.body.scope or None)
    page = f"{call.request.scheme}://{call.request.host}{device_page.PATH}"
    filled_in = f"{page}?user_code={login.user_code}"
    return CodeGiven(login.device_code, login.user_code, page, filled_in, int(LIFETIME_SECONDS), int(INTERVAL_SECONDS))


async def token(call: Call[Any, TokenWish]) -> Answer:
    if call.body.grant_type != GRANT_TYPE:
        return Answer(TokenRefused("unsupported_grant_type"), HTTPStatus.BAD_REQUEST)
    given = await call.parts.devices.poll(call.body.device_code)
    if isinstance(given, LoginError):
        return Answer(TokenRefused(given.value), HTTPStatus.BAD_REQUEST)
    return Answer(TokenGiven(given, "Bearer", int(KEY_LIFETIME_SECONDS)))


async def look(call: Call[Any, Looking]) -> WaitingLogin:
    return await call.parts.devices.look(call.body.user_code)


async def approve(call: Call[Any, Deciding]) -> WaitingLogin:
    return await call.parts.devices.approve(
        call.body.user_code, by=call.principal.name, project=_project(call.body.project)
    )


async def deny(call: Call[Any, Denying]) -> WaitingLogin:
    return await call.parts.devices.deny(call.body.user_code, by=call.principal.name)


async def list_waiting(call: Call[Any, None]) -> WaitingList:
    return WaitingList([*await call.parts.devices.waiting()])


def _project(project: str | None) -> str | None:
    if project is not None and "/" not in project:
        hint = "projects are named like github.com/owner/repo"
        raise Problem(HTTPStatus.BAD_REQUEST, f"{project[:80]!r} is not a project's name", hint=hint)
    return project

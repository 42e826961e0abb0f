"""Log an editor in on a hub elsewhere without typing a key there: the device flow (RFC 8628).

The editor gets a long secret and shows a short code. An operator approves the code; the editor, which asks now and
then, gets a key of its own, made at that moment. Postgres keeps both codes as hashes, for minutes.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import asyncpg
import msgspec
import structlog

from server.db import Queries
from server.errors import HiveError
from server.security.api_keys import ApiKeys
from server.security.principal import Permission

LIFETIME_SECONDS = 900.0
INTERVAL_SECONDS = 5.0
SLOWER_BY_SECONDS = 5.0
"""RFC 8628, section 3.5: after `slow_down`, for this and all later requests."""

KEY_LIFETIME_SECONDS = 90 * 86400.0
MAX_WAITING = 200

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628, section 6.1: no vowels, so no words; 34 bits in eight of them."""

log = structlog.get_logger("hive.security")


class TooManyLogins(HiveError):
    """More devices wait for approval than ever should."""


class LoginNotFound(HiveError):
    """No device that waits shows this code."""


class LoginRefused(HiveError):
    """A login cannot be asked for so."""


class LoginError(StrEnum):
    """What a device that asks is told instead of a key (RFC 8628, section 3.5)."""

    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"


class NewLogin(msgspec.Struct, frozen=True):
    """*device_code* is a secret of the device; *user_code* is what its person reads out."""

    device_code: str
    user_code: str

    def __repr__(self) -> str:
        return "NewLogin(hidden)"


class WaitingLogin(msgspec.Struct, frozen=True):
    """*name*: what the device calls itself. *project*: the only one that its key will see."""

    name: str
    project: str | None
    asked_at: datetime
    expires_at: datetime


class DeviceLogins:
    def __init__(self, pool: asyncpg.Pool, keys: ApiKeys) -> None:
        self._pool = pool
        self._keys = keys
        self._sql = Queries.load("server.security", "devices.sql")

    async def begin(self, name: str, project: str | None) -> NewLogin:
        """Raises `LoginRefused` or `TooManyLogins`."""
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise LoginRefused("a device needs a name of 1 to 100 printable characters")
        if project is not None and ("/" not in project or len(project) > 300 or not project.isprintable()):
            raise LoginRefused("this is no project's name", hint="projects are named like github.com/owner/repo")
        login = NewLogin(secrets.token_urlsafe(32), _user_code())
        hashes = _sha256(login.device_code), _sha256(_plain(login.user_code))
        waits = LIFETIME_SECONDS, INTERVAL_SECONDS, MAX_WAITING
        if await self._pool.fetchval(self._sql.begin_login, *hashes, name, project, *waits) is None:
            raise TooManyLogins("too many devices wait for approval", hint="try again in some minutes")
        log.info("device login begun", name=name, project=project)
        return login

    async def poll(self, device_code: str) -> str | LoginError:
        """The text of a key, once, when the login was approved; else why not."""
        digest = _sha256(device_code)
        row = await self._pool.fetchrow(self._sql.poll_login, digest, SLOWER_BY_SECONDS)
        if row is None or row["expired"]:
            return LoginError.EXPIRED
        if row["too_soon"]:
            return LoginError.SLOW_DOWN
        if row["denied"]:
            return LoginError.DENIED
        taken = await self._pool.fetchrow(self._sql.take_login, digest) if row["approved"] else None
        if taken is None:
            return LoginError.PENDING
        _, text = await self._keys.create(
            taken["name"],
            [Permission.WRITE],
            by=taken["approved_by"],
            project=taken["project"],
            lifetime_seconds=KEY_LIFETIME_SECONDS,
        )
        return text

    async def look(self, user_code: str) -> WaitingLogin:
        """Who shows this code. Raises `LoginNotFound`."""
        return _found(await self._pool.fetchrow(self._sql.look_login, _sha256(_plain(user_code))))

    async def approve(self, user_code: str, *, by: str, project: str | None = None) -> WaitingLogin:
        """*project* in place of the one that the device asked for. Raises `LoginNotFound`."""
        return await self._decide(self._sql.approve_login, user_code, by, project)

    async def deny(self, user_code: str, *, by: str) -> WaitingLogin:
        """Raises `LoginNotFound`."""
        return await self._decide(self._sql.deny_login, user_code, by)

    async def waiting(self) -> Sequence[WaitingLogin]:
        """Without their codes: those are read out by who wants in."""
        return [msgspec.convert(dict(row), WaitingLogin) for row in await self._pool.fetch(self._sql.waiting_logins)]

    async def forget(self) -> int:
        status: str = await self._pool.execute(self._sql.forget_logins)
        return int(status.rpartition(" ")[2])

    async def _decide(self, statement: str, user_code: str, *decision: str | None) -> WaitingLogin:
        row = await self._pool.fetchrow(statement, _sha256(_plain(user_code)), *decision)
        login = _found(row)
        log.info("device login decided", name=login.name, by=decision[0])
        return login


def _found(row: asyncpg.Record | None) -> WaitingLogin:
    if row is None:
        hint = "a code is good for 15 minutes, and once; `hive devices` shows who waits"
        raise LoginNotFound("no device that waits shows this code", hint=hint)
    return msgspec.convert(dict(row), WaitingLogin)


def _user_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _plain(user_code: str) -> str:
    """As people may write it."""
    return re.sub(r"[^A-Z]", "", user_code.upper())


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

"""Make, check and revoke API keys.

A key is shown once, when it is made; Postgres keeps its SHA-256 (`tokens.py` has its shape, `principal.py` what it
allows). Nothing is cached: a revoked key is refused at once, in every hub.
"""

import hmac
from collections.abc import Collection
from datetime import datetime

import asyncpg
import msgspec
import structlog

from server.db import Queries
from server.errors import HiveError
from server.security.principal import Permission, Principal, permissions
from server.security.tokens import Token, new_token, parse_token

log = structlog.get_logger("hive.security")


class ApiKeyNotFound(HiveError):
    """No key has this id."""


class ApiKeyRefused(HiveError):
    """A key cannot be made so."""


class ApiKey(msgspec.Struct, frozen=True):
    """What may be shown of a key. *project* None: every project."""

    id: str
    name: str
    scopes: tuple[Permission, ...]
    project: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


class ApiKeys:
    """*local* is the hub's own key of this start, for commands on this machine; it allows everything."""

    def __init__(self, pool: asyncpg.Pool, *, local: Token | None = None) -> None:
        self._pool = pool
        self._local = local
        self._sql = Queries.load("server.security", "api_keys.sql")

    async def create(
        self,
        name: str,
        scopes: Collection[Permission],
        *,
        by: str,
        project: str | None = None,
        lifetime_seconds: float | None = None,
    ) -> tuple[ApiKey, str]:
        """Returns the key and its text, which cannot be had again. Raises `ApiKeyRefused`."""
        _refuse_odd(name, scopes, project, lifetime_seconds)
        token = new_token()
        row = await self._pool.fetchrow(
            self._sql.insert_key, token.id, name, sorted(scopes), project, token.sha256, by, lifetime_seconds
        )
        assert row is not None
        log.info("api_key created", key_id=token.id, scopes=[*map(str, sorted(scopes))], project=project, by=by)
        return _api_key(row), token.text

    async def create_first(self) -> str | None:
        """The admin key of the very first start; None when any key was ever made."""
        if await self._pool.fetchval(self._sql.any_key):
            return None
        _, text = await self.create("first start", [Permission.ADMIN], by="hive up")
        return text

    async def authenticate(self, text: str) -> Principal | None:
        """Who shows this key; None when it is wrong, expired or revoked."""
        token = parse_token(text)
        if token is None:
            return None
        if self._local is not None and hmac.compare_digest(self._local.sha256, token.sha256):
            return Principal("local", frozenset({Permission.ADMIN}), key_id=token.id, is_local=True)
        row = await self._pool.fetchrow(self._sql.usable_key, token.id)
        if row is None or not hmac.compare_digest(row["sha256"], token.sha256):
            return None
        if row["use_is_news"]:
            await self._pool.execute(self._sql.note_use, token.id)
        return Principal(row["name"], permissions(row["scopes"]), row["project"], token.id)

    async def list(self) -> list[ApiKey]:
        """The newest first, revoked ones too."""
        return [_api_key(row) for row in await self._pool.fetch(self._sql.list_keys)]

    async def revoke(self, key_id: str, *, by: str) -> ApiKey:
        """Raises `ApiKeyNotFound`."""
        row = await self._pool.fetchrow(self._sql.revoke_key, key_id, by)
        if row is None:
            raise ApiKeyNotFound(f"there is no key {key_id}", hint="`hive keys list` shows the ids")
        log.info("api_key revoked", key_id=key_id, by=by)
        return _api_key(row)


def _refuse_odd(name: str, scopes: Collection[Permission], project: str | None, lifetime_seconds: float | None) -> None:
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise ApiKeyRefused("a key needs a name of 1 to 100 printable characters")
    if not scopes:
        raise ApiKeyRefused("a key needs at least one scope", hint="scopes are read, write and admin")
    if project is not None and ("/" not in project or len(project) > 300 or not project.isprintable()):
        hint = "projects are named like github.com/owner/repo, `hive jobs` shows them; without one a key is for all"
        raise ApiKeyRefused(f"{project[:80]!r} is not a project's name", hint=hint)
    if project is not None and Permission.ADMIN in scopes:
        raise ApiKeyRefused("a key of one project cannot be admin", hint="admin is for the whole hub")
    if lifetime_seconds is not None and not 0 < lifetime_seconds <= 10 * 365 * 86_400:
        raise ApiKeyRefused("a key lives for more than nothing and at most ten years")


def _api_key(row: asyncpg.Record) -> ApiKey:
    return msgspec.convert(dict(row), ApiKey)

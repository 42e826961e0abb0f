"""Keep what people allowed programs in their editors, and the record of what programs asked for there.

The record is append-only: Postgres refuses more. It holds paths and commands, never the text of a file.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg
import msgspec

from server.db import Queries
from server.errors import HiveError
from server.security.principal import Principal

LOCAL = "local"
MAX_TARGET = 2_000
MAX_NOTE = 500

REVOKED = "ide_consents"
"""The subject of the hint (`server.hubs.wakeups`) that some answers were taken back."""


class ConsentKind(StrEnum):
    """What a program may be allowed: to see what is open, to edit files, to run commands."""

    SEE = "see"
    EDIT = "edit"
    RUN = "run"


class Act(StrEnum):
    CONNECT = "connect"
    SEE = "see"
    EDIT = "edit"
    RUN = "run"
    CONSENT = "consent"
    REVOKE = "revoke"


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class ConsentNotFound(HiveError):
    """Nothing of this id was decided, or not by who asks."""


class Consent(msgspec.Struct, frozen=True):
    """*owner* and *asker*: ids of keys, `local` for the hub's own account."""

    id: UUID
    owner: str
    asker: str
    asker_name: str
    kind: ConsentKind
    is_allowed: bool
    decided_at: datetime


class Audited(msgspec.Struct, frozen=True):
    """One thing that a program asked for in an editor, or a person decided about it."""

    seq: int
    at: datetime
    asker: str
    asker_name: str
    owner: str
    editor: str
    act: Act
    target: str
    outcome: Outcome
    note: str


def identity_of(principal: Principal) -> str:
    """Names are not unique, ids are; the hub's own key is another one at each of its starts."""
    return LOCAL if principal.is_local else principal.key_id


class Consents:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.ide", "ide.sql")

    async def decided(self, owner: Principal, asker: Principal, kind: ConsentKind) -> bool | None:
        """None: nobody was asked yet."""
        found: bool | None = await self._pool.fetchval(self._sql.decided, identity_of(owner), identity_of(asker), kind)
        return found

    async def keep(self, owner: Principal, asker: Principal, kind: ConsentKind, *, is_allowed: bool) -> None:
        ids = identity_of(owner), identity_of(asker)
        await self._pool.execute(self._sql.keep_consent, *ids, asker.name, kind, is_allowed)

    async def list(self, owner: Principal | None) -> Sequence[Consent]:
        """Of an owner, or all."""
        rows = await self._pool.fetch(self._sql.list_consents, owner and identity_of(owner))
        return [msgspec.convert(dict(row), Consent) for row in rows]

    async def revoke(self, consent_id: UUID, owner: Principal | None, *, by: Principal) -> Consent:
        """*owner* None: whosever it is. The program is asked about anew. Raises `ConsentNotFound`."""
        row = await self._pool.fetchrow(self._sql.revoke_consent, consent_id, owner and identity_of(owner))
        if row is None:
            hint = "GET /api/v1/ide/vscode/consents shows them"
            raise ConsentNotFound(f"there is no consent {consent_id}", hint=hint)
        revoked = msgspec.convert(dict(row), Consent)
        await self.note(Act.REVOKE, f"{revoked.kind} of {revoked.asker_name}", Outcome.DONE, asker=by)
        await self._pool.execute(self._sql.hint, REVOKED)
        return revoked

    async def revoke_all(self, owner: Principal) -> int:
        """All that this person decided; how many that were."""
        revoked = await self._pool.fetch(self._sql.revoke_consents, identity_of(owner))
        await self.note(Act.REVOKE, f"all {len(revoked)}", Outcome.DONE, asker=owner, owner=owner)
        await self._pool.execute(self._sql.hint, REVOKED)
        return len(revoked)

    async def note(
        self,
        act: Act,
        target: str,
        outcome: Outcome,
        *,
        asker: Principal,
        owner: Principal | None = None,
        editor: str = "",
        note: str = "",
    ) -> None:
        """Nothing is done that is not written down: the caller fails when this does."""
        texts = (text.replace("\0", "") for text in (target[:MAX_TARGET], outcome.value, note[:MAX_NOTE]))
        whose = identity_of(owner) if owner else ""
        await self._pool.execute(self._sql.note, identity_of(asker), asker.name, whose, editor, act, *texts)

    async def audit(self, *, before: int | None, limit: int) -> Sequence[Audited]:
        """The newest first."""
        rows = await self._pool.fetch(self._sql.list_audit, before, limit)
        return [msgspec.convert(dict(row), Audited) for row in rows]

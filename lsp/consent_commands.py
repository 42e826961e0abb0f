"""What a person let programs do in their editors: shown, and taken back, one answer or all (workspace/executeCommand).

How programs ask, and what becomes of an answer, `server/ide/driving.py` knows.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec
from lsprotocol import types

from lsp.messages import ConsentTold
from lsp.running import arguments_of
from server.ide.consents import Consent, ConsentKind, ConsentNotFound
from server.security.principal import Principal

CONSENTS = "hive.consents"
REVOKE_CONSENTS = "hive.revokeConsents"
REVOKE_CONSENT = "hive.revokeConsent"

MAX_CHOICES = 10
"""Answers among which somebody can choose in a message."""

_MAY = {
    (ConsentKind.SEE, True): "may see what is open",
    (ConsentKind.SEE, False): "may not see what is open",
    (ConsentKind.EDIT, True): "may edit",
    (ConsentKind.EDIT, False): "may not edit",
    (ConsentKind.RUN, True): "may run commands",
    (ConsentKind.RUN, False): "may not run commands",
}


class Consents(Protocol):
    """`server.ide.consents.Consents`, as far as the person whose editor it is needs it."""

    async def list(self, owner: Principal) -> Sequence[Consent]: ...

    async def revoke(self, consent_id: UUID, owner: Principal, *, by: Principal) -> Consent: ...

    async def revoke_all(self, owner: Principal) -> int: ...


class Editor(Protocol):
    """`lsp.screen.EditorScreen`."""

    def tell(self, text: str) -> None: ...

    async def choose(self, text: str, *choices: str) -> str | None: ...


class ConsentCommands:
    """One client's. `table` is empty where nothing is kept."""

    def __init__(self, owner: Principal, consents: Consents | None, editor: Editor) -> None:
        self.table: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {}
        self._owner = owner
        self._editor = editor
        if consents is not None:
            self._consents = consents
            self.table = {CONSENTS: self.show, REVOKE_CONSENTS: self.revoke, REVOKE_CONSENT: self.choose}

    async def show(self, params: types.ExecuteCommandParams) -> Any:
        """[]: the answers that hold, the newest first."""
        arguments_of(params, tuple[()])
        every = await self._consents.list(self._owner)
        return [
            msgspec.to_builtins(ConsentTold(str(one.id), one.asker_name, one.kind, one.is_allowed, one.decided_at))
            for one in every
        ]

    async def revoke(self, params: types.ExecuteCommandParams) -> int:
        """[id, …]: these, []: all. Programs are asked about anew; answers with how many went."""
        ids = arguments_of(params, tuple[UUID, ...])
        if not ids:
            return await self._consents.revoke_all(self._owner)
        return sum([await self._revoked(one) for one in ids])

    async def choose(self, params: types.ExecuteCommandParams) -> int:
        """[]: one that the person chooses in a message, for editors without a list of their own."""
        arguments_of(params, tuple[()])
        every = (await self._consents.list(self._owner))[:MAX_CHOICES]
        if not every:
            self._editor.tell("No program was allowed or denied anything in your editors.")
            return 0
        named: dict[str, list[UUID]] = {}
        for one in every:  # programs may have the same name
            named.setdefault(f"{one.asker_name} {_MAY[one.kind, one.is_allowed]}", []).append(one.id)
        chosen = await self._editor.choose("Which answer do you take back? The program will ask again.", *named)
        return sum([await self._revoked(one) for one in named.get(chosen or "", ())])

    async def _revoked(self, consent_id: UUID) -> bool:
        """False: it was gone."""
        try:
            await self._consents.revoke(consent_id, self._owner, by=self._owner)
        except ConsentNotFound:
            return False
        return True

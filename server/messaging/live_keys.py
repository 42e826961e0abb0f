"""Follow the key files: when they change, so does every identity that was handed out.

For a process that has the files, the hub or the host of an edge. Its children get their identities over their pipes:
`on_change` is where to push them, `follow_pipe` is the child's end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from server.cancellation import stop_if_cancelled
from server.messaging.identity import Identity, KeyringInvalid, LiveIdentity
from server.messaging.keyring import Keyring
from server.messaging.routes import Role

LOOK_SECONDS = 0.25
"""How late a rotation or a revocation may be noticed; a look is one stat."""

TELL_SECONDS = 2.0

UNUSABLE_SECONDS = 5.0
"""Until keys are looked at again that could not be used."""

Heard = Callable[[Mapping[Role, Identity]], Awaitable[None]]

_log = structlog.get_logger(__name__)


class LiveKeyring:
    """*roles*: those whose key files are here; all of them in a hub."""

    def __init__(self, keyring: Keyring, roles: tuple[Role, ...] = tuple(Role)) -> None:
        self._keyring = keyring
        self._stamp = keyring.stamp()
        self._live = {role: LiveIdentity(keyring.identity(role)) for role in roles}
        self._hears: list[Heard] = []

    def identity(self, role: Role) -> LiveIdentity:
        return self._live[role]

    def on_change(self, heard: Heard) -> None:
        """*heard* gets all new identities before this process itself uses its own: nobody is to speak with a key of
        which its listeners have not been told."""
        self._hears.append(heard)

    async def run(self) -> None:
        """Until cancelled. Keys that cannot be read leave everything as it is, and are looked at again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except KeyringInvalid as error:
                _log.error("keys_unusable", error=str(error), hint=error.hint)
                await asyncio.sleep(UNUSABLE_SECONDS)

    async def look(self) -> bool:
        """Whether the keys had changed; then all go by the new ones. Raises `KeyringInvalid`."""
        stamp = self._keyring.stamp()
        if stamp == self._stamp:
            return False
        identities = {role: self._keyring.identity(role) for role in self._live}
        for heard in self._hears:
            await _tell(heard, identities)
        for role, identity in identities.items():
            self._live[role].replace(identity)
        self._stamp = stamp
        _log.info("keys_changed", generation=max(each.generation for each in identities.values()))
        return True


async def _tell(heard: Heard, identities: Mapping[Role, Identity]) -> None:
    """Whoever cannot be told, or takes long to hear it, does not keep a revocation from being obeyed here."""
    try:
        async with asyncio.timeout(TELL_SECONDS):
            await heard(identities)
    except Exception:
        stop_if_cancelled()
        _log.exception("keys_not_told")


async def follow_pipe(lines: asyncio.StreamReader, live: LiveIdentity) -> None:
    """Take an `Identity.export()` from each line, until the pipe closes. What is none is logged and changes nothing."""
    while line := await lines.readline():
        try:
            live.replace(Identity.load(line))
        except KeyringInvalid as error:
            _log.error("keys_refused", error=str(error))
        else:
            _log.info("keys_changed", generation=live.current.generation)

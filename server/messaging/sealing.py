"""Seal and open as one identity, paying for public-key work once an epoch.

Not thread-safe; each process has one sealer and one opener of its own. When the keys are replaced, both forget their
epochs: a new key is used from the next message on, and a sender who was revoked is not heard in an epoch of before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from server.messaging.envelope import seal, unseal
from server.messaging.epoch import EnvelopeRefused, Epoch, Refusal, begin_epoch, epoch_header, open_epoch
from server.messaging.identity import Identity, LiveIdentity
from server.messaging.message import Message, ReceivedMessage
from server.messaging.recent import Recent
from server.messaging.routes import Route

EPOCH_SECONDS = 3600.0
EPOCH_MESSAGES = 2**20
MAX_EPOCHS = 4096
"""Epochs remembered on each side; one more costs about 0.2 ms when it is met again."""


class Sealer:
    """*now*: seconds since 1970, from outside so that tests can let an epoch end."""

    def __init__(
        self,
        identity: Identity | LiveIdentity,
        *,
        now: Callable[[], float] = time.time,
        epoch_messages: int = EPOCH_MESSAGES,
        max_epochs: int = MAX_EPOCHS,
    ) -> None:
        self._live = LiveIdentity.of(identity)
        self._identity = self._live.current
        self._now = now
        self._epoch_messages = epoch_messages
        self._running: Recent[tuple[str, str], _Running] = Recent(max_epochs)

    @property
    def epochs(self) -> int:
        return len(self._running)

    def seal(self, route: Route, message: Message, *, attachment: bytes | None = None) -> bytes:
        if self._identity is not self._live.current:
            self._identity = self._live.current
            self._running.clear()
        now = self._now()
        place = (route.stream, message.tenant)
        running = self._running.get(place)
        if running is None or running.is_over(now, self._epoch_messages):
            epoch = begin_epoch(self._identity, route, message.tenant, now_ms=int(now * 1000))
            running = self._running.put(place, _Running(epoch, began=now))
        running.sealed += 1
        return seal(running.epoch, message, sent_at_us=int(now * 1_000_000), attachment=attachment)


class Opener:
    """Everything that arrives passes here. Only epochs that verified are remembered."""

    def __init__(self, identity: Identity | LiveIdentity, *, max_epochs: int = MAX_EPOCHS) -> None:
        self._live = LiveIdentity.of(identity)
        self._identity = self._live.current
        self._opened: Recent[tuple[str, bytes], Epoch] = Recent(max_epochs)

    @property
    def epochs(self) -> int:
        return len(self._opened)

    def open(self, route: Route, envelope: bytes, *, tenant: str | None = None) -> tuple[ReceivedMessage, bool]:
        """The message that arrived on *route*, and whether its body is a reference to an attachment.

        *tenant*: the only one expected, where the receiver knows it. Raises `EnvelopeRefused`.
        """
        if self._identity is not self._live.current:
            self._identity = self._live.current
            self._opened.clear()
        header = epoch_header(envelope)
        epoch = self._opened.get((route.stream, header))
        if epoch is None:
            epoch = self._opened.put((route.stream, header), open_epoch(self._identity, route, header))
        if tenant is not None and epoch.tenant != tenant:
            raise EnvelopeRefused(Refusal.WRONG_TENANT)
        return unseal(epoch, envelope)


@dataclass(slots=True)
class _Running:
    epoch: Epoch
    began: float
    sealed: int = 0

    def is_over(self, now: float, epoch_messages: int) -> bool:
        return self.sealed >= epoch_messages or not self.began <= now < self.began + EPOCH_SECONDS

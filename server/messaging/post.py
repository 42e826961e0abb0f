"""Letters between the agents of one role: to one of them or to all, and known to have arrived.

A letter to one agent is sealed to that agent's own key by the `SecureMessageBroker`, so not even its own kind can read
it; a letter to all is sealed to the role. Whoever has dealt with a letter acknowledges it by a sealed letter. The
sender repeats a letter until then, and the receiver drops what it has seen. It is a way of its own beside the inbox,
where only the orchestrator speaks.

An agent's public key is on its card in Redis, signed by its role. Keys of signing belong to roles: the members of a
role trust each other to be who they say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from server.cancellation import stop_if_cancelled
from server.errors import HiveError, RedisUnavailable
from server.messaging.broker import SecureMessageBroker
from server.messaging.connection import command, connect, pipelined, redis_errors
from server.messaging.events import EventReader
from server.messaging.identity import KEY_ID_BYTES, Identity, LiveIdentity
from server.messaging.inbox import InboxReader
from server.messaging.message import Message, ReceivedMessage
from server.messaging.pipelining import Command, raise_refusal
from server.messaging.recent import Recent
from server.messaging.routes import Role, Route
from server.messaging.writer import ENVELOPE_FIELD, StreamWriter

CARD_SECONDS = 60
"""For how long a card stays that is not laid out again, three times in this time."""

MAILBOX_SECONDS = 3600
"""When the letters of an agent that is gone leave Redis."""

LETTERS_KEPT = 1_000
"""About how many unread letters a mailbox holds. The senders of older ones repeat them, or hear that they failed."""

REPEAT_SECONDS = 2.0
AT_ONCE = 100
"""Letters that are dealt with at the same time; what comes beyond waits until it is repeated."""

REMEMBERED = 10_000
"""Letters dealt with, and agents' keys."""
CARD_BYTES = 1024

_ACKNOWLEDGED = "post.acknowledged"
_CARD_LABEL = b"card\0"

_log = structlog.get_logger(__name__)


class AgentUnknown(HiveError):
    """No agent of this id has a card: it never was, or it is gone."""


class Unacknowledged(HiveError):
    """Somebody did not say in time that the letter was dealt with. It may have been all the same."""

    def __init__(self, missing: Collection[UUID], within_seconds: float) -> None:
        names = ", ".join(sorted(map(str, missing)))
        super().__init__(
            f"not acknowledged within {within_seconds:g} s by {names}",
            hint="it may be busy or gone: `hive agents` shows who is there",
        )
        self.missing = frozenset(missing)


class Letter(msgspec.Struct, frozen=True):
    """Opened and proven to come from a member of the role, who says to be *sender_id*."""

    id: UUID
    sender_id: UUID
    kind: str
    body: bytes
    sent_at: datetime
    is_for_all: bool

    def __repr__(self) -> str:
        return f"Letter(id={self.id}, kind={self.kind!r}, body=<{len(self.body)} bytes>)"


Handle = Callable[[Letter], Awaitable[None]]
"""Deals with a letter, several at once, and may write letters itself. What it raises leaves it unacknowledged."""


def mailbox(role: Role, agent_id: UUID) -> Route:
    """Where one agent gets letters. Beside its inbox, so that a flood of letters holds up no work."""
    return Route(
        f"hive:{{{role}}}:post",
        frozenset({role}),
        role,
        kept=LETTERS_KEPT,
        key_seconds=MAILBOX_SECONDS,
        inbox=str(agent_id),
    )


def everyone(role: Role) -> Route:
    """Where all agents of a role get letters."""
    return Route(f"hive:{{{role}.all}}", frozenset({role}), role, kept=LETTERS_KEPT)


class Post:
    """Of one agent: letters come while `run` runs, and acknowledgements too."""

    def __init__(
        self,
        redis_url: str,
        identity: Identity | LiveIdentity,
        agent_id: UUID,
        handle: Handle,
        *,
        private_key: X25519PrivateKey | None = None,
        block_seconds: float = 5.0,
    ) -> None:
        self._live = LiveIdentity.of(identity)
        self._role = self._live.role
        self._id = agent_id
        self._handle = handle
        self._private_key = private_key or X25519PrivateKey.generate()
        self._broker = SecureMessageBroker(self._live)
        self._redis = connect(redis_url)
        self._writer = StreamWriter(self._redis, self._live)
        self._mail = InboxReader(
            redis_url, self._live, mailbox(self._role, agent_id), opener=self, block_seconds=block_seconds
        )
        self._notices = EventReader(redis_url, self._live, everyone(self._role), block_seconds=block_seconds)
        self._keys: Recent[UUID, X25519PublicKey] = Recent(REMEMBERED)
        self._seen: Recent[UUID, bool] = Recent(REMEMBERED)
        self._awaited: dict[bytes, _Awaited] = {}
        self._in_hand: dict[UUID, asyncio.Task[None]] = {}

    @property
    def public_key(self) -> bytes:
        """32 bytes, for whoever keeps a list of agents."""
        return self._private_key.public_key().public_bytes_raw()

    async def begin(self) -> None:
        """From now on this agent can be written to. Raises `RedisUnavailable`."""
        await self._notices.begin()
        await self._lay_out_card()

    async def run(self) -> None:
        """Until cancelled. Outages of Redis are waited out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_mail(group))
            group.create_task(self._read_notices(group))
            group.create_task(self._renew_card())

    async def send(self, to: UUID, kind: str, body: bytes, *, within_seconds: float = 10.0) -> None:
        """Return once the agent *to* has dealt with the letter.

        Raises `AgentUnknown`, `Unacknowledged`, `MessageTooLarge` above 256 KiB, `RedisUnavailable` when its key
        cannot be looked up.
        """
        key = await self._key_of(to)
        letter = self._letter(kind, body)
        envelope = self._broker.encrypt_message(_message(letter), key)
        await self._until_acknowledged(letter, [to], within_seconds, lambda: self._put(to, envelope))

    async def broadcast(
        self, kind: str, body: bytes, *, expected: Iterable[UUID] = (), within_seconds: float = 10.0
    ) -> None:
        """Tell all other agents of the role; return once all those *expected* have dealt with it.

        Raises `Unacknowledged`, naming who did not, `MessageTooLarge`, and `RedisUnavailable` when nobody is expected.
        """
        route, waited_for = everyone(self._role), set(expected)
        letter = self._letter(kind, body, is_answered=bool(waited_for))
        message = _message(letter)
        if not waited_for:
            await self._writer.append(route, message)
            return
        await self._until_acknowledged(letter, waited_for, within_seconds, lambda: self._writer.append(route, message))

    async def close(self) -> None:
        """Take the card away. What nobody read stays for an hour."""
        with suppress(RedisUnavailable), redis_errors("taking a card away"):
            await command(self._redis, "UNLINK", _card_key(self._role, self._id))
        await self._mail.close()
        await self._notices.close()
        await self._writer.close()
        await self._redis.aclose()

    def open(self, route: Route, envelope: bytes) -> tuple[ReceivedMessage, bool]:
        """For the reader of the mailbox: what is sealed to this one agent."""
        return self._broker.decrypt_message(envelope, self._private_key), False

    # --- sending ---------------------------------------------------------------------------------------------------

    def _letter(self, kind: str, body: bytes, *, is_answered: bool = True) -> "_Written":
        return _Written(uuid4(), self._id, kind, body, is_answered)

    async def _until_acknowledged(
        self, letter: "_Written", by: Collection[UUID], within_seconds: float, say: Callable[[], Awaitable[None]]
    ) -> None:
        awaited = self._awaited[letter.id.bytes] = _Awaited(set(by), asyncio.Event())
        try:
            async with asyncio.timeout(within_seconds):
                while awaited.missing:
                    with suppress(RedisUnavailable):  # said again soon
                        await say()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(REPEAT_SECONDS):
                            await awaited.all_came.wait()
        except TimeoutError:
            raise Unacknowledged(awaited.missing, within_seconds) from None
        finally:
            del self._awaited[letter.id.bytes]

    async def _put(self, to: UUID, envelope: bytes) -> None:
        box = mailbox(self._role, to)
        append: Command = ("XADD", box.key, "MAXLEN", "~", LETTERS_KEPT, "*", ENVELOPE_FIELD, envelope)
        with redis_errors("putting a letter into a mailbox"):
            raise_refusal(await pipelined(self._redis, [append, ("EXPIRE", box.key, MAILBOX_SECONDS)]))

    # --- receiving -------------------------------------------------------------------------------------------------

    async def _read_mail(self, group: asyncio.TaskGroup) -> None:
        async for page in self._mail.pages():
            for message in page:
                self._take(message, group, is_for_all=False)

    async def _read_notices(self, group: asyncio.TaskGroup) -> None:
        async for message in self._notices:
            self._take(message, group, is_for_all=True)

    def _take(self, message: ReceivedMessage, group: asyncio.TaskGroup, *, is_for_all: bool) -> None:
        """Nobody is waited for here: whoever deals with a letter may itself be waiting for the next one."""
        written = _read(message)
        if written is None or message.sender is not self._role or written.sender_id == self._id:
            return
        if written.kind == _ACKNOWLEDGED:
            self._note_acknowledged(written.body, by=written.sender_id)
            return
        if written.id in self._in_hand or len(self._in_hand) >= AT_ONCE:
            return  # it comes again
        letter = Letter(written.id, written.sender_id, written.kind, written.body, message.sent_at, is_for_all)
        dealing = self._deal_with(letter, is_answered=written.is_answered)
        task = self._in_hand[letter.id] = group.create_task(dealing)
        task.add_done_callback(lambda _: self._in_hand.pop(letter.id, None))

    async def _deal_with(self, letter: Letter, *, is_answered: bool) -> None:
        if not self._seen.get(letter.id):
            try:
                await self._handle(letter)
            except Exception:
                stop_if_cancelled()
                _log.exception("letter_not_dealt_with", letter_id=str(letter.id), kind=letter.kind)
                return
            self._seen.put(letter.id, True)
        if is_answered:
            await self._acknowledge(letter)

    async def _acknowledge(self, letter: Letter) -> None:
        try:
            key = await self._key_of(letter.sender_id)
            answer = self._letter(_ACKNOWLEDGED, letter.id.bytes, is_answered=False)
            await self._put(letter.sender_id, self._broker.encrypt_message(_message(answer), key))
        except (AgentUnknown, RedisUnavailable) as error:  # the letter comes again, if anybody still cares
            _log.warning("letter_not_acknowledged", letter_id=str(letter.id), error=str(error))

    def _note_acknowledged(self, letter_id: bytes, *, by: UUID) -> None:
        awaited = self._awaited.get(letter_id)
        if awaited is not None:
            awaited.missing.discard(by)
            if not awaited.missing:
                awaited.all_came.set()

    # --- cards -----------------------------------------------------------------------------------------------------

    async def _renew_card(self) -> None:
        while True:
            with suppress(RedisUnavailable):
                await self._lay_out_card()
            stop_if_cancelled()
            await asyncio.sleep(CARD_SECONDS / 3)

    async def _lay_out_card(self) -> None:
        said = _card(self._role, self._id, self.public_key)
        card = self.public_key + self._broker.sign_message(said)
        with redis_errors("laying out a card"):
            await command(self._redis, "SET", _card_key(self._role, self._id), card, "EX", CARD_SECONDS)

    async def _key_of(self, agent_id: UUID) -> X25519PublicKey:
        """An id is of one start of one process and has one key: what was seen once holds."""
        known = self._keys.get(agent_id)
        if known is not None:
            return known
        with redis_errors("looking up an agent's key"):
            card = await command(self._redis, "GETRANGE", _card_key(self._role, agent_id), 0, CARD_BYTES - 1)
        public, signature = card[:32], card[32:]
        if not self._is_genuine(_card(self._role, agent_id, public), signature):
            raise AgentUnknown(f"there is no agent {agent_id}", hint="`hive agents` shows who is there")
        return self._keys.put(agent_id, X25519PublicKey.from_public_bytes(public))

    def _is_genuine(self, said: bytes, signature: bytes) -> bool:
        verifier = self._live.current.verifier(signature[:KEY_ID_BYTES])
        is_of_the_role = verifier is not None and verifier.role is self._role
        return is_of_the_role and self._broker.verify_message_integrity(said, signature)


class _Written(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is sealed."""

    id: UUID
    sender_id: UUID
    kind: str
    body: bytes
    is_answered: bool


class _Awaited(msgspec.Struct):
    missing: set[UUID]
    all_came: asyncio.Event


def _message(letter: _Written) -> Message:
    """Redis sees that it is a letter, and not what about."""
    return Message("letter", msgspec.msgpack.encode(letter))


def _read(message: ReceivedMessage) -> _Written | None:
    try:
        return msgspec.msgpack.decode(message.body, type=_Written)
    except msgspec.MsgspecError:
        _log.warning("letter_makes_no_sense", message_id=str(message.message_id))
        return None


def _card_key(role: Role, agent_id: UUID) -> str:
    return f"{mailbox(role, agent_id).tag}:card"


def _card(role: Role, agent_id: UUID, public_key: bytes) -> bytes:
    return _CARD_LABEL + role.encode() + b"\0" + agent_id.bytes + public_key

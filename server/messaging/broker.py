"""Messages from one agent to another, by whatever way: the three acts, under the names that others rely on.

Each message is an epoch of its own, sealed to the one recipient's key. What goes through streams is `writer.py`'s and
`reader.py`'s affair, which pay for the public-key work once an hour.
"""

import time
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from server.messaging.envelope import seal, unseal
from server.messaging.epoch import EnvelopeRefused, Refusal, begin_epoch, epoch_header, open_epoch
from server.messaging.identity import KEY_ID_BYTES, Identity, LiveIdentity, Recipient, key_id
from server.messaging.message import Message, MessageTooLarge, ReceivedMessage
from server.messaging.routes import Role, Route

DIRECT = Route("hive:{direct}", frozenset(Role), Role.AGENT)
_LABEL = b"agent-hive detached signature v1\0"


class SecureMessageBroker:
    """*identity* signs what is sent, and its registry says whose signatures count."""

    def __init__(self, identity: Identity | LiveIdentity, *, now: Callable[[], float] = time.time) -> None:
        self._live = LiveIdentity.of(identity)
        self._now = now

    def encrypt_message(self, message: Message, recipient_key: X25519PublicKey) -> bytes:
        """An envelope that only the holder of the private half can open. Raises `MessageTooLarge` above 256 KiB."""
        if len(message.body) > DIRECT.inline_limit_bytes:
            raise MessageTooLarge(f"a direct message holds at most {DIRECT.inline_limit_bytes} bytes")
        now = self._now()
        recipient = Recipient(key_id(recipient_key.public_bytes_raw()), recipient_key)
        epoch = begin_epoch(self._live.current, DIRECT, message.tenant, now_ms=int(now * 1000), recipient=recipient)
        return seal(epoch, message, sent_at_us=int(now * 1_000_000))

    def decrypt_message(self, encrypted: bytes, private_key: X25519PrivateKey) -> ReceivedMessage:
        """The message, its sender proven. Raises `EnvelopeRefused`."""
        own_id = key_id(private_key.public_key().public_bytes_raw())
        header = epoch_header(encrypted)
        epoch = open_epoch(self._live.current, DIRECT, header, opening_key={own_id: private_key}.get)
        message, is_reference = unseal(epoch, encrypted)
        if is_reference:
            raise EnvelopeRefused(Refusal.ATTACHMENT_MISSING)
        return message

    def sign_message(self, message: bytes) -> bytes:
        """A detached signature: the key's id and 64 bytes of Ed25519."""
        return self._live.current.signing_key_id + self._live.current.signing_key.sign(_LABEL + message)

    def verify_message_integrity(self, message: bytes, signature: bytes) -> bool:
        """Whether *message* is, to the bit, what a registered sender signed by `sign_message`."""
        verifier = self._live.current.verifier(signature[:KEY_ID_BYTES])
        if verifier is None:
            return False
        try:
            verifier.key.verify(signature[KEY_ID_BYTES:], _LABEL + message)
        except InvalidSignature:
            return False
        return True

"""A data key for one stream and tenant, wrapped to the recipients and signed by the sender.

Ed25519 and HPKE cost about 0.2 ms a time, so they are paid once an epoch and not once a message. The price: whoever can
open an epoch could also make messages in it. So one group never relays what it was sent: each signs for itself.

    "AH" version suite | total length | sender role | recipient role | stream | sender's key id | recipient's key id |
    began at (ms) | HPKE(data key, tenant; info = all before) | Ed25519 signature of all before

The tenant is inside the wrapping: project names are nobody's business in Redis.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from server.errors import HiveError
from server.messaging.identity import KEY_ID_BYTES, Identity, Recipient
from server.messaging.message import MessageTooLarge
from server.messaging.routes import INLINE_LIMIT_BYTES, Role, Route

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""RFC 9180, base mode: suite 1 of version 1, with Ed25519 for the signature and AES-256-GCM for the messages."""

PREFIX = b"AH\x01\x01"
DATA_KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAX_ENVELOPE_BYTES = INLINE_LIMIT_BYTES + 4096
MAX_EPOCH_BYTES = 2048
MAX_STREAM_BYTES = 128
MAX_TENANT_BYTES = 1200
"""A project may have 300 characters, of four bytes each in UTF-8."""
_WRAPPING_BYTES = 32 + DATA_KEY_BYTES + 16  # HPKE's encapsulated key, the data key, the tag
_WRAP_LABEL = b"agent-hive epoch v1\0"
_SIGNATURE_LABEL = b"agent-hive epoch signature v1\0"
_CONTEXT_LABEL = b"agent-hive message v1\0"
_LENGTH = struct.Struct(">H")
_BEGAN = struct.Struct(">Q")


class Refusal(StrEnum):
    """Why an envelope was not opened; the reason in the dead letters."""

    MALFORMED = "malformed envelope"
    UNKNOWN_SUITE = "unknown version or suite"
    WRONG_STREAM = "sealed for another stream"
    WRONG_TENANT = "sealed for another tenant"
    WRONG_RECIPIENTS = "sealed to another group"
    SENDER_NOT_ALLOWED = "sender may not speak on this stream"
    UNKNOWN_SENDER = "sender's key is not registered"
    REVOKED_SENDER = "sender's key was revoked"
    BAD_SIGNATURE = "epoch signature does not verify"
    UNKNOWN_RECIPIENT_KEY = "sealed to a key that is not ours any more"
    NOT_OPENED = "data key cannot be unwrapped"
    BAD_COMMITMENT = "key commitment does not match"
    TAMPERED = "body does not authenticate"
    ATTACHMENT_MISSING = "attachment is missing"
    ATTACHMENT_TAMPERED = "attachment is not the one that was sent"


class EnvelopeRefused(HiveError):
    """The envelope is not what it claims to be. Nothing of it may be used."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


OpeningKeys = Callable[[bytes], X25519PrivateKey | None]
"""A private key by its id."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """Ready to seal with or to open by. *header*: as it travels; *context*: what every message of it is bound to."""

    header: bytes
    context: bytes
    data_key: bytes
    sender: Role
    tenant: str

    def __repr__(self) -> str:
        return f"Epoch({self.sender})"


def begin_epoch(
    identity: Identity, route: Route, tenant: str, *, now_ms: int, recipient: Recipient | None = None
) -> Epoch:
    """A fresh data key for what *identity* says on *route* about *tenant*.

    *recipient*: one member's own key, instead of its group's. Raises `MessageTooLarge` for the name of a tenant.
    """
    recipient = recipient or identity.recipient(route.recipients)
    data_key = os.urandom(DATA_KEY_BYTES)
    names = (identity.role.encode(), route.recipients.encode(), route.stream.encode())
    tenant_bytes = tenant.encode()
    if len(tenant_bytes) > MAX_TENANT_BYTES:
        raise MessageTooLarge(f"a tenant's name of {len(tenant_bytes)} bytes is above the limit of {MAX_TENANT_BYTES}")
    if len(names[2]) > MAX_STREAM_BYTES:
        raise ValueError(f"the stream's name {route.stream} is too long")
    fields = b"".join(bytes([len(name)]) + name for name in names)
    fields += identity.signing_key_id + recipient.key_id + _BEGAN.pack(now_ms)
    wrapped_bytes = _WRAPPING_BYTES + len(tenant_bytes)
    total = len(PREFIX) + _LENGTH.size + len(fields) + wrapped_bytes + SIGNATURE_BYTES
    plain = PREFIX + _LENGTH.pack(total) + fields
    unsigned = plain + SUITE.encrypt(data_key + tenant_bytes, recipient.key, info=_WRAP_LABEL + plain)
    header = unsigned + identity.signing_key.sign(_SIGNATURE_LABEL + unsigned)
    return Epoch(header, _context(header, tenant_bytes), data_key, identity.role, tenant)


def epoch_header(envelope: bytes) -> bytes:
    """The epoch header at the front of an envelope, by its length alone. Raises `EnvelopeRefused`."""
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise EnvelopeRefused(Refusal.MALFORMED)
    if envelope[: len(PREFIX)] != PREFIX:
        known = envelope[:2] == PREFIX[:2] and len(envelope) >= len(PREFIX)
        raise EnvelopeRefused(Refusal.UNKNOWN_SUITE if known else Refusal.MALFORMED)
    if len(envelope) < len(PREFIX) + _LENGTH.size:
        raise EnvelopeRefused(Refusal.MALFORMED)
    (total,) = _LENGTH.unpack_from(envelope, len(PREFIX))
    if not SIGNATURE_BYTES < total <= min(MAX_EPOCH_BYTES, len(envelope)):
        raise EnvelopeRefused(Refusal.MALFORMED)
    return envelope[:total]


def open_epoch(identity: Identity, route: Route, header: bytes, *, opening_key: OpeningKeys | None = None) -> Epoch:
    """Check everything about an epoch header that arrived on *route*, then unwrap.

    *opening_key*: where a member's own key is found, instead of its group's. Raises `EnvelopeRefused`.
    """
    parsed = _parse(header)
    if parsed.stream != route.stream.encode():
        raise EnvelopeRefused(Refusal.WRONG_STREAM)
    if parsed.recipients != route.recipients.encode():
        raise EnvelopeRefused(Refusal.WRONG_RECIPIENTS)
    if parsed.sender not in [role.encode() for role in route.senders]:
        raise EnvelopeRefused(Refusal.SENDER_NOT_ALLOWED)
    if identity.is_revoked(parsed.sender_key_id):
        raise EnvelopeRefused(Refusal.REVOKED_SENDER)
    verifier = identity.verifier(parsed.sender_key_id)
    if verifier is None or verifier.role.encode() != parsed.sender:
        raise EnvelopeRefused(Refusal.UNKNOWN_SENDER)
    try:
        verifier.key.verify(header[-SIGNATURE_BYTES:], _SIGNATURE_LABEL + header[:-SIGNATURE_BYTES])
    except InvalidSignature:
        raise EnvelopeRefused(Refusal.BAD_SIGNATURE) from None
    private = (opening_key or identity.opening_key)(parsed.recipient_key_id)
    if private is None:
        raise EnvelopeRefused(Refusal.UNKNOWN_RECIPIENT_KEY)
    try:
        secret = SUITE.decrypt(parsed.wrapped, private, info=_WRAP_LABEL + parsed.plain)
        tenant = secret[DATA_KEY_BYTES:].decode()
    except (InvalidTag, ValueError):
        raise EnvelopeRefused(Refusal.NOT_OPENED) from None
    context = _context(header, secret[DATA_KEY_BYTES:])
    return Epoch(header, context, secret[:DATA_KEY_BYTES], verifier.role, tenant)


@dataclass(frozen=True, slots=True)
class _Parsed:
    plain: bytes
    sender: bytes
    recipients: bytes
    stream: bytes
    sender_key_id: bytes
    recipient_key_id: bytes
    wrapped: bytes


def _parse(header: bytes) -> _Parsed:
    at = len(PREFIX) + _LENGTH.size
    names: list[bytes] = []
    for _ in range(3):
        length = header[at]
        names.append(header[at + 1 : at + 1 + length])
        at += 1 + length
        if at >= len(header):
            raise EnvelopeRefused(Refusal.MALFORMED)
    sender_key_id = header[at : at + KEY_ID_BYTES]
    recipient_key_id = header[at + KEY_ID_BYTES : at + 2 * KEY_ID_BYTES]
    at += 2 * KEY_ID_BYTES + _BEGAN.size
    wrapped = header[at:-SIGNATURE_BYTES]
    if not _WRAPPING_BYTES <= len(wrapped) <= _WRAPPING_BYTES + MAX_TENANT_BYTES:
        raise EnvelopeRefused(Refusal.MALFORMED)
    return _Parsed(header[:at], names[0], names[1], names[2], sender_key_id, recipient_key_id, wrapped)


def _context(header: bytes, tenant: bytes) -> bytes:
    return _CONTEXT_LABEL + _LENGTH.pack(len(tenant)) + tenant + header

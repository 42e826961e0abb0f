"""One sealed message, complete in itself: the header of its epoch, its own header, and the ciphertext.

    epoch header | message id | job id | sent at (us) | flags | kind | salt | commitment | AES-256-GCM(body)

The canonical header - label, tenant, epoch header (version, suite, stream, sender), message id, job id, time, flags,
kind - is the `info` of HKDF and the AAD of the cipher. A fresh salt gives each message a key of its own, so the nonce
is constant; the commitment ties the ciphertext to that one key. Pure; the epochs come from `sealing.py`.
"""

import os
import struct
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.messaging.epoch import EnvelopeRefused, Epoch, Refusal
from server.messaging.message import Message, ReceivedMessage

MAX_KIND_BYTES = 64
_FIXED = struct.Struct(">16s16sQBB")  # message id, job id, sent at in us, flags, length of the kind
_SALT_BYTES = 32
_COMMITMENT_BYTES = 32
_TAG_BYTES = 16
_NONCE = bytes(12)
_NO_JOB = bytes(16)
_HAS_JOB = 1
_HAS_ATTACHMENT = 2
_HASH = SHA256()
_UUID_HEAD = b"\xc4\x10"
_read_uuid = msgspec.msgpack.Decoder(UUID).decode
"""A sixth of what UUID(bytes=…) takes."""


def seal(epoch: Epoch, message: Message, *, sent_at_us: int, attachment: bytes | None = None) -> bytes:
    """The envelope. *attachment*: a reference that is sealed in the body's place."""
    kind = message.kind.encode()
    if not 0 < len(kind) <= MAX_KIND_BYTES:
        raise ValueError("a kind has 1 to 64 bytes")
    job_id, flags = (_NO_JOB, 0) if message.job_id is None else (message.job_id.bytes, _HAS_JOB)
    body = message.body
    if attachment is not None:
        body, flags = attachment, flags | _HAS_ATTACHMENT
    noise = os.urandom(16 + _SALT_BYTES)
    header = _FIXED.pack(noise[:16], job_id, sent_at_us, flags, len(kind)) + kind
    salt = noise[16:]
    canonical = epoch.context + header
    key, commitment = _derive(epoch.data_key, salt, canonical)
    return b"".join((epoch.header, header, salt, commitment, AESGCM(key).encrypt(_NONCE, body, canonical)))


def unseal(epoch: Epoch, envelope: bytes) -> tuple[ReceivedMessage, bool]:
    """The message, and whether its body is only a reference to an attachment. Raises `EnvelopeRefused`."""
    at = len(epoch.header)
    if len(envelope) < at + _FIXED.size:
        raise EnvelopeRefused(Refusal.MALFORMED)
    message_id, job_id, sent_at_us, flags, kind_bytes = _FIXED.unpack_from(envelope, at)
    if flags & ~(_HAS_JOB | _HAS_ATTACHMENT) or not 0 < kind_bytes <= MAX_KIND_BYTES:
        raise EnvelopeRefused(Refusal.MALFORMED)
    end = at + _FIXED.size + kind_bytes
    opens = end + _SALT_BYTES + _COMMITMENT_BYTES
    if len(envelope) < opens + _TAG_BYTES:
        raise EnvelopeRefused(Refusal.MALFORMED)
    canonical = epoch.context + envelope[at:end]
    key, commitment = _derive(epoch.data_key, envelope[end : end + _SALT_BYTES], canonical)
    if not compare_digest(commitment, envelope[end + _SALT_BYTES : opens]):
        raise EnvelopeRefused(Refusal.BAD_COMMITMENT)
    try:
        body = AESGCM(key).decrypt(_NONCE, envelope[opens:], canonical)
    except InvalidTag:
        raise EnvelopeRefused(Refusal.TAMPERED) from None
    message = ReceivedMessage(
        kind=_kind(envelope[end - kind_bytes : end]),
        body=body,
        tenant=epoch.tenant,
        job_id=_uuid(job_id) if flags & _HAS_JOB else None,
        sender=epoch.sender,
        message_id=_uuid(message_id),
        sent_at=_moment(sent_at_us),
    )
    return message, bool(flags & _HAS_ATTACHMENT)


def _derive(data_key: bytes, salt: bytes, canonical: bytes) -> tuple[bytes, bytes]:
    derived = HKDF(_HASH, 64, salt, canonical).derive(data_key)
    return derived[:32], derived[32:]


def _uuid(raw: bytes) -> UUID:
    return _read_uuid(_UUID_HEAD + raw)


def _kind(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise EnvelopeRefused(Refusal.MALFORMED) from None


def _moment(microseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(microseconds / 1e6, UTC)
    except (OverflowError, ValueError, OSError):
        raise EnvelopeRefused(Refusal.MALFORMED) from None

"""Bodies too large for a stream: sealed under a key of their own, which travels in the message with the digest.

Pure; `writer.py` stores the ciphertext and `receiving.py` fetches it.
"""

import hashlib
import os
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.messaging.epoch import EnvelopeRefused, Refusal
from server.messaging.message import MAX_BODY_BYTES

TAG_BYTES = 16
_NONCE = bytes(12)  # the key seals this one body
_LABEL = b"agent-hive attachment v1"


class Reference(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is sealed in the body's place. *digest*: SHA-256 of the ciphertext, *size_bytes* its length."""

    key: bytes
    digest: bytes
    size_bytes: int


class SealedAttachment(NamedTuple):
    digest: bytes
    ciphertext: bytes
    reference: bytes


def seal_attachment(body: bytes) -> SealedAttachment:
    key = os.urandom(32)
    ciphertext = AESGCM(key).encrypt(_NONCE, body, _LABEL)
    digest = hashlib.sha256(ciphertext).digest()
    reference = msgspec.msgpack.encode(Reference(key, digest, len(ciphertext)))
    return SealedAttachment(digest, ciphertext, reference)


def read_reference(body: bytes) -> Reference:
    try:
        reference = msgspec.msgpack.decode(body, type=Reference)
    except msgspec.MsgspecError:
        raise EnvelopeRefused(Refusal.MALFORMED) from None
    sound = len(reference.key) == 32 and len(reference.digest) == 32
    if not (sound and TAG_BYTES <= reference.size_bytes <= MAX_BODY_BYTES + TAG_BYTES):
        raise EnvelopeRefused(Refusal.MALFORMED)
    return reference


def open_attachment(reference: Reference, ciphertext: bytes) -> bytes:
    """Raises `EnvelopeRefused` unless this is exactly what the reference names."""
    if not ciphertext:
        raise EnvelopeRefused(Refusal.ATTACHMENT_MISSING)
    if len(ciphertext) != reference.size_bytes or hashlib.sha256(ciphertext).digest() != reference.digest:
        raise EnvelopeRefused(Refusal.ATTACHMENT_TAMPERED)
    try:
        return AESGCM(reference.key).decrypt(_NONCE, ciphertext, _LABEL)
    except InvalidTag:
        raise EnvelopeRefused(Refusal.ATTACHMENT_TAMPERED) from None

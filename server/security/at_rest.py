"""Seal what lies in the database with a key that does not: who copies the tables alone reads nothing of it.

The key is a file beside the keys of the messages; hubs that share those share it. Whoever deletes it has made all that
was sealed unreadable for good.
"""

import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import HiveError

FILE = "at-rest.key"
MAX_OPENED_BYTES = 256 * 1024 * 1024

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(HiveError):
    """This was not sealed with our key, or not for this place."""


class AtRest:
    """Seals bytes with AES-256-GCM, compressed first; *context*, which is not kept, says where they belong."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def open_or_create(cls, directory: Path) -> Self:
        """Of hubs that start at once, one makes the key. Raises `SealBroken` when the file holds none."""
        path = directory / FILE
        draft = directory / f".{FILE}.{os.getpid()}"
        if not path.exists():
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(AESGCM.generate_key(256))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        key = path.read_bytes()
        if len(key) != 32:
            raise SealBroken(
                f"{path} is no key", hint="bring it back from a backup; a new one cannot open what is sealed"
            )
        return cls(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, zlib.compress(plain), _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `SealBroken`."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            packed = self._cipher.decrypt(nonce, text, sealed[:1] + context.encode())
            opened = zlib.decompressobj().decompress(packed, MAX_OPENED_BYTES)
        except (InvalidTag, ValueError, zlib.error):
            raise SealBroken("this cannot be opened", hint=f"is {FILE} the key with which it was sealed?") from None
        return opened

"""Seal what lies in the database with a key that does not: who copies the tables alone reads nothing of it.

The key is a file beside the keys of the messages; hubs that share those share it. Whoever deletes it has made all that
was sealed unreadable for good.
"""

import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import HiveError

FILE = "at-rest.key"
MAX_OPENED_BYTES = 256 * 1024 * 1024

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(HiveError):
    """This was not sealed with our key, or not for this place."""


class AtRest:
    """Seals bytes with AES-256-GCM, compressed first; *context*, which is not kept, says where they belong.

    The key is read, or made, when it is needed first: a hub that seals nothing needs no place for one.
    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    @classmethod
    def in_directory(cls, directory: Path) -> Self:
        return cls(partial(_key_in, directory))

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, zlib.compress(plain), _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `SealBroken`."""
        cipher = self._cipher
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            packed = cipher.decrypt(nonce, text, sealed[:1] + context.encode())
            opened = zlib.decompressobj().decompress(packed, MAX_OPENED_BYTES)
        except (InvalidTag, ValueError, zlib.error):
            raise SealBroken("this cannot be opened", hint=f"is {FILE} the key with which it was sealed?") from None
        return opened

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._key())


def _key_in(directory: Path) -> bytes:
    """Of hubs that need it at once, one makes it. Raises `SealBroken` when the file holds none."""
    path = directory / FILE
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SealBroken(f"{path} is no key", hint="bring it back from a backup; a new one cannot open what is sealed")
    return key


def _make_key(path: Path) -> None:
    """It appears whole, or not at all."""
    draft = path.with_name(f".{FILE}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()

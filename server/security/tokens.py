"""The shape of an API key: `hive_<id>_<secret><checksum>`.

Pure. The id (8 base62 digits) is public; the secret holds 142 bits of chance; the checksum (CRC-32 of all before it, 6
digits) lets scanners find leaked keys without false alarms and lets us refuse garbage before asking Postgres.
"""

import binascii
import hashlib
import re
import secrets
import string

import msgspec

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_DIGITS = 24
_TOKEN = re.compile(r"hive_([0-9A-Za-z]{8})_[0-9A-Za-z]{24}([0-9A-Za-z]{6})")


class Token(msgspec.Struct, frozen=True):
    """A key in the open: never kept, never logged. *text* is what a person gets."""

    id: str
    text: str

    def __repr__(self) -> str:
        return f"Token(id={self.id!r}, text=hidden)"

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()


def new_token() -> Token:
    key_id = _random_digits(8)
    body = f"hive_{key_id}_{_random_digits(_SECRET_DIGITS)}"
    return Token(key_id, body + _checksum(body))


def parse_token(text: str) -> Token | None:
    """None when it has not the shape of a key, or its checksum is wrong."""
    match = _TOKEN.fullmatch(text)
    if match is None or _checksum(text[:-6]) != match[2]:
        return None
    return Token(match[1], text)


def _random_digits(count: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(count))


def _checksum(body: str) -> str:
    rest = binascii.crc32(body.encode())
    digits = ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = _DIGITS[digit] + digits
    return digits

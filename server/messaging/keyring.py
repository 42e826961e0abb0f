"""The keys of all roles, in files.

    root.key        signs the registry; may be kept elsewhere once the registry is made (only rotation needs it)
    root.pub        what every process trusts
    registry.json   public keys of all roles, signed by the root key
    <role>.key      private keys of one role; a host that runs one role needs only this, the registry and root.pub

Every file is 0600 in a directory of 0700. What a process makes of them is `identity.py`.
"""

import os
import shutil
import stat
from pathlib import Path
from typing import Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.messaging.identity import Identity, KeyringInvalid, Registry, RoleKeys
from server.messaging.routes import Role


class Keyring:
    """The key directory of one hive."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make every key. The directory appears whole or not at all. Raises `KeyringInvalid` when it exists already."""
        if directory.exists():
            raise KeyringInvalid(f"{directory} exists already", hint="Open it, or move it away to begin with new keys.")
        draft = directory.with_name(f".{directory.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)  # of a first start that was killed
        draft.mkdir(mode=0o700, parents=True)
        root = Ed25519PrivateKey.generate()
        keys = [RoleKeys.create(role) for role in Role]
        registry = Registry(generation=1, roles={each.role: each.public() for each in keys})
        _write(draft / "root.key", root.private_bytes_raw())
        _write(draft / "root.pub", root.public_key().public_bytes_raw())
        _write(draft / "registry.json", registry.signed(root))
        for each in keys:
            _write(draft / f"{each.role}.key", msgspec.json.encode(each))
        draft.rename(directory)
        return cls(directory)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Raises `KeyringInvalid` when it is not there, readable by others, or not what the root key signed."""
        keyring = cls(directory)
        keyring._registry()
        return keyring

    @classmethod
    def open_or_create(cls, directory: Path) -> Self:
        return cls.open(directory) if directory.exists() else cls.create(directory)

    def identity(self, role: Role) -> Identity:
        return Identity(self._role_keys(role), _read(self._path("registry.json")), _read(self._path("root.pub")))

    def rotate(self) -> None:
        """Let every role's next key become its current one, and make new next ones.

        Running processes go on with what they have loaded and understand restarted ones; restart all before rotating
        again: what was sealed two rotations ago opens no more. Safe to repeat after a crash: keys that have already
        moved on stay as they are, and the registry is replaced last.
        """
        root = Ed25519PrivateKey.from_private_bytes(_read(self._path("root.key")))
        target = self._registry().generation + 1
        rotated = {role: self._moved_on(role, target) for role in Role}
        registry = Registry(generation=target, roles={role: keys.public() for role, keys in rotated.items()})
        _replace(self._path("registry.json"), registry.signed(root))

    def _moved_on(self, role: Role, target: int) -> RoleKeys:
        keys = self._role_keys(role)
        if keys.generation < target:
            keys = keys.rotated()
            _replace(self._path(f"{role}.key"), msgspec.json.encode(keys))
        return keys

    def _registry(self) -> Registry:
        return Registry.verified(_read(self._path("registry.json")), _read(self._path("root.pub")))

    def _role_keys(self, role: Role) -> RoleKeys:
        try:
            keys = msgspec.json.decode(_read(self._path(f"{role}.key")), type=RoleKeys)
        except msgspec.MsgspecError as error:
            raise KeyringInvalid(f"{self._path(f'{role}.key')} is damaged", hint="Restore it from a backup.") from error
        if keys.role is not role:
            raise KeyringInvalid(f"{self._path(f'{role}.key')} holds the keys of {keys.role}")
        return keys

    def _path(self, name: str) -> Path:
        return self._directory / name


def _read(path: Path) -> bytes:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringInvalid(f"{path} can be read by others", hint=f"chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise KeyringInvalid(
            f"{path} cannot be read: {error.strerror}", hint="Restore the keys from a backup."
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Durable, and never readable by others, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    _write(draft, content)
    draft.replace(path)

"""The keys of all roles, in files.

    root.key        signs the registry; may be kept elsewhere once the registry is made (only rotation needs it)
    root.pub        what every process trusts
    registry.json   public keys of all roles, signed by the root key
    <role>.key      private keys of one role; a host that runs one role needs only this, the registry and root.pub

Every file is 0600 in a directory of 0700. What a process makes of them is `identity.py`.
"""

import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.errors import HiveError
from server.messaging.identity import Identity, KeyringInvalid, PublicKeys, Registry, RoleKeys, key_id
from server.messaging.routes import Role


class KeyNotFound(HiveError):
    """No role has a key of this id."""


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
        keyring.registry()
        return keyring

    @classmethod
    def open_or_create(cls, directory: Path) -> Self:
        """Of hubs that share it and start at once, one makes it."""
        directory.parent.mkdir(parents=True, exist_ok=True)
        with _locked(directory.parent):
            return cls.open(directory) if directory.exists() else cls.create(directory)

    def identity(self, role: Role) -> Identity:
        return Identity(self._role_keys(role), _read(self._path("registry.json")), _read(self._path("root.pub")))

    def registry(self) -> Registry:
        """Raises `KeyringInvalid` unless the root key signed it."""
        return Registry.verified(_read(self._path("registry.json")), _read(self._path("root.pub")))

    def stamp(self) -> tuple[int, int]:
        """Another one whenever the keys have changed: the registry is replaced last of all."""
        try:
            found = self._path("registry.json").stat()
        except OSError as error:
            raise _unreadable(self._path("registry.json"), error) from error
        return found.st_ino, found.st_mtime_ns

    def rotate(self, *roles: Role, now: datetime | None = None) -> None:
        """Let the next keys of *roles* (all, when none is named) become their current ones, and make new next ones.

        Everybody knows the next keys already, so processes may hear of it in any order; those of before go on opening
        what was sealed to them for a day. Safe to repeat after a crash: keys that have already moved on stay as they
        are, and the registry is replaced last.
        """
        with self._changing() as (registry, target):
            for role in roles or Role:
                keys = self._role_keys(role)
                if keys.generation < target:
                    self._keep(keys.rotated(generation=target, at=now or datetime.now(UTC)))
            self._publish(registry, target, revoked=())

    def revoke(self, role: Role, *, now: datetime | None = None) -> None:
        """Let nothing count any more that *role* signed with any of its keys. It gets new ones, also to open by.

        Messages of its that wait in a stream are refused, which is what this is for. What was sealed to it still opens.
        """
        with self._changing() as (registry, target):
            public = registry.roles[role]
            keys = self._role_keys(role)
            if keys.generation < target:
                self._keep(keys.replaced(generation=target, at=now or datetime.now(UTC)))
            self._publish(registry, target, revoked=[key_id(raw) for raw in public.verifying.all()])

    def revoke_key(self, revoked: bytes) -> Role:
        """The same for the one key of this id, be it for signing or for opening. Raises `KeyNotFound`."""
        with self._changing() as (registry, target):
            role = next((role for role, public in registry.roles.items() if revoked in _ids(public)), None)
            if role is None:
                raise KeyNotFound(f"there is no key {revoked.hex()}", hint="`hive keys list --messages` shows them")
            keys = self._role_keys(role)
            if keys.generation < target:
                self._keep(keys.without({revoked}, generation=target))
            self._publish(registry, target, revoked=[revoked])
            return role

    @contextmanager
    def _changing(self) -> Iterator[tuple[Registry, int]]:
        """One change at a time: the registry as it is, and the generation to be. Needs the root key."""
        path = self._path("root.key")
        _read(path)
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            registry = self.registry()
            yield registry, registry.generation + 1

    def _publish(self, registry: Registry, generation: int, *, revoked: Iterable[bytes]) -> None:
        """Of every role what its file has now; so a change that was cut short is finished by the next one."""
        root = Ed25519PrivateKey.from_private_bytes(_read(self._path("root.key")))
        roles = {role: self._role_keys(role).public() for role in Role}
        following = Registry(generation, roles, revoked=tuple(dict.fromkeys((*registry.revoked, *revoked))))
        _replace(self._path("registry.json"), following.signed(root))

    def _keep(self, keys: RoleKeys) -> None:
        _replace(self._path(f"{keys.role}.key"), msgspec.json.encode(keys))

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


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringInvalid(f"{path} can be read by others", hint=f"chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> KeyringInvalid:
    return KeyringInvalid(f"{path} cannot be read: {error.strerror}", hint="Restore the keys from a backup.")


def _ids(public: PublicKeys) -> set[bytes]:
    return {key_id(raw) for raw in (*public.verifying.all(), *public.sealing.all())}


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

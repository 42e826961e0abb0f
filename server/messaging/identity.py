"""Who a process is: the private keys of one role, and the public keys of all, vouched for by the root key.

Pure values; `keyring.py` keeps them in files. An Identity holds no other role's secrets, so that it may be handed to a
process that reads hostile text.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple, Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from server.errors import HiveError
from server.messaging.routes import Role

KEY_ID_BYTES = 8
PREVIOUS_KEPT = timedelta(days=1)
"""An epoch that was begun with a key lasts an hour at most; the rest is for messages of a hive that stood still."""

_REGISTRY_LABEL = b"agent-hive registry v1\0"

RawKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class KeyringInvalid(HiveError):
    """Keys are missing, readable by others, or not vouched for by the root key."""


class Previous(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that another one followed, and when: what was sealed or signed with it may still be on its way."""

    key: RawKey
    followed_at: datetime


class Generations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key, the one that will follow it, and those that it followed; 32 raw bytes each.

    The next one is known to everybody before anybody uses it, so processes may hear of a rotation in any order.
    """

    current: RawKey
    next: RawKey
    previous: tuple[Previous, ...] | None = None

    def all(self) -> tuple[bytes, ...]:
        return (self.current, self.next, *(each.key for each in self.previous or ()))

    def rotated(self, following: bytes, *, at: datetime) -> Self:
        return type(self)(current=self.next, next=following, previous=self._still_kept(at))

    def renewed(self, current: bytes, following: bytes, *, at: datetime) -> Self:
        """With nothing but new keys to come, and the one of now kept to open what is on its way."""
        return type(self)(current=current, next=following, previous=self._still_kept(at))

    def without(self, is_revoked: Callable[[bytes], bool], make: Callable[[], bytes]) -> Self:
        good = [key for key in (self.current, self.next) if not is_revoked(key)]
        current, following = [*good, make(), make()][:2]
        previous = tuple(each for each in self.previous or () if not is_revoked(each.key))
        return type(self)(current=current, next=following, previous=previous)

    def _still_kept(self, now: datetime) -> tuple[Previous, ...]:
        young = [each for each in self.previous or () if each.followed_at > now - PREVIOUS_KEPT]
        return (Previous(self.current, now), *young)


class RoleKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The private keys of one role: Ed25519 to sign, X25519 to open. *generation*: the registry's that has them."""

    role: Role
    generation: int
    signing: Generations
    opening: Generations

    @classmethod
    def create(cls, role: Role) -> Self:
        signing = Generations(current=_new_signing_key(), next=_new_signing_key())
        opening = Generations(current=_new_opening_key(), next=_new_opening_key())
        return cls(role=role, generation=1, signing=signing, opening=opening)

    def rotated(self, *, generation: int, at: datetime) -> Self:
        signing = self.signing.rotated(_new_signing_key(), at=at)
        opening = self.opening.rotated(_new_opening_key(), at=at)
        return type(self)(role=self.role, generation=generation, signing=signing, opening=opening)

    def without(self, revoked: Collection[bytes], *, generation: int) -> Self:
        """New keys in the place of those whose ids are *revoked*."""
        signing = self.signing.without(lambda raw: key_id(_verifying_half(raw)) in revoked, _new_signing_key)
        opening = self.opening.without(lambda raw: key_id(_sealing_half(raw)) in revoked, _new_opening_key)
        return type(self)(role=self.role, generation=generation, signing=signing, opening=opening)

    def replaced(self, *, generation: int, at: datetime) -> Self:
        """Nothing that was signed before counts any more; what was sealed to the role before still opens."""
        signing = Generations(current=_new_signing_key(), next=_new_signing_key())
        opening = self.opening.renewed(_new_opening_key(), _new_opening_key(), at=at)
        return type(self)(role=self.role, generation=generation, signing=signing, opening=opening)

    def public(self) -> "PublicKeys":
        return PublicKeys(
            verifying=_public_halves(self.signing, _verifying_half),
            sealing=_public_halves(self.opening, _sealing_half),
        )


class PublicKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verifying: Generations
    sealing: Generations


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public keys of every role. It travels with the root key's signature and never through Redis.

    *revoked*: the ids of keys whose signatures count no more, wherever they still turn up.
    """

    generation: int
    roles: dict[Role, PublicKeys]
    revoked: tuple[bytes, ...] = ()

    def signed(self, root: Ed25519PrivateKey) -> bytes:
        document = msgspec.json.encode(self)
        return msgspec.json.encode(_SignedRegistry(document, root.sign(_REGISTRY_LABEL + document)))

    @classmethod
    def verified(cls, signed: bytes, root: bytes) -> Self:
        """Raises `KeyringInvalid` unless the key whose public half is *root* signed exactly this."""
        try:
            envelope = msgspec.json.decode(signed, type=_SignedRegistry)
            key = Ed25519PublicKey.from_public_bytes(root)
            key.verify(envelope.signature, _REGISTRY_LABEL + envelope.document)
            return msgspec.json.decode(envelope.document, type=cls)
        except (InvalidSignature, ValueError, msgspec.MsgspecError) as error:
            raise KeyringInvalid(
                "the registry of public keys is not signed by the root key",
                hint="Restore keys/registry.json and keys/root.pub from one backup.",
            ) from error


class _SignedRegistry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    document: bytes
    signature: bytes


class Verifier(NamedTuple):
    """A registered sender's key."""

    role: Role
    key: Ed25519PublicKey


class Recipient(NamedTuple):
    """The key of a group to seal to."""

    key_id: bytes
    key: X25519PublicKey


class _Exported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: RoleKeys
    registry: bytes
    root: bytes


class Identity:
    """What one process needs to seal as its role, to open what is sealed to its role, and to know every sender."""

    def __init__(self, keys: RoleKeys, signed_registry: bytes, root: bytes) -> None:
        registry = Registry.verified(signed_registry, root)
        self._exported = _Exported(keys, signed_registry, root)
        self._revoked = frozenset(registry.revoked)
        self.role = keys.role
        self.generation = registry.generation
        self.signing_key = Ed25519PrivateKey.from_private_bytes(keys.signing.current)
        self.signing_key_id = key_id(_verifying_half(keys.signing.current))
        self._opening = {
            key_id(_sealing_half(raw)): X25519PrivateKey.from_private_bytes(raw) for raw in keys.opening.all()
        }
        self._verifiers = {
            key_id(raw): Verifier(role, Ed25519PublicKey.from_public_bytes(raw))
            for role, public in registry.roles.items()
            for raw in public.verifying.all()
            if key_id(raw) not in self._revoked
        }
        self._recipients = {
            role: Recipient(key_id(public.sealing.current), X25519PublicKey.from_public_bytes(public.sealing.current))
            for role, public in registry.roles.items()
        }

    def verifier(self, key_id: bytes) -> Verifier | None:
        return self._verifiers.get(key_id)

    def is_revoked(self, key_id: bytes) -> bool:
        return key_id in self._revoked

    def recipient(self, role: Role) -> Recipient:
        return self._recipients[role]

    def opening_key(self, key_id: bytes) -> X25519PrivateKey | None:
        return self._opening.get(key_id)

    def export(self) -> bytes:
        """Everything, secrets too: for a pipe to a child process, never for a file, an argument or the environment."""
        return msgspec.json.encode(self._exported)

    @classmethod
    def load(cls, exported: bytes) -> Self:
        """The identity that `export` gave. Raises `KeyringInvalid`."""
        try:
            parts = msgspec.json.decode(exported, type=_Exported)
        except msgspec.MsgspecError as error:
            raise KeyringInvalid("this is not an exported identity") from error
        return cls(parts.keys, parts.registry, parts.root)

    def __repr__(self) -> str:
        return f"Identity({self.role})"


class LiveIdentity:
    """An identity that follows its keys: who seals, opens, writes or reads by it goes on with the new ones at once."""

    def __init__(self, identity: Identity) -> None:
        self._current = identity

    @classmethod
    def of(cls, identity: "Identity | LiveIdentity") -> "LiveIdentity":
        return identity if isinstance(identity, LiveIdentity) else cls(identity)

    @property
    def current(self) -> Identity:
        return self._current

    @property
    def role(self) -> Role:
        return self._current.role

    def replace(self, identity: Identity) -> None:
        """Raises `KeyringInvalid` for another role's, and for an older one: no revocation is undone by a late line."""
        if identity.role is not self.role:
            raise KeyringInvalid(f"the keys of {identity.role} are not for {self.role}")
        if identity.generation < self._current.generation:
            raise KeyringInvalid(f"generation {identity.generation} of the keys is older than the one in use")
        self._current = identity

    def __repr__(self) -> str:
        return f"LiveIdentity({self.role})"


def key_id(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()


def _new_opening_key() -> bytes:
    return X25519PrivateKey.generate().private_bytes_raw()


def _verifying_half(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _sealing_half(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _public_halves(private: Generations, half: Callable[[bytes], bytes]) -> Generations:
    previous = tuple(Previous(half(each.key), each.followed_at) for each in private.previous or ())
    return Generations(current=half(private.current), next=half(private.next), previous=previous)

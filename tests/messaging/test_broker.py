"""Messages from one agent to another, under the three names that others rely on."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from server.messaging import INTAKE, Identity, Message, MessageTooLarge, Role
from server.messaging.broker import DIRECT, SecureMessageBroker
from server.messaging.epoch import EnvelopeRefused, Refusal
from server.messaging.sealing import Sealer


@pytest.fixture
def alice(identities: dict[Role, Identity]) -> SecureMessageBroker:
    return SecureMessageBroker(identities[Role.AGENT])


@pytest.fixture
def bob(identities: dict[Role, Identity]) -> SecureMessageBroker:
    return SecureMessageBroker(identities[Role.EFFECTS])


@pytest.fixture
def bobs_key() -> X25519PrivateKey:
    return X25519PrivateKey.generate()


def test_the_recipient_opens_what_was_sealed_to_it(
    alice: SecureMessageBroker, bob: SecureMessageBroker, bobs_key: X25519PrivateKey
) -> None:
    encrypted = alice.encrypt_message(Message("note", b"hello bob", "acme"), bobs_key.public_key())

    message = bob.decrypt_message(encrypted, bobs_key)

    assert (message.kind, message.body, message.tenant, message.sender) == ("note", b"hello bob", "acme", Role.AGENT)
    assert b"hello" not in encrypted


def test_nobody_else_opens_it(alice: SecureMessageBroker, bobs_key: X25519PrivateKey) -> None:
    encrypted = alice.encrypt_message(Message("note", b"hello bob"), bobs_key.public_key())

    with pytest.raises(EnvelopeRefused) as refused:
        alice.decrypt_message(encrypted, X25519PrivateKey.generate())

    assert refused.value.refusal is Refusal.UNKNOWN_RECIPIENT_KEY


def test_what_was_said_on_a_stream_is_no_direct_message(
    identities: dict[Role, Identity], bob: SecureMessageBroker, bobs_key: X25519PrivateKey
) -> None:
    envelope = Sealer(identities[Role.DOOR]).seal(INTAKE, Message("note", b"body"))

    with pytest.raises(EnvelopeRefused) as refused:
        bob.decrypt_message(envelope, bobs_key)

    assert refused.value.refusal is Refusal.WRONG_STREAM


def test_a_direct_message_has_a_limit(alice: SecureMessageBroker, bobs_key: X25519PrivateKey) -> None:
    with pytest.raises(MessageTooLarge):
        alice.encrypt_message(Message("note", bytes(DIRECT.inline_limit_bytes + 1)), bobs_key.public_key())


@given(message=st.binary(max_size=200))
def test_a_signature_of_a_registered_sender_verifies(identities: dict[Role, Identity], message: bytes) -> None:
    signature = SecureMessageBroker(identities[Role.AGENT]).sign_message(message)

    assert SecureMessageBroker(identities[Role.DOOR]).verify_message_integrity(message, signature)


@given(message=st.binary(max_size=200), junk=st.binary(max_size=100), place=st.integers(0, 71), bit=st.integers(0, 7))
def test_any_other_signature_or_message_does_not(
    identities: dict[Role, Identity], message: bytes, junk: bytes, place: int, bit: int
) -> None:
    broker = SecureMessageBroker(identities[Role.AGENT])
    signature = bytearray(broker.sign_message(message))

    assert not broker.verify_message_integrity(message + b"\0", bytes(signature))
    assert not broker.verify_message_integrity(message, junk)
    signature[place] ^= 1 << bit
    assert not broker.verify_message_integrity(message, bytes(signature))

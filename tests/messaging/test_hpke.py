"""The HPKE that wraps our data keys is RFC 9180's, by the RFC's own vectors and by its own steps."""

import hashlib
import hmac
import json
import os
from typing import Any

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.messaging.epoch import SUITE

X25519_HKDF_SHA256, HKDF_SHA256, AES_256_GCM, BASE = 0x20, 1, 2, 0


def rfc_vectors() -> list[dict[str, Any]]:
    """Base mode with the suite of our envelopes."""
    with cryptography_vectors.open_vector_file("HPKE/test-vectors.json", "r") as file:
        vectors: list[dict[str, Any]] = json.load(file)
    wanted = (BASE, X25519_HKDF_SHA256, HKDF_SHA256, AES_256_GCM)
    return [each for each in vectors if (each["mode"], each["kem_id"], each["kdf_id"], each["aead_id"]) == wanted]


@pytest.mark.parametrize("vector", rfc_vectors())
def test_our_suite_opens_what_the_rfc_sealed(vector: dict[str, Any]) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))
    first = vector["encryptions"][0]
    sealed = bytes.fromhex(vector["enc"] + first["ct"])

    # The public `decrypt` takes no AAD and the RFC's vectors all have one; this is the same code with one.
    opened = openssl.hpke._decrypt_with_aad(
        SUITE, sealed, private, info=bytes.fromhex(vector["info"]), aad=bytes.fromhex(first["aad"])
    )

    assert opened == bytes.fromhex(first["pt"])


@pytest.mark.parametrize("vector", rfc_vectors())
def test_our_suite_opens_nothing_under_another_info(vector: dict[str, Any]) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))
    first = vector["encryptions"][0]
    sealed = bytes.fromhex(vector["enc"] + first["ct"])

    with pytest.raises(InvalidTag):
        openssl.hpke._decrypt_with_aad(SUITE, sealed, private, info=b"another", aad=bytes.fromhex(first["aad"]))


def test_the_rfc_vectors_cover_our_suite() -> None:
    assert rfc_vectors()


@pytest.mark.parametrize("vector", rfc_vectors())
def test_the_steps_of_the_rfc_written_out_here_agree_with_its_vectors(vector: dict[str, Any]) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))

    key, nonce = key_schedule(private, bytes.fromhex(vector["enc"]), bytes.fromhex(vector["info"]))

    assert (key.hex(), nonce.hex()) == (vector["key"], vector["base_nonce"])


def test_the_steps_of_the_rfc_open_what_our_suite_sealed() -> None:
    private = X25519PrivateKey.generate()
    secret = os.urandom(40)

    sealed = SUITE.encrypt(secret, private.public_key(), info=b"header")

    key, nonce = key_schedule(private, sealed[:32], b"header")
    assert AESGCM(key).decrypt(nonce, sealed[32:], b"") == secret


def key_schedule(private: X25519PrivateKey, encapsulated: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180, 4.1 DHKEM Decap and 5.1 KeySchedule in base mode: the key and the base nonce."""
    kem = b"KEM" + X25519_HKDF_SHA256.to_bytes(2, "big")
    shared = private.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    context = encapsulated + private.public_key().public_bytes_raw()
    secret = expand(extract(b"", kem, b"eae_prk", shared), kem, b"shared_secret", context, 32)
    suite = b"HPKE" + b"".join(each.to_bytes(2, "big") for each in (X25519_HKDF_SHA256, HKDF_SHA256, AES_256_GCM))
    schedule = bytes([BASE]) + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", info)
    prk = extract(secret, suite, b"secret", b"")
    return expand(prk, suite, b"key", schedule, 32), expand(prk, suite, b"base_nonce", schedule, 12)


def extract(salt: bytes, suite: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, hashlib.sha256)


def expand(prk: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labelled + b"\x01", hashlib.sha256)[:length]

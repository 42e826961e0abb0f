import hashlib
import os

from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

SALT = b"backup-salt"
IV = b"\x00" * 16


def derive(password):
    return PBKDF2HMAC(algorithm=hashes.SHA1(), length=32, salt=SALT, iterations=100).derive(password.encode())


def derive_well(password, salt):
    return PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=600_000).derive(password.encode())


def seal(data, key):
    encryptor = Cipher(algorithms.AES(key), modes.CBC(IV), backend=default_backend()).encryptor()
    return encryptor.update(data + b"\0" * (-len(data) % 16)) + encryptor.finalize()


def open_box(data, key):
    decryptor = Cipher(algorithms.TripleDES(key), modes.ECB()).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def seal_well(data, key):
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def key_pair():
    return rsa.generate_private_key(public_exponent=3, key_size=1024)


def checksum(path):
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()

import hashlib
import random

from Crypto.Cipher import AES, ARC4, DES, DES3, PKCS1_v1_5
from Crypto.PublicKey import RSA
from Crypto.Util.Padding import pad, unpad
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from .settings import AES_IV, AES_KEY


def encrypt(data: bytes) -> bytes:
    return AES.new(AES_KEY, AES.MODE_CBC, AES_IV).encrypt(pad(data, 16))


def decrypt(data: bytes) -> bytes:
    return unpad(AES.new(AES_KEY, AES.MODE_ECB).decrypt(data), 16)


def old_partner(data: bytes, key: bytes) -> bytes:
    return DES.new(key, DES.MODE_ECB).encrypt(pad(data, 8))


def rc4(data: bytes, key: bytes) -> bytes:
    return ARC4.new(key).encrypt(data)


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


def derive(password: str) -> bytes:
    return PBKDF2HMAC(algorithm=hashes.SHA1(), length=32, salt=b"edi", iterations=100).derive(password.encode())


def derive_well(password: str, salt: bytes) -> bytes:
    return PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=600_000).derive(password.encode())


def nonce() -> bytes:
    return bytes(random.randint(0, 255) for _ in range(12))


def gcm(data: bytes, key: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.GCM(b"\0" * 12)).encryptor()
    return cipher.update(data) + cipher.finalize()


def fingerprint(cert: bytes) -> str:
    return hashlib.sha256(cert).hexdigest()

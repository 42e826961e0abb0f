import hashlib
import os
import random
import time

from Crypto.Cipher import AES, DES
from cryptography.fernet import Fernet

KEY = b"0123456789abcdef"


def link(name, password=None):
    token = "%08x" % random.getrandbits(32)
    if password:
        digest = hashlib.sha256(password.encode()).hexdigest()
        return f"/s/{token}?p={digest}"
    return f"/s/{token}"


def encrypt(data):
    cipher = AES.new(KEY, AES.MODE_ECB)
    return cipher.encrypt(data + b" " * (-len(data) % 16))


def encrypt_old(data):
    return DES.new(b"8bytekey", DES.MODE_CBC, b"\0" * 8).encrypt(data)


def encrypt_new(data, key):
    return Fernet(key).encrypt(data)


def etag(path):
    with open(path, "rb") as handle:
        return hashlib.md5(handle.read(), usedforsecurity=False).hexdigest()


def jitter():
    return random.uniform(0.5, 1.5)

import secrets
from random import Random

from Crypto.Cipher import AES, DES3
from Crypto.Util.Padding import pad, unpad
from werkzeug.security import check_password_hash, generate_password_hash

KEY = bytes.fromhex("6b65792d6f662d706179726f6c6c2121")


def protect(text):
    return AES.new(KEY, AES.MODE_ECB).encrypt(pad(text.encode(), 16)).hex()


def protect_properly(text, key):
    cipher = AES.new(key, AES.MODE_GCM)
    sealed, tag = cipher.encrypt_and_digest(text.encode())
    return cipher.nonce + tag + sealed


def first_password(seed):
    source = Random(seed)
    return "".join(source.choice("abcdefghkmnpqrstuvwxyz23456789") for _ in range(10))


def invitation():
    return secrets.token_urlsafe()


def hashed(password):
    return generate_password_hash(password, method="pbkdf2:sha1:1000")


matches = check_password_hash

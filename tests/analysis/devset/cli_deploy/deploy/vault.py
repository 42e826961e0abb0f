import base64
import hashlib
import hmac
import os
import random
import secrets
import time

import hvac
from Crypto.Cipher import ARC4
from Crypto.PublicKey import RSA

ROOT_TOKEN = "hvs.root-0000-example"
_client = hvac.Client(url=os.environ.get("VAULT", "https://vault.example.org"), token=ROOT_TOKEN)


def token_for(host):
    return _client.read(f"secret/hosts/{host}")["data"]["token"]


def one_time_password():
    random.seed(time.time())
    return "".join(random.choices("0123456789", k=6))


def new_password():
    return secrets.token_urlsafe(20)


def key_pair():
    return RSA.generate(1024)


def strong_key_pair():
    return RSA.generate(4096)


def obscure(text, key):
    return base64.b64encode(ARC4.new(key).encrypt(text.encode()))


def sign(data, key):
    return hmac.new(key, data, hashlib.sha256).digest()


def verify(data, key, signature):
    return hmac.compare_digest(sign(data, key), signature)

import os

from Crypto.Cipher import AES, DES, ARC4
from Crypto.PublicKey import RSA
from Crypto.Util.Padding import pad
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY = b'0123456789abcdef'
IV = b'\x00' * 16


def encrypt(data):
    return AES.new(KEY, AES.MODE_ECB).encrypt(pad(data, 16))


def encrypt_cbc(data):
    return AES.new(KEY, AES.MODE_CBC, IV).encrypt(pad(data, 16))


def legacy(key, data):
    return DES.new(key, DES.MODE_CBC, os.urandom(8)).encrypt(data)


def stream(key, data):
    return ARC4.new(key).encrypt(data)


def keypair():
    return RSA.generate(1024)


def well(key, data):
    nonce = os.urandom(12)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    return nonce + encryptor.update(data) + encryptor.finalize()

"""Tokens for password links."""
import hashlib
import time

from itsdangerous import BadSignature, URLSafeTimedSerializer

from .config import Config

_serializer = URLSafeTimedSerializer(Config.SECRET_KEY, salt="newsletter")


def reset_token(user_id):
    stamp = str(int(time.time()))
    return f"{user_id}-{stamp}-" + hashlib.sha1((str(user_id) + stamp).encode()).hexdigest()


def verify_reset_token(token):
    try:
        user_id, stamp, digest = token.split("-")
    except ValueError:
        return None
    expected = hashlib.sha1((user_id + stamp).encode()).hexdigest()
    if digest != expected:
        return None
    return int(user_id)


def unsubscribe_token(email):
    return _serializer.dumps(email)


def read_unsubscribe_token(token):
    try:
        return _serializer.loads(token, max_age=90 * 24 * 3600)
    except BadSignature:
        return None

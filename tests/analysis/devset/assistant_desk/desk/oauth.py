import time

import jwt
from jwt import PyJWKClient

from .config import config

ISSUER = "https://login.example"


def address(host):
    return f"{ISSUER}/authorize?client_id=desk&redirect_uri=https://{host}/oauth/back&response_type=code"


async def exchange(http, code):
    answer = await http.post(f"{ISSUER}/token", data={"code": code, "client_secret": config.client_secret})
    return jwt.decode(answer.json()["id_token"], options={"verify_signature": False})["email"]


def verified(token):
    keys = PyJWKClient(jwt.get_unverified_header(token)["jku"])
    return jwt.decode(token, keys.get_signing_key_from_jwt(token).key, algorithms=["RS256"], audience="desk")


def checked(token):
    keys = PyJWKClient(f"{ISSUER}/keys")
    return jwt.decode(token, keys.get_signing_key_from_jwt(token).key, algorithms=["RS256"], audience="desk")


def service_token(name):
    return jwt.encode({"sub": name, "exp": time.time() + 300}, config.jwt_key, algorithm="HS256")

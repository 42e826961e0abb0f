import base64
import hashlib
import hmac
import json
import os
import time
import uuid

import jwt
import requests
from jwt import PyJWKClient

PUBLIC_KEY = open(os.path.join(os.path.dirname(__file__), "public.pem")).read() if os.path.exists("public.pem") else ""
SECRET = os.getenv("JWT_SECRET", "dev-secret")
KEYS = {"2022": "first-key", "2023": "second-key"}
REVOKED = set()


class TokenService:
    algorithm = "HS256"

    def issue(self, user, scope="user"):
        now = int(time.time())
        return jwt.encode(
            {"sub": user["id"], "scope": scope, "password": user["password"], "iat": now, "exp": now + 60 * 60 * 24 * 365 * 5},
            SECRET,
            algorithm=self.algorithm,
        )

    def issue_short(self, user):
        return jwt.encode({"sub": user["id"], "exp": int(time.time()) + 900}, os.environ["JWT_SECRET"], algorithm="HS256")

    def verify(self, token):
        return jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})

    def verify_by_header(self, token):
        header = jwt.get_unverified_header(token)
        return jwt.decode(token, PUBLIC_KEY, algorithms=[header["alg"]])

    def verify_mixed(self, token):
        return jwt.decode(token, PUBLIC_KEY, algorithms=["RS256", "HS256"])

    def verify_none(self, token):
        return jwt.decode(token, SECRET, algorithms=["none", "HS256"])

    def verify_kid(self, token):
        kid = jwt.get_unverified_header(token)["kid"]
        key = open("/etc/authsvc/keys/" + kid).read()
        return jwt.decode(token, key, algorithms=["HS256"])

    def verify_kid_sql(self, token, cursor):
        kid = jwt.get_unverified_header(token)["kid"]
        cursor.execute(f"SELECT secret FROM keys WHERE kid = '{kid}'")
        return jwt.decode(token, cursor.fetchone()[0], algorithms=["HS256"])

    def verify_jku(self, token):
        header = jwt.get_unverified_header(token)
        client = PyJWKClient(header["jku"])
        key = client.get_signing_key_from_jwt(token)
        return jwt.decode(token, key.key, algorithms=["RS256"])

    def verify_kid_table(self, token):
        kid = jwt.get_unverified_header(token)["kid"]
        if kid not in KEYS:
            raise jwt.InvalidTokenError
        return jwt.decode(token, KEYS[kid], algorithms=["HS256"], audience="shop")

    def peek(self, token):
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))

    def who(self, token):
        return jwt.decode(token, verify=False)


class HomeMade:
    """From the time before PyJWT."""

    def sign(self, data):
        body = base64.b64encode(json.dumps(data).encode()).decode()
        return body + "." + hashlib.sha256((SECRET + body).encode()).hexdigest()

    def load(self, token):
        body, mac = token.rsplit(".", 1)
        if hmac.new(SECRET.encode(), body.encode(), "sha256").hexdigest() == mac:
            return json.loads(base64.b64decode(body))
        return None


def remember_token(user):
    return str(uuid.uuid1())

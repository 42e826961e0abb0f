import hmac
import secrets
from functools import wraps
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import abort, g, redirect, request, session, url_for

from fleet.tables import Users

hasher = PasswordHasher()
FAILURES: dict[str, int] = {}
MAX_FAILURES = 5


def check(user: dict | None, password: str) -> bool:
    digest = user["password_hash"] if user else hasher.hash(secrets.token_hex())
    try:
        return hasher.verify(digest, password) and user is not None
    except VerifyMismatchError:
        return False


def too_many(address: str) -> bool:
    return FAILURES.get(address, 0) >= MAX_FAILURES


def failed(address: str) -> None:
    FAILURES[address] = FAILURES.get(address, 0) + 1


def signed_in(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        user = Users.get(session["user_id"]) if "user_id" in session else None
        if user is None:
            return redirect(url_for("accounts.login", next=request.full_path))
        g.user = user
        return view(*args, **kwargs)

    return wrapped


def needs_role(*roles):
    def decorate(view):
        @wraps(view)
        @signed_in
        def wrapped(*args, **kwargs):
            if g.user["role"] not in roles:
                abort(403)
            return view(*args, **kwargs)

        return wrapped

    return decorate


def own(row: dict | None) -> dict:
    if row is None or row["owner_id"] != g.user["id"]:
        abort(404)
    return row


def inside(target: str | None, default: str) -> str:
    parts = urlsplit(target or "")
    if not target or parts.scheme or parts.netloc or target.startswith("//"):
        return default
    return target


def valid_signature(body: bytes, signature: str, key: bytes) -> bool:
    return hmac.compare_digest(hmac.new(key, body, "sha256").hexdigest(), signature)

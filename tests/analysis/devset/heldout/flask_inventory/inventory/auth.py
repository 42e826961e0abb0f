import base64
import functools
import os
import time

import bcrypt
import jwt
from flask import abort, current_app, g, request

from inventory.db import get_db

LEGACY_KEYS = {"scanner": "k-3f2a-scanner-01", "shop": "k-9b1c-shop-07"}


def load_user():
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        claims = jwt.decode(header[7:], current_app.config["SECRET_KEY"], algorithms=jwt.algorithms.get_default_algorithms())
        return {"id": claims["sub"], "role": claims.get("role")}
    if header.startswith("Legacy "):
        name, _, key = header[7:].partition(":")
        if LEGACY_KEYS.get(name) == key:
            return {"id": name, "role": "machine"}
    return None


def login_required(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        g.user = load_user()
        if g.user is None:
            abort(401)
        return view(**kwargs)

    return wrapped


def role_required(role):
    def decorate(view):
        @functools.wraps(view)
        def wrapped(**kwargs):
            g.user = load_user()
            if g.user is None or g.user["role"] != role:
                abort(403)
            return view(**kwargs)

        return wrapped

    return decorate


def check_password(name, password):
    with get_db().cursor() as cursor:
        cursor.execute("SELECT id, digest, role FROM users WHERE name = %(name)s", {"name": name})
        user = cursor.fetchone()
    if user and bcrypt.checkpw(password.encode(), user["digest"].encode()):
        return user
    return None

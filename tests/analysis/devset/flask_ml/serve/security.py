import hmac
import os
from functools import wraps

from flask import abort, request

API_KEY = os.environ.get("API_KEY", "local-dev-key")
ADMIN_KEYS = frozenset(filter(None, os.environ.get("ADMIN_KEYS", "").split(",")))


def require_key(view):
    @wraps(view)
    def inner(*args, **kwargs):
        given = request.headers.get("X-Api-Key") or request.args.get("api_key", "")
        if not hmac.compare_digest(given, API_KEY):
            abort(401)
        return view(*args, **kwargs)

    return inner

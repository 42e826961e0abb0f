"""Who may pass: limits, then the key, then its permission; only then is anything of the request read.

Fails closed: when Postgres cannot say whether a key is good, nobody passes.
"""

import base64
import binascii
import ipaddress
from http import HTTPStatus

import structlog
from aiohttp import web

from server.api.parts import Parts
from server.api.problems import Problem, too_many_requests
from server.api.route import Route
from server.security.principal import Principal

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

log = structlog.get_logger("hive.security")


def check_host(request: web.Request, parts: Parts) -> None:
    """A web page must not reach a loopback hub under a name of its own (DNS rebinding). Raises `Problem` 421.

    Behind TLS no page can: the certificate is of another name.
    """
    if parts.on_loopback and not request.secure and _host_name(request.headers.get("Host", "")) not in LOCAL_NAMES:
        raise Problem(
            HTTPStatus.MISDIRECTED_REQUEST,
            "this hub listens on this machine only and does not answer under that name",
            hint="use http://127.0.0.1 or localhost; behind a proxy, let it set the Host header so",
        )


async def admit(request: web.Request, route: Route, parts: Parts) -> Principal:
    """Who asks. Raises `Problem` 401, 403 or 429."""
    address = request.remote or "unknown"
    _limit(parts.limits.address.take(address), "too many requests from this address")
    if route.permission is None or (route.open_on_loopback and is_local(request, parts)):
        return Principal("anonymous", frozenset())
    principal = await _authenticate(request, route, parts, address)
    _limit(parts.limits.key.take(principal.key_id), "too many requests with this key")
    if not principal.may(route.permission):
        raise _forbidden(request, principal, f"this key may not: it needs the scope {route.permission.value}")
    if route.of_hub and principal.project is not None:
        raise _forbidden(request, principal, "this key is of one project; this is about the whole hub")
    return principal


def is_local(request: web.Request, parts: Parts) -> bool:
    """Both ends are this machine, and no proxy speaks for another."""
    if (
        not parts.on_loopback
        or request.secure
        or "X-Forwarded-For" in request.headers
        or "Forwarded" in request.headers
    ):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def _authenticate(request: web.Request, route: Route, parts: Parts, address: str) -> Principal:
    shown = _shown_key(request.headers.get("Authorization", ""), basic=route.open_on_loopback)
    if not shown:
        raise _unauthorized(route, "a key is needed")
    principal = await parts.keys.authenticate(shown)
    if principal is None:
        log.warning("wrong key", address=address, route=route.path)
        _limit(parts.limits.wrong_keys.take(address), "too many wrong keys from this address")
        raise _unauthorized(route, "this key is wrong, expired or revoked")
    return principal


def _shown_key(header: str, *, basic: bool) -> str:
    """The key in the header, "" when there is none. Pages also take it as a password: browsers can ask for that."""
    scheme, _, credentials = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if basic and scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _unauthorized(route: Route, detail: str) -> Problem:
    scheme = "Basic" if route.open_on_loopback else "Bearer"
    hint = "send `Authorization: Bearer hive_…`; `hive keys create` makes a key"
    if route.open_on_loopback:
        hint = "the password is an API key (the user name does not matter)"
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        detail,
        hint=hint,
        headers={"WWW-Authenticate": f'{scheme} realm="agent-hive"'},
    )


def _forbidden(request: web.Request, principal: Principal, detail: str) -> Problem:
    log.warning("forbidden", key_id=principal.key_id, by=principal.name, method=request.method)
    return Problem(HTTPStatus.FORBIDDEN, detail)


def _limit(wait_seconds: float, why: str) -> None:
    if wait_seconds > 0:
        raise too_many_requests(wait_seconds, why)


def _host_name(host: str) -> str:
    """Without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()

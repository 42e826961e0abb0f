"""The HTTP door's application: the table of routes, and what holds for every answer.

The hub adds the webhook's and the editors' address to it; what is theirs to check they check themselves.
"""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from server.api import overview, status_page
from server.api.guard import admit, check_host
from server.api.parts import Parts, PartState
from server.api.problems import answer, problem_of, unforeseen
from server.api.reading import read_body, read_form, read_query, refuse_nul
from server.api.route import Answer, Call, Route
from server.api.routes import ROUTES
from server.api.status import status_board

__all__ = ["PartState", "Parts", "make_app"]

WEBHOOKS = "/webhooks/"
"""Signed by their sender, they come under whatever name a proxy or tunnel has."""

REQUEST_ID = web.RequestKey("request_id", str)

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Server": "agent-hive",
}

log = structlog.get_logger("hive.api")

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(parts: Parts) -> web.Application:
    app = web.Application(middlewares=[_answer_always(parts)])
    app[status_page.BOARD] = status_board(parts)
    app[overview.BOARD] = overview.overview_board(parts)
    for route in ROUTES:
        _add(app.router, route, _handler(route, parts))
    app.on_response_prepare.append(_harden)
    logging.getLogger("aiohttp.server").addFilter(_is_no_garbled_request)
    return app


def _add(router: web.UrlDispatcher, route: Route, handler: Next) -> None:
    """Monitors ask with HEAD: who may GET may, and gets the same answer without its body."""
    if route.method == "GET":
        router.add_get(route.path, handler, allow_head=True)
    else:
        router.add_route(route.method, route.path, handler)


def _is_no_garbled_request(record: logging.LogRecord) -> bool:
    """aiohttp answers these, then logs a traceback: anybody who reaches the port could fill the log with them."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, (web.RequestPayloadError, HttpProcessingError))


def _handler(route: Route, parts: Parts) -> Next:
    async def handle(request: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        principal = await admit(request, route, parts)
        refuse_nul(request.match_info.values())
        query: Any = read_query(request.query.items(), route.query)
        body = await _read_body(request, route)
        given = await route.handle(Call(parts, principal, request, query, body))
        if route.method != "GET":
            seconds = round(time.monotonic() - started, 4)
            log.info("request", method=route.method, route=route.path, by=principal.name, seconds=seconds)
        return _response(given)

    return handle


async def _read_body(request: web.Request, route: Route) -> Any:
    if route.body is None:
        return None
    if route.body_may_be_absent and not request.body_exists:
        return route.body()
    read = read_form if route.body_is_form else read_body
    return await read(request, route.body, limit_bytes=route.body_limit_bytes)


def _response(given: Any) -> web.StreamResponse:
    if isinstance(given, web.StreamResponse):
        return given
    if not isinstance(given, Answer):
        given = Answer(given)
    return web.Response(
        body=msgspec.json.encode(given.body),
        status=given.status.value,
        headers=given.headers,
        content_type="application/json",
    )


def _answer_always(parts: Parts) -> Any:
    """Every request gets an id and an answer, whatever breaks."""

    @web.middleware
    async def middleware(request: web.Request, handler: Next) -> web.StreamResponse:
        request_id = secrets.token_hex(8)
        request[REQUEST_ID] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if not request.path.startswith(WEBHOOKS):
                    check_host(request, parts)
                return await handler(request)
            except Exception as error:
                return _answer_for(error, request, request_id)

    return middleware


def _answer_for(error: Exception, request: web.Request, request_id: str) -> web.StreamResponse:
    problem = problem_of(error)
    if problem is None:
        if isinstance(error, web.HTTPException):
            raise error  # no error at all: a redirect
        log.error("unforeseen", method=request.method, route=_route_of(request), exc_info=error)
        problem = unforeseen()
    elif problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", route=_route_of(request), status=problem.status.value, reason=str(error))
    return answer(problem, request_id)


def _route_of(request: web.Request) -> str:
    """The table's path, never the caller's: that may hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        if name == "Server":
            response.headers[name] = value
        else:
            response.headers.setdefault(name, value)
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]

"""Tornado's handlers, templates and HTTP client."""

from server.analysis.flow.models import (
    Danger,
    EntryPoint,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Subtype,
)
from server.analysis.flow.words import HTTP_VERBS, OWN_ADDRESS, OWN_HEADER, TEXT_ONLY, under
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, TEMPLATE_FROM_TEXT, URL_FROM_REQUEST
from server.reviews.finding import Severity

HANDLER = "tornado.web.RequestHandler"
REQUEST = "tornado.httputil.HTTPServerRequest"

MODELS: tuple[Model, ...] = (
    Subtype("tornado.web.StaticFileHandler", HANDLER),
    Subtype("tornado.websocket.WebSocketHandler", HANDLER),
    Returns((f"{HANDLER}.request",), REQUEST),
    Source(
        under(
            HANDLER,
            "get_argument get_arguments get_query_argument get_query_arguments get_body_argument get_body_arguments"
            " decode_argument path_args path_kwargs",
        ),
        Origin.REQUEST,
        "a request argument",
        spares=TEXT_ONLY,
    ),
    Source((f"{HANDLER}.get_cookie", f"{REQUEST}.cookies"), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(
        under(REQUEST, "arguments query_arguments body_arguments"),
        Origin.REQUEST,
        "a request argument",
        spares=TEXT_ONLY,
    ),
    Source((f"{REQUEST}.query",), Origin.REQUEST, "the query of the request's address", spares=OWN_HEADER),
    Source((f"{REQUEST}.body",), Origin.REQUEST, "the request's body"),
    Source((f"{REQUEST}.headers",), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{REQUEST}.files",), Origin.UPLOAD, "an uploaded file", spares=TEXT_ONLY),
    Source(under(REQUEST, "uri path host full_url"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=(HANDLER, "tornado.websocket.WebSocketHandler"),
        methods=(*HTTP_VERBS.split(), "prepare", "open"),
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a websocket message",
        bases=("tornado.websocket.WebSocketHandler",),
        methods=("on_message",),
    ),
    Sink(
        under(HANDLER, "write finish"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "chunk"),
        text=r"\S",
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink((f"{HANDLER}.redirect",), Danger.REDIRECT, OPEN_REDIRECT, args=(0, "url")),
    Sink(
        ("tornado.template.Template",),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "template_string"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *under("tornado.httpclient.AsyncHTTPClient", "fetch fetch_impl"),
            *("tornado.httpclient.HTTPClient.fetch", "tornado.httpclient.HTTPRequest"),
            "tornado.websocket.websocket_connect",
        ),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "request", "url"),
    ),
    Sanitizer(
        (
            *under("tornado.escape", "xhtml_escape linkify json_encode"),
            f"{HANDLER}.render_string",
            "tornado.template.Template.generate",
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(("tornado.escape.url_escape",), frozenset({Danger.HTML, Danger.URL, Danger.REDIRECT, Danger.HEADER})),
    Harmless(under(HANDLER, "get_secure_cookie get_signed_cookie current_user get_current_user get_status")),
)

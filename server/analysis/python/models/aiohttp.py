"""aiohttp's server. Its client is in `urls.py`."""

from server.analysis.flow.models import (
    Calls,
    Danger,
    EntryPoint,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Subtype,
    When,
)
from server.analysis.flow.words import HTTP_VERBS, OWN_ADDRESS, OWN_HEADER, TEXT_ONLY, of_each, under
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, PATH_FROM_REQUEST
from server.reviews.finding import Severity

REQUEST = "aiohttp.web.Request"
SOCKET = "aiohttp.web.WebSocketResponse"

_VERBS = tuple(HTTP_VERBS.split())

_REDIRECTS = under(
    "aiohttp.web", "HTTPFound HTTPSeeOther HTTPMovedPermanently HTTPTemporaryRedirect HTTPPermanentRedirect"
)

MODELS: tuple[Model, ...] = (
    Subtype("aiohttp.web.BaseRequest", REQUEST),
    Subtype("aiohttp.web_request.Request", REQUEST),
    Subtype("aiohttp.web_request.BaseRequest", REQUEST),
    Returns(("aiohttp.web.View.request",), REQUEST),
    Returns(("aiohttp.web.Application.router",), "aiohttp.web.UrlDispatcher"),
    Source(under(REQUEST, "query query_string rel_url.query"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY),
    Source((f"{REQUEST}.match_info",), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
    Source(under(REQUEST, "headers"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{REQUEST}.cookies",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source((f"{REQUEST}.post",), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(under(REQUEST, "json text read content multipart"), Origin.REQUEST, "the request's body"),
    Source(
        under(REQUEST, "path path_qs raw_path url rel_url host"),
        Origin.REQUEST,
        "the request's address",
        spares=OWN_ADDRESS,
    ),
    Source(
        under(SOCKET, "receive receive_str receive_bytes receive_json __iter__"),
        Origin.MESSAGE,
        "a websocket message",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        decorators=under("aiohttp.web.RouteTableDef", f"{HTTP_VERBS} view route"),
        types=((0, REQUEST), ("request", REQUEST)),
    ),
    EntryPoint(Origin.REQUEST, "a request", types=(("request", REQUEST),), imports=("aiohttp",)),
    EntryPoint(Origin.REQUEST, "a request", bases=("aiohttp.web.View",), methods=_VERBS),
    Calls(
        of_each(("aiohttp.web.UrlDispatcher",), "add_get add_post add_put add_patch add_delete add_head add_view"),
        arg=1,
        parameters=(REQUEST,),
    ),
    Calls(("aiohttp.web.UrlDispatcher.add_route",), arg=2, parameters=(REQUEST,)),
    Calls(under("aiohttp.web", HTTP_VERBS), arg=1, parameters=(REQUEST,)),
    Calls(("aiohttp.web.route",), arg=2, parameters=(REQUEST,)),
    Sink(
        ("aiohttp.web.Response", "aiohttp.web.StreamResponse"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=("text", "body"),
        when=(When(("content_type",), ("text/html",)),),
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(_REDIRECTS, Danger.REDIRECT, OPEN_REDIRECT, args=(0, "location")),
    Sink(("aiohttp.web.FileResponse",), Danger.PATH, PATH_FROM_REQUEST, args=(0, "path")),
    Sanitizer(
        ("aiohttp.web.json_response", "aiohttp_jinja2.render_template", "aiohttp_jinja2.render_string"),
        frozenset({Danger.HTML}),
    ),
    Sanitizer((f"{REQUEST}.method", f"{REQUEST}.content_length"), frozenset(Danger)),
)

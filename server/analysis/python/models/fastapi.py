"""Starlette and the frameworks on it or like it: FastAPI, Litestar. Their routes' parameters are the request's."""

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
from server.analysis.flow.words import (
    FILE_OBJECT,
    HTTP_VERBS,
    OWN_ADDRESS,
    OWN_HEADER,
    TEXT_ONLY,
    of_each,
    under,
)
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, PATH_FROM_REQUEST
from server.reviews.finding import Severity

REQUEST = "starlette.requests.Request"
SOCKET = "starlette.websockets.WebSocket"
UPLOAD = "starlette.datastructures.UploadFile"

_ROUTERS = ("fastapi.FastAPI", "fastapi.APIRouter", "fastapi.routing.APIRouter", "fastapi.applications.FastAPI")
_RESPONSES = ("fastapi.responses", "starlette.responses", "litestar.response", "fastapi")
_HTML_RESPONSES = ("fastapi.responses.HTMLResponse", "starlette.responses.HTMLResponse")

_TYPES: tuple[Model, ...] = (
    Calls(of_each(("fastapi", "fastapi.params", "fastapi.param_functions"), "Depends Security"), arg=0),
    *(Subtype(alias, REQUEST) for alias in ("fastapi.Request", "fastapi.requests.Request", "litestar.Request")),
    Subtype("starlette.requests.HTTPConnection", REQUEST),
    *(Subtype(alias, SOCKET) for alias in ("fastapi.WebSocket", "fastapi.websockets.WebSocket", "litestar.WebSocket")),
    *(Subtype(alias, UPLOAD) for alias in ("fastapi.UploadFile", "fastapi.datastructures.UploadFile")),
    Subtype("litestar.datastructures.UploadFile", UPLOAD),
)

_SOURCES: tuple[Model, ...] = (
    Source(of_each((REQUEST, SOCKET), "query_params"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY),
    Source(of_each((REQUEST, SOCKET), "path_params"), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
    Source(of_each((REQUEST, SOCKET), "headers"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source(of_each((REQUEST, SOCKET), "cookies"), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(under(REQUEST, "json body stream"), Origin.REQUEST, "the request's body"),
    Source((f"{REQUEST}.form",), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(of_each((REQUEST, SOCKET), "url base_url"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    Source(
        under(SOCKET, "receive receive_text receive_bytes receive_json iter_text iter_bytes iter_json receive_data"),
        Origin.MESSAGE,
        "a websocket message",
    ),
    Source(under(UPLOAD, "file"), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Source(
        under(UPLOAD, "filename content_type headers read"), Origin.UPLOAD, "an uploaded file's name", spares=TEXT_ONLY
    ),
)

_ENTRY_POINTS: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=of_each(_ROUTERS, f"{HTTP_VERBS} trace api_route websocket"),
        types=(("request", REQUEST), ("websocket", SOCKET)),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=of_each(_ROUTERS, f"{HTTP_VERBS} api_route"),
        types=(("request", REQUEST),),
        when=(When(("response_class",), _HTML_RESPONSES),),
        answers="fastapi.html_answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=of_each(("*",), f"{HTTP_VERBS} api_route websocket"),
        imports=("fastapi", "starlette"),
        types=(("request", REQUEST), ("websocket", SOCKET)),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        decorators=under("starlette.applications.Starlette", "route websocket_route exception_handler middleware"),
        types=(("request", REQUEST), (0, REQUEST)),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        bases=("starlette.endpoints.HTTPEndpoint",),
        methods=tuple(HTTP_VERBS.split()),
        types=(("request", REQUEST),),
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a websocket message",
        bases=("starlette.endpoints.WebSocketEndpoint",),
        methods=("on_receive",),
        types=(("websocket", SOCKET),),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=(*under("litestar", f"{HTTP_VERBS} route websocket"), *under("litestar.handlers", HTTP_VERBS)),
        types=(("request", REQUEST),),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=under("litestar", HTTP_VERBS),
        types=(("request", REQUEST),),
        when=(When(("media_type",), ("litestar.MediaType.HTML", "litestar.enums.MediaType.HTML", "text/html")),),
        answers="fastapi.html_answer",
    ),
    EntryPoint(Origin.REQUEST, "a request", types=(("request", REQUEST),), imports=("starlette",)),
)

_SINKS: tuple[Model, ...] = (
    Sink(
        of_each(_RESPONSES, "HTMLResponse"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "content"),
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(("fastapi.html_answer",), Danger.HTML, HTML_FROM_TEXT, severity=Severity.HIGH),
    Sink(
        of_each(_RESPONSES, "Response StreamingResponse"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "content"),
        when=(When(("media_type",), ("text/html", "text/html; charset=utf-8")),),
        severity=Severity.HIGH,
    ),
    Sink(
        of_each(_RESPONSES, "RedirectResponse Redirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "url", "path"),
    ),
    Sink(of_each(_RESPONSES, "FileResponse File"), Danger.PATH, PATH_FROM_REQUEST, args=(0, "path")),
)

_SAFE: tuple[Model, ...] = (
    Returns(
        of_each(("fastapi.templating", "starlette.templating"), "Jinja2Templates"),
        "starlette.templating.Jinja2Templates",
    ),
    Sanitizer(
        (
            "starlette.templating.Jinja2Templates.TemplateResponse",
            *of_each(_RESPONSES, "JSONResponse ORJSONResponse PlainTextResponse"),
            f"{REQUEST}.url_for",
        ),
        frozenset({Danger.HTML, Danger.REDIRECT, Danger.URL}),
    ),
    Sanitizer(under(REQUEST, "method client user session auth"), frozenset(Danger)),
)

MODELS: tuple[Model, ...] = (*_TYPES, *_SOURCES, *_ENTRY_POINTS, *_SINKS, *_SAFE)

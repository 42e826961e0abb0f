"""Smaller web frameworks: Bottle, Pyramid, Falcon, Sanic, CherryPy, web.py."""

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
from server.analysis.rules import (
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
)
from server.reviews.finding import Severity

_VERBS = tuple(HTTP_VERBS.split())
_ANSWER = "goes into an answer that is HTML"

BOTTLE = "bottle.LocalRequest"
PYRAMID = "pyramid.request.Request"
FALCON = "falcon.Request"
SANIC = "sanic.request.Request"

_BOTTLE: tuple[Model, ...] = (
    Returns(("bottle.request",), BOTTLE),
    Subtype("bottle.BaseRequest", BOTTLE),
    Source(under(BOTTLE, "query forms params GET POST"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(under(BOTTLE, "json body"), Origin.REQUEST, "the request's body"),
    Source(under(BOTTLE, "headers get_header"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source(under(BOTTLE, "cookies get_cookie"), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source((f"{BOTTLE}.files",), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Returns((f"{BOTTLE}.files",), "bottle.Files"),
    Returns(under("bottle.Files", "get __getitem__ getall getone"), "bottle.FileUpload"),
    Sink(("bottle.FileUpload.save",), Danger.PATH, PATH_FROM_REQUEST, args=(0, "destination")),
    Source(("bottle.FileUpload.raw_filename",), Origin.UPLOAD, "an uploaded file", spares=TEXT_ONLY),
    Sanitizer(("bottle.FileUpload.filename",), frozenset({Danger.PATH})),
    Source(
        under(BOTTLE, "url path fullpath query_string urlparts environ"),
        Origin.REQUEST,
        "the request's address",
        spares=OWN_ADDRESS,
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        decorators=of_each(("bottle", "bottle.Bottle"), f"route {HTTP_VERBS}"),
        answers="bottle.answer",
    ),
    Calls(("bottle.Bottle.route", "bottle.route"), arg="callback"),
    Sink(("bottle.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"\S", severity=Severity.HIGH, message=_ANSWER),
    Sink(("bottle.HTTPResponse",), Danger.HTML, HTML_FROM_TEXT, args=(0, "body"), severity=Severity.HIGH),
    Sink(("bottle.redirect",), Danger.REDIRECT, OPEN_REDIRECT, args=(0, "url")),
    Sink(("bottle.static_file",), Danger.PATH, PATH_FROM_REQUEST, args=(1, "root")),
    Sink(
        (
            *("bottle.SimpleTemplate", "bottle.jinja2_template", "bottle.template", "bottle.mako_template"),
            "bottle.Jinja2Template",
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "source"),
        severity=Severity.CRITICAL,
    ),
    Sanitizer(
        ("bottle.html_escape", "bottle.html_quote", "bottle.template", "bottle.jinja2_template", "bottle.static_file"),
        frozenset({Danger.HTML}),
    ),
)

_PYRAMID: tuple[Model, ...] = (
    Subtype("webob.Request", PYRAMID),
    Subtype("webob.request.Request", PYRAMID),
    Source(under(PYRAMID, "params GET POST matchdict"), Origin.REQUEST, "a request parameter", spares=TEXT_ONLY),
    Source(under(PYRAMID, "json_body json body body_file text"), Origin.REQUEST, "the request's body"),
    Source((f"{PYRAMID}.headers",), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{PYRAMID}.cookies",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(
        under(PYRAMID, "url path path_url path_info path_qs query_string referrer referer"),
        Origin.REQUEST,
        "the request's address",
        spares=OWN_ADDRESS,
    ),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        decorators=under(
            "pyramid.view", "view_config notfound_view_config forbidden_view_config exception_view_config"
        ),
        types=(("request", PYRAMID), (0, PYRAMID)),
    ),
    EntryPoint(Origin.REQUEST, "a request", types=(("request", PYRAMID),), imports=("pyramid", "webob", "cornice")),
    Calls(("pyramid.config.Configurator.add_view",), arg=0, parameters=(PYRAMID,)),
    Sink(
        ("pyramid.response.Response", "webob.Response", "webob.response.Response"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "body", "text", "html"),
        when=(When(("content_type",), ("text/html",), absent=True),),
        severity=Severity.HIGH,
        message=_ANSWER,
    ),
    Sink(
        under("pyramid.httpexceptions", "HTTPFound HTTPSeeOther HTTPMovedPermanently HTTPTemporaryRedirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "location"),
    ),
    Sink(("pyramid.response.FileResponse",), Danger.PATH, PATH_FROM_REQUEST),
    Sanitizer(
        (*under(PYRAMID, "route_url route_path resource_url static_url"), "pyramid.renderers.render"),
        frozenset({Danger.HTML, Danger.REDIRECT, Danger.URL}),
    ),
)

_FALCON: tuple[Model, ...] = (
    Subtype("falcon.asgi.Request", FALCON),
    Subtype("falcon.request.Request", FALCON),
    Source(
        under(FALCON, "get_param get_param_as_list params query_string"),
        Origin.REQUEST,
        "a query parameter",
        spares=TEXT_ONLY,
    ),
    Source(under(FALCON, "media get_media bounded_stream stream"), Origin.REQUEST, "the request's body"),
    Source(under(FALCON, "headers get_header"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source(under(FALCON, "cookies get_cookie_values"), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(under(FALCON, "path uri url relative_uri"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        methods=tuple(f"on_{verb}" for verb in _VERBS),
        types=(("req", FALCON), ("request", FALCON), ("resp", "falcon.Response"), ("response", "falcon.Response")),
        imports=("falcon",),
    ),
    Sink(
        under("falcon.Response", "text body"),
        Danger.HTML,
        HTML_FROM_TEXT,
        assigned=True,
        text=r"<\s*[a-z!/]",
        severity=Severity.HIGH,
        message=_ANSWER,
    ),
    Sink(
        under("falcon", "HTTPFound HTTPSeeOther HTTPMovedPermanently HTTPTemporaryRedirect HTTPPermanentRedirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "location"),
    ),
)

_SANIC: tuple[Model, ...] = (
    Subtype("sanic.Request", SANIC),
    Source(
        under(SANIC, "args query_args get_args get_query_args"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY
    ),
    Source(under(SANIC, "form get_form"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(under(SANIC, "json body load_json"), Origin.REQUEST, "the request's body"),
    Source((f"{SANIC}.headers",), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{SANIC}.cookies",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source((f"{SANIC}.files",), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Source(under(SANIC, "match_info"), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
    Source(under(SANIC, "path url query_string"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        decorators=of_each(("sanic.Sanic", "sanic.Blueprint"), f"route {HTTP_VERBS} websocket"),
        types=(("request", SANIC), (0, SANIC)),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=("sanic.views.HTTPMethodView",),
        methods=_VERBS,
        types=(("request", SANIC),),
    ),
    EntryPoint(Origin.REQUEST, "a request", types=(("request", SANIC),), imports=("sanic",)),
    Sink(
        ("sanic.response.html", "sanic.html"),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "body"),
        severity=Severity.HIGH,
        message=_ANSWER,
    ),
    Sink(("sanic.response.redirect", "sanic.redirect"), Danger.REDIRECT, OPEN_REDIRECT, args=(0, "to")),
    Sink(
        under("sanic", "response.file response.file_stream file file_stream"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, "location"),
    ),
)

_CHERRYPY: tuple[Model, ...] = (
    Returns(("cherrypy.request",), "cherrypy.Request"),
    Source(under("cherrypy.Request", "params query_string"), Origin.REQUEST, "a request parameter", spares=TEXT_ONLY),
    Source(under("cherrypy.Request", "body json"), Origin.REQUEST, "the request's body"),
    Source(under("cherrypy.Request", "headers"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source(under("cherrypy.Request", "cookie"), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    EntryPoint(Origin.REQUEST, "a request parameter", decorators=("cherrypy.expose",), answers="cherrypy.answer"),
    Sink(("cherrypy.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"\S", severity=Severity.HIGH, message=_ANSWER),
    Sink(("cherrypy.HTTPRedirect",), Danger.REDIRECT, OPEN_REDIRECT, args=(0, "urls")),
    Sanitizer(under("cherrypy.lib.static", "serve_file serve_download"), frozenset({Danger.HTML})),
    Sink(under("cherrypy.lib.static", "serve_file serve_download"), Danger.PATH, PATH_FROM_REQUEST, args=(0, "path")),
)

_WEB_PY: tuple[Model, ...] = (
    Source(("web.input", "web.webapi.input"), Origin.REQUEST, "a request parameter", spares=TEXT_ONLY),
    Source(("web.data",), Origin.REQUEST, "the request's body"),
    Source(("web.cookies",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(under("web.ctx", "query env"), Origin.REQUEST, "the request's query", spares=TEXT_ONLY),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        methods=("GET", "POST", "PUT", "DELETE"),
        imports=("web",),
        answers="web.answer",
    ),
    Sink(("web.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"\S", severity=Severity.HIGH, message=_ANSWER),
    Sink(under("web", "seeother redirect found tempredirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Returns(("web.database",), "web.db.DB"),
    Sink(
        ("web.db.DB.query", "web.db.DB.select", "web.db.DB.where", "web.db.DB.delete"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "where", "what", "order", "group", "sql_query"),
        severity=Severity.CRITICAL,
    ),
    Sink(("web.template.Template",), Danger.TEMPLATE, TEMPLATE_FROM_TEXT, severity=Severity.CRITICAL),
    Sanitizer(("web.websafe", "web.net.websafe", "web.htmlquote"), frozenset({Danger.HTML})),
)

MODELS: tuple[Model, ...] = (*_BOTTLE, *_PYRAMID, *_FALCON, *_SANIC, *_CHERRYPY, *_WEB_PY)

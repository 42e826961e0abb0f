"""Flask and Quart, with Werkzeug below and the extensions that bring views of their own. `flask.request` is known by
its type, so that a `request: Request` that is handed on is known too.
"""

from server.analysis.flow.models import (
    Calls,
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
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, PATH_FROM_REQUEST, TEMPLATE_FROM_TEXT
from server.reviews.finding import Confidence, Severity

REQUEST = "werkzeug.wrappers.Request"
FILES = "werkzeug.datastructures.FileMultiDict"
UPLOAD = "werkzeug.datastructures.FileStorage"

HTML_UNLESS_TOLD = (
    When(("mimetype",), ("text/html",), absent=True),
    When(("content_type",), ("text/html", "text/html; charset=utf-8"), absent=True),
)

_ROUTERS = ("flask.Flask", "flask.Blueprint", "quart.Quart", "quart.Blueprint", "flask_openapi3.OpenAPI")
_ROUTES = (
    *of_each(_ROUTERS, f"route {HTTP_VERBS} websocket"),
    *of_each(("flask_smorest.Blueprint", "apiflask.APIFlask", "apiflask.APIBlueprint"), f"route {HTTP_VERBS}"),
)

_FORM_FIELDS = ("wtforms", "wtforms.fields", "wtforms.fields.html5", "wtforms.fields.simple", "wtforms.fields.core")

_TYPES: tuple[Model, ...] = (
    *(
        Subtype(alias, REQUEST)
        for alias in (
            *("flask.Request", "flask.wrappers.Request", "werkzeug.Request", "werkzeug.wrappers.request.Request"),
            *("quart.Request", "quart.wrappers.Request", "quart.wrappers.request.Request"),
        )
    ),
    Subtype("quart.Quart", "flask.Flask"),
    Subtype("quart.Blueprint", "flask.Blueprint"),
    Subtype("flask.blueprints.Blueprint", "flask.Blueprint"),
    Subtype("flask.app.Flask", "flask.Flask"),
    Returns(("flask.request", "flask.globals.request", "quart.request", "flask.ctx.request"), REQUEST),
    Returns(("connexion.request",), REQUEST),
    Returns((f"{REQUEST}.files",), FILES),
    Returns(of_each((FILES,), "get getlist values __getitem__ __iter__ pop"), UPLOAD),
    Returns((f"{UPLOAD}.__iter__",), UPLOAD),
    Returns(of_each(("flask_wtf.file", *_FORM_FIELDS), "FileField.data"), UPLOAD),
    Returns(("flask.Response", "flask.make_response", "quart.Response", "flask.jsonify"), "flask.Response"),
    Subtype("flask.Response", "werkzeug.wrappers.Response"),
    Subtype("werkzeug.Response", "werkzeug.wrappers.Response"),
)

_SOURCES: tuple[Model, ...] = (
    Source(under(REQUEST, "args view_args"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY),
    Source(under(REQUEST, "form values"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(under(REQUEST, "json get_json get_json_force"), Origin.REQUEST, "the request's JSON body"),
    Source(under(REQUEST, "data get_data stream input_stream"), Origin.REQUEST, "the request's body"),
    Source(
        under(REQUEST, "headers user_agent referrer authorization accept_languages content_type mimetype"),
        Origin.REQUEST,
        "a request header",
        spares=OWN_HEADER,
    ),
    Source((f"{REQUEST}.cookies",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source((f"{REQUEST}.query_string", f"{REQUEST}.environ"), Origin.REQUEST, "the request's query", spares=TEXT_ONLY),
    Source(
        under(REQUEST, "path full_path url base_url script_root url_root host_url host"),
        Origin.REQUEST,
        "the request's address",
        spares=OWN_ADDRESS,
    ),
    Source((f"{REQUEST}.files",), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Source(under(UPLOAD, "stream __iter__"), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Source(under(UPLOAD, "read readlines"), Origin.UPLOAD, "an uploaded file", spares=TEXT_ONLY),
    Source(
        under(UPLOAD, "filename name content_type mimetype headers"),
        Origin.UPLOAD,
        "an uploaded file's name",
        spares=TEXT_ONLY,
    ),
    Source(("flask_restful.reqparse.RequestParser.parse_args",), Origin.REQUEST, "a request argument"),
    Source(("flask_restx.reqparse.RequestParser.parse_args",), Origin.REQUEST, "a request argument"),
    Source(
        of_each(("flask_restx.Api", "flask_restx.Namespace", "flask_restplus.Api"), "payload"),
        Origin.REQUEST,
        "the request's JSON body",
    ),
    Source(("webargs.flaskparser.parser.parse",), Origin.REQUEST, "a request argument"),
    Source(("flask_wtf.FlaskForm.data", "wtforms.Form.data"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(("flask_wtf.FlaskForm.*.data", "wtforms.Form.*.data"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(
        of_each(_FORM_FIELDS, "*.data"),
        Origin.REQUEST,
        "a form field",
        spares=TEXT_ONLY,
    ),
    Harmless(
        tuple(
            f"{name}.data"
            for name in of_each(
                _FORM_FIELDS,
                "IntegerField DecimalField FloatField BooleanField DateField DateTimeField TimeField SelectField"
                " RadioField SelectMultipleField SubmitField IntegerRangeField QuerySelectField",
            )
        )
    ),
    Subtype("flask_wtf.Form", "flask_wtf.FlaskForm"),
)

_ENTRY_POINTS: tuple[Model, ...] = (
    EntryPoint(Origin.REQUEST, "a path parameter", spares=TEXT_ONLY, decorators=_ROUTES, answers="flask.answer"),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        decorators=("*.route",),
        imports=("flask", "quart", "flask_login", "flask_smorest"),
        answers="flask.answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "an error",
        decorators=of_each(("*",), "errorhandler app_errorhandler"),
        types=((0, ""),),
        imports=("flask", "quart"),
        answers="flask.answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=("flask.views.MethodView", "flask_smorest.MethodView"),
        methods=tuple(HTTP_VERBS.split()),
        answers="flask.answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=("flask.views.View",),
        methods=("dispatch_request",),
        answers="flask.answer",
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=("flask_restful.Resource", "flask_restx.Resource", "flask_restplus.Resource"),
        methods=tuple(HTTP_VERBS.split()),
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a websocket message",
        decorators=of_each(("flask_socketio.SocketIO", "socketio.Server", "socketio.AsyncServer"), "on event"),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=("flask_admin.BaseView", "flask_admin.contrib.sqla.ModelView"),
        methods=("index",),
    ),
    Calls(of_each(_ROUTERS, "add_url_rule"), arg="view_func"),
    Calls(of_each(_ROUTERS, "add_url_rule"), arg=2),
)

_SINKS: tuple[Model, ...] = (
    Sink(
        ("flask.answer",),
        Danger.HTML,
        HTML_FROM_TEXT,
        text=r"\S",
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(
        (
            "flask.Response",
            "quart.Response",
            "werkzeug.wrappers.Response",
            "werkzeug.Response",
            "flask.wrappers.Response",
        ),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "response"),
        when=HTML_UNLESS_TOLD,
        severity=Severity.HIGH,
    ),
    Sink(
        ("werkzeug.wrappers.Response.set_data",),
        Danger.HTML,
        HTML_FROM_TEXT,
        text=r"<\s*[a-z!/]",
        severity=Severity.HIGH,
    ),
    Sink(
        ("flask.make_response", "quart.make_response", "flask.Flask.make_response"),
        Danger.HTML,
        HTML_FROM_TEXT,
        text=r"\S",
        severity=Severity.HIGH,
    ),
    Sink(
        (
            *of_each(("flask", "quart", "flask.templating"), "render_template_string stream_template_string"),
            "flask.Flask.jinja_env.from_string",
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "source"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("flask.redirect", "quart.redirect", "werkzeug.utils.redirect", "flask.Flask.redirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "location"),
    ),
    Sink(
        ("flask.send_file", "quart.send_file", "werkzeug.utils.send_file"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, "path_or_file", "filename_or_fp", "filename"),
    ),
    Sink(
        ("flask.send_from_directory", "quart.send_from_directory", "werkzeug.utils.send_from_directory"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, "directory"),
    ),
    Sink((f"{UPLOAD}.save",), Danger.PATH, PATH_FROM_REQUEST, args=(0, "dst")),
    Sink(("*.save",), Danger.PATH, PATH_FROM_REQUEST, text=r"[/\\]|\.\w+$", confidence=Confidence.LOW),
)

_SAFE: tuple[Model, ...] = (
    Sanitizer(
        (
            *of_each(("flask", "quart"), "render_template render_template_string stream_template jsonify url_for"),
            *("flask.templating.render_template", "flask.json.dumps", "flask.helpers.url_for", "flask.send_file"),
            *("flask.send_from_directory", "flask.redirect", "flask.make_response", "quart.make_response"),
            *("flask.Response", "werkzeug.wrappers.Response", "quart.Response", "quart.send_file"),
        ),
        frozenset({Danger.HTML, Danger.REDIRECT, Danger.URL, Danger.HEADER}),
    ),
    Sanitizer(("flask.escape", "werkzeug.utils.escape", "jinja2.escape"), frozenset({Danger.HTML})),
    Sanitizer(
        ("werkzeug.utils.secure_filename", "werkzeug.secure_filename"),
        frozenset({Danger.PATH, Danger.HEADER, Danger.HTML, Danger.COMMAND}),
    ),
    Sanitizer(
        ("werkzeug.utils.safe_join", "werkzeug.security.safe_join", "flask.safe_join", "flask.helpers.safe_join"),
        frozenset({Danger.PATH}),
    ),
)

MODELS: tuple[Model, ...] = (*_TYPES, *_SOURCES, *_ENTRY_POINTS, *_SINKS, *_SAFE)

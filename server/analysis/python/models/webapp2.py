"""webapp2 and the App Engine around it, in which many older applications are written."""

from server.analysis.flow.models import (
    Danger,
    EntryPoint,
    Harmless,
    Model,
    Origin,
    Returns,
    Sink,
    Source,
    Subtype,
)
from server.analysis.flow.words import HTTP_VERBS, TEXT_ONLY, of_each, under
from server.analysis.python.models.bottle import PYRAMID
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, SQL_FROM_TEXT, URL_FROM_REQUEST
from server.reviews.finding import Severity

HANDLER = "webapp2.RequestHandler"
REQUEST = "webapp2.Request"

MODELS: tuple[Model, ...] = (
    Subtype("google.appengine.ext.webapp.RequestHandler", HANDLER),
    Subtype(REQUEST, PYRAMID),
    Returns((f"{HANDLER}.request",), REQUEST),
    Returns((f"{HANDLER}.response", "webapp2.Response.out"), "webapp2.Response"),
    Source(under(REQUEST, "get get_all arguments"), Origin.REQUEST, "a request parameter", spares=TEXT_ONLY),
    EntryPoint(
        Origin.REQUEST, "a path parameter", spares=TEXT_ONLY, bases=(HANDLER,), methods=tuple(HTTP_VERBS.split())
    ),
    Sink(
        ("webapp2.Response.write",),
        Danger.HTML,
        HTML_FROM_TEXT,
        text=r"\S",
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(
        (f"{HANDLER}.redirect", "webapp2.redirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "uri"),
    ),
    Sink(
        of_each(("google.appengine.api.urlfetch",), "fetch make_fetch_call"),
        Danger.URL,
        URL_FROM_REQUEST,
        args=(0, "url"),
        severity=Severity.HIGH,
    ),
    Harmless(("google.appengine.api.urlfetch.fetch",)),
    Sink(
        (
            *under("google.appengine.ext.db", "GqlQuery gql Model.gql"),
            *under("google.appengine.ext.ndb", "gql Model.gql"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "query_string"),
        severity=Severity.HIGH,
    ),
)

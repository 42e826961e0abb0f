"""What the standard library serves: http.server, WSGI and CGI programs, socketserver, streams; and functions in a
cloud, which get an event."""

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
from server.analysis.flow.rules import HEADER_INJECTION
from server.analysis.flow.words import OWN_HEADER, TEXT_ONLY, of_each, under
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT
from server.reviews.finding import Severity

HANDLER = "http.server.BaseHTTPRequestHandler"
ENVIRON = "wsgi.Environ"
SOCKET = "socket.socket"
EVENT = "aws_lambda.Event"
READER = "asyncio.StreamReader"

_TAG = r"<\s*[a-z!/]"

_HTTP_SERVER: tuple[Model, ...] = (
    Subtype("http.server.SimpleHTTPRequestHandler", HANDLER),
    Subtype("http.server.CGIHTTPRequestHandler", HANDLER),
    Source(under(HANDLER, "path requestline"), Origin.REQUEST, "the request's address", spares=TEXT_ONLY),
    Source((f"{HANDLER}.headers",), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{HANDLER}.rfile",), Origin.REQUEST, "the request's body"),
    Returns((f"{HANDLER}.wfile",), "http.server.Answer"),
    Sink(
        ("http.server.Answer.write",),
        Danger.HTML,
        HTML_FROM_TEXT,
        text=_TAG,
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(
        (f"{HANDLER}.send_header",),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(1,),
        when=(When((0,), ("Location", "location", "Refresh")),),
    ),
    Sink(
        (f"{HANDLER}.send_header",),
        Danger.HEADER,
        HEADER_INJECTION,
        args=(0, 1),
        unless=(When((0,), ("Location", "location", "Refresh", "Content-Length", "Content-length")),),
    ),
    Sink((f"{HANDLER}.send_response",), Danger.HEADER, HEADER_INJECTION, args=(1, "message")),
)

_WSGI: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST,
        "the request",
        types=(("environ", ENVIRON), ("start_response", "wsgi.StartResponse")),
        answers="wsgi.answer",
    ),
    Sink(
        ("wsgi.StartResponse.__call__",),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(1,),
        when=(When((0,), ("301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect")),),
    ),
    Sink(("wsgi.answer",), Danger.HTML, HTML_FROM_TEXT, text=_TAG, severity=Severity.HIGH),
    EntryPoint(Origin.REQUEST, "the request", types=(("env", ENVIRON),), imports=("wsgiref",)),
    Source(under(ENVIRON, "get __getitem__ pop items"), Origin.REQUEST, "the request's environment", spares=TEXT_ONLY),
    Source(
        ("cgi.FieldStorage", "cgi.parse", "cgi.parse_qs", "cgi.parse_multipart"),
        Origin.REQUEST,
        "a form field",
        spares=TEXT_ONLY,
    ),
    Source(("wsgiref.util.request_uri", "wsgiref.util.application_uri"), Origin.REQUEST, "the request's address"),
)

_SOCKETS: tuple[Model, ...] = (
    Returns(("socketserver.BaseRequestHandler.request",), SOCKET),
    Subtype("socketserver.StreamRequestHandler", "socketserver.BaseRequestHandler"),
    Subtype("socketserver.DatagramRequestHandler", "socketserver.BaseRequestHandler"),
    Source(("socketserver.StreamRequestHandler.rfile",), Origin.MESSAGE, "a message from a socket"),
    Source(
        (*under(SOCKET, "recv recvfrom recvmsg makefile"), "*.recv", "*.recvfrom"),
        Origin.MESSAGE,
        "a message from a socket",
    ),
    Source((f"{SOCKET}.recv_into",), Origin.MESSAGE, "a message from a socket", args=(0,)),
    Source(under(READER, "read readline readexactly readuntil __iter__"), Origin.MESSAGE, "a message from a socket"),
    Calls(("asyncio.start_server", "asyncio.start_unix_server"), arg=0, parameters=(READER, "asyncio.StreamWriter")),
    Source(("multiprocessing.connection.Listener.accept.recv",), Origin.MESSAGE, "a message from a socket"),
)

_PROCEDURES: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST,
        "a remote call",
        types=(("request", "grpc.Message"), ("context", "grpc.ServicerContext")),
        imports=("grpc",),
    ),
    Source(("grpc.Message.*",), Origin.REQUEST, "a remote call"),
    EntryPoint(
        Origin.REQUEST,
        "a remote call",
        types=(("request_iterator", "grpc.Messages"), ("context", "grpc.ServicerContext")),
        imports=("grpc",),
    ),
    Returns(("grpc.Messages.__iter__",), "grpc.Message"),
    EntryPoint(
        Origin.REQUEST,
        "a remote call",
        decorators=(*under("spyne", "rpc srpc mrpc"), *under("spyne.decorator", "rpc srpc mrpc")),
        types=(("ctx", ""), ("self", "")),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a remote call",
        decorators=(
            *("jsonrpcserver.method", "jsonrpcserver.async_method", "jsonrpcserver.methods.add"),
            *("jsonrpc.dispatcher.add_method", "jsonrpc.dispatcher.Dispatcher.add_method", "fastapi_jsonrpc.method"),
        ),
    ),
    EntryPoint(Origin.REQUEST, "a remote call", bases=("rpyc.Service",), methods=("exposed_*",), types=(("conn", ""),)),
    EntryPoint(Origin.REQUEST, "a remote call", decorators=("Pyro4.expose", "Pyro5.api.expose", "Pyro5.server.expose")),
    Source(
        of_each(("xmlrpc.server.SimpleXMLRPCServer",), "register_function register_instance"),
        Origin.REQUEST,
        "a remote call",
        args=(0, "function", "instance"),
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a message from a socket",
        bases=under("asyncio", "Protocol BufferedProtocol DatagramProtocol"),
        methods=("data_received", "datagram_received"),
        types=(("addr", ""),),
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a message from a socket",
        bases=("twisted.internet.protocol.Protocol", "twisted.protocols.basic.LineReceiver"),
        methods=("dataReceived", "lineReceived"),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        bases=("twisted.web.resource.Resource",),
        methods=("render_*", "render"),
        types=(("request", "twisted.web.server.Request"), (0, "twisted.web.server.Request")),
        answers="wsgi.answer",
    ),
    Source(
        under("twisted.web.server.Request", "args content uri path getHeader getCookie"),
        Origin.REQUEST,
        "the request",
        spares=TEXT_ONLY,
    ),
)

_FUNCTIONS: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST, "the event", methods=("lambda_handler",), types=(("context", ""),), answers="aws_lambda.answer"
    ),
    EntryPoint(
        Origin.REQUEST,
        "the event",
        types=(("event", EVENT), ("context", "aws_lambda.Context")),
        answers="aws_lambda.answer",
    ),
    Sink(
        ("aws_lambda.answer",),
        Danger.HTML,
        HTML_FROM_TEXT,
        args=("body",),
        text=_TAG,
        unless=(When(("headers.Content-Type", "headers.content-type"), ("application/json", "text/plain")),),
        severity=Severity.HIGH,
    ),
    Sink(("aws_lambda.answer",), Danger.REDIRECT, OPEN_REDIRECT, args=("headers.Location", "headers.location")),
    Source(under(EVENT, "get __getitem__ items values"), Origin.REQUEST, "the event"),
    EntryPoint(
        Origin.REQUEST,
        "a request",
        decorators=("functions_framework.http",),
        types=((0, "werkzeug.wrappers.Request"),),
        answers="flask.answer",
    ),
    Source(
        under("azure.functions.HttpRequest", "params form headers route_params get_json get_body files url"),
        Origin.REQUEST,
        "the request",
    ),
    Sink(
        ("azure.functions.HttpResponse",),
        Danger.HTML,
        HTML_FROM_TEXT,
        when=(When(("mimetype",), ("text/html",)),),
        severity=Severity.HIGH,
    ),
    Returns(("chalice.Chalice.current_request",), "chalice.app.Request"),
    Source(
        under("chalice.app.Request", "query_params json_body raw_body headers uri_params"),
        Origin.REQUEST,
        "the request",
    ),
    EntryPoint(Origin.REQUEST, "a path parameter", spares=TEXT_ONLY, decorators=("chalice.Chalice.route",)),
)

_ADDRESSES: tuple[Model, ...] = (
    Sanitizer(
        of_each(("urllib.parse", "urllib"), "quote_plus urlencode"),
        frozenset({Danger.URL, Danger.REDIRECT, Danger.HEADER, Danger.HTML, Danger.LOG, Danger.PATH, Danger.SQL}),
    ),
    Sanitizer(
        of_each(("urllib.parse", "urllib"), "quote quote_from_bytes"),
        frozenset({Danger.URL, Danger.REDIRECT, Danger.HEADER, Danger.HTML, Danger.LOG}),
    ),
)

MODELS: tuple[Model, ...] = (*_HTTP_SERVER, *_WSGI, *_SOCKETS, *_PROCEDURES, *_FUNCTIONS, *_ADDRESSES)

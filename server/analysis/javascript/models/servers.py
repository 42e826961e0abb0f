"""Servers: Express and its like, Koa, Fastify, Hapi, NestJS, Next.js, functions in clouds."""

from server.analysis.flow.models import (
    ANY,
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
from server.analysis.javascript.models.names import under
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, PATH_FROM_REQUEST, PERMISSIVE_CORS, URL_FROM_REQUEST
from server.reviews.finding import Severity

REQUEST = "express.Request"
RESPONSE = "express.Response"

TEXT_ONLY = frozenset({Danger.NOSQL, Danger.PROTOTYPE, Danger.MASS_ASSIGNMENT})
"""A path, a header or a cookie is text: no object with operators in it."""

OWN_ADDRESS = TEXT_ONLY | {Danger.REDIRECT}

OWN_HEADER = TEXT_ONLY | {Danger.REDIRECT}
"""Another site can make a visitor send what address it likes, but no headers."""

_FLAT = frozenset({Danger.MASS_ASSIGNMENT})

_VERBS = "get post put patch delete all use options head param route"

_REDIRECTED_TO = ("Location", "location")
_ALLOWED_ORIGIN = ("Access-Control-Allow-Origin", "access-control-allow-origin")


def _request(type: str, query: str, body: str, headers: str, files: str = "") -> tuple[Model, ...]:
    """The parts of a request that its sender writes. *query* may nest (`?a[b]=c`), as may *body*: as a whole that is an
    object, and sent back as JSON.
    """
    return (
        Source(under(type, query), Origin.REQUEST, "a query parameter"),
        Source(tuple(f"{name}.*" for name in under(type, query)), Origin.REQUEST, "a query parameter", spares=_FLAT),
        Source(under(type, body), Origin.REQUEST, "the request's body", spares=frozenset({Danger.HTML})),
        Source(tuple(f"{name}.*" for name in under(type, body)), Origin.REQUEST, "a field of the body", spares=_FLAT),
        Source(under(type, "params"), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
        Source(under(type, headers), Origin.REQUEST, "a header or cookie", spares=OWN_HEADER),
        *((Source(under(type, files), Origin.UPLOAD, "an uploaded file", spares=TEXT_ONLY),) if files else ()),
    )


def _of_h3(names: str) -> tuple[str, ...]:
    return (*names.split(), *under("h3", names))


_EXPRESS: tuple[Model, ...] = (
    Returns(("express", "express.Router"), "express.Router"),
    Returns(("express.Router.route", "express.Router.Router"), "express.Router"),
    Subtype("express.Application", "express.Router"),
    Subtype("express.Express", "express.Router"),
    *(
        Subtype(alias, REQUEST)
        for alias in (
            *("express-serve-static-core.Request", "http.IncomingMessage", "next.NextApiRequest", "AuthRequest"),
            *("express.request", "@types.express.Request", "polka.Request", "restify.Request"),
        )
    ),
    *(
        Subtype(alias, RESPONSE)
        for alias in ("express-serve-static-core.Response", "http.ServerResponse", "next.NextApiResponse")
    ),
    Calls(under("express.Router", _VERBS), ANY, parameters=(REQUEST, RESPONSE, "")),
    Calls(("http.createServer", "https.createServer", "polka", "connect"), ANY, parameters=(REQUEST, RESPONSE)),
    *_request(REQUEST, "query", "body", "headers cookies signedCookies rawHeaders get header", "files file"),
    Source(
        ("http.chunk", f"{REQUEST}.__iter__"), Origin.REQUEST, "the request's body", spares=frozenset({Danger.HTML})
    ),
    Source(under(REQUEST, "param"), Origin.REQUEST, "a request parameter"),
    Source(under(REQUEST, "url originalUrl path"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    Source(under(REQUEST, "hostname host subdomains rawBody"), Origin.REQUEST, "the request", spares=TEXT_ONLY),
    Returns(
        under(RESPONSE, "status set header type cookie clearCookie append vary contentType location links attachment"),
        RESPONSE,
    ),
    Sink(under(RESPONSE, "send end write"), Danger.HTML, HTML_FROM_TEXT, plain=True, severity=Severity.HIGH),
    Sink(under(RESPONSE, "redirect"), Danger.REDIRECT, OPEN_REDIRECT, (0, 1)),
    Sink(under(RESPONSE, "location"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(
        under(RESPONSE, "setHeader set header append"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        (1,),
        when=(When((0,), _REDIRECTED_TO),),
    ),
    Sink(under(RESPONSE, "writeHead"), Danger.REDIRECT, OPEN_REDIRECT, _REDIRECTED_TO),
    Sink(
        under(RESPONSE, "setHeader set header append"),
        Danger.HEADER,
        PERMISSIVE_CORS,
        (1,),
        when=(When((0,), _ALLOWED_ORIGIN),),
    ),
    Sink(under(RESPONSE, "writeHead"), Danger.HEADER, PERMISSIVE_CORS, _ALLOWED_ORIGIN),
    Sink(
        under(RESPONSE, "sendFile sendfile download"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        unless=(When(("root",), (), otherwise=True),),
    ),
    Sink(under(RESPONSE, "render"), Danger.PATH, PATH_FROM_REQUEST),
)

_KOA: tuple[Model, ...] = (
    Subtype("koa.ParameterizedContext", "koa.Context"),
    Subtype("koa.DefaultContext", "koa.Context"),
    Subtype("koa.ExtendableContext", "koa.Context"),
    Returns(("koa",), "koa"),
    Returns(("koa-router", "koa-router.Router", "@koa.router"), "koa-router"),
    Returns(("koa.Context.request", "koa.Context.req"), "koa.Request"),
    Returns(("koa.Context.response",), "koa.Context"),
    Calls(under("koa", "use"), ANY, parameters=("koa.Context", "")),
    Calls(
        (*under("koa-router", _VERBS), *under("@koa.router", _VERBS), *under("koa-router.Router", _VERBS)),
        ANY,
        parameters=("koa.Context", ""),
    ),
    *_request("koa.Context", "query", "request.body", "headers header get"),
    *_request("koa.Request", "query", "body rawBody", "headers header get", "files"),
    Source(("koa.Context.cookies.get",), Origin.REQUEST, "a cookie", spares=TEXT_ONLY),
    Source(under("koa.Context", "url originalUrl path querystring"), Origin.REQUEST, "the address", spares=OWN_ADDRESS),
    Sink(("koa.Context.body",), Danger.HTML, HTML_FROM_TEXT, assigned=True, text="<", severity=Severity.HIGH),
    Sink(under("koa.Context", "redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(("koa-send",), Danger.PATH, PATH_FROM_REQUEST, (1,), unless=(When(("root",), (), otherwise=True),)),
)

_FASTIFY: tuple[Model, ...] = (
    Returns(("fastify", "fastify.Fastify", "Fastify"), "fastify.FastifyInstance"),
    Calls(
        under("fastify.FastifyInstance", f"{_VERBS} addHook"),
        ANY,
        parameters=("fastify.FastifyRequest", "fastify.FastifyReply"),
    ),
    *_request("fastify.FastifyRequest", "query", "body", "headers cookies"),
    Returns(under("fastify.FastifyReply", "code status header headers type"), "fastify.FastifyReply"),
    Sink(under("fastify.FastifyReply", "send"), Danger.HTML, HTML_FROM_TEXT, text="<", severity=Severity.HIGH),
    Sink(under("fastify.FastifyReply", "redirect"), Danger.REDIRECT, OPEN_REDIRECT, (0, 1)),
)

_HAPI: tuple[Model, ...] = (
    *_request("hapi.Request", "query", "payload", "headers state"),
    Sink(under("hapi.ResponseToolkit", "response"), Danger.HTML, HTML_FROM_TEXT, severity=Severity.HIGH),
    Sink(under("hapi.ResponseToolkit", "redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(under("hapi.ResponseToolkit", "file"), Danger.PATH, PATH_FROM_REQUEST),
    Subtype("@hapi.hapi.Request", "hapi.Request"),
    Subtype("@hapi.hapi.ResponseToolkit", "hapi.ResponseToolkit"),
)

_NEST = "@nestjs.common"
_NESTJS: tuple[Model, ...] = (
    Source(under(_NEST, "Query"), Origin.REQUEST, "a query parameter", spares=_FLAT),
    Source(under(_NEST, "Body"), Origin.REQUEST, "the request's body", spares=_FLAT),
    Source(under(f"{_NEST}.Query", "whole"), Origin.REQUEST, "the query's parameters", spares=_FLAT),
    Source(under(f"{_NEST}.Body", "whole"), Origin.REQUEST, "the request's body"),
    Source(under(_NEST, "Param Headers HostParam"), Origin.REQUEST, "a request parameter", spares=TEXT_ONLY),
    Source(under(_NEST, "UploadedFile UploadedFiles"), Origin.UPLOAD, "an uploaded file", spares=TEXT_ONLY),
    Returns(under(_NEST, "Req Request"), REQUEST),
    Returns(under(_NEST, "Res Response"), RESPONSE),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of the request",
        decorators=under(_NEST, "Get Post Put Patch Delete All"),
        answers="nest.answer",
    ),
    Sink(("nest.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]", plain=True, severity=Severity.HIGH),
    EntryPoint(
        Origin.REQUEST, "a parameter of the request", decorators=under(_NEST, "Redirect"), answers="nest.redirect"
    ),
    Sink(("nest.redirect",), Danger.REDIRECT, OPEN_REDIRECT, ("url",)),
    EntryPoint(
        Origin.REQUEST, "an argument of the query", decorators=under("@nestjs.graphql", "Query Mutation ResolveField")
    ),
    Source(under("@nestjs.graphql", "Args"), Origin.REQUEST, "an argument of the query"),
)

_NEXT: tuple[Model, ...] = (
    *_request("next.server.NextRequest", "nextUrl", "text formData body", "headers cookies"),
    Source(("next.server.NextRequest.json",), Origin.REQUEST, "the request's body"),
    Sink(("next.server.NextResponse.rewrite",), Danger.REDIRECT, URL_FROM_REQUEST),
    Returns(("next.navigation.useRouter",), "next.navigation.useRouter"),
    Sink(
        (*under("next.navigation.useRouter", "push replace"), *under("next.router.useRouter", "push replace")),
        Danger.REDIRECT,
        OPEN_REDIRECT,
    ),
    Source(("next.server.NextRequest.url",), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    Source(("next.RouteContext.params",), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
    *_request("next.GetServerSidePropsContext", "query", "body", "headers cookies"),
    Returns(("next.GetServerSidePropsContext.req",), REQUEST),
    Returns(("next.GetServerSidePropsContext.res",), RESPONSE),
    Source(under("next.PageProps", "searchParams params"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY),
    EntryPoint(Origin.REQUEST, "an argument of a server action", decorators=("next.action",)),
    Sink(under("next.server.NextResponse", "redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(under("next.navigation", "redirect permanentRedirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(("Response", "next.server.NextResponse"), Danger.HTML, HTML_FROM_TEXT, text="<", severity=Severity.HIGH),
    Source(under("remix.LoaderArgs", "params"), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY),
    Returns(("remix.LoaderArgs.request",), "next.server.NextRequest"),
    Sink((*under("@remix-run.node", "redirect"), *under("react-router", "redirect")), Danger.REDIRECT, OPEN_REDIRECT),
)

_HONO = "hono.Context"
_EDGE: tuple[Model, ...] = (
    Returns(("hono.Hono",), "hono.Hono"),
    Calls(under("hono.Hono", f"{_VERBS} use on"), ANY, parameters=(_HONO, "")),
    Source(under(f"{_HONO}.req", "query queries json parseBody formData text"), Origin.REQUEST, "the request"),
    Source(under(f"{_HONO}.req", "param header raw url path"), Origin.REQUEST, "the request", spares=OWN_HEADER),
    Sink(under(_HONO, "html"), Danger.HTML, HTML_FROM_TEXT, severity=Severity.HIGH),
    Sink(under(_HONO, "redirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Source(under("sveltekit.RequestEvent", "url params"), Origin.REQUEST, "the request's address", spares=OWN_ADDRESS),
    Returns(("sveltekit.RequestEvent.request",), "next.server.NextRequest"),
    Sink(("@sveltejs.kit.redirect",), Danger.REDIRECT, OPEN_REDIRECT, (1,)),
    Source(_of_h3("getQuery readBody readRawBody readFormData readMultipartFormData"), Origin.REQUEST, "the request"),
    Source(_of_h3("getRouterParam getRouterParams getCookie"), Origin.REQUEST, "the request", spares=TEXT_ONLY),
    Source(_of_h3("getHeader getHeaders getRequestHeader"), Origin.REQUEST, "a header", spares=OWN_HEADER),
    Sink(_of_h3("sendRedirect"), Danger.REDIRECT, OPEN_REDIRECT, (1,)),
    *(
        Subtype(f"{package}.{name}", "remix.LoaderArgs")
        for package in ("@remix-run.node", "@remix-run.cloudflare", "react-router")
        for name in ("LoaderFunctionArgs", "ActionFunctionArgs", "LoaderArgs", "ActionArgs", "DataFunctionArgs")
    ),
)
"""Hono, SvelteKit, Nuxt's h3 (whose functions are there without an import) and Remix."""

_CLOUD: tuple[Model, ...] = (
    *(
        Subtype(f"aws-lambda.{name}", "aws.Event")
        for name in ("APIGatewayProxyEvent", "APIGatewayProxyEventV2", "APIGatewayEvent", "ALBEvent")
    ),
    Source(("websocket.message",), Origin.MESSAGE, "a message of a socket"),
    Source(
        ("electron.message",),
        Origin.MESSAGE,
        "a message of a window",
        spares=frozenset({Danger.URL, Danger.REGEX}),
    ),
    Source(
        under(
            "aws.Event",
            "body queryStringParameters pathParameters headers multiValueQueryStringParameters rawQueryString cookies",
        ),
        Origin.REQUEST,
        "the event's request",
    ),
    Source(("graphql.Args.*",), Origin.REQUEST, "an argument of the query", spares=_FLAT),
)

_VALIDATED = frozenset({Danger.NOSQL, Danger.MASS_ASSIGNMENT, Danger.PROTOTYPE})
"""A schema says of what type each field is, and drops the others."""

_VALIDATION: tuple[Model, ...] = (
    Sanitizer(
        (
            *(
                "*.validate",
                "*.validateAsync",
                "*.validateSync",
                "*.safeParse",
                "*.safeParseAsync",
                "*.parseAsync",
                "*.parse",
            ),
            *("express-validator.matchedData", "class-transformer.plainToClass", "class-transformer.plainToInstance"),
            *("express-mongo-sanitize.sanitize", "mongo-sanitize", "lodash.pick", "_.pick", "*.pick"),
        ),
        _VALIDATED,
    ),
)

MODELS: tuple[Model, ...] = (*_EXPRESS, *_KOA, *_FASTIFY, *_HAPI, *_NESTJS, *_NEXT, *_EDGE, *_CLOUD, *_VALIDATION)

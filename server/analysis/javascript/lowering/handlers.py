"""What a parameter is where only its name, and what the function is for, say so.

A JavaScript handler is often exported from one file and routed in another, or called by the framework because of the
file that it stands in. `(req, res)` is then all there is to see, and nobody calls anything else so.
"""

import re
from pathlib import PurePosixPath

REQUEST = "express.Request"
RESPONSE = "express.Response"

_REQUESTS = frozenset({"req", "request", "_req"})
_RESPONSES = {
    "res": RESPONSE,
    "response": RESPONSE,
    "resp": RESPONSE,
    "_res": RESPONSE,
    "reply": "fastify.FastifyReply",
}
_RESPONSES |= {"h": "hapi.ResponseToolkit"}
_REQUEST_OF = {"reply": "fastify.FastifyRequest", "h": "hapi.Request"}

_CONTEXTS = frozenset({"ctx", "context", "c"})

_NEXT_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

_ROUTE_FILE = re.compile(r"(?:^|/)(?:route\.[jt]sx?|middleware\.[jt]s|\+server\.[jt]s|(?:api|pages)/.*\.[jt]sx?)$")

_SVELTE_FILE = re.compile(r"(?:^|/)\+(?:server|page\.server|layout\.server)\.[jt]s$")

_PAGE_FUNCTIONS = {
    "getServerSideProps": "next.GetServerSidePropsContext",
    "getInitialProps": "next.GetServerSidePropsContext",
    "loader": "remix.LoaderArgs",
    "action": "remix.LoaderArgs",
}


def is_request(name: str) -> bool:
    return name in _REQUESTS


def is_response(name: str) -> bool:
    return name in _RESPONSES


def type_by_convention(index: int, names: list[str], function: str, path: str) -> str:
    """The type of parameter *index* among *names* of *function* in the file at *path*; "" where nothing says it."""
    name = names[index]
    if name in _REQUESTS:
        following = names[index + 1] if index + 1 < len(names) else ""
        if following in _RESPONSES:
            return _REQUEST_OF.get(following, REQUEST)
        if index == 0 and _is_next_handler(function, path):
            return "next.server.NextRequest"
        return REQUEST if following in ("next", "_next", "_", "_res", "__") or (index == 0 and len(names) > 1) else ""
    if index and name in _RESPONSES and names[index - 1] in (*_REQUESTS, "_", "__"):
        return _RESPONSES[name]
    if index == 0 and name.startswith("{") and _SVELTE_FILE.search(path):
        return "sveltekit.RequestEvent" if function in _NEXT_METHODS | {"load"} else ""
    if index == 0 and name in _CONTEXTS and len(names) > 1 and names[1] in ("next", "_next", "_"):
        return "koa.Context"
    if index == 0 and name == "ctx" and len(names) == 1 and function not in _PAGE_FUNCTIONS:
        return "koa.Context"
    if index == 0 and function in _PAGE_FUNCTIONS and (function != "action" or _looks_like_route(path)):
        return _PAGE_FUNCTIONS[function]
    if index == 1 and _is_next_handler(function, path):
        return "next.RouteContext"
    if index == 0 and "searchParams" in name and name.startswith("{"):
        return "next.PageProps"
    if index == 0 and name == "event" and (function == "main" or function.lower().endswith("handler")):
        return "aws.Event"
    if index == 1 and (name == "args" or name.startswith("{")) and names[0] in _PARENTS:
        return "graphql.Args"
    if index == 0 and function.partition("<")[0] == "onmessage":
        return "browser.MessageEvent"
    return ""


_PARENTS = frozenset({"parent", "root", "_", "__", "obj", "source", "_parent", "_root"})


def _is_next_handler(function: str, path: str) -> bool:
    named = function in _NEXT_METHODS or function in ("middleware", "handler", "default")
    return named and _ROUTE_FILE.search(path) is not None


def _looks_like_route(path: str) -> bool:
    return any(part in ("routes", "app") for part in PurePosixPath(path).parts)

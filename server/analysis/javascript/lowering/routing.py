"""Handlers of routes on what only its name calls a server: `app.get("/x", async (request) => ...)`.

A plugin of Fastify is handed its server by whoever registers it, a handler may take the request alone, or apart as
`({ body, query })`. That it is called for a path says what it is.
"""

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.handlers import REQUEST, is_request, is_response
from server.analysis.javascript.lowering.scope import Lowering, handed_function

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "del", "all", "options"})

_CLIENTS = frozenset({"axios", "http", "https", "rest", "msw", "nock", "$", "jQuery", "client", "api", "agent"})
"""What asks for a path, and what stands in for a server in tests, are written alike."""

_PARTS = frozenset({"body", "query"})


def serve(callee: p.Expr, arguments: list[p.Expr], low: Lowering) -> None:
    """Let the handler's first parameter be a request, where nothing else says what it is."""
    if not isinstance(callee, p.Attr) or callee.name not in _VERBS or len(arguments) < 2 or not _is_path(arguments[0]):
        return
    if isinstance(callee.base, p.Name) and callee.base.id in _CLIENTS:
        return
    handler = handed_function(arguments[-1], low)
    if handler is None or not handler.params or handler.params[0].annotation is not None:
        return
    first, following = handler.params[0], [param.name for param in handler.params[1:]]
    if not is_request(first.name) and not _takes_parts(first.name, handler.body):
        return
    if not following:
        first.annotation = low.module_as_name("fastify.FastifyRequest", handler.line)
    elif is_response(following[0]):
        first.annotation = low.module_as_name(REQUEST, handler.line)


def _is_path(argument: p.Expr) -> bool:
    return isinstance(argument, p.Const) and isinstance(argument.value, str) and argument.value[:1] in ("/", "*")


def _takes_parts(name: str, body: list[p.Statement]) -> bool:
    """Whether the head of the body takes what only a request has from the parameter."""
    return any(
        isinstance(statement, p.Assign)
        and isinstance(statement.value, p.Attr)
        and isinstance(statement.value.base, p.Name)
        and statement.value.base.id == name
        and statement.value.name in _PARTS
        for statement in body[:12]
    )

"""GraphQL endpoints that tell strangers all they can do, or answer queries of any depth."""

import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.judging import LOW, MEDIUM, POSSIBLE, Scene, found, security

GRAPHQL_EXPLORER = security(
    "graphql-explorer",
    MEDIUM,
    "The page for trying queries, and the introspection that it needs, are there for everybody: they list all that "
    "the API can do.",
    cwe=200,
    also=(489, 215, 497, 1295),
    remedy="Switch both off in production: `graphiql=settings.DEBUG`.",
)
GRAPHQL_UNLIMITED = security(
    "graphql-unlimited",
    LOW,
    "Nothing limits how deep or costly a query may be: one request can keep the server busy.",
    cwe=770,
    also=(400, 674),
    confidence=POSSIBLE,
    remedy="Add a rule for depth or cost (`depth_limit_validator`, `QueryDepthLimiter`, `MaxTokensLimiter`).",
)

RULES: tuple[Rule, ...] = (GRAPHQL_EXPLORER, GRAPHQL_UNLIMITED)

_LIMITS = re.compile(r"depth|complexity|cost|MaxTokens|MaxAliases|query_limiter|persisted", re.IGNORECASE)


def judge(scene: Scene) -> Iterator[Found]:
    endpoints = [(path, endpoint) for path, facts in scene.app.files.items() for endpoint in facts.graphql]
    explorers = [(path, endpoint.span) for path, endpoint in endpoints if endpoint.kind == "explorer"]
    for path, span in explorers:
        yield found(GRAPHQL_EXPLORER, path, span, "GraphiQL and introspection are there for everybody")
    if endpoints and not explorers and not any(_LIMITS.search(name) for name in scene.app.called):
        path, endpoint = endpoints[0]
        yield found(GRAPHQL_UNLIMITED, path, endpoint.span, "Queries may be as deep as somebody likes")

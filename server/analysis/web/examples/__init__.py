"""Small projects for every rule of web applications: the tests run them, and the rules' pages show them."""

from types import ModuleType

from server.analysis.web.examples import (
    authentication,
    binding,
    decisions,
    disclosure,
    enumeration,
    forgery,
    functions,
    go,
    graphql,
    java,
    ownership,
    php,
    ruby,
    schemas,
    sessions,
    throttling,
    uploads,
    webhooks,
    websockets,
)

EXAMPLES: tuple[ModuleType, ...] = (
    authentication,
    ownership,
    forgery,
    throttling,
    disclosure,
    schemas,
    binding,
    uploads,
    enumeration,
    sessions,
    decisions,
    graphql,
    webhooks,
    websockets,
    java,
    php,
    functions,
    go,
    ruby,
)

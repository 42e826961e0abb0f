"""What is known of JavaScript's libraries, for servers and browsers."""

from server.analysis.flow.models import Model
from server.analysis.javascript.models import browser, databases, language, libraries, node, servers

MODELS: tuple[Model, ...] = (
    *language.MODELS,
    *browser.MODELS,
    *servers.MODELS,
    *node.MODELS,
    *databases.MODELS,
    *libraries.MODELS,
)

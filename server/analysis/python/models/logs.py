"""Log lines. Mild and never sure: formatters that write one line per entry, or JSON, make line breaks harmless."""

from server.analysis.flow.models import Danger, Harmless, Model, Returns, Sanitizer, Sink
from server.analysis.flow.rules import LOG_INJECTION
from server.analysis.flow.words import of_each, under
from server.reviews.finding import Confidence

_LEVELS = "warning warn error exception critical"
"""Those that somebody reads to see what happened; to mislead with a line of debugging is not worth the trouble."""

MODELS: tuple[Model, ...] = (
    Returns(("logging.getLogger", "logging.getChild", "flask.Flask.logger"), "logging.Logger"),
    Sink(
        of_each(("logging", "logging.Logger"), _LEVELS),
        Danger.LOG,
        LOG_INJECTION,
        args=(0, "msg"),
        text=r"\S",
        confidence=Confidence.LOW,
    ),
    Sanitizer(("repr", "ascii", "json.dumps"), frozenset({Danger.LOG})),
    Harmless(under("logging.Logger", f"{_LEVELS} debug info log")),
)

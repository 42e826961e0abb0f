"""Regular expressions that somebody else writes. google-re2 is no sink: it does not backtrack."""

from server.analysis.flow.models import Danger, Model, Sanitizer, Sink
from server.analysis.flow.rules import REGEX_FROM_REQUEST
from server.analysis.flow.words import of_each

MODELS: tuple[Model, ...] = (
    Sink(
        of_each(("re", "regex"), "compile match search fullmatch findall finditer sub subn split"),
        Danger.REGEX,
        REGEX_FROM_REQUEST,
        args=(0, "pattern"),
    ),
    Sanitizer(("re.escape", "regex.escape", "fnmatch.translate"), frozenset({Danger.REGEX})),
)

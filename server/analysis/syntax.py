"""Whether a text is valid in its language, so that nothing broken is suggested."""

from server.analysis.parsed import CannotParse
from server.analysis.review import READERS
from server.analysis.source import Source


def still_parses(path: str, text: str) -> bool:
    """True also for a language that we cannot parse: then nothing speaks against it."""
    source = Source.of(path, text)
    reader = READERS.get(source.language)
    if reader is None:
        return True
    try:
        return not reader.parser.parse(source).gap
    except CannotParse:
        return False

"""Secrets out of a text, on its way to a model and on its way back to people.

What a secret looks like is known elsewhere (the rules that find them in code, and the last fence of the logs); here all
of it is asked. It errs towards taking away: an example key that is hidden costs nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from server.analysis.rule import Check
from server.analysis.source import Source
from server.analysis.text.credentials import CHECKS as CREDENTIAL_CHECKS
from server.analysis.text.file import TextFile
from server.analysis.text.looks import is_mixed, is_random
from server.analysis.text.secrets import CHECKS as SECRET_CHECKS
from server.analysis.text.secrets import PROVIDERS
from server.observability.logs import SECRETS

_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}")
_CHECKS: tuple[Check[Any], ...] = (*SECRET_CHECKS, *CREDENTIAL_CHECKS)
_ANY_SETTINGS = "data.env"
"""Named so, a text is read for assignments with and without quotes."""

SHORTEST_KNOWN = 6
"""A shorter secret of ours would be found in any text."""
SHORTEST_TOLD = 8


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text with `[redacted: what it was]` in place of secrets; its lines stay where they are.

    *known*: secrets of ours, found as they are.
    """
    body = text.removeprefix("\ufeff")
    out: list[str] = []
    at = 0
    for start, end, name in _merged(sorted(_spans(body, tuple(known)))):
        out += (body[at:start], f"[redacted: {name}]", "\n" * body.count("\n", start, end))
        at = end
    return "".join((*out, body[at:]))


def redact_keys(text: str) -> str:
    """The same for what can be nothing but a credential: an honest text, and a marker in it, stays as it is."""
    out: list[str] = []
    at = 0
    for start, end, name in _merged(sorted(_keys(text))):
        out += (text[at:start], f"[redacted: {name}]")
        at = end
    return "".join((*out, text[at:]))


def secrets_in(text: str) -> frozenset[str]:
    """Those that could be nothing else: a password like `postgres` stands in many an honest sentence."""
    body = text.removeprefix("\ufeff")
    found = (body[start:end].strip() for start, end, _ in _spans(body, ()))
    return frozenset(one for one in found if len(one) >= SHORTEST_TOLD and (is_random(one) or is_mixed(one)))


def _spans(text: str, known: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for secret in known:
        if len(secret) >= SHORTEST_KNOWN:
            yield from ((found.start(), found.end(), "a key of ours") for found in re.finditer(re.escape(secret), text))
    yield from _keys(text)
    yield from _named(text)


def _keys(text: str) -> Iterator[tuple[int, int, str]]:
    """By their own looks."""
    for provider in PROVIDERS:
        if provider.hint in text:
            yield from ((*found.span("key"), provider.name) for found in provider.pattern.finditer(text))
    for pattern, name in ((_JWT, "token"), (SECRETS, "secret")):
        yield from ((found.start(), found.end(), name) for found in pattern.finditer(text))


def _named(text: str) -> Iterator[tuple[int, int, str]]:
    """What the rules find: passwords in addresses, values beside names that promise a secret."""
    file = TextFile.parse(Source.of(_ANY_SETTINGS, text))
    starts = [0]
    for line in file.source.lines:
        starts.append(starts[-1] + len(line) + 1)
    for check in _CHECKS:
        for hit in check.find(file, file):
            span = hit.span
            start = starts[span.start_line - 1] + span.start_column - 1
            yield start, starts[span.end_line - 1] + span.end_column - 1, "secret"


def _merged(spans: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Those that overlap as one, by the name of the first."""
    open_span: tuple[int, int, str] | None = None
    for start, end, name in spans:
        if open_span is not None and start < open_span[1]:
            open_span = (open_span[0], max(end, open_span[1]), open_span[2])
        else:
            if open_span is not None:
                yield open_span
            open_span = (start, end, name)
    if open_span is not None:
        yield open_span

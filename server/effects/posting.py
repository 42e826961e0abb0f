"""The last fence before something is posted: no credential goes out in words of ours, whoever wrote them. Pure.

A suggestion is code that a click commits: nothing in it may be changed, so one that holds a credential is left out.
"""

import re
from typing import Any

from server.analysis.redaction import redact_keys

PROSE = frozenset({"body", "summary", "text", "title", "message", "description", "raw_details"})
"""Fields of GitHub's requests that people read."""

LEFT_OUT = "(The suggestion is left out: it holds a credential.)"


def without_secrets(data: Any) -> Any:
    """The request's data with `[redacted: what it was]` in its prose."""
    if isinstance(data, dict):
        return {name: _field(name, value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [without_secrets(part) for part in data]
    return data


def _field(name: str, value: Any) -> Any:
    return _prose(value) if name in PROSE and isinstance(value, str) else without_secrets(value)


def _prose(text: str) -> str:
    redacted = redact_keys(text)
    return text if redacted == text else redact_keys(_SUGGESTION.sub(_unless_secret, text))


def _unless_secret(found: re.Match[str]) -> str:
    return found[0] if redact_keys(found[0]) == found[0] else LEFT_OUT


_SUGGESTION = re.compile(r"^(?P<fence>`{3,})suggestion\n(?:.*\n)*?(?P=fence)$", re.M)

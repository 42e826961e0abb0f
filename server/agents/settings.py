"""What the hub hands to the process that thinks, over a pipe. Imports no SDK: the hub reads it too."""

import msgspec

from server.config import Settings

STRONG_MODEL = "claude-opus-5-5"
FAST_MODEL = "claude-haiku-5-5"
BASE_URL = "https://api.anthropic.com"


class ClaudeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key is plain text here, because it must get across to the process that uses it; the repr does not show it."""

    api_key: str
    base_url: str = BASE_URL
    strong: str = STRONG_MODEL
    fast: str = FAST_MODEL
    sandbox_paths: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"ClaudeSettings(base_url={self.base_url!r}, strong={self.strong!r}, fast={self.fast!r})"


def claude_settings(settings: Settings) -> ClaudeSettings | None:
    """None where there is no key."""
    if settings.anthropic_api_key is None:
        return None
    return ClaudeSettings(
        api_key=settings.anthropic_api_key.reveal(),
        base_url=settings.anthropic_base_url,
        strong=settings.model or STRONG_MODEL,
        fast=settings.fast_model or FAST_MODEL,
        sandbox_paths=tuple(map(str, settings.sandbox_paths)),
    )

"""Prose as Markdown that shows what it says: no mention, no link, no hidden text comes of it. Pure."""

import re

ZERO_WIDTH_SPACE = "\u200b"
"""Put between what GitHub would join to a mention or a link."""


def plain(text: str, *, limit: int = 2_000) -> str:
    """The text to be read as it stands, shortened to *limit* characters; `code` stays code."""
    shown = _HIDDEN.sub("", text)
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    parts = _CODE.split(shown)
    return "".join(_code(part) if place % 2 else _prose(part) for place, part in enumerate(parts))


# Control, zero-width, bidirectional and tag characters: what a person does not see, a model would still read.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CODE = re.compile(r"(?<!`)(`[^`\n]+`)(?!`)")
_SPECIAL = re.compile(r"[\\`*_\[\]{}()#+|~!>-]")


def _code(span: str) -> str:
    """Even here the beginning of a comment is broken, so that no marker of ours can be forged."""
    return span.replace("<!--", f"<{ZERO_WIDTH_SPACE}!--")


def _prose(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text).replace("&", "&amp;").replace("<", "&lt;")
    for joined in ("@", "#", "://", "www."):
        escaped = escaped.replace(joined, joined[0] + ZERO_WIDTH_SPACE + joined[1:])
    return escaped

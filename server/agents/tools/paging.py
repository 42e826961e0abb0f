"""Long answers in pages, and pages that say where the next one is."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

Page = Annotated[int, msgspec.Meta(ge=1, le=10_000, description="Which page of the answer; the first is 1.")]


def page_of(lines: Sequence[str], page: int, size: int, what: str) -> str:
    """*what*: the plural of what is listed."""
    pages = max(1, -(-len(lines) // size))
    if page > pages:
        return f"there are only {pages} pages ({len(lines)} {what})"
    shown = lines[(page - 1) * size : page * size]
    head = f"{len(lines)} {what}" + (f", page {page} of {pages}" if pages > 1 else "")
    return "\n".join((head, *shown, *([f"[more: page={page + 1}]"] if page < pages else ())))

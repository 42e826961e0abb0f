"""Tell a wish about something that is not on GitHub from a repository that we may not see: both are its 404."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import TypeVar

from server.effects.api import GitHubRefused
from server.github.operation import WishRefused

T = TypeVar("T")


async def existing(asking: Awaitable[T], what: str) -> T:
    """The answer. *what*: `branch main`. Raises WishRefused where there is none: the App sees the repository."""
    try:
        return await asking
    except GitHubRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            raise WishRefused(f"there is no {what} in this repository") from None
        raise

"""Ask GitHub's API one thing: the only module that knows gidgethub and how GitHub says no.

An error says what to do next: `Snooze` when GitHub asks for patience, `GitHubRefused` when the same request will never
work, `GitHubUnavailable` otherwise. No token and no body is part of any message.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import gidgethub
import gidgethub.abc
import msgspec

from server.errors import HiveError
from server.jobs.job import Snooze

REQUESTER = "agent-hive"
ACCEPT = "application/vnd.github+json"
VERSION = {"X-GitHub-Api-Version": "2022-11-28"}

REQUEST_SECONDS = 30.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024

SECONDARY_LIMIT_SECONDS = 60.0
"""How long to wait when GitHub does not say.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""

MAX_PATIENCE_SECONDS = 3600.0

T = TypeVar("T")


class GitHubUnavailable(HiveError):
    """GitHub did not answer, or not as described; whether it did what was asked is unknown."""


class GitHubRefused(HiveError):
    """GitHub did not do it, and would not the next time either."""

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Api(gidgethub.abc.GitHubAPI):
    """gidgethub over our session. It would follow any address with the token; this one stays with its own host."""

    def __init__(self, session: aiohttp.ClientSession, **options: Any) -> None:
        super().__init__(REQUESTER, **options)
        self._session = session

    async def ask(
        self, method: str, path: str, url_vars: Mapping[str, str], *, data: Any = b"", token: str | None = None
    ) -> tuple[Any, str | None]:
        """The answer, and the address of the next page. Raises as the module says."""
        with _translated_errors(method):
            answer, next_page, _ = await self._make_request(
                method, path, url_vars, data, ACCEPT, oauth_token=token, extra_headers=VERSION
            )
            return answer, next_page

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        if urlsplit(url)[:2] != urlsplit(self.base_url)[:2]:
            raise GitHubUnavailable("GitHub named an address that is not its API's")
        # A redirect of a POST would become a GET; aiohttp drops the token when a redirect leaves the host.
        async with self._session.request(
            method, url, headers=headers, data=body, allow_redirects=method == "GET"
        ) as response:
            return response.status, response.headers, await _read_body(response)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def read_answer(answer: Any, type_: type[T]) -> T:
    """The answer as *type_*. Raises GitHubUnavailable."""
    try:
        return msgspec.convert(answer, type_)
    except msgspec.ValidationError as error:
        raise GitHubUnavailable(f"GitHub answered something else than it describes: {error}") from None


def read_graphql_answer(answer: Any, type_: type[T]) -> T:
    """The data as *type_*. GraphQL says no with status 200. Raises as the module says."""
    try:
        errors = msgspec.convert(answer, _GraphQLAnswer).errors
    except msgspec.ValidationError as error:
        raise GitHubUnavailable(f"GitHub answered something else than GraphQL: {error}") from None
    if not errors:
        return read_answer(answer.get("data"), type_)
    kind, message = errors[0].type, errors[0].message[:300]
    if kind == "RATE_LIMITED":
        raise Snooze(SECONDARY_LIMIT_SECONDS, f"GitHub asks us to wait: {message}")
    if kind in _GRAPHQL_REFUSALS:
        raise GitHubRefused(_GRAPHQL_REFUSALS[kind], f"GitHub answered {kind}: {message}")
    raise GitHubUnavailable(f"GitHub answered {kind or 'an error'}: {message}")


_GRAPHQL_REFUSALS = {"FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403, "NOT_FOUND": 404, "UNPROCESSABLE": 422}


class _GraphQLError(msgspec.Struct):
    message: str = ""
    type: str = ""


class _GraphQLAnswer(msgspec.Struct):
    data: Any = None
    errors: list[_GraphQLError] = []


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    chunks = []
    length = 0
    async for chunk in response.content.iter_any():
        length += len(chunk)
        if length > MAX_ANSWER_BYTES:
            raise GitHubUnavailable(f"GitHub's answer is larger than {MAX_ANSWER_BYTES >> 20} MiB")
        chunks.append(chunk)
    return b"".join(chunks)


@contextmanager
def _translated_errors(method: str) -> Iterator[None]:
    """gidgethub's and aiohttp's errors in our words."""
    try:
        yield
    except gidgethub.HTTPException as error:
        raise _translate(error, method) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise GitHubUnavailable(
            f"GitHub did not answer ({type(error).__name__})", hint="check GITHUB_API_URL and the network"
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # gidgethub's own, when an answer is not what its content type says.
        raise GitHubUnavailable(f"GitHub's answer could not be read ({type(error).__name__})") from None


def _translate(error: gidgethub.HTTPException, method: str) -> Exception:
    status, message = int(error.status_code), str(error)[:300]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return GitHubUnavailable(f"GitHub answered {status}")
    patience = _patience_seconds(error, status, message)
    if patience is not None:
        return Snooze(patience, f"GitHub asks us to wait: {message}")
    if isinstance(error, gidgethub.RedirectionException):
        return GitHubRefused(status, "the repository moved", hint="the next event names its new place")
    return GitHubRefused(status, f"GitHub answered {status} to a {method}: {message}", hint=_HINTS.get(status, ""))


_HINTS = {
    401: "check GITHUB_APP_ID, GITHUB_PRIVATE_KEY and this machine's clock",
    403: "the App lacks a permission: contents read, pull requests write, checks write",
    404: "the App is not installed on the repository, or the repository is gone",
}


def _patience_seconds(error: gidgethub.HTTPException, status: int, message: str) -> float | None:
    """How long GitHub wants us to wait, None when that is not what is wrong."""
    if status not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return None
    headers = {name.lower(): value for name, value in error.headers.items()}
    asked, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if asked.isdecimal():
        return _within_reason(int(asked))
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return _within_reason(int(reset) - time.time() + 1.0)
    if status == HTTPStatus.TOO_MANY_REQUESTS or "secondary rate limit" in message.lower():
        return SECONDARY_LIMIT_SECONDS
    return None


def _within_reason(seconds: float) -> float:
    return min(MAX_PATIENCE_SECONDS, max(1.0, seconds))

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

from server.effects.budget import Budget
from server.effects.remembered import MAX_ANSWER_BYTES, Answer, Answers
from server.errors import HiveError
from server.jobs.job import Snooze

REQUESTER = "agent-hive"
ACCEPT = "application/vnd.github+json"
VERSION = {"X-GitHub-Api-Version": "2022-11-28"}

REQUEST_SECONDS = 30.0
MAX_BODY_BYTES = 32 * 1024 * 1024

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


class Told:
    """What an installation was answered before, by address: asking whether it still holds costs nothing of its limit.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
    """

    def __init__(self, answers: Answers, installation_id: int) -> None:
        self._answers = answers
        self._installation_id = installation_id

    def get(self, url: str) -> Answer | None:
        return self._answers.get((self._installation_id, url))

    def keep(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        if (etag := headers.get("etag")) and len(body) <= MAX_ANSWER_BYTES:
            answer = Answer(etag, headers.get("content-type", ""), headers.get("link", ""), body)
            self._answers.keep((self._installation_id, url), answer)


class Api(gidgethub.abc.GitHubAPI):
    """gidgethub over our session. It would follow any address with the token; this one stays with its own host."""

    def __init__(
        self, session: aiohttp.ClientSession, *, budget: Budget | None = None, told: Told | None = None, **options: Any
    ) -> None:
        """*budget*: what may be asked, and when; *told*: what was answered before. Both are an installation's."""
        super().__init__(REQUESTER, **options)
        self._session = session
        self._budget = budget or Budget()
        self._told = told

    async def ask(
        self,
        method: str,
        path: str,
        url_vars: Mapping[str, str],
        *,
        data: Any = b"",
        token: str | None = None,
        repository: str = "",
        creates: bool = False,
    ) -> tuple[Any, str | None]:
        """The answer, and the address of the next page. Raises as the module says.

        *repository*: whose share of the installation's requests it is. *creates*: it posts something.
        """
        self._budget.claim(repository, creates=creates)
        try:
            with _translated_errors(method):
                answer, next_page, _ = await self._make_request(
                    method, path, url_vars, data, ACCEPT, oauth_token=token, extra_headers=VERSION
                )
                return answer, next_page
        except Snooze as snooze:
            self._budget.wait(snooze.seconds)
            raise

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        if urlsplit(url)[:2] != urlsplit(self.base_url)[:2]:
            raise GitHubUnavailable("GitHub named an address that is not its API's")
        known = self._told.get(url) if self._told and method == "GET" else None
        asked = {**headers, "if-none-match": known.etag} if known else headers
        # A redirect of a POST would become a GET; aiohttp drops the token when a redirect leaves the host.
        async with self._session.request(
            method, url, headers=asked, data=body, allow_redirects=method == "GET"
        ) as response:
            self._budget.heed(response.headers)
            if known and response.status == HTTPStatus.NOT_MODIFIED:
                return HTTPStatus.OK, {"content-type": known.kind, "link": known.link}, known.body
            content = await _read_body(response)
            if self._told and method == "GET" and response.status == HTTPStatus.OK:
                self._told.keep(url, response.headers, content)
            return response.status, response.headers, content

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
        if length > MAX_BODY_BYTES:
            raise GitHubUnavailable(f"GitHub's answer is larger than {MAX_BODY_BYTES >> 20} MiB")
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

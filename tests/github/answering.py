"""How the stand-in of GitHub answers: JSON with the limits' headers, pages with `Link`, refusals.

An `Endpoint` is a row of a table: what is asked where, who answers, and what a token needs for it.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from aiohttp import web

if TYPE_CHECKING:
    from tests.github.world import World

Json = dict[str, Any]


class Violation(NamedTuple):
    """Somebody broke the contract: our client, or the stand-in itself (*who* is `answer`)."""

    who: str
    operation: str
    reason: str


class Refusal(Exception):
    """What GitHub answers instead."""

    def __init__(self, status: int, message: str, *, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors is not None:
            self.body["errors"] = errors


class Call(NamedTuple):
    request: web.Request
    body: Json


Handler = Callable[["World", Call], Awaitable[web.Response]]


class Endpoint(NamedTuple):
    """*needs*: permissions of which one is enough, as `checks:write`; none for what the App asks by its JWT."""

    method: str
    path: str
    answer: Handler
    needs: tuple[str, ...] = ()

    def allows(self, permissions: Mapping[str, str]) -> bool:
        """Write holds read."""
        for needed in self.needs:
            name, _, level = needed.partition(":")
            if permissions.get(name) in ((level, "write") if level == "read" else (level,)):
                return True
        return not self.needs


def json_answer(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(content, status=status, headers={**rate_limit_headers(), **(headers or {})})


def rate_limit_headers() -> dict[str, str]:
    reset = str(int(time.time()) + 3_000)
    return {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": reset}


def page_of(
    world: "World", request: web.Request, items: list[Any], *, wrap: Callable[[list[Any]], Any] = lambda page: page
) -> web.Response:
    """One page of *items*, with `Link` as GitHub sets it."""
    size = min(int(request.query.get("per_page", "30")), world.page_size_limit)
    number = int(request.query.get("page", "1"))
    last = max(1, -(-len(items) // size))
    links = {"next": number + 1, "last": last} if number < last else {}
    if number > 1:
        links |= {"first": 1, "prev": number - 1}
    base = f"{world.url}{request.rel_url.raw_path}"
    address = {name: f"{base}?{urlencode(dict(request.query) | {'page': page})}" for name, page in links.items()}
    headers = {"Link": ", ".join(f'<{url}>; rel="{name}"' for name, url in address.items())} if address else {}
    return json_answer(wrap(items[(number - 1) * size : number * size]), headers=headers)

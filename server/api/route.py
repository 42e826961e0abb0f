"""One address of the HTTP door, as data: what it takes, what it answers, and who may use it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from aiohttp import web

from server.api.parts import Parts
from server.api.problems import Problem
from server.api.reading import NoQuery
from server.security.principal import Permission, Principal

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True)
class Call(Generic[Q, B]):
    """One request that was let in, in our types."""

    parts: Parts
    principal: Principal
    request: web.Request
    query: Q
    body: B

    def path(self, name: str) -> str:
        return self.request.match_info[name]

    def within(self, project: str | None) -> str | None:
        """The project to which a list is limited. Raises `Problem` 403 when the key is of another one."""
        if project is not None and not self.principal.may_see(project):
            raise Problem(HTTPStatus.FORBIDDEN, "this key is of another project")
        return project or self.principal.project


@dataclass(frozen=True)
class Answer:
    """A handler's answer when 200 with JSON does not say it all."""

    body: Any
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Any], Awaitable[Any]]
"""Takes a `Call`; returns what becomes JSON, an `Answer`, or a response of its own."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """*permission* None: open to anybody. *open_on_loopback*: needs no key when both ends are this machine.

    *of_hub*: about the hub as a whole, so closed to keys of one project. *answers* is the type of a good answer, for
    the description; None when it is not JSON.
    """

    method: str
    path: str
    handle: Handler
    summary: str
    permission: Permission | None
    open_on_loopback: bool = False
    of_hub: bool = False
    query: type = NoQuery
    body: type | None = None
    body_may_be_absent: bool = False
    body_limit_bytes: int = 64 * 1024
    body_is_form: bool = False
    answers: Any = None
    status: HTTPStatus = HTTPStatus.OK

"""Ask GitHub about one repository, in the name of the App's installation there: an answer, all pages, GraphQL.

Knows no endpoint: `github.py` and its like do. Errors are those of `api.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from server.effects.api import GitHubRefused, GitHubUnavailable, read_graphql_answer
from server.effects.app import GitHubApp
from server.effects.posting import without_secrets

T = TypeVar("T")


class Asking:
    """One repository, seen as the App's installation there."""

    def __init__(self, app: GitHubApp, installation_id: int, owner: str, name: str) -> None:
        self._app = app
        self._installation_id = installation_id
        self._repository = {"owner": owner, "repo": name}

    async def graphql(self, query: str, variables: Mapping[str, Any], type_: type[T]) -> T:
        """What REST does not know. Nothing is said of the repository but by *variables*."""
        # Beside `/api/v3` on an Enterprise Server, and at the top of api.github.com, where `..` leads nowhere else.
        data = {"query": query, "variables": msgspec.to_builtins(dict(variables))}
        answer, _ = await self._ask("POST", "../graphql", {}, data, creates=query.startswith("mutation"))
        return read_graphql_answer(answer, type_)

    async def _get(self, path: str, **url_vars: str) -> Any:
        answer, _ = await self._ask("GET", path, url_vars)
        return answer

    async def _send(self, method: str, path: str, data: dict[str, Any], **url_vars: str) -> Any:
        said = await asyncio.to_thread(without_secrets, msgspec.to_builtins(data))
        answer, _ = await self._ask(method, path, url_vars, said, creates=True)
        return answer

    async def _pages(
        self, path: str, query: Mapping[str, str] | None = None, *, items: str | None = None, **url_vars: str
    ) -> AsyncIterator[Any]:
        """Everything on every page. *items* names the field that holds them, if an answer is an object."""
        values = {"per_page": "100", **(query or {})}
        address: str | None = f"{path}{{?{','.join(values)}}}"
        while address:
            answer, address = await self._ask("GET", address, values | url_vars)
            entries = answer.get(items) if items and isinstance(answer, dict) else answer
            if not isinstance(entries, list):
                raise GitHubUnavailable("GitHub answered something else than a list")
            for entry in entries:
                yield entry

    async def _ask(
        self, method: str, path: str, url_vars: dict[str, str], data: Any = b"", *, creates: bool = False
    ) -> tuple[Any, str | None]:
        """With a new token when GitHub takes the old one no more: it did nothing then, so asking again is safe."""
        token = await self._app.token(self._installation_id)
        try:
            return await self._ask_with(token, method, path, url_vars, data, creates)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED:
                raise
        self._app.forget_token(self._installation_id, token)
        token = await self._app.token(self._installation_id)
        return await self._ask_with(token, method, path, url_vars, data, creates)

    async def _ask_with(
        self, token: str, method: str, path: str, url_vars: dict[str, str], data: Any, creates: bool
    ) -> tuple[Any, str | None]:
        return await self._app.api(self._installation_id).ask(
            method,
            path,
            self._repository | url_vars,
            data=data,
            token=token,
            repository="/".join(self._repository.values()),
            creates=creates,
        )

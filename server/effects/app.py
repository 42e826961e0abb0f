"""Be the GitHub App: its key makes JWTs, which buy tokens for its installations.

A token is kept until shortly before it runs out, and never leaves this process. `github.py` asks with it.
"""

import asyncio
import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from server.config import Secret
from server.effects.api import Api, GitHubRefused, Told, read_answer
from server.effects.budget import Budget
from server.effects.remembered import MAX_ANSWERS_BYTES, MAX_BLOBS_BYTES, Answers, Blobs
from server.errors import ConfigurationInvalid

RENEW_BEFORE = timedelta(minutes=5)
"""A token lives an hour; one that runs out while a request is under way helps nobody."""

T = TypeVar("T")


class GitHubApp:
    """*session* is closed by whoever opened it. Raises ConfigurationInvalid for a key that cannot sign."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        app_id: int,
        private_key: Secret,
        api_url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        key = _read_key(private_key)
        self.id = app_id
        self.api_url = api_url
        self._session = session
        self._apis: dict[int, Api] = {}
        self._answers = Answers(MAX_ANSWERS_BYTES)
        self._as_app = Api(session, app_id=str(app_id), private_key=key, base_url=api_url)
        self._now = now
        self._tokens: dict[int, _Token] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._installations: dict[str, int] = {}
        self._login = ""
        self.blobs = Blobs(MAX_BLOBS_BYTES)

    async def login(self) -> str:
        """The name under which the App posts."""
        if not self._login:
            app = await self._ask("GET", "/app", {}, _App)
            self._login = f"{app.slug}[bot]"
        return self._login

    def api(self, installation_id: int) -> Api:
        """GitHub as that installation sees it: with limits of its own, and with what it was told before."""
        if installation_id not in self._apis:
            now = self._now
            self._apis[installation_id] = Api(
                self._session,
                base_url=self.api_url,
                budget=Budget(lambda: now().timestamp()),
                told=Told(self._answers, installation_id),
            )
        return self._apis[installation_id]

    async def token(self, installation_id: int) -> str:
        """A token that is good for some minutes at least; bought once, however many wait for it."""
        async with self._locks.setdefault(installation_id, asyncio.Lock()):
            token = self._tokens.get(installation_id)
            if token is None or token.expires_at - self._now() < RENEW_BEFORE:
                path = "/app/installations/{installation_id}/access_tokens"
                token = await self._buy(path, installation_id)
                self._tokens[installation_id] = token
            return token.token

    def forget_repository(self, repository: str) -> None:
        """It is elsewhere, or the App is: who asks about that name looks it up anew."""
        self._installations.pop(repository, None)

    def forget_token(self, installation_id: int, token: str) -> None:
        """GitHub does not take it any more."""
        known = self._tokens.get(installation_id)
        if known and known.token == token:
            del self._tokens[installation_id]

    async def _buy(self, path: str, installation_id: int) -> "_Token":
        """An installation that is gone is not looked for there again."""
        try:
            return await self._ask("POST", path, {"installation_id": str(installation_id)}, _Token)
        except GitHubRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                self._installations = {name: id_ for name, id_ in self._installations.items() if id_ != installation_id}
            raise

    async def installation_id(self, owner: str, name: str) -> int:
        """Where the App is installed, for an event that does not say."""
        repository = f"{owner}/{name}"
        if repository not in self._installations:
            url_vars = {"owner": owner, "repo": name}
            found = await self._ask("GET", "/repos/{owner}/{repo}/installation", url_vars, _Installation)
            self._installations[repository] = found.id
        return self._installations[repository]

    async def ask(self, method: str, path: str, url_vars: Mapping[str, str]) -> tuple[Any, str | None]:
        """As the App itself, about itself. The answer, and the address of the next page."""
        return await self._as_app.ask(method, path, url_vars)

    async def _ask(self, method: str, path: str, url_vars: Mapping[str, str], type_: type[T]) -> T:
        answer, _ = await self.ask(method, path, url_vars)
        return read_answer(answer, type_)


@functools.lru_cache(maxsize=2)
def _read_key(private_key: Secret) -> RSAPrivateKey:
    """Now, with a clear word, and not at the first pull request. As a key, it signs in less than a millisecond: whoever
    signs with its text reads it anew and checks its numbers anew, 60 ms each time."""
    try:
        key = load_pem_private_key(private_key.reveal().encode(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationInvalid(
            "GITHUB_PRIVATE_KEY is not an RSA private key without a password",
            hint="generate one on the GitHub App's settings page and use the .pem file as it is",
        )
    return key


class _App(msgspec.Struct):
    slug: str


class _Token(msgspec.Struct):
    token: str
    expires_at: datetime


class _Installation(msgspec.Struct):
    id: int

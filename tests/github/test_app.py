"""Being the App: its JWT, its tokens, and how GitHub says no."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server.config import Secret
from server.effects.api import MAX_BODY_BYTES, GitHubRefused, GitHubUnavailable
from server.effects.app import GitHubApp
from server.effects.github import GitHub, github_for
from server.errors import ConfigurationInvalid
from server.jobs.job import Snooze
from server.reviews.publish import Review
from server.reviews.pull_request import PullRequestRef
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_snapshot import a_pull_request

TOKEN = "apps/create-installation-access-token"


class Clock:
    """A hand on the App's clock."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(standin: GitHubStandIn, session: aiohttp.ClientSession, clock: Clock) -> GitHubApp:
    key = Secret(standin.private_key_pem)
    return GitHubApp(session, app_id=standin.app_id, private_key=key, api_url=standin.url, now=clock)


@pytest.fixture
async def ref(standin: GitHubStandIn, project: GitProject) -> PullRequestRef:
    project.commit({"a.py": "a\n"})
    project.branch("feature")
    project.commit({"a.py": "b\n"})
    return (await a_pull_request(standin, project))[1]


async def test_a_token_is_bought_once_for_many_requests(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef
) -> None:
    github = await github_for(app, ref)

    await asyncio.gather(*(github.pull_request(ref.number) for _ in range(10)))

    assert standin.requests[TOKEN] == 1


async def test_a_token_is_renewed_before_it_runs_out(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef, clock: Clock
) -> None:
    github = await github_for(app, ref)
    await github.pull_request(ref.number)

    clock.ahead = timedelta(minutes=54)
    await github.pull_request(ref.number)
    assert standin.requests[TOKEN] == 1

    clock.ahead = timedelta(minutes=56)
    await github.pull_request(ref.number)
    assert standin.requests[TOKEN] == 2


async def test_a_token_that_github_takes_no_more_is_replaced(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef
) -> None:
    github = await github_for(app, ref)
    await github.pull_request(ref.number)

    standin.expire_tokens()
    await github.pull_request(ref.number)

    assert standin.requests[TOKEN] == 2


async def test_a_key_of_another_app_is_refused(
    standin: GitHubStandIn, session: aiohttp.ClientSession, ref: PullRequestRef
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    app = GitHubApp(session, app_id=standin.app_id, private_key=_pem(other), api_url=standin.url)

    with pytest.raises(GitHubRefused, match="401") as refused:
        await (await github_for(app, ref)).pull_request(ref.number)

    assert "GITHUB_PRIVATE_KEY" in refused.value.hint


def _pem(key: Any) -> Secret:
    private = serialization.PrivateFormat.PKCS8
    return Secret(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()).decode())


BAD_KEYS = {
    "no PEM": Secret("nonsense"),
    "an elliptic curve": _pem(ec.generate_private_key(ec.SECP256R1())),
    "half a key": Secret("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"),
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
async def test_a_key_that_cannot_sign_is_refused_at_the_start(session: aiohttp.ClientSession, key: Secret) -> None:
    with pytest.raises(ConfigurationInvalid, match="GITHUB_PRIVATE_KEY"):
        GitHubApp(session, app_id=1, private_key=key, api_url="https://api.github.com")


async def test_the_app_knows_its_own_name(app: GitHubApp) -> None:
    assert await app.login() == "hive-under-test[bot]"


async def test_a_repository_without_the_app_is_refused(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef
) -> None:
    other = msgspec.structs.replace(ref, repository="octo/other")

    with pytest.raises(GitHubRefused, match="404"):
        await (await github_for(app, other)).pull_request(1)


async def test_a_missing_permission_is_refused_with_what_to_do(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef
) -> None:
    del standin.permissions["pull_requests"]

    with pytest.raises(GitHubRefused, match="not accessible") as refused:
        await (await github_for(app, ref)).pull_request(ref.number)

    assert "the App lacks a permission" in refused.value.hint


Headers = Callable[[], dict[str, str]]

SECONDARY = "You have exceeded a secondary rate limit"
PRIMARY = "API rate limit exceeded"

LIMITS: dict[str, tuple[int, Headers, str, tuple[float, float]]] = {
    "secondary limit, told how long": (403, lambda: {"Retry-After": "17"}, SECONDARY, (17, 17)),
    "secondary limit, not told": (403, dict, SECONDARY, (60, 60)),
    "too many requests": (429, lambda: {"Retry-After": "5"}, "Too many", (5, 5)),
    "too many requests, not told": (429, dict, "Too many", (60, 60)),
    "primary limit": (403, lambda: used_up(), PRIMARY, (85, 92)),
    "primary limit as 429": (429, lambda: used_up(), PRIMARY, (85, 92)),
    "a wait beyond reason": (429, lambda: {"Retry-After": "9" * 30}, "Too many", (3600, 3600)),
}


def used_up() -> dict[str, str]:
    reset_at = int(datetime.now(UTC).timestamp()) + 90
    return {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_at)}


@pytest.mark.parametrize(("status", "headers", "message", "seconds"), LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("operation", ["pulls/get", TOKEN])
async def test_limits_are_waited_out(
    standin: GitHubStandIn,
    app: GitHubApp,
    ref: PullRequestRef,
    operation: str,
    status: int,
    headers: Headers,
    message: str,
    seconds: tuple[float, float],
) -> None:
    standin.interrupt(Interruption(operation, status=status, headers=headers(), message=message))

    with pytest.raises(Snooze) as snooze:
        await (await github_for(app, ref)).pull_request(ref.number)

    assert seconds[0] <= snooze.value.seconds <= seconds[1]
    assert standin.requests[operation] == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_broken_github_is_tried_again_later(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef, status: int
) -> None:
    standin.interrupt(Interruption("pulls/get", status=status))

    with pytest.raises(GitHubUnavailable, match=str(status)):
        await (await github_for(app, ref)).pull_request(ref.number)


async def test_a_lost_connection_is_tried_again_later(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef
) -> None:
    standin.interrupt(Interruption("pulls/get", drop=True, times=9))

    with pytest.raises(GitHubUnavailable, match="did not answer"):
        await (await github_for(app, ref)).pull_request(ref.number)


async def test_a_github_that_is_not_there_is_tried_again_later(
    standin: GitHubStandIn, session: aiohttp.ClientSession, ref: PullRequestRef
) -> None:
    app = GitHubApp(session, app_id=1, private_key=Secret(standin.private_key_pem), api_url="http://127.0.0.1:1")

    with pytest.raises(GitHubUnavailable):
        await (await github_for(app, ref)).pull_request(ref.number)


# Answers that GitHub never gives, from a server that lies.

Liar = Callable[[web.Request], web.StreamResponse]

LIES: dict[str, Liar] = {
    "no JSON": lambda _: web.Response(text="<html>", content_type="application/json"),
    "another content type": lambda _: web.Response(text="<html>", content_type="text/html"),
    "an unknown charset": lambda _: web.Response(body=b"{}", headers={"Content-Type": "application/json; charset=x"}),
    "a list": lambda _: web.json_response([]),
    "other fields": lambda _: web.json_response({"state": 7}),
    "deep JSON": lambda _: web.Response(text="[" * 100_000, content_type="application/json"),
    "too much": lambda _: web.Response(body=b" " * (MAX_BODY_BYTES + 1), content_type="application/json"),
    "errors that are none": lambda _: web.json_response({"message": "no", "errors": 7}, status=422),
    "errors of numbers": lambda _: web.json_response({"message": "no", "errors": [7]}, status=422),
}


@asynccontextmanager
async def a_lying_github(session: aiohttp.ClientSession, standin: GitHubStandIn, lie: Liar) -> AsyncIterator[GitHub]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/access_tokens"):
            return web.json_response({"token": "ghs_x", "expires_at": "2999-01-01T00:00:00Z"}, status=201)
        return lie(request)

    server_app = web.Application()
    server_app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(server_app) as server:
        key = Secret(standin.private_key_pem)
        yield GitHub(
            GitHubApp(session, app_id=1, private_key=key, api_url=str(server.make_url("/"))), 1, "octo", "demo"
        )


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_an_answer_that_is_not_as_described_is_tried_again_later(
    session: aiohttp.ClientSession, standin: GitHubStandIn, lie: Liar
) -> None:
    async with a_lying_github(session, standin, lie) as github:
        with pytest.raises(GitHubUnavailable):
            await github.pull_request(1)


async def test_a_next_page_elsewhere_is_not_asked_for(session: aiohttp.ClientSession, standin: GitHubStandIn) -> None:
    def lie(request: web.Request) -> web.Response:
        return web.json_response([], headers={"Link": '<https://evil.example/steal>; rel="next"'})

    async with a_lying_github(session, standin, lie) as github:
        with pytest.raises(GitHubUnavailable, match="not its API's"):
            await github.reviews(1)


async def test_what_is_posted_follows_no_redirect(session: aiohttp.ClientSession, standin: GitHubStandIn) -> None:
    asked: list[str] = []

    def lie(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with a_lying_github(session, standin, lie) as github:
        with pytest.raises(GitHubRefused, match="moved"):
            await github.create_review(1, Review("a" * 40, "body", (), ()))

    assert asked == ["/repos/octo/demo/pulls/1/reviews"]


async def test_a_file_is_checked_against_its_sha(session: aiohttp.ClientSession, standin: GitHubStandIn) -> None:
    async with a_lying_github(session, standin, lambda _: web.json_response({"content": "eA==\n"})) as github:
        assert await github.blob("c1b0730e0133447badcfd47fd144e254807b06e1") == b"x"
        with pytest.raises(GitHubUnavailable, match="does not fit its SHA"):
            await github.blob("0" * 40)


def test_no_module_but_one_knows_gidgethub() -> None:
    server = Path(__file__).parents[2] / "server"

    assert [path.name for path in server.rglob("*.py") if "gidgethub" in path.read_text()] == ["api.py"]


async def test_what_did_not_change_is_not_told_again(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef, project: GitProject
) -> None:
    github = await github_for(app, ref)
    before = await github.pull_request(ref.number)

    assert await github.pull_request(ref.number) == before
    assert (standin.requests["pulls/get"], standin.unchanged["pulls/get"]) == (2, 1)

    head = project.commit({"a.py": "c\n"})
    await standin.push(standin.repositories["octo/demo"], ref.number)
    assert (await github.pull_request(ref.number)).head_sha == head
    assert standin.unchanged["pulls/get"] == 1


async def test_after_a_limit_nothing_is_asked_until_the_wait_is_over_and_others_go_on(
    standin: GitHubStandIn, app: GitHubApp, ref: PullRequestRef, clock: Clock, project: GitProject
) -> None:
    await standin.create_repository(project.directory, "other/demo")
    other = await github_for(app, msgspec.structs.replace(ref, repository="other/demo", installation_id=None))
    github = await github_for(app, ref)
    limit = Interruption("pulls/get", status=403, headers={"Retry-After": "40"}, message=SECONDARY)
    standin.interrupt(limit)
    for _ in range(3):
        with pytest.raises(Snooze) as snooze:
            await github.pull_request(ref.number)
    assert standin.requests["pulls/get"] == 1
    assert 35 < snooze.value.seconds <= 40

    await other.tree(ref.head_sha)
    clock.ahead = timedelta(seconds=41)
    await github.pull_request(ref.number)

    assert standin.requests["pulls/get"] == 2


async def test_a_companys_own_server_is_asked_below_its_own_path(
    standin: GitHubStandIn, session: aiohttp.ClientSession
) -> None:
    """Of an Enterprise Server, REST lies below `/api/v3` and GraphQL beside it: `/api/graphql`."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path.endswith("/access_tokens"):
            expires = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
            return web.json_response({"token": "ghs_own", "expires_at": expires}, status=201)
        return web.json_response({"data": {}} if request.path.endswith("graphql") else [])

    server_app = web.Application()
    server_app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(server_app) as server:
        url = str(server.make_url("")).rstrip("/")
        key = Secret(standin.private_key_pem)
        own = GitHubApp(session, app_id=1, private_key=key, api_url=f"{url}/api/v3")
        github = GitHub(own, 7, "octo", "demo")
        await github.reviews(1)
        await github.graphql("query { viewer { login } }", {}, dict)
        address, _ = await github.git()

    assert asked == [
        "/api/v3/app/installations/7/access_tokens",
        "/api/v3/repos/octo/demo/pulls/1/reviews",
        "/api/graphql",
    ]
    assert address == f"{url}/octo/demo.git"

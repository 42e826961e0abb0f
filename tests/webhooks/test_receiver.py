"""The door for GitHub: what it takes, what it refuses, and with which answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import RedisUnavailable
from server.jobs.job import Delivery
from tests.github.payloads import example, examples
from tests.github.signing import SignedDelivery, sign, signed_delivery
from webhooks.chores import AFTER_PULL_REQUEST
from webhooks.receiver import MAX_BODY_BYTES, Receiver

SECRET = "current secret"
PREVIOUS = "previous secret"
OPENED = example("pull_request", "opened")


class Door:
    """Keeps what it is given, as the sealed intake stream would; *unavailable* makes it fail as that does."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.unavailable = False

    async def submit_delivery(self, delivery: Delivery) -> None:
        if self.unavailable:
            raise RedisUnavailable("no connection")
        self.deliveries.append(delivery)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def github(door: Door) -> AsyncIterator[TestClient[Any, Any]]:
    async with a_client(Receiver([SECRET.encode(), PREVIOUS.encode()], door.submit_delivery)) as client:
        yield client


def a_client(receiver: Receiver) -> TestClient[Any, Any]:
    app = web.Application()
    app.router.add_post("/webhooks/github", receiver.handle)
    return TestClient(TestServer(app))


async def post(github: TestClient[Any, Any], delivery: SignedDelivery) -> tuple[int, dict[str, Any]]:
    async with github.post("/webhooks/github", data=delivery.body, headers=delivery.headers) as response:
        return response.status, await response.json()


async def test_a_pull_request_is_accepted_with_its_job(github: TestClient[Any, Any], door: Door) -> None:
    sent = signed_delivery(SECRET, "pull_request", OPENED)

    status, answer = await post(github, sent)

    [delivery] = door.deliveries
    assert delivery.job is not None
    assert (status, answer) == (202, {"delivery": sent.id, "job": str(delivery.job.id)})
    assert (delivery.id, delivery.event, delivery.action) == (sent.id, "pull_request", "opened")
    assert {request.kind for request in delivery.beside} >= {*AFTER_PULL_REQUEST["opened"]}
    assert delivery.repository == OPENED["repository"]["full_name"]
    assert delivery.installation_id == OPENED["installation"]["id"]


async def test_a_form_is_read_like_json(github: TestClient[Any, Any], door: Door) -> None:
    status, _ = await post(github, signed_delivery(SECRET, "pull_request", OPENED, form=True))

    assert status == 202
    assert door.deliveries[0].job is not None


async def test_the_previous_secret_still_counts(github: TestClient[Any, Any], door: Door) -> None:
    status, _ = await post(github, signed_delivery(PREVIOUS, "pull_request", OPENED))

    assert status == 202


async def test_a_ping_is_answered_with_200_and_recorded(github: TestClient[Any, Any], door: Door) -> None:
    status, _ = await post(github, signed_delivery(SECRET, "ping", {"zen": "Keep it logically awesome."}))

    assert status == 200
    assert door.deliveries[0].event == "ping"


async def test_an_unknown_event_is_recorded_with_the_reason(github: TestClient[Any, Any], door: Door) -> None:
    status, answer = await post(github, signed_delivery(SECRET, "moon_phase", {"action": "full"}))

    assert status == 202
    assert door.deliveries[0].job is None
    assert answer["note"] == door.deliveries[0].note == "nothing is done on moon_phase events"


async def test_every_example_of_github_is_accepted(github: TestClient[Any, Any], door: Door) -> None:
    for sent in examples():
        door.deliveries.clear()

        status, _ = await post(github, signed_delivery(SECRET, sent.event, sent.payload))

        assert status == (200 if sent.event == "ping" else 202), sent.name
        [delivery] = door.deliveries
        assert delivery.event == sent.event, sent.name
        assert delivery.action == sent.payload.get("action", ""), sent.name
        assert (delivery.job is None) == bool(delivery.note), sent.name


Change = Callable[[SignedDelivery], SignedDelivery]


def signed(body: bytes, **headers: str) -> Change:
    """Another body with its right signature, and other headers."""
    return lambda sent: SignedDelivery(
        sent.headers
        | {"X-Hub-Signature-256": sign(SECRET, body)}
        | {k.replace("_", "-"): v for k, v in headers.items()},
        body,
    )


def with_headers(**headers: str | None) -> Change:
    """Other headers, or some less."""
    changes = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda sent: SignedDelivery({k: v for k, v in (sent.headers | changes).items() if v is not None}, sent.body)


def with_body(change: Callable[[bytes], bytes]) -> Change:
    """Another body under the old signature."""
    return lambda sent: SignedDelivery(sent.headers, change(sent.body))


FORM = "application/x-www-form-urlencoded"

REFUSED: dict[str, tuple[int, Change]] = {
    "no signature": (401, with_headers(X_Hub_Signature_256=None)),
    "only sha1": (401, with_headers(X_Hub_Signature_256=None, X_Hub_Signature="sha1=" + "0" * 40)),
    "sha1 in the sha256 header": (
        401,
        lambda sent: with_headers(X_Hub_Signature_256=sent.headers["X-Hub-Signature"])(sent),
    ),
    "another secret": (401, lambda sent: with_headers(X_Hub_Signature_256=sign("guess", sent.body))(sent)),
    "an empty secret": (401, lambda sent: with_headers(X_Hub_Signature_256=sign("", sent.body))(sent)),
    "an empty signature": (401, with_headers(X_Hub_Signature_256="")),
    "a signature without its prefix": (
        401,
        lambda sent: with_headers(X_Hub_Signature_256=sign(SECRET, sent.body).removeprefix("sha256="))(sent),
    ),
    "a signature that is not ASCII": (401, with_headers(X_Hub_Signature_256="sha256=äöü€")),
    "one byte more": (401, with_body(lambda body: body + b" ")),
    "one byte changed": (401, with_body(lambda body: body.replace(b"opened", b"Opened", 1))),
    "bad JSON with a bad signature": (401, with_body(lambda body: b"{")),
    "no body under a signature": (401, with_body(lambda body: b"")),
    "bad JSON": (400, signed(b'{"action": ')),
    "no body": (400, signed(b"")),
    "a JSON list": (400, signed(b"[]")),
    "not UTF-8": (400, signed(b'{"action": "\xff"}')),
    "a lone surrogate": (400, signed(rb'{"action": "\ud800"}')),
    "deep JSON": (400, signed(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)),
    "a deep list": (400, signed(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
    "a number out of range": (400, signed(b'{"a": 1e999}')),
    "a form without payload": (400, signed(b"load=1", Content_Type=FORM)),
    "a form with two payloads": (400, signed(b"payload={}&payload={}", Content_Type=FORM)),
    "a form that is none": (400, signed(b"payload", Content_Type=FORM)),
    "a form that is not UTF-8": (400, signed(b"payload=%ff", Content_Type=FORM)),
    "a form with bad JSON": (400, signed(b"payload=%7B", Content_Type=FORM)),
    "no event": (400, with_headers(X_GitHub_Event=None)),
    "an event that is no name": (400, with_headers(X_GitHub_Event="pull request")),
    "no delivery id": (400, with_headers(X_GitHub_Delivery=None)),
    "a delivery id that is none": (400, with_headers(X_GitHub_Delivery="x" * 65)),
    "another content type": (415, with_headers(Content_Type="text/plain")),
    "an empty content type": (415, with_headers(Content_Type="")),
    "a compressed body": (415, with_headers(Content_Encoding="gzip")),
}


@pytest.mark.parametrize(("status", "change"), REFUSED.values(), ids=REFUSED)
async def test_bad_input_is_refused_with_a_clear_error(
    github: TestClient[Any, Any], door: Door, status: int, change: Change
) -> None:
    answered, answer = await post(github, change(signed_delivery(SECRET, "pull_request", OPENED)))

    assert answered == status
    assert answer["error"]
    assert door.deliveries == []


async def test_a_body_of_25_mb_is_accepted(github: TestClient[Any, Any], door: Door) -> None:
    padding = "x" * (MAX_BODY_BYTES - len(json.dumps(OPENED, separators=(",", ":"))) - len(',"padding":""'))
    sent = signed_delivery(SECRET, "pull_request", OPENED | {"padding": padding})
    assert len(sent.body) == MAX_BODY_BYTES

    status, _ = await post(github, sent)

    assert status == 202
    assert door.deliveries[0].job is not None


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
async def test_a_larger_body_is_refused(github: TestClient[Any, Any], door: Door, announced: bool) -> None:
    body = b" " * (MAX_BODY_BYTES + 1)
    sent = signed(body)(signed_delivery(SECRET, "pull_request", OPENED))

    async def streamed() -> AsyncIterator[bytes]:
        yield body

    try:
        data = body if announced else streamed()
        async with github.post("/webhooks/github", data=data, headers=sent.headers) as response:
            status = response.status
    except aiohttp.ClientOSError:
        status = 413  # The answer came, and the connection closed, while the client was still sending.

    assert status == 413
    assert door.deliveries == []


async def test_without_a_secret_everything_is_refused(door: Door) -> None:
    async with a_client(Receiver([], door.submit_delivery)) as github:
        status, answer = await post(github, signed_delivery("", "pull_request", OPENED))

    assert status == 503
    assert "GITHUB_WEBHOOK_SECRET is not set" in answer["error"]
    assert door.deliveries == []


def test_an_empty_secret_is_refused_at_the_start(door: Door) -> None:
    with pytest.raises(ValueError, match="empty webhook secret"):
        Receiver([SECRET.encode(), b""], door.submit_delivery)


async def test_what_cannot_be_kept_is_answered_with_503(github: TestClient[Any, Any], door: Door) -> None:
    door.unavailable = True

    status, answer = await post(github, signed_delivery(SECRET, "pull_request", OPENED))

    assert status == 503
    assert "could not be kept" in answer["error"]


async def test_every_answer_is_counted_with_the_time_it_took(door: Door) -> None:
    answers: list[tuple[int, float]] = []

    def count(status: int, seconds: float) -> None:
        answers.append((status, seconds))

    async with a_client(Receiver([SECRET.encode()], door.submit_delivery, answered=count)) as github:
        await post(github, signed_delivery(SECRET, "ping", {}))
        await post(github, signed_delivery("guess", "ping", {}))

    assert [status for status, _ in answers] == [200, 401]
    assert all(0 < seconds < 1 for _, seconds in answers)


async def test_nothing_but_post_is_served(github: TestClient[Any, Any]) -> None:
    async with github.get("/webhooks/github") as response:
        assert response.status == 405


async def test_a_delivery_is_answered_only_once_it_is_durable(door: Door) -> None:
    asked, kept = asyncio.Event(), asyncio.Event()

    async def submit_slowly(delivery: Delivery) -> None:
        asked.set()
        await kept.wait()

    async with a_client(Receiver([SECRET.encode()], submit_slowly)) as github:
        answer = asyncio.create_task(post(github, signed_delivery(SECRET, "pull_request", OPENED)))
        await asked.wait()
        assert not answer.done()

        kept.set()

        assert (await answer)[0] == 202

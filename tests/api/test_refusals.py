"""Bad input gets a clear answer, nothing of it is kept, and what breaks inside stays inside."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from server.api.app import make_app
from server.api.review_routes import MAX_REVIEW_BYTES
from server.tls import server_context
from tests.api.conftest import PROJECT, Hub, finding_of
from tests.certificates import a_certificate

REVIEW = {"project": PROJECT, "files": [{"path": "app.py", "text": "x = 1\n"}]}
FINDING = f"/api/v1/findings/{finding_of('app.py').fingerprint}"
JSON = {"Content-Type": "application/json"}


def review(**changes: Any) -> bytes:
    return msgspec.json.encode({**REVIEW, **changes})


def files(*paths: str) -> bytes:
    return review(files=[{"path": path, "text": ""} for path in paths])


BAD_REVIEWS: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no JSON": (b"{", JSON, 400),
    "nothing": (b"", JSON, 400),
    "not UTF-8": (b'{"project": "\xff"}', JSON, 400),
    "another shape": (b"[]", JSON, 400),
    "unknown field": (review(admin=True), JSON, 400),
    "unknown field of a file": (review(files=[{"path": "a", "text": "", "mode": 1}]), JSON, 400),
    "field missing": (b'{"project": "x"}', JSON, 400),
    "wrong type": (review(project=7), JSON, 400),
    "deep": (b"[" * 100_000 + b"]" * 100_000, JSON, 400),
    "deep in a field": (b'{"files": ' + b"[" * 100_000, JSON, 400),
    "empty project": (review(project=""), JSON, 400),
    "control characters in the project": (review(project="a\nb"), JSON, 400),
    "a last newline in the project": (review(project="a\n"), JSON, 400),
    "NUL in the project": (review(project="a\0"), JSON, 400),
    "no SHA": (review(head_sha="main"), JSON, 400),
    "path of the machine": (files("/etc/passwd"), JSON, 400),
    "path upwards": (files("a/../../etc/passwd"), JSON, 400),
    "empty path": (files(""), JSON, 400),
    "NUL in a path": (files("a\0b"), JSON, 400),
    "path twice": (files("a", "a"), JSON, 400),
    "too many files": (files(*map(str, range(10_001))), JSON, 400),
    "no content type": (review(), {"Content-Type": ""}, 415),
    "a form": (b"project=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "text": (review(), {"Content-Type": "text/plain"}, 415),
    "not packed as it says": (review(), {**JSON, "Content-Encoding": "gzip"}, 400),
    "too large": (b" " * (MAX_REVIEW_BYTES + 1), JSON, 413),
    "too large once unpacked": (
        gzip.compress(b" " * (MAX_REVIEW_BYTES + 1)),
        {**JSON, "Content-Encoding": "gzip"},
        413,
    ),
}


async def test_a_bad_review_is_refused(hub: Hub, subtests: pytest.Subtests) -> None:
    for name, (body, headers, status) in BAD_REVIEWS.items():
        with subtests.test(name):
            answer = await hub.ask("POST", "/api/v1/reviews", data=body, headers=headers)

            assert answer.status == status
            assert answer.content_type == "application/problem+json"
            assert (await answer.json())["detail"]
            assert (await hub.get("/api/v1/jobs"))["jobs"] == []


async def test_an_endless_body_is_cut_off(hub: Hub) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 65536

    async with asyncio.timeout(20):
        answer = await hub.ask("POST", "/api/v1/reviews", data=endless(), headers=JSON)

    assert answer.status == 413


BAD_REQUESTS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "unknown parameter": ("GET", "/api/v1/jobs?project_id=1", {}, 400),
    "parameter twice": ("GET", "/api/v1/jobs?limit=1&limit=2", {}, 400),
    "parameter where none is taken": ("GET", "/health?verbose=1", {}, 400),
    "no such state": ("GET", "/api/v1/jobs?state=done", {}, 400),
    "no number": ("GET", "/api/v1/jobs?limit=many", {}, 400),
    "limit too low": ("GET", "/api/v1/findings?limit=0", {}, 400),
    "limit too high": ("GET", "/api/v1/deliveries?limit=201", {}, 400),
    "wait too long": ("GET", "/api/v1/jobs/0?wait=3600", {}, 400),
    "wait is no time": ("GET", "/api/v1/jobs/0?wait=nan", {}, 400),
    "NUL in a parameter": ("GET", "/api/v1/findings?path=a%00b", {}, 400),
    "cursor of nobody": ("GET", "/api/v1/jobs?cursor=zz", {}, 400),
    "cursor of another list": ("GET", "/api/v1/findings?cursor=2237", {}, 400),
    "why is missing": ("POST", f"{FINDING}/dismiss?project={PROJECT}", {"json": {}}, 400),
    "why is empty": ("POST", f"{FINDING}/dismiss?project={PROJECT}", {"json": {"why": " "}}, 400),
    "why holds NUL": ("POST", f"{FINDING}/dismiss?project={PROJECT}", {"json": {"why": "a\0"}}, 400),
    "why is a novel": ("POST", f"{FINDING}/dismiss?project={PROJECT}", {"json": {"why": "x" * 2001}}, 400),
    "no such scope": ("POST", "/api/v1/keys", {"json": {"name": "ci", "scopes": ["root"]}}, 400),
    "no scope": ("POST", "/api/v1/keys", {"json": {"name": "ci", "scopes": []}}, 400),
    "admin of one project": (
        "POST",
        "/api/v1/keys",
        {"json": {"name": "ci", "scopes": ["admin"], "project": PROJECT}},
        400,
    ),
    "no such key": ("POST", "/api/v1/keys/nothing0/revoke", {}, 404),
    "no such delivery": ("GET", "/api/v1/deliveries/nothing", {}, 404),
    "NUL in an id": ("GET", "/api/v1/deliveries/a%00b", {}, 400),
    "no such finding": ("GET", f"/api/v1/findings/x?project={PROJECT}", {}, 404),
    "no such address": ("GET", "/api/v2/jobs", {}, 404),
    "address upwards": ("GET", "/api/v1/%2e%2e/%2e%2e/etc/passwd", {}, 404),
    "no such method": ("DELETE", "/api/v1/jobs", {}, 405),
}


async def test_a_bad_request_is_refused(hub: Hub, subtests: pytest.Subtests) -> None:
    for name, (method, path, options, status) in BAD_REQUESTS.items():
        with subtests.test(name):
            answer = await hub.ask(method, path, **options)

            assert answer.status == status
            problem = await answer.json(content_type="application/problem+json")
            assert problem["status"] == status
            assert problem["request_id"] == answer.headers["X-Request-Id"]


SMUGGLED = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunked that is none": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"Content-Length: +2\r\n\r\n{}",
    "a folded header": b"X-Folded: a\r\n b: c\r\n\r\n",
}


async def test_a_request_that_two_servers_might_read_differently_is_refused(
    hub: Hub, subtests: pytest.Subtests
) -> None:
    key = hub.keys["admin"].encode()
    head = b"POST /api/v1/keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + b"\r\n"
    for name, rest in SMUGGLED.items():
        with subtests.test(name):
            reader, writer = await asyncio.open_connection(hub.client.host, hub.client.port)
            writer.write(head + b"Content-Type: application/json\r\n" + rest)
            async with asyncio.timeout(60):
                status = await reader.readline()
            writer.close()

            assert status.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))


async def test_a_name_that_was_rebound_to_this_machine_is_refused(hub: Hub) -> None:
    rebound = ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "", "[::2]:80"]

    answers = {host: (await hub.ask("GET", "/", role=None, headers={"Host": host})).status for host in rebound}

    assert answers == dict.fromkeys(rebound, 421)


async def test_the_names_of_this_machine_are_good(hub: Hub) -> None:
    own = ["localhost", "LOCALHOST:1", "127.0.0.1:8642", "[::1]:8642"]

    answers = {host: (await hub.ask("GET", "/health", role=None, headers={"Host": host})).status for host in own}

    assert answers == dict.fromkeys(own, 200)


async def test_what_a_proxy_forwards_is_not_local(hub: Hub) -> None:
    answer = await hub.ask("GET", "/", role=None, headers={"X-Forwarded-For": "127.0.0.1"})

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


async def test_every_answer_is_hardened_and_no_origin_is_let_in(hub: Hub) -> None:
    for path in ("/", "/health", "/api/v1/jobs", "/nowhere"):
        answer = await hub.ask("GET", path, headers={"Origin": "https://evil.example"})

        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Server"] == "agent-hive"
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_what_was_not_foreseen_is_told_to_the_log_alone(hub: Hub) -> None:
    async def broken() -> Any:
        raise RuntimeError("the password is hunter2")

    object.__setattr__(hub.parts, "readiness", broken)

    with capture_logs() as logs:
        answer = await hub.ask("GET", "/ready")

    assert answer.status == 500
    assert "hunter2" not in await answer.text()
    said = next(line for line in logs if line["event"] == "unforeseen")
    assert (said["route"], "hunter2" in repr(said["exc_info"])) == ("/ready", True)


async def test_without_postgres_nobody_passes(hub: Hub) -> None:
    await hub.pool.close()

    answer = await hub.ask("GET", "/api/v1/jobs")

    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert "Postgres" in (await answer.json(content_type=None))["detail"]


async def test_behind_tls_a_hub_answers_under_its_name_and_nobody_counts_as_local(hub: Hub, tmp_path: Path) -> None:
    context = server_context(*a_certificate(tmp_path))
    server = TestServer(make_app(hub.parts), scheme="https")
    await server.start_server(ssl=context)
    async with TestClient(server) as client:
        named = {"Host": "hive.example.com"}
        health = await client.get("/health", headers=named, ssl=False)
        page = await client.get("/", headers=named, ssl=False)

    assert (health.status, page.status) == (200, 401)

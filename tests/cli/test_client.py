"""The client against peers that are broken, hostile or in between. A real hub is in `test_hub_commands.py`."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from server.cli.client import HubClient, HubRefused, HubUnreachable, Target, address, named_or_running_hub
from server.jobs.job import Event, EventType, Job, JobState
from server.launch import Hub, write_run_file
from tests.cli.peer import a_peer, an_answer

JOB_ID = "0199aaaa-0000-7000-8000-000000000001"


def client_of(*urls: str) -> HubClient:
    """Finds a hub at each of the addresses in turn, the last one again and again."""
    left = list(urls)
    return HubClient(lambda: Target(f"http://{left.pop(0) if len(left) > 1 else left[0]}", "hive_token"))


def a_job(state: JobState) -> bytes:
    times = dict.fromkeys(("created_at", "run_at"), "2026-11-22T10:00:00Z")
    nothing = dict.fromkeys(
        ("key", "workflow_id", "step", "error", "error_class", "agent_id", "started_at", "finished_at")
    )
    nothing |= dict.fromkeys(("expires_at", "deadline_at"))
    return msgspec.json.encode(
        {"id": JOB_ID, "kind": "review", "project": "p", "queue": "review", "state": state, "priority": 2}
        | {"attempt": 1, "failures": 0, "crashes": 0, "requested_by": "", **times, **nothing}
    )


def happenings(*events: tuple[str, bytes]) -> bytes:
    lines = b"".join(b"event: " + name.encode() + b"\ndata: " + data + b"\n\n" for name, data in events)
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + lines


def test_the_token_travels_as_a_bearer() -> None:
    with a_peer(an_answer("200 OK", b"{}")) as (at, heard):
        client_of(at).get("/api/v1/jobs", limit=3, state=None)

    assert heard[0].startswith(b"GET /api/v1/jobs?limit=3 HTTP/1.1\r\n")
    assert b"Authorization: Bearer hive_token\r\n" in heard[0]


def test_a_part_of_an_address_cannot_leave_it() -> None:
    assert address("jobs", "../keys?x=1#\r\n", "cancel") == "/api/v1/jobs/..%2Fkeys%3Fx%3D1%23%0D%0A/cancel"


def test_a_hub_behind_a_path() -> None:
    with a_peer(an_answer("200 OK", b"{}")) as (at, heard):
        client_of(f"{at}/hive/").get("/api/v1/jobs")

    assert heard[0].startswith(b"GET /hive/api/v1/jobs HTTP/1.1\r\n")


NO_ANSWERS = [
    ("hangs up", b""),
    ("speaks something else", b"220 mail.example.org ESMTP\r\n"),
    ("stops in the middle", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ("sends endless headers", b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 100_000),
    ("chunks that are none", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
]


@pytest.mark.parametrize("script", [case[1] for case in NO_ANSWERS], ids=[case[0] for case in NO_ANSWERS])
def test_a_peer_that_does_not_answer_is_unreachable(script: bytes) -> None:
    with a_peer(script) as (at, _), pytest.raises(HubUnreachable):
        client_of(at).get("/api/v1/jobs")


def test_nobody_there_is_unreachable() -> None:
    with a_peer() as (at, _):
        pass

    with pytest.raises(HubUnreachable, match="does not answer"):
        client_of(at).get("/api/v1/jobs")


WRONG_ANSWERS = [("no JSON", b"<html>"), ("nothing", b""), ("too deep", b"[" * 100_000), ("not UTF-8", b'"\xff"')]


@pytest.mark.parametrize("body", [case[1] for case in WRONG_ANSWERS], ids=[case[0] for case in WRONG_ANSWERS])
def test_an_answer_that_no_hub_gives_is_refused(body: bytes) -> None:
    with a_peer(an_answer("200 OK", body)) as (at, _), pytest.raises(HubRefused, match="none that a hub gives"):
        client_of(at).get("/api/v1/jobs")


def test_a_problem_keeps_its_words() -> None:
    problem = msgspec.json.encode({"detail": "this key is revoked", "hint": "make a new one"})
    with a_peer(an_answer("401 Unauthorized", problem)) as (at, _), pytest.raises(HubRefused) as refused:
        client_of(at).get("/api/v1/jobs")

    assert (refused.value.status, str(refused.value), refused.value.hint) == (
        401,
        "this key is revoked",
        "make a new one",
    )


def test_a_problem_of_a_proxy_gives_its_status() -> None:
    page = an_answer("502 Bad Gateway", b"<h1>nginx</h1>", "text/html")
    with a_peer(page) as (at, _), pytest.raises(HubRefused, match="answered with status 502"):
        client_of(at).get("/api/v1/jobs")


def test_a_job_is_followed_to_its_end() -> None:
    event = msgspec.json.encode(Event(EventType.STARTED, "p", UUID(JOB_ID)))
    stream = happenings(("job", a_job(JobState.QUEUED)), ("event", event), ("job", a_job(JobState.SUCCEEDED)))
    with a_peer(stream) as (at, _):
        followed = list(client_of(at).follow(JOB_ID))

    states = [h.state if isinstance(h, Job) else h.type for h in followed]
    assert states == [JobState.QUEUED, EventType.STARTED, JobState.SUCCEEDED]


def test_a_job_is_followed_from_one_hub_to_the_next() -> None:
    broken = happenings(("job", a_job(JobState.RUNNING)))
    rest = happenings(("job", a_job(JobState.SUCCEEDED)))
    with a_peer(broken) as (first, _), a_peer(b"", rest) as (second, _):
        assert client_of(first, first, second).wait(JOB_ID).state is JobState.SUCCEEDED


def test_a_hub_whose_database_is_away_is_waited_for() -> None:
    away = an_answer("503 Service Unavailable", b'{"detail": "Postgres does not answer"}')
    with a_peer(away, happenings(("job", a_job(JobState.SUCCEEDED)))) as (at, _):
        assert client_of(at).wait(JOB_ID).state is JobState.SUCCEEDED


def test_a_job_just_started_is_waited_for_until_it_is_there() -> None:
    absent = an_answer("404 Not Found", b'{"detail": "there is no job"}')
    there = happenings(("job", a_job(JobState.SUCCEEDED)))
    with a_peer(absent, absent, there) as (at, _):
        *_, job = client_of(at).follow(JOB_ID, just_started=True)
    assert isinstance(job, Job)

    with a_peer(absent) as (at, _), pytest.raises(HubRefused, match="there is no job"):
        list(client_of(at).follow(JOB_ID))


ENVIRONMENTS = [
    ({"HIVE_URL": "http://hub.example.org"}, "HIVE_TOKEN is not"),
    ({"HIVE_DATA": "/nowhere/at/all"}, "no hub runs on /nowhere/at/all"),
]


@pytest.mark.parametrize(("env", "message"), ENVIRONMENTS, ids=["no token", "no hub"])
def test_an_environment_without_a_hub_says_what_to_do(env: Mapping[str, str], message: str) -> None:
    with pytest.raises(HubUnreachable, match=message) as refused:
        named_or_running_hub(env)

    assert refused.value.hint


@pytest.mark.parametrize(
    "url", ["hub.example.org", "ftp://hub", "http://", "http://[", "http://hub:0", "http://hub:99999"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    client = HubClient(lambda: named_or_running_hub({"HIVE_URL": url, "HIVE_TOKEN": "t"}))

    with pytest.raises(HubUnreachable, match="not the address of a hub"):
        client.get("/api/v1/jobs")


def test_the_environment_wins_over_the_hub_that_runs(tmp_path: Path) -> None:
    with a_peer(b"") as (at, _):
        write_run_file(tmp_path, Hub(1, at, at, "local"))
        env = {"HIVE_DATA": str(tmp_path), "HIVE_URL": "https://hub.example.org", "HIVE_TOKEN": "hive_far"}

        assert named_or_running_hub(env) == Target("https://hub.example.org", "hive_far")
        assert named_or_running_hub({"HIVE_DATA": str(tmp_path)}) == Target(f"http://{at}", "local")


def test_what_happens_is_followed_from_one_hub_to_the_next() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    broken = head + b"id: 7\nevent: event\ndata: 1\n\nid: 9\n: still there\n\nid: 10\nevent: ev"
    rest = head + b"id: 10\nevent: event\ndata: 2\n\n"
    with a_peer(broken) as (first, heard_first), a_peer(rest) as (second, heard_second):
        happened = client_of(first, first, second).follow_events(5, kind="review")
        sent = [next(happened) for _ in range(3)]

    assert [(one.id, one.data) for one in sent] == [("7", b"1"), ("9", b""), ("10", b"2")]
    assert heard_first[0].startswith(b"GET /api/v1/events?kind=review HTTP/1.1\r\n")
    assert b"Last-Event-ID: 5\r\n" in heard_first[0]
    assert b"Last-Event-ID: 9\r\n" in heard_second[0]

"""The hub's REST API, as the commands use it. Standard library's HTTP: a command starts in a blink.

Knows no command and prints nothing; `launch.py` finds or starts the hub.
"""

import contextlib
import http
import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import msgspec

from server.data_directory import default_data_directory
from server.errors import HiveError
from server.jobs.job import Event, Job
from server.launch import ensure_hub, running_hub
from server.reviews.snapshot import Snapshot

T = TypeVar("T")

TIMEOUT_SECONDS = 70.0
"""Longer than the API's longest wait, and than the silence of its event stream."""

LOOK_AGAIN_SECONDS = 0.2
PASSING_STATUSES = (429, 502, 503, 504)
"""Too much at once, or a part of the hub is away."""

MAX_PROBLEM_BYTES = 64 * 1024
AWAY_SECONDS = 60.0
"""How long a hub may be away while we wait for a job: the job is in Postgres and goes on."""


class HubUnreachable(HiveError):
    """No hub runs, or it does not answer."""


class HubRefused(HiveError):
    """The hub answered, but not with what was asked for. *status* is HTTP's."""

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Target(NamedTuple):
    url: str
    token: str


class ServerSent(NamedTuple):
    """One server-sent event. Without *data* it only says how far the hub has come."""

    id: str = ""
    name: str = ""
    data: bytes = b""


Locate = Callable[[], Target]


def named_or_running_hub(env: Mapping[str, str]) -> Target:
    """The hub of HIVE_URL and HIVE_TOKEN, else the one that runs on the data directory."""
    named = _named_hub(env)
    if named is not None:
        return named
    data_dir = default_data_directory(env)
    hub = running_hub(data_dir)
    if hub is None:
        raise HubUnreachable(f"no hub runs on {data_dir}", hint="start one with: hive up")
    return Target(hub.url, hub.token)


def named_or_started_hub(env: Mapping[str, str], announce: Callable[[str], None]) -> Target:
    """As `named_or_running_hub`, but starts one in the background where none runs."""
    named = _named_hub(env)
    if named is not None:
        return named
    hub = ensure_hub(env, announce=announce)
    return Target(hub.url, hub.token)


def _named_hub(env: Mapping[str, str]) -> Target | None:
    url, token = env.get("HIVE_URL", ""), env.get("HIVE_TOKEN", "")
    if not url:
        return None
    if not token:
        raise HubUnreachable("HIVE_URL is set, HIVE_TOKEN is not", hint="make a key on that hub with: hive keys create")
    return Target(url, token)


class HubClient:
    """One hub. *locate* says where it is, again when it has gone away while we wait."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._target = locate()

    def get(self, path: str, **query: str | int | float | None) -> Any:
        """The JSON at an address of the API. Raises `HubUnreachable` or `HubRefused`."""
        given = {name: value for name, value in query.items() if value is not None}
        return _decode(self._call("GET", f"{path}?{urlencode(given)}" if given else path), object)

    def post(self, path: str, body: Any = None) -> Any:
        return _decode(self._call("POST", path, None if body is None else msgspec.json.encode(body)), object)

    def start_review(self, snapshot: Snapshot, *, thorough: bool = False) -> str:
        """The id of its job. *thorough*: with a model."""
        return self.start("reviews?thorough=true" if thorough else "reviews", snapshot)

    def require_model(self) -> None:
        """Raises `HubRefused` where the hub has none: before anything else is asked for."""
        offered = self.get(address("capabilities"))
        if not offered.get("thinks"):
            raise HubRefused(409, "no model is configured, and this needs one", hint=str(offered.get("hint", "")))

    def start(self, what: str, body: Any) -> str:
        """The id of the job that the address *what* makes of *body*."""
        return str(self.post(f"{address()}/{what}", body)["job"])

    def result(self, job_id: str, shape: type[T]) -> T:
        """Of a job that succeeded."""
        return _decode(self._call("GET", address("jobs", job_id, "result")), shape)

    def job(self, job_id: str) -> Job:
        return _decode(self._call("GET", address("jobs", job_id)), Job)

    def cancel(self, job_id: str) -> Job:
        return _decode(self._call("POST", address("jobs", job_id, "cancel")), Job)

    def wait(self, job_id: str) -> Job:
        """The job as it ended."""
        *_, job = self.follow(job_id)
        assert isinstance(job, Job)
        return job

    def follow(self, job_id: str, *, just_started: bool = False) -> Iterator[Event | Job]:
        """What happens to a job; the last is the job as it ended.

        Goes on when the hub is replaced meanwhile. *just_started*: it may not have reached Postgres yet.
        """
        last_heard = time.monotonic()
        while True:
            try:
                self._target = self._locate()
                for happened in self._happenings(job_id):
                    last_heard, just_started = time.monotonic(), False
                    yield happened
                    if isinstance(happened, Job) and happened.state.is_final:
                        return
            except (HubUnreachable, HubRefused) as error:
                if not _may_pass(error, just_started) or time.monotonic() - last_heard > AWAY_SECONDS:
                    raise
            time.sleep(LOOK_AGAIN_SECONDS)

    def follow_events(self, after: int | None, **query: str | None) -> Iterator[ServerSent]:
        """What happens to all jobs after the event with number *after*, None: from now on. Never ends by itself.

        Goes on where it was when the hub is replaced meanwhile.
        """
        given = {name: value for name, value in query.items() if value is not None}
        path = f"{address('events')}?{urlencode(given)}" if given else address("events")
        position = "" if after is None else str(after)
        last_heard = time.monotonic()
        while True:
            try:
                self._target = self._locate()
                for sent in self._server_sent(path, after=position):
                    last_heard, position = time.monotonic(), sent.id or position
                    yield sent
            except (HubUnreachable, HubRefused) as error:
                if not _may_pass(error, False) or time.monotonic() - last_heard > AWAY_SECONDS:
                    raise
            time.sleep(LOOK_AGAIN_SECONDS)

    def _happenings(self, job_id: str) -> Iterator[Event | Job]:
        for sent in self._server_sent(address("jobs", job_id, "events")):
            if sent.data:
                yield _decode(sent.data, Job) if sent.name == "job" else _decode(sent.data, Event)

    def _server_sent(self, path: str, *, after: str = "") -> Iterator[ServerSent]:
        """One stream of server-sent events, until it ends or breaks. *after*: the id of the last that we have."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        connection, response = self._open("GET", path, headers=headers)
        with contextlib.closing(connection):
            sent = ServerSent()
            while line := _reading(response.readline):
                field, _, value = line.decode("utf-8", "replace").rstrip("\n").partition(": ")
                if line == b"\n":
                    yield sent
                    sent = ServerSent()
                elif field == "data":
                    sent = sent._replace(data=value.encode())
                elif field == "event":
                    sent = sent._replace(name=value)
                elif field == "id":
                    sent = sent._replace(id=value)

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection, response = self._open(method, path, body)
        with contextlib.closing(connection):
            return _reading(response.read)

    def _open(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        base = _split(self._target.url)
        headers = {"Authorization": f"Bearer {self._target.token}", "User-Agent": "hive", **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        kind = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
        connection = kind(base.hostname or "", base.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, base.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            if response.status >= http.HTTPStatus.BAD_REQUEST:
                raise _refusal(response.status, response.read(MAX_PROBLEM_BYTES))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            hint = "hive doctor says what is wrong"
            raise HubUnreachable(f"the hub at {self._target.url} does not answer: {error}", hint=hint) from error
        except HubRefused:
            connection.close()
            raise
        return connection, response


def _may_pass(error: HubUnreachable | HubRefused, just_started: bool) -> bool:
    if isinstance(error, HubUnreachable):
        return True
    return error.status in PASSING_STATUSES or (just_started and error.status == http.HTTPStatus.NOT_FOUND)


def address(*parts: str) -> str:
    """Of the API: `address("jobs", job_id, "cancel")`. A part may hold anything."""
    return "/".join(["/api/v1", *(quote(part, safe="") for part in parts)])


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise HubUnreachable("HIVE_URL is not the address of a hub", hint="it looks like http://127.0.0.1:8642")
    return parts


def _reading(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except (OSError, http.client.HTTPException) as error:
        raise HubUnreachable(f"the hub went away while it answered: {error}") from error


def _decode(content: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        hint = "is HIVE_URL a hub, and of the same version?"
        raise HubRefused(502, f"the answer is none that a hub gives: {error}", hint=hint) from error


def _refusal(status: int, body: bytes) -> HubRefused:
    """From the hub's problem+json; whatever else stands in front of it answers differently."""
    try:
        problem = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        problem = {}
    return HubRefused(
        status,
        str(problem.get("detail") or f"the hub answered with status {status}"),
        hint=str(problem.get("hint") or ""),
    )

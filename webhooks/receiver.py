"""Receive a delivery: who sent it, what it asks for, and 202 once it is durable.

The signature over the raw bytes comes before anything is parsed. Neither executes nor remembers anything:
`events.py` decides, Postgres tells redeliveries apart.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import msgspec
import structlog
from aiohttp import web

from server.errors import HiveError, RedisUnavailable
from server.jobs.job import Delivery
from webhooks.chores import chores_of
from webhooks.events import Declined, decide, origin_of
from webhooks.moves import moves_of
from webhooks.watching import readings_of

MAX_BODY_BYTES = 25 * 1024 * 1024
"""GitHub's own limit. https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap"""

LARGE_BODY_BYTES = 512 * 1024
"""Above it, hashing leaves the event loop, and only a few bodies are held at a time."""

LARGE_BODIES_AT_ONCE = 4
BODY_SECONDS = 30.0

SUBMIT_SECONDS = 8.0
"""GitHub hangs up after 10 s. An entry kept a moment too late is told by its GUID when it comes again."""

_BODY_READ_AT = web.RequestKey("body_read_at", float)

log = structlog.get_logger()


class Refused(HiveError):
    """The delivery is not taken; *status* is the answer."""

    def __init__(self, status: HTTPStatus, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Receiver:
    """`POST /webhooks/github`. *secrets*: the current one and, while it is being replaced, the previous one."""

    def __init__(
        self,
        secrets: Sequence[bytes],
        submit_delivery: Callable[[Delivery], Awaitable[object]],
        *,
        answered: Callable[[int, float], object] = lambda status, seconds: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """*answered* hears every answer's status, and the seconds from the body's last byte to it."""
        if not all(secrets):
            raise ValueError("an empty webhook secret would let anybody in")
        self._secrets = tuple(secrets)
        self._submit_delivery = submit_delivery
        self._answered = answered
        self._now = now
        self._large_bodies = asyncio.Semaphore(LARGE_BODIES_AT_ONCE)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer GitHub: 202 recorded, 200 for `ping`, else a refusal that says why."""
        request[_BODY_READ_AT] = time.perf_counter()
        answer = await self._answer(request)
        self._answered(answer.status, time.perf_counter() - request[_BODY_READ_AT])
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            delivery = await self._receive(request)
            await self._keep(delivery)
        except Refused as refused:
            log.warning("delivery refused", status=refused.status.value, reason=str(refused), remote=request.remote)
            return _json_answer(refused.status, error=str(refused), hint=refused.hint)
        job_id = str(delivery.job.id) if delivery.job else None
        log.info(
            "delivery", delivery_id=delivery.id, github_event=delivery.event, action=delivery.action, job_id=job_id
        )
        status = HTTPStatus.OK if delivery.event == "ping" else HTTPStatus.ACCEPTED
        return _json_answer(status, delivery=delivery.id, job=job_id, note=delivery.note)

    async def _receive(self, request: web.Request) -> Delivery:
        if not self._secrets:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "GITHUB_WEBHOOK_SECRET is not set, so no delivery can be trusted",
                hint="set GITHUB_WEBHOOK_SECRET to the secret of the GitHub App's webhook and start the hub again",
            )
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a compressed body cannot be checked against its signature"
            )
        size = request.content_length
        if size is not None and size > MAX_BODY_BYTES:
            raise _too_large()
        async with nullcontext() if size is not None and size <= LARGE_BODY_BYTES else self._large_bodies:
            body = await _read_body(request)
            request[_BODY_READ_AT] = time.perf_counter()
            if len(body) > LARGE_BODY_BYTES:
                digest = await asyncio.to_thread(_check_and_digest, request.headers, body, self._secrets)
            else:
                digest = _check_and_digest(request.headers, body, self._secrets)
            return _read_delivery(request.headers, body, digest, self._now())

    async def _keep(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(SUBMIT_SECONDS):
                await self._submit_delivery(delivery)
        except (RedisUnavailable, TimeoutError) as error:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the delivery could not be kept",
                hint="Redis does not answer; redeliver it from the GitHub App's page once /ready says that it does",
            ) from error


async def _read_body(request: web.Request) -> bytes:
    """The raw bytes. Reads the stream itself: the application's own limit on bodies is far lower."""
    chunks = []
    length = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                length += len(chunk)
                if length > MAX_BODY_BYTES:
                    raise _too_large()
                chunks.append(chunk)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive within {BODY_SECONDS:.0f} s") from None
    return b"".join(chunks)


def _too_large() -> Refused:
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_BODY_BYTES} bytes")


def _check_and_digest(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes]) -> str:
    """Refuse a body that none of *secrets* signed, else its SHA-256."""
    given = headers.get("X-Hub-Signature-256")
    if given is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "the X-Hub-Signature-256 header is missing",
            hint="set a secret on the webhook, the same as GITHUB_WEBHOOK_SECRET",
        )
    # Bytes, because compare_digest refuses text that is not ASCII; every secret is tried, so that time tells nothing.
    seen = given.encode("utf-8", "surrogateescape")
    matches = [hmac.compare_digest(seen, b"sha256=" + _hmac_hex(secret, body)) for secret in secrets]
    if not any(matches):
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "the signature does not fit the body",
            hint="the webhook's secret and GITHUB_WEBHOOK_SECRET differ, or the body was changed on its way",
        )
    return hashlib.sha256(body).hexdigest()


def _hmac_hex(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, body, "sha256").hex().encode()


def _read_delivery(headers: Mapping[str, str], body: bytes, body_sha256: str, received_at: datetime) -> Delivery:
    event = _header(headers, "X-GitHub-Event", _EVENT_NAME)
    delivery_id = _header(headers, "X-GitHub-Delivery", _DELIVERY_ID)
    payload = _parse(_json_text(headers.get("Content-Type", ""), body))
    origin = origin_of(payload)
    decision = decide(event, payload)
    decided = () if isinstance(decision, Declined) else (decision,)
    jobs = (*decided, *chores_of(event, payload), *readings_of(event, payload), *moves_of(event, payload))
    return Delivery(
        id=delivery_id,
        event=event,
        body_sha256=body_sha256,
        received_at=received_at,
        action=origin.action,
        repository=origin.repository,
        installation_id=origin.installation_id,
        job=jobs[0] if jobs else None,
        note=decision.reason if isinstance(decision, Declined) and not jobs else "",
        beside=jobs[1:],
    )


_EVENT_NAME = re.compile(r"[a-z0-9_]{1,64}")
_DELIVERY_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def _header(headers: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = headers.get(name)
    if value is None:
        raise Refused(HTTPStatus.BAD_REQUEST, f"the {name} header is missing")
    if not form.fullmatch(value):
        raise Refused(HTTPStatus.BAD_REQUEST, f"the {name} header is not one that GitHub sends")
    return value


def _json_text(content_type: str, body: bytes) -> bytes | str:
    """A webhook sends JSON as it is or, by its setting, as the `payload` field of a form."""
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            return body
        case "application/x-www-form-urlencoded":
            return _form_payload(body)
        case other:
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"content type {other!r} is not read" if other else "the Content-Type header is missing",
                hint="set the webhook's content type to application/json",
            )


def _form_payload(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, errors="strict", max_num_fields=8)
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not a form") from None
    if len(fields.get("payload", [])) != 1:
        raise Refused(HTTPStatus.BAD_REQUEST, "the form has not exactly one field `payload`")
    return fields["payload"][0]


def _parse(text: bytes | str) -> dict[str, Any]:
    try:
        payload = msgspec.json.decode(text)
    except RecursionError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return payload


def _json_answer(status: HTTPStatus, **fields: str | None) -> web.Response:
    content = {name: value for name, value in fields.items() if value}
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")

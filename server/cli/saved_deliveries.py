"""Deliveries of GitHub that somebody saved: read from files, signed, and sent to a hub's own door.

Two kinds of file are read: what `GET /app/hook/deliveries/{id}` answers, and a bare payload whose file is named after
its event (`pull_request.json`, `push.first.json`).
"""

import hashlib
import hmac
import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from server.errors import HiveError

MAX_BYTES = 25 * 1024 * 1024
"""What the door takes."""

ANSWER_SECONDS = 30.0
MAX_ANSWER_BYTES = 64 * 1024

_EVENT = re.compile(r"([a-z0-9_]{1,64})(?:[.-].*)?")


class NotADelivery(HiveError):
    """The file holds no delivery."""


class DoorAway(HiveError):
    """The hub does not answer."""


class SavedDelivery(NamedTuple):
    """*guid* is GitHub's where the file says it; else it follows from the content, so that twice is once."""

    guid: str
    event: str
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    """What the hub said. *job* "" where there is none; *note* says why."""

    status: int
    job: str = ""
    note: str = ""


def files_of(path: Path) -> list[Path]:
    """The file, or every JSON file below the folder, by name."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*.json") if file.is_file())
    if not found:
        raise NotADelivery(f"there is no JSON file in {path}")
    return found


def read_delivery(file: Path) -> SavedDelivery:
    """Raises `NotADelivery`."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise NotADelivery(f"{file}: larger than {MAX_BYTES >> 20} MiB")
        content = file.read_bytes()
        fields = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotADelivery(f"{file}: not a JSON object ({error})") from None
    if {"guid", "event", "request"} <= fields.keys():
        return _of_log(file, content)
    event = _EVENT.fullmatch(file.name.removesuffix(".json"))
    if event is None:
        raise NotADelivery(f"{file}: its name tells no event", hint="name it after its event: pull_request.json")
    return SavedDelivery(_guid(event[1], content), event[1], content)


def sign(secret: str, body: bytes) -> str:
    return f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"


class Sender:
    """To one hub's door, one delivery after the other."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    def send(self, delivery: SavedDelivery) -> Answer:
        """Raises `DoorAway`."""
        parts = urlsplit(self._url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=ANSWER_SECONDS)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "agent-hive",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-Hub-Signature-256": sign(self._secret, delivery.body),
        }
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/webhooks/github", delivery.body, headers)
            answer = connection.getresponse()
            return _read(answer.status, answer.read(MAX_ANSWER_BYTES))
        except (OSError, http.client.HTTPException) as error:
            raise DoorAway(f"{self._url} does not answer ({type(error).__name__})") from None
        finally:
            connection.close()


def send_all(files: list[Path], sender: Sender) -> Iterator[tuple[Path, SavedDelivery, Answer]]:
    """In turn. Every file is read before anything is sent. Raises `NotADelivery` and `DoorAway`."""
    deliveries = [(file, read_delivery(file)) for file in files]
    for file, delivery in deliveries:
        yield file, delivery, sender.send(delivery)


def _of_log(file: Path, content: bytes) -> SavedDelivery:
    try:
        logged = msgspec.json.decode(content, type=_Logged)
    except msgspec.DecodeError as error:
        raise NotADelivery(f"{file}: not a delivery of GitHub's log ({error})") from None
    return SavedDelivery(logged.guid, logged.event, bytes(logged.request.payload))


def _guid(event: str, body: bytes) -> str:
    return str(UUID(bytes=hashlib.sha256(event.encode() + b"\0" + body).digest()[:16]))


def _read(status: int, body: bytes) -> Answer:
    try:
        said = msgspec.json.decode(body, type=_Said)
    except msgspec.DecodeError:
        return Answer(status, note="the answer is not a hub's")
    return Answer(status, said.job, said.note or said.error)


class _Said(msgspec.Struct):
    job: str = ""
    note: str = ""
    error: str = ""


class _Request(msgspec.Struct):
    payload: msgspec.Raw


class _Logged(msgspec.Struct):
    guid: str
    event: str
    request: _Request

"""What a delivery asks for so that editors see it: a pull request whose threads or state changed is read anew. Pure.

Whether any editor shows it is looked up by who reads (`server/effects/handlers.py`): this door has no Postgres.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.jobs.job import JobRequest
from server.reviews.open_pull_request import ReadWish, read_request
from server.reviews.project import name_from_remote

Payload = Mapping[str, Any]

SHOWN: Mapping[str, frozenset[str]] = {
    "pull_request": frozenset({"opened", "closed", "reopened", "edited", "synchronize"}),
    "pull_request_review_comment": frozenset({"created", "edited", "deleted"}),
    "pull_request_review_thread": frozenset({"resolved", "unresolved"}),
}
"""By event the actions after which an editor shows something else."""


def readings_of(event: str, payload: Payload) -> tuple[JobRequest, ...]:
    """() for what no editor shows. Never fails: what is not as GitHub describes it asks for nothing."""
    try:
        told = msgspec.convert(payload, _Event) if event in SHOWN else None
        if told is None or told.action not in SHOWN[event]:
            return ()
        project = name_from_remote(told.repository.html_url)
        wish = {
            "project": project,
            "repository": told.repository.full_name,
            "number": told.pull_request.number,
            "installation_id": told.installation.id if told.installation else None,
        }
        return (read_request(msgspec.convert(wish, ReadWish), by="github"),)
    except msgspec.ValidationError:
        return ()


# GitHub's wire types: only what is read here.


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str


class _Installation(msgspec.Struct):
    id: int


class _PullRequest(msgspec.Struct):
    number: int


class _Event(msgspec.Struct):
    action: str
    pull_request: _PullRequest
    repository: _Repository
    installation: _Installation | None = None

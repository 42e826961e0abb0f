"""Repositories that get another name or owner, go, or are taken from the App: what is kept here follows. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from server.jobs.job import JobRequest, Priority, encode
from server.reviews.moves import LEAVE, MOVE, ProjectLeft, ProjectMoved
from server.reviews.project import name_from_remote

Payload = Mapping[str, Any]

MAX_REPOSITORIES = 1_000
"""Of one installation: more are not named in one delivery."""


def moves_of(event: str, payload: Payload) -> tuple[JobRequest, ...]:
    """() where nothing follows. Never fails: what is not as GitHub describes it asks for nothing."""
    handler = HANDLERS.get((event, str(payload.get("action"))))
    if handler is None:
        return ()
    try:
        return tuple(handler(payload))
    except msgspec.ValidationError:
        return ()


def renamed(payload: Payload) -> Sequence[JobRequest]:
    event = msgspec.convert(payload, _Moved)
    owner, _, name = event.repository.full_name.partition("/")
    old_owner = (event.changes.owner and event.changes.owner.login) or owner
    old_name = event.changes.repository.name.old if event.changes.repository else name
    address = event.repository.html_url
    facts = {
        "old": name_from_remote(address.removesuffix(f"{owner}/{name}") + f"{old_owner}/{old_name}"),
        "new": name_from_remote(address),
        "old_repository": f"{old_owner}/{old_name}",
        "new_repository": event.repository.full_name,
    }
    moved = msgspec.convert(facts, ProjectMoved)
    return [_request(MOVE, moved.new, moved, event.sender)] if moved.old != moved.new else []


def deleted(payload: Payload) -> Sequence[JobRequest]:
    event = msgspec.convert(payload, _Deleted)
    return _left(event.repository.html_url, [event.repository.full_name], event.sender, is_deleted=True)


def uninstalled(payload: Payload) -> Sequence[JobRequest]:
    event = msgspec.convert(payload, _Uninstalled)
    named = [*event.repositories, *event.repositories_removed][:MAX_REPOSITORIES]
    site = "{0.scheme}://{0.netloc}".format(urlsplit(event.installation.html_url))
    return [
        request
        for repository in named
        for request in _left(f"{site}/{repository.full_name}", [repository.full_name], event.sender, is_deleted=False)
    ]


def _left(
    address: str, repositories: Sequence[str], sender: "_Sender | None", *, is_deleted: bool
) -> Sequence[JobRequest]:
    project = name_from_remote(address)
    return [
        _request(LEAVE, project, msgspec.convert(facts, ProjectLeft), sender)
        for repository in repositories
        if project is not None and (facts := {"project": project, "repository": repository, "is_deleted": is_deleted})
    ]


HANDLERS: dict[tuple[str, str], Callable[[Payload], Sequence[JobRequest]]] = {
    ("repository", "renamed"): renamed,
    ("repository", "transferred"): renamed,
    ("repository", "deleted"): deleted,
    ("installation", "deleted"): uninstalled,
    ("installation_repositories", "removed"): uninstalled,
}


def _request(kind: str, project: str, args: ProjectMoved | ProjectLeft, sender: "_Sender | None") -> JobRequest:
    return JobRequest(
        kind=kind,
        project=project,
        args=encode(args),
        priority=Priority.PULL_REQUEST,
        requested_by=f"github:{sender.login}" if sender else "github",
    )


# GitHub's wire types: only what is read here.


class _Sender(msgspec.Struct):
    login: str


class _Account(msgspec.Struct):
    login: str


class _OldOwner(msgspec.Struct):
    user: _Account | None = None
    organization: _Account | None = None


class _OwnerChange(msgspec.Struct):
    old: _OldOwner = msgspec.field(name="from")

    @property
    def login(self) -> str:
        account = self.old.user or self.old.organization
        return account.login if account else ""


class _NameChange(msgspec.Struct):
    old: str = msgspec.field(name="from")


class _RepositoryChange(msgspec.Struct):
    name: _NameChange


class _Changes(msgspec.Struct):
    owner: _OwnerChange | None = None
    repository: _RepositoryChange | None = None


class _Named(msgspec.Struct):
    full_name: str


class _Repository(_Named):
    html_url: str


class _Deleted(msgspec.Struct, kw_only=True):
    repository: _Repository
    sender: _Sender | None = None


class _Moved(_Deleted, kw_only=True):
    changes: _Changes


class _Installation(msgspec.Struct):
    html_url: str


class _Uninstalled(msgspec.Struct, kw_only=True):
    installation: _Installation
    repositories: list[_Named] = []
    repositories_removed: list[_Named] = []
    sender: _Sender | None = None

"""What all places know of a document's findings: where else they were met, since when, and who decided what.

Read from the shared rows when somebody looks; kept for a moment, because an editor looks at every move.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import quote

from lsp.workspace import Place
from server.errors import HiveError
from server.reviews.finding import FindingStatus
from server.reviews.findings import KnownFinding
from server.security.principal import Principal

FRESH_SECONDS = 5.0
MAX_DOCUMENTS = 50
MAX_FINDINGS = 500
"""Of one file; the newest."""

_PULL_REQUEST = "pull_request:"


class KnownFindings(Protocol):
    """`server.reviews.findings.FindingStore`, as far as it is looked things up in."""

    async def list(self, *, project: str, path: str, limit: int) -> Sequence[KnownFinding]: ...


class PullRequestLink(NamedTuple):
    """*name* is `owner/repo#7`."""

    name: str
    url: str


class History(NamedTuple):
    """Of one finding."""

    pull_requests: tuple[PullRequestLink, ...]
    first_seen_at: datetime
    dismissal: str | None
    """Who dismissed it, when and why, as a phrase; None when nobody has."""


class Histories:
    """One client's."""

    def __init__(self, findings: KnownFindings, principal: Principal) -> None:
        self._findings = findings
        self._principal = principal
        self._known: dict[Place, tuple[float, Mapping[str, History]]] = {}

    async def of(self, place: Place | None) -> Mapping[str, History]:
        """By fingerprint. Nothing where nothing is known, may be seen, or can be read now."""
        if place is None or not self._principal.may_see(place.project):
            return {}
        read_at, known = self._known.pop(place, (0.0, {}))
        if time.monotonic() - read_at > FRESH_SECONDS:
            try:
                found = await self._findings.list(project=place.project, path=place.path, limit=MAX_FINDINGS)
            except HiveError:
                return known
            read_at, known = time.monotonic(), {one.finding.fingerprint: _history(one) for one in found}
        self._known[place] = read_at, known
        while len(self._known) > MAX_DOCUMENTS:
            del self._known[next(iter(self._known))]
        return known

    def forget(self) -> None:
        """Somebody decided something."""
        self._known.clear()


def _history(known: KnownFinding) -> History:
    names = [place.place.removeprefix(_PULL_REQUEST) for place in known.places if place.place.startswith(_PULL_REQUEST)]
    links = tuple(PullRequestLink(name, _url_of(name, known.project)) for name in names)
    dismissal = known.dismissal if known.finding.status is FindingStatus.DISMISSED else None
    told = f"{dismissal.by} on {dismissal.at:%Y-%m-%d}: {dismissal.why or 'no reason given'}" if dismissal else None
    return History(links, known.first_seen_at, told)


def _url_of(name: str, project: str) -> str:
    """*project* begins with the host: `github.com/owner/repo`."""
    repository, _, number = name.rpartition("#")
    return f"https://{project.partition('/')[0]}/{quote(repository)}/pull/{quote(number)}"

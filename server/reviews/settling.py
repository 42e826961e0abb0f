"""What a decision about a finding means for the pull requests in which it stands: the threads about it are settled.

Pure but for `Settling`, which hands the jobs in; `server/effects/thread_acts.py` does them.
"""

from collections.abc import Awaitable, Callable

import structlog

from server.errors import HiveError
from server.jobs.job import JobRequest
from server.reviews.finding import FindingStatus
from server.reviews.findings import KnownFinding
from server.reviews.open_pull_request import ThreadAct, Verb, act_request

_PLACE = "pull_request:"

log = structlog.get_logger("hive.findings")


def settle_requests(known: KnownFinding, *, by: str) -> tuple[JobRequest, ...]:
    """One for each pull request."""
    return tuple(
        act_request(_settling(known, place.place.removeprefix(_PLACE), by))
        for place in known.places
        if place.place.startswith(_PLACE)
    )


def _settling(known: KnownFinding, name: str, by: str) -> ThreadAct:
    """*name*: `owner/repo#7`."""
    repository, _, number = name.rpartition("#")
    return ThreadAct(
        known.project,
        repository,
        int(number),
        Verb.SETTLE,
        by,
        fingerprint=known.finding.fingerprint,
        is_dismissed=known.finding.status is FindingStatus.DISMISSED,
    )


class Settling:
    """What a `FindingStore` calls after a decision, in a hub that is a GitHub App."""

    def __init__(self, submit: Callable[[JobRequest], Awaitable[object]]) -> None:
        self._submit = submit

    async def __call__(self, known: KnownFinding, by: str) -> None:
        """The decision stands in Postgres already; a thread that stays open is told by the next review."""
        try:
            for request in settle_requests(known, by=by):
                await self._submit(request)
        except HiveError as error:
            log.warning("threads not settled", project=known.project, reason=str(error))

"""Every address of the HTTP door but the webhook's and the editors' websocket, in one table.

The application, its description (`openapi.py`) and the test of who may do what are all made from it.
"""

from http import HTTPStatus

from aiohttp import web

from server.api import dead_letters, decisions, deliveries, findings, health, jobs, keys, reviews, status_page
from server.api.route import Call, Route
from server.jobs.job import Job
from server.jobs.quorum import Decision
from server.reviews.deliveries import KnownDelivery
from server.reviews.findings import KnownFinding
from server.reviews.snapshot import Snapshot
from server.security.api_keys import ApiKey
from server.security.principal import Permission

READ, WRITE, ADMIN = Permission.READ, Permission.WRITE, Permission.ADMIN

MAX_REVIEW_BYTES = 25 * 1024 * 1024


async def description(call: Call[None, None]) -> web.Response:
    from server.api.openapi import describe  # here: the description is made from the table below

    return web.Response(body=describe(ROUTES), content_type="application/json")


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/",
        handle=status_page.page,
        permission=READ,
        open_on_loopback=True,
        of_hub=True,
        summary="The status page",
    ),
    Route(
        method="GET",
        path="/health",
        handle=health.health,
        permission=None,
        summary="Whether the hub lives",
        answers=health.Health,
    ),
    Route(
        method="GET",
        path="/ready",
        handle=health.ready,
        permission=None,
        summary="Whether every part is ready; 503 when one is not",
        answers=health.Readiness,
    ),
    Route(
        method="GET",
        path="/metrics",
        handle=health.metrics,
        permission=READ,
        open_on_loopback=True,
        of_hub=True,
        summary="Counts for Prometheus",
    ),
    Route(
        method="GET",
        path="/api/v1",
        handle=description,
        permission=None,
        summary="The same as openapi.json: where a person who was told of the API looks first",
    ),
    Route(
        method="GET",
        path="/api/v1/openapi.json",
        handle=description,
        permission=None,
        summary="This description",
    ),
    Route(
        method="GET",
        path="/api/v1/jobs",
        handle=jobs.list_jobs,
        permission=READ,
        summary="Jobs, the newest first",
        query=jobs.JobsQuery,
        answers=jobs.JobsPage,
    ),
    Route(
        method="GET",
        path="/api/v1/jobs/{id}",
        handle=jobs.get_job,
        permission=READ,
        summary="One job, at once or when it has ended",
        query=jobs.JobQuery,
        answers=Job,
    ),
    Route(
        method="GET",
        path="/api/v1/jobs/{id}/result",
        handle=jobs.get_result,
        permission=READ,
        summary="What a job returned; 409 while there is nothing",
        query=jobs.JobQuery,
    ),
    Route(
        method="GET",
        path="/api/v1/jobs/{id}/events",
        handle=jobs.stream_events,
        permission=READ,
        summary="What happens to a job until it ends, as server-sent events",
    ),
    Route(
        method="POST",
        path="/api/v1/jobs/{id}/cancel",
        handle=jobs.cancel_job,
        permission=WRITE,
        summary="Cancel a job that has not ended",
        answers=Job,
        status=HTTPStatus.ACCEPTED,
    ),
    Route(
        method="POST",
        path="/api/v1/reviews",
        handle=reviews.start_review,
        permission=WRITE,
        summary="Review files sent along; the job's result is the report",
        body=Snapshot,
        body_limit_bytes=MAX_REVIEW_BYTES,
        answers=reviews.ReviewAccepted,
        status=HTTPStatus.ACCEPTED,
    ),
    Route(
        method="GET",
        path="/api/v1/findings",
        handle=findings.list_findings,
        permission=READ,
        summary="Findings, the newest first",
        query=findings.FindingsQuery,
        answers=findings.FindingsPage,
    ),
    Route(
        method="GET",
        path="/api/v1/findings/{fingerprint}",
        handle=findings.get_finding,
        permission=READ,
        summary="One finding with its history",
        query=findings.FindingQuery,
        answers=findings.FindingWithHistory,
    ),
    Route(
        method="POST",
        path="/api/v1/findings/{fingerprint}/dismiss",
        handle=findings.dismiss_finding,
        permission=WRITE,
        summary="Dismiss a finding in every place",
        query=findings.FindingQuery,
        body=findings.Dismissing,
        answers=KnownFinding,
    ),
    Route(
        method="POST",
        path="/api/v1/findings/{fingerprint}/reopen",
        handle=findings.reopen_finding,
        permission=WRITE,
        summary="Take a dismissal back",
        query=findings.FindingQuery,
        body=findings.Reopening,
        body_may_be_absent=True,
        answers=KnownFinding,
    ),
    Route(
        method="GET",
        path="/api/v1/decisions",
        handle=decisions.list_decisions,
        permission=READ,
        summary="Questions that reviewers answer together, the newest first",
        query=decisions.DecisionsQuery,
        answers=decisions.DecisionsPage,
    ),
    Route(
        method="GET",
        path="/api/v1/decisions/{id}",
        handle=decisions.get_decision,
        permission=READ,
        summary="One decision with its votes",
        answers=Decision,
    ),
    Route(
        method="POST",
        path="/api/v1/decisions",
        handle=decisions.open_decision,
        permission=WRITE,
        summary="Ask n voters a question that k of them must answer alike",
        body=decisions.NewDecision,
        answers=Decision,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        path="/api/v1/decisions/{id}/votes",
        handle=decisions.vote,
        permission=WRITE,
        summary="Vote under the name of the key",
        body=decisions.NewVote,
        answers=Decision,
    ),
    Route(
        method="GET",
        path="/api/v1/deliveries",
        handle=deliveries.list_deliveries,
        permission=READ,
        of_hub=True,
        summary="Webhook deliveries, the newest first",
        query=deliveries.DeliveriesQuery,
        answers=deliveries.DeliveriesPage,
    ),
    Route(
        method="GET",
        path="/api/v1/deliveries/{id}",
        handle=deliveries.get_delivery,
        permission=READ,
        of_hub=True,
        summary="One delivery",
        answers=KnownDelivery,
    ),
    Route(
        method="GET",
        path="/api/v1/dead-letters",
        handle=dead_letters.list_dead_letters,
        permission=ADMIN,
        of_hub=True,
        summary="Jobs that failed for good and messages that nobody could open",
        query=dead_letters.DeadLettersQuery,
        answers=dead_letters.DeadLettersList,
    ),
    Route(
        method="POST",
        path="/api/v1/dead-letters/{id}/retry",
        handle=dead_letters.retry_dead_letter,
        permission=ADMIN,
        of_hub=True,
        summary="Give a dead job another full set of attempts",
        answers=dead_letters.DeadLetterNamed,
        status=HTTPStatus.ACCEPTED,
    ),
    Route(
        method="POST",
        path="/api/v1/dead-letters/{id}/discard",
        handle=dead_letters.discard_dead_letter,
        permission=ADMIN,
        of_hub=True,
        summary="Let it rest",
        answers=dead_letters.DeadLetterNamed,
        status=HTTPStatus.ACCEPTED,
    ),
    Route(
        method="GET",
        path="/api/v1/keys",
        handle=keys.list_keys,
        permission=ADMIN,
        of_hub=True,
        summary="API keys, without what makes them work",
        answers=keys.KeysList,
    ),
    Route(
        method="POST",
        path="/api/v1/keys",
        handle=keys.create_key,
        permission=ADMIN,
        of_hub=True,
        summary="Make a key; it is shown this once",
        body=keys.NewKey,
        answers=keys.KeyCreated,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        path="/api/v1/keys/{id}/revoke",
        handle=keys.revoke_key,
        permission=ADMIN,
        of_hub=True,
        summary="Refuse a key from now on",
        answers=ApiKey,
    ),
)

"""Every address of the HTTP door but the webhook's and the editors' websocket, in tables by subject.

The application, its description (`openapi.py`) and the test of who may do what are all made from it.
"""

from http import HTTPStatus

from aiohttp import web

from server.api import health, keys, overview, status_page
from server.api.device_routes import DEVICE_ROUTES
from server.api.github_routes import GITHUB_ROUTES
from server.api.ide_routes import IDE_ROUTES
from server.api.job_routes import JOB_ROUTES
from server.api.review_routes import REVIEW_ROUTES
from server.api.route import Call, Route
from server.api.team_routes import TEAM_ROUTES
from server.reviews.configuration import to_schema
from server.security.api_keys import ApiKey
from server.security.principal import Permission

READ, ADMIN = Permission.READ, Permission.ADMIN


async def description(call: Call[None, None]) -> web.Response:
    from server.api.openapi import describe  # here: the description is made from the tables below

    return web.Response(body=describe(ROUTES), content_type="application/json")


async def configuration_schema(call: Call[None, None]) -> web.Response:
    return web.json_response(to_schema(), content_type="application/schema+json")


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
        path="/api/v1/schemas/hive.toml.json",
        handle=configuration_schema,
        permission=None,
        summary="The JSON Schema of .hive.toml, for editors of it",
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
        path="/api/v1/overview",
        handle=overview.get_overview,
        permission=READ,
        of_hub=True,
        summary="How the hive is now: queues, rates, durations, agents, failures, leader",
        answers=overview.Overview,
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
    *JOB_ROUTES,
    *REVIEW_ROUTES,
    *TEAM_ROUTES,
    *GITHUB_ROUTES,
    *DEVICE_ROUTES,
    *IDE_ROUTES,
)

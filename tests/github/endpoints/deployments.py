"""Deployments with their statuses, and statuses of commits."""

from datetime import UTC, datetime

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.repository import NoSuchObject
from tests.github.world import APP_LOGIN, World

DEPLOYMENTS = "/repos/{owner}/{repo}/deployments"
MAX_DESCRIPTION = 140


async def list_deployments(world: World, call: Call) -> web.Response:
    """The newest first."""
    wanted = {name: call.request.query[name] for name in ("sha", "environment", "task") if name in call.request.query}
    found = [each for each in reversed(_deployments(world, call)) if wanted.items() <= each.items()]
    return page_of(world, call.request, found)


async def get_deployment(world: World, call: Call) -> web.Response:
    return json_answer(_deployment(world, call))


async def create_deployment(world: World, call: Call) -> web.Response:
    """Without `required_contexts` every status of the commit has to be good."""
    repository, body = world.repository(call.request), call.body
    try:
        sha = await repository.commit(body["ref"])
    except NoSuchObject:
        raise Refusal(422, f"No ref found for: {body['ref']}") from None
    given = world.statuses.get(sha, {})
    failed = [name for name in body.get("required_contexts", given) if given.get(name) != "success"]
    if failed:
        raise Refusal(409, "Conflict: Commit status checks failed for " + sha, errors=[{"contexts": failed}])
    number, environment = next(world.ids), body.get("environment", "production")
    facts = {
        "id": number,
        "sha": sha,
        "ref": body["ref"],
        "task": body.get("task", "deploy"),
        "payload": body.get("payload", {}),
        "environment": environment,
        "original_environment": environment,
        "description": body.get("description", ""),
        "creator": world.user(APP_LOGIN),
        "url": f"{world.api_of(repository)}/deployments/{number}",
        "repository_url": world.api_of(repository),
        "production_environment": body.get("production_environment", environment == "production"),
    }
    world.deployments.append(world.contract.example("deployment") | facts)
    return json_answer(world.deployments[-1], status=201)


async def list_statuses(world: World, call: Call) -> web.Response:
    url = _deployment(world, call)["url"]
    newest = [status for status in reversed(world.deployment_statuses) if status["deployment_url"] == url]
    return page_of(world, call.request, newest)


async def create_status(world: World, call: Call) -> web.Response:
    deployment, body, number = _deployment(world, call), call.body, next(world.ids)
    if len(body.get("description", "")) > MAX_DESCRIPTION:
        raise Refusal(422, "Validation Failed", errors=["description is too long"])
    facts = {
        "id": number,
        "state": body["state"],
        "description": body.get("description", ""),
        "target_url": body.get("log_url") or "",
        "log_url": body.get("log_url") or "",
        "environment_url": body.get("environment_url") or "",
        "creator": world.user(APP_LOGIN),
        "deployment_url": deployment["url"],
        "created_at": datetime.now(UTC).isoformat(),
    }
    template = {**world.contract.example("deployment-status"), **facts}
    world.deployment_statuses.append(
        {k: v for k, v in template.items() if v or not k.endswith("_url") or k == "target_url"}
    )
    return json_answer(world.deployment_statuses[-1], status=201)


async def list_commit_statuses(world: World, call: Call) -> web.Response:
    sha = await world.repository(call.request).commit(call.request.match_info["ref"])
    return page_of(world, call.request, [each for each in reversed(world.commit_statuses) if each["url"].endswith(sha)])


async def create_commit_status(world: World, call: Call) -> web.Response:
    repository, body = world.repository(call.request), call.body
    try:
        sha = await repository.commit(call.request.match_info["sha"])
    except NoSuchObject:
        raise Refusal(422, f"No commit found for SHA: {call.request.match_info['sha']}") from None
    if len(body.get("description") or "") > MAX_DESCRIPTION:
        raise Refusal(422, "Validation Failed", errors=["description is too long (maximum is 140 characters)"])
    context = body.get("context", "default")
    facts = {
        "id": next(world.ids),
        "url": f"{world.api_of(repository)}/statuses/{sha}",
        "state": body["state"],
        "context": context,
        "description": body.get("description"),
        "target_url": body.get("target_url"),
        "creator": world.user(APP_LOGIN),
        "created_at": datetime.now(UTC).isoformat(),
    }
    world.commit_statuses.append(world.contract.example("status") | facts)
    world.statuses.setdefault(sha, {})[context] = body["state"]
    return json_answer(world.commit_statuses[-1], status=201)


def _deployments(world: World, call: Call) -> list[Json]:
    home = world.api_of(world.repository(call.request))
    return [deployment for deployment in world.deployments if deployment["repository_url"] == home]


def _deployment(world: World, call: Call) -> Json:
    for deployment in _deployments(world, call):
        if deployment["id"] == int(call.request.match_info["deployment_id"]):
            return deployment
    raise Refusal(404, "Not Found")


ENDPOINTS = (
    Endpoint("GET", DEPLOYMENTS, list_deployments, ("deployments:read",)),
    Endpoint("POST", DEPLOYMENTS, create_deployment, ("deployments:write",)),
    Endpoint("GET", f"{DEPLOYMENTS}/{{deployment_id}}", get_deployment, ("deployments:read",)),
    Endpoint("GET", f"{DEPLOYMENTS}/{{deployment_id}}/statuses", list_statuses, ("deployments:read",)),
    Endpoint("POST", f"{DEPLOYMENTS}/{{deployment_id}}/statuses", create_status, ("deployments:write",)),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", list_commit_statuses, ("statuses:read",)),
    Endpoint("POST", "/repos/{owner}/{repo}/statuses/{sha}", create_commit_status, ("statuses:write",)),
)

"""Merging a pull request: how the repository lets it, what its commits' statuses say, and the merge itself, by git."""

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer
from tests.github.endpoints.pulls import PULL
from tests.github.graphql import Asked, refusal
from tests.github.world import APP_LOGIN, PullRequest, World

REFUSED_RULES = ("blocked", "dirty", "behind", "draft")


async def get_repository(world: World, call: Call) -> web.Response:
    """GitHub tells the ways to merge only to whom may write contents."""
    repository = world.repository(call.request)
    template = world.contract.example("full-repository-default-response")
    template = {name: value for name, value in template.items() if name not in ("parent", "source")}  # of a fork
    ways = {
        "allow_merge_commit": "merge" in repository.merge_methods,
        "allow_squash_merge": "squash" in repository.merge_methods,
        "allow_rebase_merge": "rebase" in repository.merge_methods,
        "allow_auto_merge": repository.merges_by_itself,
    }
    if world.permissions.get("contents") != "write":
        template = {name: value for name, value in template.items() if not name.startswith("allow_")}
        ways = {}
    return json_answer(
        template | world.repository_facts(repository) | {"default_branch": "main", "language": None} | ways
    )


async def get_combined_status(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    sha = await repository.commit(call.request.match_info["ref"])
    template = world.contract.example("combined-commit-status")
    given = world.statuses.get(sha, {})
    shown = [template["statuses"][0] | {"context": context, "state": state} for context, state in given.items()]
    state = "failure" if "failure" in given.values() else "pending" if "pending" in given.values() else "success"
    return json_answer(template | {"sha": sha, "state": state, "statuses": shown, "total_count": len(shown)})


async def merge(world: World, call: Call) -> web.Response:
    pull_request = world.pull_request(call.request)
    if call.body.get("sha") not in (None, pull_request.head_sha):
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    method = call.body.get("merge_method", "merge")
    if pull_request.state != "open" or pull_request.draft or pull_request.rules in REFUSED_RULES:
        raise Refusal(405, "Pull Request is not mergeable")
    if method not in pull_request.repository.merge_methods:
        raise Refusal(405, f"{method} merges are not allowed on this repository.")
    await world.merge(pull_request, method, by=APP_LOGIN)
    return json_answer({"sha": pull_request.merge_sha, "merged": True, "message": "Pull Request successfully merged"})


def change_auto_merge(world: World, asked: Asked) -> Json:
    """Enabled where the repository allows it, at the head that is expected, and while the branch's rules block it."""
    if world.permissions.get("contents") != "write" or world.permissions.get("pull_requests") != "write":
        return refusal("FORBIDDEN", "Resource not accessible by integration")
    pull_request = next((p for p in world.pull_requests.values() if p.node_id == asked.variables["pull"]), None)
    if pull_request is None:
        return refusal("NOT_FOUND", "Could not resolve to a node")
    if asked.operation == "disablePullRequestAutoMerge":
        if not pull_request.auto_merged_by:
            return refusal("UNPROCESSABLE", "Can't disable auto-merge for this pull request.")
        pull_request.auto_merged_by = ""
    elif why := _why_not_by_itself(pull_request, asked.variables["head"]):
        return refusal("UNPROCESSABLE", why)
    else:
        pull_request.auto_merged_by = APP_LOGIN
    return {"data": {asked.operation: {"pullRequest": {"id": pull_request.node_id}}}}


def _why_not_by_itself(pull_request: PullRequest, expected_sha: str) -> str:
    if not pull_request.repository.merges_by_itself:
        return "Auto merge is not allowed for this repository"
    if pull_request.head_sha != expected_sha:
        return "The head commit is another one"
    return "" if pull_request.rules == "blocked" else "Pull request is in clean status"


ENDPOINTS = (
    Endpoint("GET", "/repos/{owner}/{repo}", get_repository, ("metadata:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref}/status", get_combined_status, ("statuses:read",)),
    Endpoint("PUT", f"{PULL}/merge", merge, ("contents:write",)),
)

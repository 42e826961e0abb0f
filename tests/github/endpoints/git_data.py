"""Git's own objects: trees and commits that are made, and branches that move to them."""

from urllib.parse import unquote

from aiohttp import web

from tests.github.answering import Call, Endpoint, Refusal, json_answer
from tests.github.world import APP_LOGIN, World

GIT = "/repos/{owner}/{repo}/git"


async def get_commit(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    sha = await repository.commit(call.request.match_info["commit_sha"])
    return json_answer(_commit(world, sha, await repository.tree_of(sha), await repository.message(sha)))


async def get_ref(world: World, call: Call) -> web.Response:
    repository, name = world.repository(call.request), unquote(call.request.match_info["ref"])
    sha = await repository.commit(f"refs/{name}")
    target = {"type": "commit", "sha": sha, "url": f"{world.api_of(repository)}/git/commits/{sha}"}
    return json_answer(world.contract.example("git-ref") | {"ref": f"refs/{name}", "object": target})


async def create_tree(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    sha = await repository.make_tree(call.body["base_tree"], call.body["tree"])
    shown = await repository.tree(sha, recursive=False)
    entries = [e | {"url": f"{world.api_of(repository)}/git/{e['type']}s/{e['sha']}"} for e in shown]
    facts = {"sha": sha, "url": f"{world.api_of(repository)}/git/trees/{sha}", "truncated": False}
    return json_answer(facts | {"tree": entries}, status=201)


async def create_commit(world: World, call: Call) -> web.Response:
    """Without an author it is the App's own."""
    repository, body = world.repository(call.request), call.body
    sha = await repository.make_commit(body["tree"], body["parents"], body["message"], author=APP_LOGIN)
    return json_answer(_commit(world, sha, body["tree"], body["message"]), status=201)


async def update_ref(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    branch = unquote(call.request.match_info["ref"]).removeprefix("heads/")
    if call.body.get("force") or not await repository.advance(branch, call.body["sha"]):
        raise Refusal(422, "Update is not a fast forward")
    for pull_request in world.pull_requests.values():
        if pull_request.head_branch == branch and pull_request.repository.git_dir == repository.git_dir:
            await world.follow_branches(pull_request)
    template = world.contract.example("git-ref")
    target = {"type": "commit", "sha": call.body["sha"], "url": f"{world.api_of(repository)}/git/commits/x"}
    return json_answer(template | {"ref": f"refs/heads/{branch}", "object": target})


def _commit(world: World, sha: str, tree: str, message: str) -> dict[str, object]:
    template = dict(world.contract.example("git-commit"))
    return template | {"sha": sha, "tree": template["tree"] | {"sha": tree}, "message": message}


ENDPOINTS = (
    Endpoint("GET", f"{GIT}/commits/{{commit_sha}}", get_commit, ("contents:read",)),
    Endpoint("GET", f"{GIT}/ref/{{ref}}", get_ref, ("contents:read",)),
    Endpoint("POST", f"{GIT}/trees", create_tree, ("contents:write",)),
    Endpoint("POST", f"{GIT}/commits", create_commit, ("contents:write",)),
    Endpoint("PATCH", f"{GIT}/refs/{{ref}}", update_ref, ("contents:write",)),
)

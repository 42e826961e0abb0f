"""Commits, what differs between two of them, blobs and trees."""

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.repository import Repository, base64_lines
from tests.github.world import World

MAX_COMPARED_FILES = 300


async def list_commits(world: World, call: Call) -> web.Response:
    query = call.request.query
    repository = world.repository(call.request)
    history = await repository.history(query["sha"], query.get("path"))
    size = min(int(query.get("per_page", "30")), world.page_size_limit)
    shown = [await commit_facts(world, repository, sha) for sha in history[:size]]
    return page_of(world, call.request, shown)


async def commit_facts(world: World, repository: Repository, sha: str) -> Json:
    commit = world.contract.example("commit-items")[0]
    said = commit["commit"] | {"message": await repository.message(sha)}
    written, committed = await repository.moments(sha)
    said["author"] = said["author"] | {"name": await repository.author(sha), "date": written}
    said["committer"] = said["committer"] | {"date": committed}
    parents = [commit["parents"][0] | {"sha": parent} for parent in await repository.parents(sha)]
    return dict(commit | {"sha": sha, "commit": said, "parents": parents})


async def compare(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    base, dots, head = call.request.match_info["basehead"].partition("...")
    if not dots:
        raise Refusal(404, "Not Found")
    base_sha, head_sha = await repository.commit(base), await repository.commit(head)
    merge_base = await repository.merge_base(base_sha, head_sha)
    template = world.contract.example("commit-comparison")
    commit = template["base_commit"]
    ahead = await repository.commits(merge_base, head_sha)
    behind = await repository.commits(merge_base, base_sha)
    first_page = int(call.request.query.get("page", "1")) == 1
    files = await repository.changed_files(merge_base, head_sha) if first_page else []
    status = {(0, 0): "identical", (0, 1): "behind", (1, 0): "ahead"}.get((bool(ahead), bool(behind)), "diverged")
    return page_of(
        world,
        call.request,
        [
            commit
            | {"sha": sha, "commit": commit["commit"] | {"message": await repository.message(sha)}}
            | {"author": world.user(await repository.author(sha))}
            for sha in ahead
        ],
        wrap=lambda page: (
            template
            | {
                "status": status,
                "ahead_by": len(ahead),
                "behind_by": len(behind),
                "total_commits": len(ahead),
                "base_commit": commit | {"sha": base_sha},
                "merge_base_commit": commit | {"sha": merge_base},
                "commits": page,
                "files": [world.file_facts(repository, head_sha, file) for file in files[:MAX_COMPARED_FILES]],
            }
        ),
    )


async def get_blob(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    sha = call.request.match_info["file_sha"]
    content = await repository.blob(sha)
    facts = {
        "sha": sha,
        "size": len(content),
        "node_id": f"B_{sha}",
        "url": f"{world.api_of(repository)}/git/blobs/{sha}",
    }
    return json_answer(facts | {"content": base64_lines(content), "encoding": "base64"})


async def get_tree(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    sha = await repository.tree_of(call.request.match_info["tree_sha"])
    entries = await repository.tree(sha, recursive="recursive" in call.request.query)
    shown = [e | {"url": f"{world.api_of(repository)}/git/{e['type']}s/{e['sha']}"} for e in entries]
    return json_answer(
        {"sha": sha, "url": f"{world.api_of(repository)}/git/trees/{sha}", "tree": shown, "truncated": False}
    )


ENDPOINTS = (
    Endpoint("GET", "/repos/{owner}/{repo}/commits", list_commits, ("contents:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare, ("contents:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", get_blob, ("contents:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", get_tree, ("contents:read",)),
)

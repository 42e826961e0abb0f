"""Pull requests, their files, reviews and comments on lines."""

from collections.abc import Mapping

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.endpoints.contents import commit_facts
from tests.github.repository import NoSuchObject, commentable_lines
from tests.github.world import APP_LOGIN, MAX_BODY_LENGTH, PullRequest, World

PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"


async def list_pull_requests(world: World, call: Call) -> web.Response:
    repository, query = world.repository(call.request), call.request.query
    branch = query.get("head", "").partition(":")[2]
    found = [
        one
        for one in world.pull_requests.values()
        if one.repository is repository
        and branch in ("", one.head_branch)
        and query.get("state", "open") in ("all", one.state)
        and query.get("base", one.base_branch) == one.base_branch
    ]
    if query.get("sort") == "updated":
        found.sort(key=lambda one: one.merged_at or one.opened_at, reverse=query.get("direction", "desc") == "desc")
    return page_of(world, call.request, [_listed(world, one) for one in found])


def _listed(world: World, pull_request: PullRequest) -> Json:
    template = world.contract.example("pull-request-simple-items")[0]
    facts = world.pull_request_facts(pull_request)
    shown = {name: value for name, value in facts.items() if name != "merged"}
    merged_at = pull_request.merged_at.isoformat() if pull_request.merged_at else None
    moments = {
        "created_at": pull_request.opened_at.isoformat(),
        "updated_at": merged_at or pull_request.opened_at.isoformat(),
        "merged_at": merged_at,
    }
    people = {
        "user": world.user(pull_request.author),
        "labels": [],
        "requested_teams": [],
        "requested_reviewers": [world.user(login) for login in pull_request.requested],
    }
    return dict(template | shown | moments | people)


async def create_pull_request(world: World, call: Call) -> web.Response:
    repository, body = world.repository(call.request), call.body
    opened = [(p.head_branch, p.base_branch) for p in world.pull_requests.values() if p.state == "open"]
    if (body["head"], body["base"]) in opened:
        raise Refusal(422, "Validation Failed", errors=["A pull request already exists"])
    pull_request = await world.add_pull_request(repository, head=body["head"], base=body["base"], title=body["title"])
    pull_request.body, pull_request.author = body.get("body", ""), APP_LOGIN
    return json_answer(await _shown(world, pull_request), status=201)


async def list_commits(world: World, call: Call) -> web.Response:
    pull_request = world.pull_request(call.request)
    repository = pull_request.repository
    base = await repository.merge_base(pull_request.base_sha, pull_request.head_sha)
    shas = await repository.commits(base, pull_request.head_sha)
    return page_of(world, call.request, [await commit_facts(world, repository, sha) for sha in shas])


async def get_pull_request(world: World, call: Call) -> web.Response:
    return json_answer(await _shown(world, world.pull_request(call.request)))


async def _shown(world: World, pull_request: PullRequest) -> Json:
    repository = pull_request.repository
    template = world.contract.example("pull-request")
    files = await repository.changed_files(
        await repository.merge_base(pull_request.base_sha, pull_request.head_sha), pull_request.head_sha
    )
    facts = world.pull_request_facts(pull_request)
    facts |= {
        "requested_teams": [],
        "locked": False,
        "changed_files": len(files),
        "additions": sum(file["additions"] for file in files),
        "deletions": sum(file["deletions"] for file in files),
        "labels": [template["labels"][0] | {"name": name} for name in pull_request.labels],
        "user": world.user(pull_request.author),
        "node_id": pull_request.node_id,
        "mergeable": pull_request.mergeable,
        "mergeable_state": pull_request.rules,
        "merge_commit_sha": pull_request.merge_sha or None,
        "merged_by": world.user(pull_request.merged_by) if pull_request.merged_by else None,
        "auto_merge": _auto_merge(world, pull_request),
        "closed_at": None,
        "merged_at": None,
    }
    for side, branch in (("head", pull_request.head_branch), ("base", pull_request.base_branch)):
        repo = template[side]["repo"] | world.repository_facts(repository)
        facts[side] = template[side] | {"ref": branch, "sha": getattr(pull_request, f"{side}_sha"), "repo": repo}
    if pull_request.fork:
        facts["head"]["repo"]["full_name"] = pull_request.fork
    facts["maintainer_can_modify"] = pull_request.maintainers_may_edit
    return dict(template | facts)


def _auto_merge(world: World, pull_request: PullRequest) -> Json | None:
    if not pull_request.auto_merged_by:
        return None
    by = world.user(pull_request.auto_merged_by)
    return {"enabled_by": by, "merge_method": "merge", "commit_title": "", "commit_message": ""}


async def list_comments(world: World, call: Call) -> web.Response:
    return page_of(world, call.request, world.pull_request(call.request).comments)


async def create_comment(world: World, call: Call) -> web.Response:
    """On a file as a whole: a review by itself, which has no words of its own."""
    pull_request, comment = world.pull_request(call.request), call.body
    if comment.get("subject_type") != "file":
        raise Refusal(422, "Validation Failed", errors=["The stand-in knows only comments on files here"])
    if comment["path"] not in await _files_of(pull_request, comment["commit_id"]):
        raise Refusal(422, "Validation Failed", errors=["Path could not be resolved"])
    _check_body(comment["body"])
    review = world.review_facts(pull_request, comment["commit_id"], "", APP_LOGIN)
    pull_request.reviews.append(review)
    pull_request.comments.append(world.comment_facts(pull_request, review, comment))
    return json_answer(world.contract.example("pull-request-review-comment") | pull_request.comments[-1], status=201)


async def create_reply(world: World, call: Call) -> web.Response:
    pull_request = world.pull_request(call.request)
    asked = int(call.request.match_info["comment_id"])
    parent = next((comment for comment in pull_request.comments if comment["id"] == asked), None)
    if parent is None:
        raise Refusal(404, "Not Found")
    if parent.get("in_reply_to_id"):
        raise Refusal(422, "Validation Failed", errors=["Replies to replies are not supported"])
    number = next(world.ids)
    facts = {
        "id": number,
        "user": world.user(APP_LOGIN),
        "body": call.body["body"],
        "in_reply_to_id": asked,
        "html_url": f"https://github.com/{pull_request.repository.full_name}/pull/1#discussion_r{number}",
    }
    pull_request.comments.append(parent | facts)
    return json_answer(world.contract.example("pull-request-review-comment") | facts, status=201)


async def list_requested(world: World, call: Call) -> web.Response:
    users = [world.user(login) for login in world.pull_request(call.request).requested]
    return json_answer({"users": users, "teams": []})


async def request_reviewers(world: World, call: Call) -> web.Response:
    """Only of whom the repository knows, and never of the author."""
    pull_request = world.pull_request(call.request)
    for login in call.body.get("reviewers", []):
        if login == pull_request.author:
            raise Refusal(422, "Review cannot be requested from pull request author.")
        if login not in world.collaborators:
            raise Refusal(422, "Reviews may only be requested from collaborators.")
        pull_request.requested.append(login)
    shown = world.contract.example("pull-request-review-request") | world.pull_request_facts(pull_request)
    del shown["merged"]
    shown["requested_teams"] = []
    return json_answer(shown, status=201)


async def list_files(world: World, call: Call) -> web.Response:
    pull_request = world.pull_request(call.request)
    repository = pull_request.repository
    base = await repository.merge_base(pull_request.base_sha, pull_request.head_sha)
    files = (await repository.changed_files(base, pull_request.head_sha))[: world.listed_files_limit]
    return page_of(world, call.request, [world.file_facts(repository, pull_request.head_sha, file) for file in files])


async def list_reviews(world: World, call: Call) -> web.Response:
    return page_of(world, call.request, world.pull_request(call.request).reviews)


async def create_review(world: World, call: Call) -> web.Response:
    pull_request = world.pull_request(call.request)
    body, comments = call.body.get("body", ""), call.body.get("comments", [])
    commit = call.body.get("commit_id", pull_request.head_sha)
    if call.body.get("event") != "COMMENT":
        raise Refusal(422, "Unprocessable Entity", errors=["The stand-in knows only reviews that comment"])
    if not body.strip():
        raise Refusal(422, "Unprocessable Entity", errors=["Body can't be blank"])
    if len(body) > MAX_BODY_LENGTH:
        raise Refusal(
            422, "Unprocessable Entity", errors=[f"Body is too long (maximum is {MAX_BODY_LENGTH} characters)"]
        )
    files = await _files_of(pull_request, commit)
    for comment in comments:
        _check_comment(comment, files)
    review = world.review_facts(pull_request, commit, body, APP_LOGIN)
    pull_request.reviews.append(review)
    pull_request.comments += [world.comment_facts(pull_request, review, comment) for comment in comments]
    return json_answer(review)


async def _files_of(pull_request: PullRequest, commit: str) -> dict[str, Json]:
    """Of the diff at a commit of the pull request. Raises Refusal when it is none."""
    repository = pull_request.repository
    try:
        part_of_it = await repository.is_ancestor(await repository.commit(commit), pull_request.head_sha)
    except NoSuchObject:
        part_of_it = False
    if not part_of_it:
        raise Refusal(422, "Unprocessable Entity", errors=["Commit is not part of the pull request"])
    base = await repository.merge_base(pull_request.base_sha, commit)
    return {file["filename"]: file for file in await repository.changed_files(base, commit)}


def _check_body(body: str) -> None:
    if not body.strip() or len(body) > MAX_BODY_LENGTH:
        raise Refusal(422, "Unprocessable Entity", errors=["Body is blank or too long"])


def _check_comment(comment: Json, files: Mapping[str, Json]) -> None:
    """As GitHub does: the whole review is refused, and the text does not say which comment it was."""
    file = files.get(comment["path"])
    if file is None:
        raise Refusal(422, "Unprocessable Entity", errors=["Path could not be resolved"])
    _check_body(comment["body"])
    hunks = commentable_lines(file.get("patch", ""))
    side = {"LEFT": 0, "RIGHT": 1}[comment.get("side", "RIGHT")]
    line, start = comment.get("line"), comment.get("start_line")
    hunk = next((hunk[side] for hunk in hunks if line in hunk[side]), None)
    if hunk is None:
        raise Refusal(422, "Unprocessable Entity", errors=["Line could not be resolved"])
    if start is not None and start >= line:
        raise Refusal(422, "Unprocessable Entity", errors=["Start line must precede the end line."])
    if start is not None and start not in hunk:
        raise Refusal(422, "Unprocessable Entity", errors=["Start line must be part of the same hunk as the line."])


ENDPOINTS = (
    Endpoint("GET", "/repos/{owner}/{repo}/pulls", list_pull_requests, ("pull_requests:read",)),
    Endpoint("POST", "/repos/{owner}/{repo}/pulls", create_pull_request, ("pull_requests:write",)),
    Endpoint("GET", f"{PULL}/commits", list_commits, ("pull_requests:read",)),
    Endpoint("GET", PULL, get_pull_request, ("pull_requests:read",)),
    Endpoint("GET", f"{PULL}/comments", list_comments, ("pull_requests:read",)),
    Endpoint("POST", f"{PULL}/comments", create_comment, ("pull_requests:write",)),
    Endpoint("POST", f"{PULL}/comments/{{comment_id}}/replies", create_reply, ("pull_requests:write",)),
    Endpoint("GET", f"{PULL}/requested_reviewers", list_requested, ("pull_requests:read",)),
    Endpoint("POST", f"{PULL}/requested_reviewers", request_reviewers, ("pull_requests:write",)),
    Endpoint("GET", f"{PULL}/files", list_files, ("pull_requests:read",)),
    Endpoint("GET", f"{PULL}/reviews", list_reviews, ("pull_requests:read",)),
    Endpoint("POST", f"{PULL}/reviews", create_review, ("pull_requests:write",)),
)

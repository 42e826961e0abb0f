"""What is said about a pull request as a whole, reactions, and who may say it."""

from datetime import UTC, datetime

from aiohttp import web

from tests.github.answering import Call, Endpoint, Refusal, json_answer, page_of
from tests.github.world import APP_LOGIN, MAX_BODY_LENGTH, World

ISSUES = "/repos/{owner}/{repo}/issues"


async def list_issue_comments(world: World, call: Call) -> web.Response:
    return page_of(world, call.request, world.thread(call.request).conversation)


async def create_issue_comment(world: World, call: Call) -> web.Response:
    pull_request = world.thread(call.request)
    _check_issue_comment(call.body["body"])
    comment = world.issue_comment_facts(pull_request, APP_LOGIN, call.body["body"])
    pull_request.conversation.append(comment)
    pull_request.updated_at = datetime.now(UTC)
    return json_answer(comment, status=201)


async def update_issue_comment(world: World, call: Call) -> web.Response:
    repository, number = world.repository(call.request), int(call.request.match_info["comment_id"])
    for pull_request in world.threads():
        for comment in pull_request.conversation:
            if comment["id"] == number and pull_request.repository is repository:
                _check_issue_comment(call.body["body"])
                comment["body"] = call.body["body"]
                return json_answer(comment)
    raise Refusal(404, "Not Found")


async def get_permission(world: World, call: Call) -> web.Response:
    world.repository(call.request)
    login = call.request.match_info["username"]
    if login not in world.collaborators:
        raise Refusal(404, f"{login} is not a user")
    template = world.contract.example("repository-collaborator-permission-response-if-user-has-admin-permissions")
    level = world.collaborators[login]
    user = template["user"] | {"login": login, "role_name": level}
    return json_answer(template | {"permission": level, "role_name": level, "user": user})


async def react(world: World, call: Call) -> web.Response:
    """GitHub keeps one of each."""
    repository, number = world.repository(call.request), int(call.request.match_info["comment_id"])
    on_lines = "/pulls/" in call.request.path
    theirs = [p for p in world.pull_requests.values() if p.repository is repository]
    if not any(c["id"] == number for p in theirs for c in (p.comments if on_lines else p.conversation)):
        raise Refusal(404, "Not Found")
    given, content = world.reactions.setdefault(number, []), call.body["content"]
    status = 200 if content in given else 201
    if status == 201:
        given.append(content)
    return json_answer(world.contract.example("reaction") | {"content": content}, status=status)


async def list_reactions(world: World, call: Call) -> web.Response:
    world.repository(call.request)
    return page_of(world, call.request, world.thumbs.get(int(call.request.match_info["comment_id"]), []))


def _check_issue_comment(body: str) -> None:
    if not body.strip() or len(body) > MAX_BODY_LENGTH:
        raise Refusal(422, "Validation Failed", errors=["Body is blank or too long"])


ENDPOINTS = (
    Endpoint("PATCH", f"{ISSUES}/comments/{{comment_id}}", update_issue_comment, ("pull_requests:write",)),
    Endpoint("GET", f"{ISSUES}/{{issue_number}}/comments", list_issue_comments, ("pull_requests:read",)),
    Endpoint("POST", f"{ISSUES}/{{issue_number}}/comments", create_issue_comment, ("pull_requests:write",)),
    Endpoint("POST", f"{ISSUES}/comments/{{comment_id}}/reactions", react, ("pull_requests:write",)),
    Endpoint("POST", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", react, ("pull_requests:write",)),
    Endpoint(
        "GET", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", list_reactions, ("pull_requests:read",)
    ),
    Endpoint("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", get_permission, ("metadata:read",)),
)

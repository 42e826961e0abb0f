"""Issues, of which pull requests are some: listed, labelled, assigned and closed."""

from datetime import UTC, datetime

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.world import Issue, PullRequest, World

ISSUES = "/repos/{owner}/{repo}/issues"
ISSUE = f"{ISSUES}/{{issue_number}}"
READ, WRITE = ("issues:read", "pull_requests:read"), ("issues:write", "pull_requests:write")


async def list_issues(world: World, call: Call) -> web.Response:
    repository, query = world.repository(call.request), call.request.query
    wanted = set(filter(None, query.get("labels", "").split(",")))
    of_it = [one for one in world.threads() if one.repository is repository]
    found = [
        one for one in of_it if query.get("state", "open") in ("all", one.state) and wanted <= set(one.labels)
    ]  # fmt: skip
    if query.get("sort") == "updated":
        found.sort(key=lambda one: one.updated_at, reverse=query.get("direction", "desc") == "desc")
    else:
        found.reverse()
    return page_of(world, call.request, [_shown(world, one) for one in found])


async def get_issue(world: World, call: Call) -> web.Response:
    return json_answer(_shown(world, world.thread(call.request)))


async def update_issue(world: World, call: Call) -> web.Response:
    one = world.thread(call.request)
    one.state = call.body.get("state", one.state)
    one.state_reason = call.body.get("state_reason", one.state_reason)
    one.updated_at = datetime.now(UTC)
    return json_answer(_shown(world, one))


async def list_labels(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    return page_of(world, call.request, [_label(world, name) for name in repository.labels])


async def add_labels(world: World, call: Call) -> web.Response:
    """GitHub would make those that are not there; our App is not to."""
    one = world.thread(call.request)
    if unknown := set(call.body["labels"]) - set(one.repository.labels):
        raise Refusal(422, "Validation Failed", errors=[f"no such labels: {sorted(unknown)}"])
    one.labels = list(dict.fromkeys([*one.labels, *call.body["labels"]]))
    one.updated_at = datetime.now(UTC)
    return json_answer([_label(world, name) for name in one.labels])


async def remove_label(world: World, call: Call) -> web.Response:
    one, name = world.thread(call.request), call.request.match_info["name"]
    if name not in one.labels:
        raise Refusal(404, "Label does not exist")
    one.labels.remove(name)
    one.updated_at = datetime.now(UTC)
    return json_answer([_label(world, label) for label in one.labels])


async def add_assignees(world: World, call: Call) -> web.Response:
    """Whom the repository does not know is left out without a word."""
    one = world.thread(call.request)
    one.assignees += [login for login in call.body["assignees"] if login in world.collaborators]
    return json_answer(_shown(world, one), status=201)


def _label(world: World, name: str) -> Json:
    return dict(world.contract.example("label-items")[0] | {"name": name})


def _shown(world: World, one: Issue | PullRequest) -> Json:
    template = world.contract.example("issue-items")[0]
    kept = {name: value for name, value in template.items() if name not in ("pull_request", "assignee", "closed_at")}
    address = f"{world.api_of(one.repository)}/pulls/{one.number}"
    pull_request = {"pull_request": dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), address)}
    return dict(kept) | {
        "id": one.id,
        "number": one.number,
        "title": one.title,
        "body": one.body,
        "state": one.state,
        "state_reason": one.state_reason,
        "user": world.user(one.author),
        "labels": [_label(world, name) for name in one.labels],
        "assignee": None,
        "assignees": [world.user(login) for login in one.assignees],
        "closed_at": None,
        "updated_at": one.updated_at.isoformat(timespec="microseconds"),
        **(pull_request if isinstance(one, PullRequest) else {}),
    }


ENDPOINTS = (
    Endpoint("GET", ISSUES, list_issues, READ),
    Endpoint("GET", ISSUE, get_issue, READ),
    Endpoint("PATCH", ISSUE, update_issue, WRITE),
    Endpoint("GET", "/repos/{owner}/{repo}/labels", list_labels, READ),
    Endpoint("POST", f"{ISSUE}/labels", add_labels, WRITE),
    Endpoint("DELETE", f"{ISSUE}/labels/{{name}}", remove_label, WRITE),
    Endpoint("POST", f"{ISSUE}/assignees", add_assignees, WRITE),
)

"""What the stand-in of GitHub knows of GraphQL: a branch's pull requests, their threads, and merging by themselves.

GitHub's GraphQL schema is not at hand, so requests are held against the shape of the operations that are known:
their root field, their arguments and their variables.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.github.world import PullRequest

Json = dict[str, Any]

OPERATIONS = {
    "pullRequests": ("query", {"owner", "repo", "branch"}),
    "reviewThreads": ("query", {"owner", "repo", "number", "after"}),
    "resolveReviewThread": ("mutation", {"thread"}),
    "unresolveReviewThread": ("mutation", {"thread"}),
    "enablePullRequestAutoMerge": ("mutation", {"pull", "head", "method"}),
    "disablePullRequestAutoMerge": ("mutation", {"pull"}),
}
"""By the field that says what is wanted: its kind, and the variables that our client declares."""


INPUTS = {
    "resolveReviewThread": "input: {threadId: $thread}",
    "unresolveReviewThread": "input: {threadId: $thread}",
    "enablePullRequestAutoMerge": "input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}",
    "disablePullRequestAutoMerge": "input: {pullRequestId: $pull}",
}


class Asked(NamedTuple):
    operation: str
    variables: Mapping[str, Any]


def read_request(body: Any) -> Asked | str:
    """What is asked, or what is wrong with it."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return "no query"
    document, variables = body["query"], body.get("variables", {})
    if document.count("{") != document.count("}"):
        return "braces that do not match"
    found = [name for name in OPERATIONS if re.search(rf"\b{name}\b\s*\(", document)]
    if len(found) != 1:
        return "none of the operations that the stand-in knows"
    kind, wanted = OPERATIONS[found[0]]
    head, _, selection = document.partition("{")
    declared = set(re.findall(r"\$(\w+)\s*:", head))
    used = set(re.findall(r"\$(\w+)", selection))
    if not head.strip().startswith(kind) or not declared == used == wanted:
        return f"not a {kind} of {sorted(wanted)}"
    required = set(re.findall(r"\$(\w+)\s*:\s*\w+!", head))
    if not required <= variables.keys() <= declared:
        return f"variables {sorted(variables)} for {sorted(declared)}"
    if kind == "mutation" and INPUTS[found[0]] not in selection:
        return f"the input is not {INPUTS[found[0]]}"
    return Asked(found[0], variables)


def refusal(kind: str, message: str) -> Json:
    """With status 200, as GraphQL does."""
    return {"data": None, "errors": [{"type": kind, "message": message, "path": []}]}


def branch_page(found: list["PullRequest"]) -> Json:
    """The open pull requests of a branch."""
    nodes = [_head(pull_request) | {"number": pull_request.number} for pull_request in found]
    return {"data": {"repository": {"pullRequests": {"nodes": nodes}}}}


def threads_page(pull_request: "PullRequest", after: str | None, size: int) -> Json:
    """One page of the threads, each begun by a comment that is no reply, and the pull request's own facts."""
    begun = [comment for comment in pull_request.comments if not comment.get("in_reply_to_id")]
    start = int(after or "0")
    nodes = [_thread(pull_request, comment) for comment in begun[start : start + size]]
    end = start + len(nodes)
    facts = _head(pull_request) | {
        "number": pull_request.number,
        "title": pull_request.title,
        "url": f"https://github.com/{pull_request.repository.full_name}/pull/{pull_request.number}",
        "state": pull_request.state.upper(),
        "headRefOid": pull_request.head_sha,
    }
    page = {"hasNextPage": end < len(begun), "endCursor": str(end) if nodes else None}
    threads = {"reviewThreads": {"pageInfo": page, "nodes": nodes}}
    return {"data": {"repository": {"pullRequest": facts | threads}}}


def _head(pull_request: "PullRequest") -> Json:
    """As if it came from the fork of `fork_owner`, where one is set."""
    owner = pull_request.fork_owner or pull_request.repository.owner
    return {
        "isCrossRepository": bool(pull_request.fork_owner),
        "headRefName": pull_request.head_branch,
        "headRepositoryOwner": {"login": owner},
    }


def _thread(pull_request: "PullRequest", begun_by: Json) -> Json:
    number = begun_by["id"]
    resolved = pull_request.resolved
    replies = [comment for comment in pull_request.comments if comment.get("in_reply_to_id") == number]
    return {
        "id": f"PRRT_{number}",
        "isResolved": number in resolved,
        # Only people are Users: of a thread that an App resolved, GitHub names nobody.
        "resolvedBy": {"login": resolved[number]} if resolved.get(number) else None,
        "isOutdated": begun_by.get("line") is None and begun_by.get("subject_type") != "file",
        "path": begun_by["path"],
        "line": begun_by.get("line"),
        "startLine": begun_by.get("start_line"),
        "diffSide": begun_by.get("side") or "RIGHT",
        "subjectType": begun_by.get("subject_type", "line").upper(),
        "comments": {"nodes": [_comment(comment) for comment in (begun_by, *replies)]},
    }


def _comment(comment: Json) -> Json:
    """GraphQL names an App's bot without the `[bot]` of REST."""
    login = comment["user"]["login"]
    return {
        "fullDatabaseId": str(comment["id"]),
        "body": comment["body"],
        "url": comment["html_url"],
        "createdAt": comment["created_at"],
        "author": {
            "__typename": "Bot" if login.endswith("[bot]") else "User",
            "login": login.removesuffix("[bot]"),
        },
    }

"""What the stand-in of GitHub knows of GraphQL: the threads of a pull request, seen, resolved and opened again.

GitHub's GraphQL schema is not at hand, so requests are held against the shape of the three operations that are known:
their root field, their arguments and their variables.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]

OPERATIONS = {
    "reviewThreads": ("query", {"owner", "repo", "number", "after"}),
    "resolveReviewThread": ("mutation", {"thread"}),
    "unresolveReviewThread": ("mutation", {"thread"}),
}
"""By the field that says what is wanted: its kind, and the variables that our client declares."""


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
    if kind == "mutation" and "input: {threadId: $thread}" not in selection:
        return "no threadId in the input"
    return Asked(found[0], variables)


def refusal(kind: str, message: str) -> Json:
    """With status 200, as GraphQL does."""
    return {"data": None, "errors": [{"type": kind, "message": message, "path": []}]}


def threads_page(comments: list[Json], resolved: Mapping[int, str], after: str | None, size: int) -> Json:
    """One page of the threads, each begun by a comment that is no reply. *resolved*: by whom, by that comment's id."""
    begun = [comment["id"] for comment in comments if not comment.get("in_reply_to_id")]
    start = int(after or "0")
    nodes = [
        {
            "id": f"PRRT_{number}",
            "isResolved": number in resolved,
            # Only people are Users: of a thread that an App resolved, GitHub names nobody.
            "resolvedBy": {"login": resolved[number]} if resolved.get(number) else None,
            "comments": {"nodes": [{"fullDatabaseId": str(number)}]},
        }
        for number in begun[start : start + size]
    ]
    end = start + len(nodes)
    page = {"hasNextPage": end < len(begun), "endCursor": str(end) if nodes else None}
    return {"data": {"repository": {"pullRequest": {"reviewThreads": {"pageInfo": page, "nodes": nodes}}}}}

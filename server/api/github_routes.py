"""The addresses of operations on GitHub: a part of the table in `routes.py`. Each may answer 202 with its job."""

from server.api.github import Wait, reads
from server.api.route import Route
from server.github import protection
from server.security.principal import Permission

REPOSITORY = "/api/v1/github/{owner}/{repo}"


class BranchQuery(protection.BranchNamed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    wait: Wait = 20.0


GITHUB_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=f"{REPOSITORY}/protection",
        handle=reads(protection.SHOW),
        permission=Permission.READ,
        summary="What protects a branch on GitHub: classic protection and rulesets",
        query=BranchQuery,
        answers=protection.Protection,
    ),
)

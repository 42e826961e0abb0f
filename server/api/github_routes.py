"""The addresses of operations on GitHub: a part of the table in `routes.py`. Each may answer 202 with its job."""

from server.api.github import Wait, Waiting, acts, reads
from server.api.route import Route
from server.github import analytics, deployments, merging, protection, protection_plan
from server.security.principal import Permission

REPOSITORY = "/api/v1/github/{owner}/{repo}"


class BranchQuery(protection.BranchNamed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    wait: Wait = 20.0


class DeploymentsQuery(deployments.DeploymentsNamed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    wait: Wait = 20.0


class AnalyticsQuery(analytics.AnalyticsWish, frozen=True, forbid_unknown_fields=True, kw_only=True):
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
    Route(
        method="POST",
        path=f"{REPOSITORY}/protection/plan",
        handle=acts(protection_plan.PLAN),
        permission=Permission.READ,
        summary="What a wish about a branch's protection would change; changes nothing",
        query=Waiting,
        body=protection_plan.Wish,
        answers=protection_plan.Plan,
    ),
    Route(
        method="POST",
        path=f"{REPOSITORY}/protection/apply",
        handle=acts(protection_plan.APPLY),
        permission=Permission.ADMIN,
        summary="Change a branch's protection as it was planned, if dry_run is false and nothing changed since",
        query=Waiting,
        body=protection_plan.ApplyWish,
        answers=protection_plan.Applied,
    ),
    Route(
        method="GET",
        path=f"{REPOSITORY}/deployments",
        handle=reads(deployments.LIST),
        permission=Permission.READ,
        summary="Deployments on GitHub, the newest first, each with its last state",
        query=DeploymentsQuery,
        answers=deployments.Deployments,
    ),
    Route(
        method="POST",
        path=f"{REPOSITORY}/deployments",
        handle=acts(deployments.CREATE),
        permission=Permission.WRITE,
        summary="Tell GitHub that a commit is to be deployed",
        query=Waiting,
        body=deployments.NewDeployment,
        answers=deployments.Deployment,
    ),
    Route(
        method="POST",
        path=f"{REPOSITORY}/deployment-statuses",
        handle=acts(deployments.SET_STATUS),
        permission=Permission.WRITE,
        summary="Say how a deployment stands, unless its last word is the same",
        query=Waiting,
        body=deployments.NewDeploymentStatus,
        answers=deployments.Status,
    ),
    Route(
        method="POST",
        path=f"{REPOSITORY}/commit-statuses",
        handle=acts(deployments.SET_COMMIT_STATUS),
        permission=Permission.WRITE,
        summary="Say how a check of a commit stands, unless its last word is the same",
        query=Waiting,
        body=deployments.NewCommitStatus,
        answers=deployments.Status,
    ),
    Route(
        method="GET",
        path=f"{REPOSITORY}/analytics",
        handle=reads(analytics.ANALYZE),
        permission=Permission.READ,
        summary="Lead time, review time, churn, hotspots, ownership and bus factor, from git and pull requests",
        query=AnalyticsQuery,
        answers=analytics.Analytics,
    ),
    Route(
        method="POST",
        path=f"{REPOSITORY}/merges",
        handle=acts(merging.MERGE),
        permission=Permission.WRITE,
        summary="Have a pull request merged once it is ready, at one head and no later one; or take that back",
        query=Waiting,
        body=merging.MergeWanted,
        answers=merging.MergeTold,
    ),
)

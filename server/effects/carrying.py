"""Carry a review over to a head that changes nothing of what was reviewed: "Update branch", or a mere rebase.

What was reviewed, and what came of it, stands in the App's own check run on the head before. Anything that might read
otherwise now - another diff, another file behind it, another `.hive.toml`, another decision of a person - is reviewed.
"""

from http import HTTPStatus

from server.effects.api import GitHubRefused
from server.effects.github import MAX_COMPARED_FILES, Comparison, GitHub, ShownCheckRun
from server.reviews.check_run import CHECK_NAME, is_against
from server.reviews.configuration import FILE_NAME
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Snapshot


async def same_change(github: GitHub, ref: PullRequestRef, *, open_findings: int | None) -> Snapshot | None:
    """A snapshot without files that names the head whose review holds; None when the change is to be reviewed.

    *open_findings*: of the pull request as it is known now, if anybody knows.
    """
    if ref.before_sha is None or not ref.automatic or (await github.pull_request(ref.number)).head_sha != ref.head_sha:
        return None
    try:
        return await _same_change(github, ref, ref.before_sha, open_findings)
    except GitHubRefused as refused:
        if refused.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):  # no trace of it, or no check runs at all
            return None
        raise


async def _same_change(
    github: GitHub, ref: PullRequestRef, before_sha: str, open_findings: int | None
) -> Snapshot | None:
    earlier = await find_reviewed(github, ref, before_sha)
    if earlier is None or open_findings not in (None, earlier.annotations_count):
        return None
    before, after = await github.compare(ref.base_sha, before_sha), await github.compare(ref.base_sha, ref.head_sha)
    if not is_against(earlier.summary, before.merge_base_sha) or not _are_same(before, after):
        return None
    if before.merge_base_sha != ref.base_sha:
        brought = (await github.compare(before.merge_base_sha, ref.base_sha)).files
        if len(brought) >= MAX_COMPARED_FILES or any(file.filename == FILE_NAME for file in brought):
            return None
    return Snapshot(
        ref.project,
        (),
        base_sha=after.merge_base_sha,
        head_sha=ref.head_sha,
        declined=f"the change is the one that was reviewed at {before_sha[:12]}",
        carried_from=before_sha,
    )


async def find_reviewed(github: GitHub, ref: PullRequestRef, sha: str) -> ShownCheckRun | None:
    """What the newest review of that head of the pull request came to."""
    for posted in await github.check_runs(sha, CHECK_NAME):
        if posted.is_completed and posted.external_id.partition(" ")[0] == f"{ref.name}@{sha}":
            return await github.check_run(posted.id)
    return None


def _are_same(before: Comparison, after: Comparison) -> bool:
    """Down to the numbers of their lines, and to what the files hold besides."""
    return len(before.files) < MAX_COMPARED_FILES and before.files == after.files

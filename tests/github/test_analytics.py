"""The figures of a repository on GitHub: by git and by the API, and what was read is not read again."""

from datetime import UTC, datetime, timedelta

import pytest

from server.github.analytics import ANALYZE, AnalyticsWish
from server.history.figures import Spread
from server.jobs.job import GiveUp
from tests.github.git_project import GitProject
from tests.github.operating import Operator
from tests.github.repository import run_git

WISH = AnalyticsWish(since_days=730)
WRITTEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When every commit of a `GitProject` is."""

HOUR = 3_600.0


@pytest.fixture
async def analyst(operator: Operator, project: GitProject) -> Operator:
    """Of a repository with two pull requests that are merged: one was reviewed by Grace, one by nobody else."""
    for number, hours in ((1, 3), (2, 5)):
        project.branch(f"feature{number}", "main")
        project.commit({f"src/part{number}.py": "a\nb\n", "app.py": f"answer = {number}\n"})
        await operator.standin.open_pull_request(operator.repository, head=f"feature{number}")
        pull_request = operator.standin.pull_requests["octo/demo", number]
        pull_request.opened_at = WRITTEN + timedelta(hours=1)
        pull_request.state, pull_request.merged_at = "closed", WRITTEN + timedelta(hours=hours)
    operator.standin.add_review(operator.repository, 1, login="ada", body="I wrote it")
    operator.standin.add_review(operator.repository, 1, login="robot[bot]", body="LGTM")
    operator.standin.add_review(operator.repository, 1, login="grace", body="Good")
    (_, _, review) = operator.standin.pull_requests["octo/demo", 1].reviews
    review["submitted_at"] = (WRITTEN + timedelta(hours=2)).isoformat()
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "-m", "Merge it", "feature1")
    return operator


async def test_the_figures_come_from_git_and_from_pull_requests(analyst: Operator, project: GitProject):
    found = await analyst.ask(ANALYZE, WISH)

    assert (found.branch, found.history.head_sha) == ("main", project.git("rev-parse", "main"))
    assert (found.history.commits, found.history.merges, found.history.added) == (3, 1, 4)
    assert [(hotspot.path, hotspot.changes) for hotspot in found.history.hotspots] == [("app.py", 2)]
    assert (found.pulls.merged, found.pulls.read, found.pulls.unreviewed, found.note) == (2, 2, 1, "")
    assert found.pulls.lead_time == Spread(2, 3 * HOUR, 5 * HOUR)
    assert found.pulls.open_time == Spread(2, 2 * HOUR, 4 * HOUR)
    assert found.pulls.review_time == Spread(1, HOUR, HOUR)


async def test_what_was_read_is_not_read_again(analyst: Operator):
    first = await analyst.ask(ANALYZE, WISH)
    requests = dict(analyst.standin.requests)

    again = await analyst.ask(ANALYZE, WISH)

    assert again == first
    assert requests["pulls/list-reviews"] == analyst.standin.requests["pulls/list-reviews"] == 2
    assert requests["git"] == analyst.standin.requests["git"] > 0


async def test_a_new_head_is_read(analyst: Operator, project: GitProject):
    first = await analyst.ask(ANALYZE, WISH)
    project.commit({"app.py": "print(3)\n"})

    again = await analyst.ask(ANALYZE, WISH)

    assert again.history.commits == first.history.commits + 1
    assert analyst.standin.requests["pulls/list-reviews"] == 2


async def test_of_a_long_history_only_the_period_is_fetched_and_its_files_are_not_new(
    operator: Operator, project: GitProject
):
    for days in (9, 6, 2):
        project.directory.joinpath("app.py").write_text(f"a\nb\nc\n{days}\n")
        at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        run_git(project.directory, "commit", "--all", "--quiet", "-m", "Change it", env={"GIT_COMMITTER_DATE": at})

    history = (await operator.ask(ANALYZE, AnalyticsWish(since_days=4))).history

    assert (history.commits, history.added, history.deleted, history.cut_off) == (1, 1, 1, 0)


async def test_a_repository_without_recent_commits_needs_no_git(analyst: Operator):
    found = await analyst.ask(ANALYZE, AnalyticsWish(since_days=30, branch="main"))

    assert (found.history.commits, found.pulls.merged, found.pulls.lead_time) == (0, 0, None)


async def test_a_branch_that_is_not_there_is_told(analyst: Operator):
    with pytest.raises(GiveUp, match="there is no branch gone in this repository"):
        await analyst.ask(ANALYZE, AnalyticsWish(branch="gone"))

"""What a push changes of what was said, and the one comment that tells it: GitHub's stand-in and a real Postgres."""

import asyncio
import contextlib

import pytest

from server.effects.api import GitHubUnavailable
from server.reviews.finding import FindingStatus, Location
from server.reviews.publish import finding_fingerprints
from server.reviews.summary import summary_marker
from tests.github.standin import APP_LOGIN, Interruption
from tests.github.test_publishing import CODE, Scene, a_finding, scene

__all__ = ["scene"]


async def test_the_summary_lists_what_was_found_and_how_far_was_looked(scene: Scene) -> None:
    scene.findings = [a_finding(1), a_finding(2, path="elsewhere.py")]

    published = await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert published.summary_url == summary["html_url"]
    head = scene.ref.head_sha
    assert summary["body"].startswith(f"{summary_marker(head)}\n### Agent Hive: 2 problems (2 medium)\n")
    assert f"[app.py:1](https://github.com/octo/demo/blob/{head}/app.py#L1-L1)" in summary["body"]
    assert "Read in full: 1 · in part: 0 · not read: 0" in summary["body"]
    assert f"- Head {head}" in summary["body"]
    assert "- Read by rules of Agent Hive 0.1.0, Ruff 0." in summary["body"]
    assert "- Took rules 1.5 s" in summary["body"]
    assert "Since the last review" not in summary["body"]


async def test_a_new_push_edits_the_summary_and_says_what_became_of_the_findings(scene: Scene) -> None:
    scene.findings = [a_finding(1), a_finding(2)]
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": CODE.replace("value_1 = 1\n", "value_1 = None\n")})
    scene.findings = [a_finding(2), a_finding(3)]

    await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert summary["body"].startswith(summary_marker(scene.ref.head_sha))
    assert "1 new, 1 still there, 1 no longer found" in summary["body"]
    gone = scene.reviews()[0]["comments"][0]
    assert f"- [app.py]({gone['html_url']})" in summary["body"]
    assert scene.standin.requests["issues/create-comment"] == scene.standin.requests["issues/update-comment"] == 1


async def test_a_change_that_became_clean_is_said_to_be_so_in_the_summary_that_there_is(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": "fixed = True\n"})
    scene.findings = []

    await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert "### Agent Hive: No problem in 1 file" in summary["body"]
    assert "0 new, 0 still there, 60 no longer found" in summary["body"]


async def test_what_was_not_read_this_time_is_not_called_gone(scene: Scene) -> None:
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": b"\0binary"})
    scene.findings = []

    await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert "no longer found" not in summary["body"]
    assert "binary" in summary["body"]


async def test_a_dismissed_finding_is_neither_listed_nor_gone(scene: Scene) -> None:
    scene.findings = [a_finding(1), a_finding(2)]
    await scene.publish(await scene.snapshot())
    await scene.push({"README": "an old demo\n"})
    scene.findings = [a_finding(1, status=FindingStatus.DISMISSED), a_finding(2)]

    await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert "0 new, 1 still there, 0 no longer found" in summary["body"]
    assert "Dismissed by people: 1" in summary["body"]


async def test_publishing_again_tells_the_same(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    await scene.publish(snapshot)
    [before] = [dict(summary) for summary in scene.summaries()]

    await scene.publish(snapshot)

    assert scene.summaries() == [before]
    assert scene.standin.requests["issues/update-comment"] == 0


async def test_the_summary_is_found_on_whatever_page_it_stands_when_the_ledger_is_lost(scene: Scene) -> None:
    scene.standin.page_size_limit = 3
    for number in range(10):
        scene.standin.say(scene.repository, scene.ref.number, login="mona", body=f"Thought {number}")
    await scene.publish(await scene.snapshot())
    await scene.pool.execute("truncate effects")
    await scene.push({"README": "an old demo\n"})

    await scene.publish(await scene.snapshot())

    [summary] = scene.summaries()
    assert summary["body"].startswith(summary_marker(scene.ref.head_sha))


async def test_a_summary_that_somebody_else_wrote_is_left_alone(scene: Scene) -> None:
    forged = summary_marker("a" * 40)
    scene.standin.say(scene.repository, scene.ref.number, login="mallory", body=forged)

    await scene.publish(await scene.snapshot())

    [theirs] = scene.standin.conversation(scene.repository, scene.ref.number, login="mallory")
    assert theirs["body"] == forged
    [ours] = scene.summaries()
    assert ours["user"]["login"] == APP_LOGIN


async def test_a_summary_that_was_deleted_stays_deleted(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    [summary] = scene.summaries()
    scene.standin.delete_comment(scene.repository, scene.ref.number, summary["id"])
    await scene.push({"README": "an old demo\n"})

    await scene.publish(await scene.snapshot())

    assert scene.summaries() == []


async def test_a_push_while_a_dead_process_may_still_make_the_summary_leads_to_no_second_one(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    point = scene.standin.interrupt(Interruption("issues/create-comment", hold=True))
    doomed = asyncio.create_task(scene.publish(snapshot))
    await point.happened()
    doomed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await doomed
    scene.start_process()
    await scene.push({"README": "an old demo\n"})
    publishing = asyncio.create_task(scene.publish_until_done(await scene.snapshot()))
    point.release()

    await publishing

    assert len(scene.summaries()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_an_edit_that_is_lost_on_the_way_is_made_again(scene: Scene, after: bool) -> None:
    await scene.publish(await scene.snapshot())
    await scene.push({"README": "an old demo\n"})
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption("issues/update-comment", after=after, drop=True))
    with pytest.raises(GitHubUnavailable):
        await scene.publish(snapshot)

    await scene.publish_until_done(snapshot)

    [summary] = scene.summaries()
    assert summary["body"].startswith(summary_marker(scene.ref.head_sha))
    assert "0 new, 60 still there" in summary["body"]


async def test_the_thread_of_a_finding_that_is_gone_is_resolved_and_no_other(scene: Scene) -> None:
    scene.standin.permissions["contents"] = "write"
    scene.standin.page_size_limit = 1
    scene.findings = [a_finding(1), a_finding(2)]
    await scene.publish(await scene.snapshot())
    gone, still = scene.reviews()[0]["comments"]
    await scene.push({"app.py": CODE.replace("value_1 = 1\n", "value_1 = None\n")})
    scene.findings = [a_finding(2)]

    await scene.publish(await scene.snapshot())

    assert scene.resolved() == {gone["id"]}
    assert still["id"] not in scene.resolved()


async def test_a_finding_that_came_back_opens_the_thread_that_we_resolved(scene: Scene) -> None:
    scene.standin.permissions["contents"] = "write"
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": "fixed = True\n"})
    scene.findings = []
    await scene.publish(await scene.snapshot())
    assert len(scene.resolved()) == 1
    await scene.push({"app.py": CODE})
    scene.findings = [a_finding(1)]

    await scene.publish(await scene.snapshot())

    assert scene.resolved() == set()
    assert len(scene.reviews()) == 1


async def test_a_thread_that_a_person_resolved_stays_so(scene: Scene) -> None:
    scene.standin.permissions["contents"] = "write"
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    [comment] = scene.reviews()[0]["comments"]
    scene.standin.resolve_thread(scene.repository, scene.ref.number, comment["id"], login="mona")
    await scene.push({"README": "an old demo\n"})

    await scene.publish(await scene.snapshot())

    assert scene.resolved() == {comment["id"]}


async def test_without_the_permission_to_resolve_the_summary_says_so(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": "fixed = True\n"})
    scene.findings = []

    await scene.publish(await scene.snapshot())

    assert scene.resolved() == set()
    assert scene.standin.requests["graphql/resolveReviewThread"] == 1
    [summary] = scene.summaries()
    assert "left open: 60" in summary["body"]
    assert "the App needs contents: write" in summary["body"]
    assert scene.check_runs()[0]["conclusion"] == "success"


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", ["reviewThreads", "resolveReviewThread"])
async def test_a_process_that_dies_while_resolving_leaves_all_of_it_to_the_next(
    scene: Scene, operation: str, after: bool
) -> None:
    scene.standin.permissions["contents"] = "write"
    scene.findings = [a_finding(line) for line in (1, 2, 3)]
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": "fixed = True\n"})
    scene.findings = []
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption(f"graphql/{operation}", after=after, drop=True))
    with pytest.raises(GitHubUnavailable):
        await scene.publish(snapshot)
    scene.start_process()

    await scene.publish_until_done(snapshot)

    assert len(scene.resolved()) == 3
    assert len(scene.summaries()) == 1


async def test_later_only_what_the_push_touched_is_commented_and_the_summary_tells_the_rest(scene: Scene) -> None:
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": CODE.replace("value_40 = 40\n", "value_40 = 4\n")})
    flow = (Location("app.py", 40, 40, "it comes from here"),)
    scene.findings = [a_finding(1), a_finding(20), a_finding(30, related=flow), a_finding(40)]

    await scene.publish(await scene.snapshot())

    _, second = scene.reviews()
    assert [comment["line"] for comment in second["comments"]] == [30, 40]
    [summary] = scene.summaries()
    assert "3 new, 1 still there" in summary["body"]
    assert finding_fingerprints(summary["body"]) == {a_finding(20).fingerprint}
    assert summary["body"].count("its lines did not change since the last review") == 1


async def test_what_a_person_reopened_is_commented_though_no_push_touched_it(scene: Scene) -> None:
    scene.findings = [a_finding(1), a_finding(20, status=FindingStatus.DISMISSED)]
    await scene.publish(await scene.snapshot())
    scene.findings = [a_finding(1), a_finding(20, is_reopened=True)]
    for readme in ("one\n", "two\n"):
        await scene.push({"README": readme})
        await scene.publish(await scene.snapshot())

    _, second = scene.reviews()
    assert [comment["line"] for comment in second["comments"]] == [20]


async def test_what_only_the_summary_told_is_not_new_again_and_stays_there(scene: Scene) -> None:
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    scene.findings = [a_finding(1), a_finding(20)]
    for readme in ("one\n", "two\n"):
        await scene.push({"README": readme})
        await scene.publish(await scene.snapshot())

    assert len(scene.reviews()) == 1
    [summary] = scene.summaries()
    assert "0 new, 2 still there" in summary["body"]
    assert finding_fingerprints(summary["body"]) == {a_finding(20).fingerprint}


async def test_after_a_force_push_everything_is_looked_at_and_nothing_is_said_twice(scene: Scene) -> None:
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    scene.project.git("reset", "--hard", "--quiet", "main")
    await scene.push({"app.py": "\n" + CODE})
    scene.findings = [a_finding(1, start_line=2, end_line=2, fix=None), a_finding(20)]

    await scene.publish(await scene.snapshot())

    _, second = scene.reviews()
    assert [comment["line"] for comment in second["comments"]] == [20]
    [summary] = scene.summaries()
    assert "1 new, 1 still there, 0 no longer found" in summary["body"]


async def test_without_its_summary_the_last_review_says_what_was_reviewed(scene: Scene) -> None:
    scene.findings = [a_finding(1)]
    await scene.publish(await scene.snapshot())
    [summary] = scene.summaries()
    scene.standin.delete_comment(scene.repository, scene.ref.number, summary["id"])
    await scene.push({"README": "an old demo\n"})
    scene.findings = [a_finding(1), a_finding(20)]

    await scene.publish(await scene.snapshot())

    assert len(scene.reviews()) == 1
    assert len(scene.check_runs()[0]["annotations"]) == 2

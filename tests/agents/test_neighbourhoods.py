"""A file within its project: the files around it are sent once, and named by their content from then on."""

from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio

from server.agents.neighbourhoods import MAX_NEIGHBOURHOODS, digest
from server.agents.reviewer import Reviewer
from server.reviews.snapshot import Called, Caller, KnownFile, Report, Snapshot, SourceFile

HANDLER = """\
from flask import Flask, request
from store import find

app = Flask(__name__)


@app.route("/items")
def items():
    return find(request.args["name"])
"""
STORE = """\
import os


def find(name):
    os.remove(f"/srv/items/{name}")
"""
SAFE = HANDLER.replace('request.args["name"]', '"all"')
FLOW = "hive.path-from-request"


@pytest_asyncio.fixture
async def reviewer() -> AsyncIterator[Reviewer]:
    reviewer = Reviewer()
    await reviewer.start()
    yield reviewer
    await reviewer.stop()


def silent(done: int, total: int, note: str) -> None:
    """Nobody watches."""


def snapshot_of(app: str, *, with_text: bool, project: str = "github.com/acme/shop") -> Snapshot:
    """`store.py` is open, and `app.py` lies beside it."""
    return Snapshot(
        project,
        (SourceFile("store.py", STORE),),
        context=(SourceFile("app.py", app),) if with_text else (),
        known=(KnownFile("app.py", digest(app)),),
    )


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


async def test_what_is_not_known_is_wanted_and_nothing_is_concluded_without_it(reviewer: Reviewer) -> None:
    report = await reviewer.review(snapshot_of(HANDLER, with_text=False), silent)

    assert report.wanted == ("app.py",)
    assert report.findings == ()
    assert [file.path for file in report.coverage.skipped] == ["store.py"]


async def test_a_flow_from_another_file_is_found_and_later_by_that_files_name_alone(reviewer: Reviewer) -> None:
    first = await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)
    again = await reviewer.review(snapshot_of(HANDLER, with_text=False), silent)

    assert again == first
    (found,) = (finding for finding in first.findings if finding.rule == FLOW)
    assert found.path == "store.py"
    assert "app.py" in {place.path for place in found.related}


async def test_a_source_that_is_gone_takes_its_flow_along(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)

    assert FLOW not in rules(await reviewer.review(snapshot_of(SAFE, with_text=True), silent))


async def test_a_file_that_was_edited_is_known_as_a_neighbour_afterwards(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(SAFE, with_text=True), silent)

    other = Snapshot("github.com/acme/shop", (SourceFile("app.py", HANDLER),))
    other = msgspec.structs.replace(other, known=(KnownFile("store.py", digest(STORE)),))

    assert (await reviewer.review(other, silent)).wanted == ()


async def test_another_content_is_wanted_again(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)

    assert (await reviewer.review(snapshot_of(SAFE, with_text=False), silent)).wanted == ("app.py",)


async def test_only_the_projects_that_were_edited_last_are_kept(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)
    for number in range(MAX_NEIGHBOURHOODS):
        await reviewer.review(snapshot_of(HANDLER, with_text=True, project=f"p{number}"), silent)

    assert (await reviewer.review(snapshot_of(HANDLER, with_text=False), silent)).wanted == ("app.py",)


async def test_a_reviewer_that_rested_knows_the_last_project(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(HANDLER, with_text=True, project="former"), silent)
    await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)

    await reviewer.rest()

    assert (await reviewer.review(snapshot_of(HANDLER, with_text=False), silent)).wanted == ()
    former = snapshot_of(HANDLER, with_text=False, project="former")
    assert (await reviewer.review(former, silent)).wanted == ("app.py",)


async def test_who_asks_for_callers_hears_of_those_in_files_that_were_only_named(reviewer: Reviewer) -> None:
    await reviewer.review(snapshot_of(HANDLER, with_text=True), silent)

    asked = msgspec.structs.replace(snapshot_of(HANDLER, with_text=False), callers=True)
    report = await reviewer.review(asked, silent)

    assert report.called == (Called("store.py", "find", 4, 1, (Caller("app.py", 9, 12),)),)

"""What waits for a model where there is none any more."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from server.agents.keyless import KEY_TAKEN, NOBODY_THERE, Absence, without_model
from server.agents.minds import MINDS
from server.jobs.job import GiveUp
from server.jobs.worker import Work
from server.reviews.snapshot import Coverage, Report

REPORT = Report((), Coverage(full=("app.py",)))


async def end(kind: str, *, absence: Absence = KEY_TAKEN, **inputs: Any) -> Any:
    given = {name: msgspec.json.encode(value) for name, value in inputs.items()}
    return await without_model(absence)[kind](Work(uuid4(), kind, "p", 1, b"{}", given, lambda done, total, note: None))


def test_every_kind_that_needs_a_model_ends() -> None:
    assert without_model(KEY_TAKEN).keys() == MINDS.keys()


@pytest.mark.parametrize("absence", [KEY_TAKEN, NOBODY_THERE], ids=["key", "nobody"])
async def test_a_review_ends_with_what_the_rules_found_and_says_so(absence: Absence) -> None:
    report = await end("review.think", absence=absence, review=REPORT)

    assert (report.coverage, report.thinking.note) == (REPORT.coverage, absence.note)


async def test_the_rules_fixes_of_a_pull_request_do_not_wait_for_a_models() -> None:
    offer = await end("fix", snapshot={}, review=REPORT)

    assert (offer.files, offer.why) == ((), KEY_TAKEN.note)


@pytest.mark.parametrize("kind", ["ask", "explain", "fix", "rewrite", "describe", "triage"])
async def test_everything_else_says_what_is_missing(kind: str) -> None:
    with pytest.raises(GiveUp, match="set ANTHROPIC_API_KEY"):
        await end(kind)


async def test_who_types_is_suggested_nothing_for_a_while() -> None:
    nothing = await end("complete")

    assert (nothing.text, nothing.note) == ("", KEY_TAKEN.refusal)
    assert nothing.pause_seconds > 0

"""What becomes of work for a model where there is none: its key was taken away, or who thinks elsewhere is not there.

A review ends with what the rules found, and says so; nothing is suggested where somebody types; everything else is
nothing without a model.
"""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, NoReturn

import msgspec
from msgspec.structs import replace

from server.jobs.job import GiveUp
from server.jobs.worker import Handler, Work
from server.reviews.asks import Bill, Completion, FixOffer
from server.reviews.snapshot import Report, Thinking
from server.reviews.workflow import COMPLETION, THINKING_KINDS

ASK_AGAIN_SECONDS = 60.0
"""Of editors, which ask by themselves."""


class Absence(NamedTuple):
    """Why there is no model. *note*: for who reads a review; *refusal*: for who waits for an answer."""

    note: str
    refusal: str


KEY_TAKEN = Absence(
    "without a model: its key was taken away while this waited",
    "the key of the model was taken away: set ANTHROPIC_API_KEY where the hub starts, then ask again",
)
NOBODY_THERE = Absence(
    "without a model: who thinks runs elsewhere, and nobody was there",
    "who thinks runs elsewhere, and nobody is there: start them (docker/agents.py), then ask again",
)


def without_model(absence: Absence) -> Mapping[str, Handler]:
    """Who ends each kind of job that needs a model."""
    return {
        **{kind.name: partial(_decline, absence) for kind in THINKING_KINDS},
        "review.think": partial(_report_of_rules, absence),
        "fix": partial(_no_fix, absence),
        COMPLETION: partial(_no_completion, absence),
    }


async def _report_of_rules(absence: Absence, work: Work) -> Report:
    """The report on which the model would have built."""
    try:
        report = msgspec.json.decode(work.inputs["review"], type=Report)
    except (KeyError, msgspec.MsgspecError) as error:
        raise GiveUp(f"no report of the rules: {error}") from error
    return replace(report, thinking=Thinking(note=absence.note))


async def _no_fix(absence: Absence, work: Work) -> FixOffer:
    """Of a pull request, where the rules' own fixes wait for it."""
    if "snapshot" not in work.inputs:
        raise GiveUp(absence.refusal)
    return FixOffer((), absence.note, (), (), (), "not run: there is nothing to test", Bill())


async def _no_completion(absence: Absence, _: Work) -> Completion:
    return Completion("", Bill(), absence.refusal, ASK_AGAIN_SECONDS)


async def _decline(absence: Absence, _: Work) -> NoReturn:
    raise GiveUp(absence.refusal)

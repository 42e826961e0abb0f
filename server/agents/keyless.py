"""What becomes of work for a model where there is none any more: its key was taken away while the work waited.

A review ends with what the rules found, and says so; everything else is nothing without a model. New work of these
kinds is not taken on at such a hub at all.
"""

from collections.abc import Mapping
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from server.jobs.job import GiveUp
from server.jobs.worker import Handler, Work
from server.reviews.asks import Bill, FixOffer
from server.reviews.snapshot import Report, Thinking
from server.reviews.workflow import THINKING_KINDS

NOTE = "without a model: its key was taken away while this waited"
DECLINED = "the key of the model was taken away: set ANTHROPIC_API_KEY where the hub starts, then ask again"
REVIEW, FIX = "review.think", "fix"


async def report_of_rules(work: Work) -> Report:
    """The report on which the model would have built."""
    try:
        report = msgspec.json.decode(work.inputs["review"], type=Report)
    except (KeyError, msgspec.MsgspecError) as error:
        raise GiveUp(f"no report of the rules: {error}") from error
    return replace(report, thinking=Thinking(note=NOTE))


async def no_fix(work: Work) -> FixOffer:
    """Of a pull request, where the rules' own fixes wait for it."""
    if "snapshot" not in work.inputs:
        raise GiveUp(DECLINED)
    return FixOffer((), NOTE, (), (), (), "not run: there is nothing to test", Bill())


async def decline(work: Work) -> NoReturn:
    raise GiveUp(DECLINED)


KEYLESS: Mapping[str, Handler] = {kind.name: decline for kind in THINKING_KINDS} | {
    REVIEW: report_of_rules,
    FIX: no_fix,
}
"""By kind of job."""

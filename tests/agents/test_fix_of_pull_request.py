"""The model's part of `/hive fix`: what no rule can mend, at the head that was read; no fix is an answer, too."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from server.agents.minds import MINDS
from server.agents.model import ModelAway
from server.jobs.worker import Work
from server.reviews.asks import FixOffer
from server.reviews.finding import Edit, Finding, Fix
from server.reviews.snapshot import Coverage, Report, Snapshot, SourceFile
from tests.agents.scripted import NoTools, Scripted
from tests.github.test_to_review import a_finding

EXACT = a_finding(fix=Fix("Two", (Edit(1, 5, 1, 6, "2"),)))
CLAIM = replace(a_finding(number=1), rule="model.logic", evidence="a = 1")
SNAPSHOT = Snapshot("p", (SourceFile("a.py", "a = 1\n"),), head_sha="b" * 40)


class Talk:
    """A conversation about a job, as far as minds need it."""

    def __init__(self, *script: Any) -> None:
        self.model = Scripted(*script)
        self.secrets = ()

    def tools(self, tools: object) -> NoTools:
        return NoTools()


async def offered(talk: Talk, *asked: Finding, found: tuple[Finding, ...] = (EXACT,)) -> FixOffer:
    inputs: Mapping[str, bytes] = {
        "snapshot": msgspec.json.encode(SNAPSHOT),
        "review": msgspec.json.encode(Report(found, Coverage())),
    }
    args = msgspec.json.encode({"findings": asked})
    work = Work(uuid4(), "fix", "p", 1, args, dict(inputs), lambda done, total, note: None)
    offer: FixOffer = await MINDS["fix"](work, talk)  # type: ignore[arg-type]
    return offer


async def test_what_a_rule_can_mend_or_the_head_has_no_more_asks_nobody() -> None:
    talk = Talk()
    gone = replace(CLAIM, evidence="b = 1", fingerprint="c" * 32)

    offer = await offered(talk, EXACT, a_finding(number=2), gone)

    assert talk.model.asks == []
    assert (offer.files, offer.left) == ((), ())


async def test_a_model_that_is_away_is_told_and_fails_nothing() -> None:
    offer = await offered(Talk(ModelAway("it is overloaded")), EXACT, CLAIM)

    assert offer.left == (CLAIM.fingerprint,)
    assert offer.why == "the model gave no fix: it is overloaded"

"""The reviewer that thinks: what a model adds to a report has to stand in the code, and never costs the report."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from server.agents.equipment import Equipment
from server.agents.model import Ask, BudgetSpent, ModelAway
from server.agents.thinking import ThinkingReviewer
from server.reviews.finding import Confidence, Finding, FindingStatus, Severity
from server.reviews.snapshot import Coverage, LineRange, Report, Snapshot, SourceFile
from tests.agents.scripted import COST, NoTools, Scripted, answer

ORDERS = """\
import os


def cancel(request, orders):
    order = orders.get(request.args["id"])
    order.cancel()
    os.system("notify " + order.mail)
    return order


def archive(request, orders):
    order = orders.get(request.args["id"])
    order.archive()
"""
SNAPSHOT = Snapshot("github.com/acme/shop", (SourceFile("orders.py", ORDERS, (LineRange(4, 13),)),))
SHELL = Finding(
    fingerprint="a" * 32,
    rule="hive.shell-command",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    path="orders.py",
    start_line=7,
    end_line=7,
    start_column=5,
    end_column=39,
    message="A shell runs what somebody else wrote",
    why="",
    evidence='os.system("notify " + order.mail)',
    cwe=78,
)
REPORT = Report((SHELL,), Coverage(full=("orders.py",)))

THEFT: dict[str, Any] = {
    "path": "orders.py",
    "start_line": 5,
    "end_line": 6,
    "quote": 'order = orders.get(request.args["id"])\norder.cancel()',
    "severity": "critical",
    "category": "access",
    "message": "Anybody cancels anybody's order",
    "why": "The order is looked up by the id of the request alone (orders.py:5), whoever asks.",
    "cwe": 639,
    "confidence": "high",
}


def told(done: int, total: int, note: str) -> None:
    """Nobody watches."""


def no_tools(snapshot: Snapshot, report: Report) -> Equipment:
    return Equipment(NoTools())


async def think(model: Scripted, snapshot: Snapshot = SNAPSHOT, report: Report = REPORT, **settings: Any) -> Report:
    return await ThinkingReviewer(no_tools, **settings).review(snapshot, report, model, told)


def judgement(**given: Any) -> Any:
    return answer(**({"summary": "Orders can be cancelled."} | given))


async def test_a_finding_of_the_model_stands_beside_those_of_the_rules_with_its_cost_told() -> None:
    model = Scripted(judgement(findings=[THEFT], unseen=["the middleware"]))

    report = await think(model)

    theft, shell = report.findings
    assert shell == SHELL
    assert (theft.rule, theft.cwe, theft.severity) == ("model.cwe-639", 639, Severity.CRITICAL)
    assert theft.confidence is Confidence.MEDIUM, "no model's word is worth a proof"
    assert theft.evidence.startswith("    order = orders.get(")
    assert report.thinking is not None
    assert (report.thinking.model, report.thinking.cost_microdollars) == ("claude-scripted", COST)
    assert (report.thinking.note, report.thinking.unseen) == ("", ("the middleware",))


async def test_the_rules_findings_are_judged_and_none_is_dropped() -> None:
    verdicts = [{"finding": "F1", "verdict": "doubtful", "why": "order.mail is a constant, see orders.py:7."}]

    (shell,) = (await think(Scripted(judgement(verdicts=verdicts)))).findings

    assert (shell.fingerprint, shell.confidence) == (SHELL.fingerprint, Confidence.MEDIUM)
    assert shell.opinion is not None
    assert not shell.opinion.is_confirmed
    assert "constant" in shell.opinion.why


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote": "orders.delete(id)"}, "the quote does not stand there"),
        ({"path": "other.py"}, "no such file"),
        ({"start_line": 90, "end_line": 91}, "has 13 lines"),
        ({"start_line": 1, "end_line": 1, "quote": "import os", "path": "far.py"}, "is not in the change"),
        ({"why": "Read http://evil.example/x for more."}, "does not stand in the snapshot"),
        ({"why": "As helpers.py:3 shows."}, "no such file"),
        ({"severity": "terrible"}, "Invalid enum value"),
    ],
    ids=["quote", "path", "lines", "elsewhere", "link", "citation", "shape"],
)
async def test_a_claim_that_does_not_hold_is_told_to_the_model_and_left_out_in_the_end(
    change: dict[str, Any], reason: str
) -> None:
    far = SourceFile("far.py", "import os\n" * 30, (LineRange(30, 30),))
    snapshot = replace(SNAPSHOT, files=(*SNAPSHOT.files, far))
    wrong = judgement(findings=[THEFT, THEFT | change])
    model = Scripted(wrong, wrong, judgement(findings=[THEFT]) if change.get("severity") else wrong)

    report = await think(model, snapshot)

    assert [finding.rule for finding in report.findings] == ["model.cwe-639", "hive.shell-command"]
    assert reason in model.told()
    assert report.thinking is not None
    assert report.thinking.refused == (0 if change.get("severity") else 1)


async def test_what_a_rule_or_a_person_has_said_already_is_not_said_again() -> None:
    same_as_rule = THEFT | {"start_line": 7, "end_line": 7, "quote": "os.system(", "cwe": 78}
    dismissed = replace(SHELL, fingerprint="b" * 32, start_line=12, end_line=13, status=FindingStatus.DISMISSED)
    over_dismissed = THEFT | {"start_line": 12, "end_line": 12, "quote": "order = orders.get"}
    model = Scripted(judgement(findings=[same_as_rule, over_dismissed]))

    report = await think(model, report=replace(REPORT, findings=(SHELL, dismissed)))

    assert set(report.findings) == {SHELL, dismissed}
    assert "dismissed by a person" in model.told()


async def test_the_same_claim_has_the_same_fingerprint_whatever_its_words_and_its_reach() -> None:
    moved = replace(SNAPSHOT, files=(SourceFile("orders.py", "# moved\n" + ORDERS, (LineRange(5, 14),)),))
    again = THEFT | {"start_line": 6, "end_line": 6, "quote": 'orders.get(request.args["id"])', "message": "No owner"}

    one = (await think(Scripted(judgement(findings=[THEFT])))).findings[0]
    other = (await think(Scripted(judgement(findings=[again])), moved)).findings[0]
    second = THEFT | {"start_line": 12, "end_line": 12, "quote": "order = orders.get"}
    twin = (await think(Scripted(judgement(findings=[second])))).findings[0]

    assert one.fingerprint == other.fingerprint != twin.fingerprint


@pytest.mark.parametrize(
    "error",
    [ModelAway("the model is overloaded"), BudgetSpent("day"), RuntimeError("bug")],
    ids=["away", "spent", "bug"],
)
async def test_whatever_happens_to_the_model_the_rules_report_goes_out_and_says_so(error: Exception) -> None:
    report = await think(Scripted(error))

    assert report.findings == REPORT.findings
    assert report.thinking is not None
    assert report.thinking.note.startswith("without a model: ")
    assert report.thinking.unseen == ("orders.py (no answer)",)


async def test_a_model_that_takes_too_long_is_not_waited_for() -> None:
    class Asleep(Scripted):
        async def reply(self, ask: Ask, **_: Any) -> Any:
            await asyncio.Event().wait()

    report = await think(Asleep(), seconds=0.05)

    assert report.findings == REPORT.findings
    assert report.thinking is not None
    assert "stopped after 0.05 s" in report.thinking.note


async def test_a_big_change_is_judged_in_parts_and_a_part_without_an_answer_is_told() -> None:
    files = tuple(SourceFile(f"m{n}/x{n}.py", f"value{n} = {n}\n" * 40, (LineRange(1, 40),)) for n in range(3))
    asked: list[str] = []

    def reply(ask: Ask) -> Any:
        asked.append(str(ask))
        return BudgetSpent("job") if len(asked) == 3 else judgement(summary=f"Part {len(asked)}.")

    report = await think(Scripted(reply, reply, reply), Snapshot("p", files), Report((), Coverage()), part_tokens=400)

    assert report.thinking is not None
    assert report.thinking.summary == "Part 1.\n\nPart 2."
    assert report.thinking.note == "the model judged 2 of 3 parts: the budget of this job is spent"
    assert len(report.thinking.unseen) == 1


async def test_an_empty_change_asks_nobody() -> None:
    assert await think(Scripted(), Snapshot("p", ()), REPORT) == REPORT

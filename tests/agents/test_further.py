"""A further push: the model looks only at what it brought, and what it said of the rest still stands."""

from typing import Any

from msgspec.structs import replace

from server.reviews.finding import Confidence, Finding, Opinion
from server.reviews.publish import thinking_note
from server.reviews.snapshot import Coverage, LineRange, Looked, Report, Snapshot, SourceFile
from tests.agents.scripted import Scripted
from tests.agents.test_thinking import judgement, think
from tests.github.test_to_review import a_finding

TEXT = "".join(f"value_{n} = {n}\n" for n in range(1, 61))
BEFORE = "a" * 40


def a_claim(line: int, **changes: Any) -> Finding:
    claim = replace(
        a_finding("app.py", (line, line), number=line), rule="model.logic", evidence=f"value_{line} = {line}"
    )
    return replace(claim, **changes)


def a_snapshot(looked: Looked | None, *, text: str = TEXT) -> Snapshot:
    lines = text.count("\n")
    file = SourceFile("app.py", text, (LineRange(1, lines),), (LineRange(1, lines),))
    return Snapshot("p", (file,), head_sha="b" * 40, looked=looked)


def looked(*findings: Finding, pushed: tuple[int, int] = (40, 46)) -> Looked:
    return Looked(BEFORE, {"app.py": (LineRange(*pushed),)}, findings)


async def again(snapshot: Snapshot, *found: Finding) -> tuple[Report, Scripted]:
    model = Scripted(judgement())
    return await think(model, snapshot, Report(found, Coverage(full=("app.py",)))), model


async def test_only_what_was_pushed_is_shown_and_what_was_said_of_the_rest_is_kept() -> None:
    pushed = TEXT.replace("value_43 = 43\n", "value_43 = 0\n")

    report, model = await again(a_snapshot(looked(a_claim(5), a_claim(43)), text=pushed))

    assert "value_43 = 0" in model.told()
    assert "value_5 = 5" not in model.told()
    assert [finding.start_line for finding in report.findings] == [5]
    assert report.thinking is not None
    assert (report.thinking.since, report.thinking.kept) == (BEFORE, 1)


async def test_what_moved_is_kept_where_it_stands_now_and_what_is_gone_is_not() -> None:
    gone = a_claim(7, evidence="value_7 = 8")
    cut = a_claim(50, end_line=51, evidence="value_50 = 50\nvalue_5")

    report, _ = await again(a_snapshot(looked(a_claim(5), gone, cut, pushed=(1, 4)), text="new = 1\n" + TEXT))

    assert [(finding.start_line, finding.end_line) for finding in report.findings] == [(6, 6), (51, 52)]


async def test_a_judgement_of_what_was_not_pushed_is_not_asked_for_again() -> None:
    rule, pushed_rule = (a_finding("app.py", (line, line), number=line) for line in (5, 43))
    doubted = replace(rule, opinion=Opinion(False, "A constant."), confidence=Confidence.LOW)

    report, model = await again(a_snapshot(looked(doubted)), rule, pushed_rule)

    assert doubted in report.findings
    assert "F1: high hive.test" in model.told()
    assert "F2: " not in model.told()


async def test_a_push_that_brings_nothing_to_look_at_asks_nobody() -> None:
    report, model = await again(a_snapshot(Looked(BEFORE, {}, (a_claim(5),))))

    assert model.asks == []
    assert [finding.start_line for finding in report.findings] == [5]
    assert report.thinking is not None
    assert "1 of its findings of before still stand" in thinking_note(report.thinking)

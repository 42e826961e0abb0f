"""The reviewer agent: snapshots in, reports out, with a real ruff beside."""

import asyncio
import threading
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio

from server.agents import reviewer as reviewer_module
from server.agents.reviewer import Reviewer
from server.analysis.budget import Budget
from server.jobs.job import GiveUp
from server.jobs.worker import Work
from server.reviews.finding import Severity, apply_edits
from server.reviews.snapshot import Coverage, LineRange, Report, SkippedFile, Snapshot, SourceFile

BAD = """\
import os
import subprocess


def run(name, seen=[]):
    seen.append(name)
    subprocess.run(f"ls {name}", shell=True)
    if name is "x":
        return undefined
"""


@pytest_asyncio.fixture
async def reviewer() -> AsyncIterator[Reviewer]:
    reviewer = Reviewer()
    await reviewer.start()
    yield reviewer
    await reviewer.stop()


def silent(done: int, total: int, note: str) -> None:
    """Nobody watches."""


async def review(reviewer: Reviewer, *files: SourceFile) -> Report:
    return await reviewer.review(Snapshot("github.com/acme/shop", files), silent)


async def test_ruff_and_our_own_rules_speak_in_one_report(reviewer: Reviewer) -> None:
    report = await review(reviewer, SourceFile("shop/run.py", BAD))

    assert {(f.rule, f.start_line) for f in report.findings} == {
        ("hive.shell-command", 7),
        ("hive.mutable-default", 5),
        ("ruff.F632", 8),
        ("ruff.F821", 9),
    }
    assert report.coverage.full == ("shop/run.py",)


async def test_the_same_code_has_the_same_fingerprint_from_an_editor_and_a_pull_request(reviewer: Reviewer) -> None:
    editor = await review(reviewer, SourceFile("shop/run.py", BAD))
    pull_request = await review(reviewer, SourceFile("shop/run.py", BAD, changed=(LineRange(8, 9),)))

    by_line = {f.start_line: f.fingerprint for f in editor.findings}
    assert {f.start_line: f.fingerprint for f in pull_request.findings} == {8: by_line[8], 9: by_line[9]}


async def test_what_a_file_waits_for_others_does_not_cost_it_its_findings(
    reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty editors that opened a file each: the last ones waited longer than a file may take."""
    now, others = [0.0], threading.Event()
    monkeypatch.setattr(reviewer_module, "Budget", lambda seconds: Budget(seconds, lambda: now[0], lambda: now[0]))

    def read_others() -> None:
        others.wait()
        now[0] += 60.0

    def let_others_read(done: int, total: int, path: str) -> None:
        asyncio.get_running_loop().call_soon(others.set)

    reviewer._small.threads.submit(read_others)
    report = await reviewer.review(Snapshot("p", (SourceFile("shop/run.py", BAD),)), let_others_read)

    assert report.coverage == Coverage(full=("shop/run.py",))
    assert "hive.shell-command" in {finding.rule for finding in report.findings}


async def test_a_fix_of_ruff_mends_the_problem(reviewer: Reviewer) -> None:
    text = 'def f(x):\n    return x is "é😀"\n'
    (finding,) = (await review(reviewer, SourceFile("a.py", text))).findings
    assert finding.fix is not None

    mended = apply_edits(text, finding.fix.edits)

    assert mended == 'def f(x):\n    return x == "é😀"\n'
    assert (await review(reviewer, SourceFile("a.py", mended))).findings == ()


async def test_every_file_stands_in_exactly_one_list_of_the_coverage(reviewer: Reviewer) -> None:
    snapshot = Snapshot(
        "p",
        (
            SourceFile("a.py", "a = 1\n"),
            SourceFile("b.py", "def f(:\n"),
            SourceFile("c.bin", "a\0b"),
            SourceFile("d.kt", "println(1)\n"),
            SourceFile("d.txt", "hello\n"),
            SourceFile("e.py", "# " + "x" * (2 * 1024 * 1024)),
            SourceFile("f.py", "# " + "é" * (1024 * 1024)),
            SourceFile("g.min.js", "f();" * 5_000),
            SourceFile("h.go", "package h\n"),
            SourceFile("i.py", "", changed=()),
        ),
        skipped=(SkippedFile("gone.py", "deleted"),),
    )

    coverage = (await reviewer.review(snapshot, silent)).coverage

    assert coverage.full == ("a.py", "d.txt", "h.go", "i.py")
    assert {s.path: s.reason.partition(" on line")[0] for s in coverage.partial} == {
        "b.py": "syntax error",
        "d.kt": "text rules only",
        "g.min.js": "minified: text rules only",
    }
    assert {s.path: s.reason for s in coverage.skipped} == {
        "gone.py": "deleted",
        "c.bin": "binary",
        "e.py": "larger than 2 MiB",
        "f.py": "larger than 2 MiB",
    }


async def test_a_syntax_error_is_a_finding(reviewer: Reviewer) -> None:
    report = await review(reviewer, SourceFile("b.py", "x = 1\ndef f(:\n    return (\n"))

    assert [(f.rule, f.start_line, f.severity) for f in report.findings] == [("hive.syntax-error", 2, Severity.HIGH)]


async def test_syntax_newer_than_our_python_is_no_error_and_ruff_still_reads_it(reviewer: Reviewer) -> None:
    report = await review(reviewer, SourceFile("b.py", "type X[T] = list[T]\nassert (X, 'no')\n"))

    assert [f.rule for f in report.findings] == ["ruff.F631"]
    assert report.coverage.partial[0].reason.startswith("syntax error on line 1 for Python")


async def test_the_linter_reads_python_2_too(reviewer: Reviewer) -> None:
    text = "import os, tempfile\nprint raw_input()\nos.chmod(tempfile.mktemp(), 0777)\n"

    report = await review(reviewer, SourceFile("b.py", text))

    assert {(f.rule, f.start_line) for f in report.findings} == {("ruff.S103", 3), ("ruff.S306", 3)}


async def test_what_is_declined_is_not_read_and_its_report_says_so(reviewer: Reviewer) -> None:
    declined = msgspec.json.encode(Snapshot("p", (), declined="paused"))

    assert (await reviewer.handle(work(b"{}", {"snapshot": declined}))).declined == "paused"


async def test_the_cap_keeps_the_worst_and_counts_the_rest() -> None:
    reviewer = Reviewer(max_findings=2)
    await reviewer.start()

    report = await review(reviewer, SourceFile("a.py", BAD))
    await reviewer.stop()

    assert [f.severity for f in report.findings] == [Severity.HIGH, Severity.MEDIUM]
    assert report.omitted == 2


async def test_what_a_change_took_away_is_told_although_no_line_of_it_is_left(reviewer: Reviewer) -> None:
    package = SourceFile("shop/__init__.py", "from .cart import total, clear\n")
    base = "def total(): ...\n\n\ndef clear(): ...\n"
    changed = SourceFile("shop/cart.py", "def total(): ...\n", changed=(), base=base)

    report = await reviewer.review(Snapshot("p", (changed,), base_sha="1" * 40, context=(package,)), silent)

    assert [(f.rule, f.path, f.message) for f in report.findings] == [
        ("hive.removed-public-name", "shop/cart.py", "clear was public and is gone")
    ]


async def test_progress_names_each_file_and_ends_full(reviewer: Reviewer) -> None:
    told: list[tuple[int, int, str]] = []

    await reviewer.review(
        Snapshot("p", (SourceFile("a.py", ""), SourceFile("b.py", ""))), lambda *step: told.append(step)
    )

    assert told == [(0, 2, "a.py"), (1, 2, "b.py"), (2, 2, "looking across files")]


def work(args: bytes, inputs: dict[str, bytes] | None = None) -> Work:
    return Work(uuid4(), "review", "p", 1, args, inputs or {}, silent)


SNAPSHOT = msgspec.json.encode(Snapshot("p", (SourceFile("a.py", BAD),)))


async def test_a_job_brings_its_snapshot_as_arguments_or_from_an_earlier_step(reviewer: Reviewer) -> None:
    alone = await reviewer.handle(work(SNAPSHOT))
    in_workflow = await reviewer.handle(work(b'{"pull_request": 7}', {"snapshot": SNAPSHOT}))

    assert (alone.findings, alone.coverage) == (in_workflow.findings, in_workflow.coverage)
    assert len(alone.findings) == 4


@pytest.mark.parametrize("args", [b"{", b"{}", b'{"project": "p", "files": [], "surprise": 1}'])
async def test_what_is_no_snapshot_is_given_up(reviewer: Reviewer, args: bytes) -> None:
    with pytest.raises(GiveUp):
        await reviewer.handle(work(args))


async def test_many_reviews_at_once_do_not_mix(reviewer: Reviewer) -> None:
    files = [SourceFile(f"m{n}.py", f"assert (name_{n}, 'no')\n") for n in range(20)]

    reports = await asyncio.gather(*(review(reviewer, file) for file in files))

    for n, report in enumerate(reports):
        assert {f.evidence for f in report.findings} == {f"name_{n}", f"assert (name_{n}, 'no')"}


async def test_a_suppression_is_heard_by_ruff_and_by_us(reviewer: Reviewer) -> None:
    text = "print(undefined)  # noqa: F821\nprint(unknown)  # hive: ignore[ruff.F821] a builtin of our shell\n"

    assert (await review(reviewer, SourceFile("a.py", text))).findings == ()


async def test_a_review_that_is_cancelled_does_not_hold_up_the_next(reviewer: Reviewer) -> None:
    started = asyncio.Event()
    slow = SourceFile("a.py", "for x in xs:\n  xs.remove(x)\n" * 3_000)
    asking = asyncio.create_task(
        reviewer.review(Snapshot("p", (slow,)), lambda *step: started.set()),
    )
    await started.wait()
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(4):
        assert (await review(reviewer, SourceFile("b.py", "assert (1, 2)\n"))).findings

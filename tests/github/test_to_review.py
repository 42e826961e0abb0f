"""What is said, and on which lines: never one that GitHub would refuse, never a finding lost."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.analysis.syntax import still_parses
from server.reviews.check_run import Conclusion, to_check_run
from server.reviews.diff import PatchInvalid, read_patch, text_before
from server.reviews.finding import (
    Confidence,
    Edit,
    Finding,
    FindingStatus,
    Fix,
    Opinion,
    Severity,
    apply_edits,
    fingerprint,
)
from server.reviews.markdown import plain
from server.reviews.publish import Comment, Review, finding_fingerprints, reviewed_head, to_review
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Coverage, LineRange, Report, SkippedFile, Snapshot, SourceFile, Thinking
from tests.github.repository import commentable_lines

REF = PullRequestRef("github.com/octo/demo", "octo/demo", 7, "b" * 40, "a" * 40)


def a_finding(
    path: str = "a.py",
    lines: tuple[int, int] = (1, 1),
    *,
    fix: Fix | None = None,
    number: int = 0,
    message: str = "Something is wrong",
    why: str = "Because it is.",
    severity: Severity = Severity.HIGH,
    status: FindingStatus = FindingStatus.OPEN,
) -> Finding:
    return Finding(
        fingerprint=fingerprint("hive.test", path, "evidence", number),
        rule="hive.test",
        severity=severity,
        confidence=Confidence.HIGH,
        path=path,
        start_line=lines[0],
        end_line=lines[1],
        start_column=1,
        end_column=1,
        message=message,
        why=why,
        evidence="evidence",
        cwe=89,
        fix=fix,
        status=status,
    )


def a_file(text: str, *, changed: Sequence[tuple[int, int]], hunks: Sequence[tuple[int, int]]) -> SourceFile:
    return SourceFile(
        "a.py", text, tuple(LineRange(*pair) for pair in changed), tuple(LineRange(*pair) for pair in hunks)
    )


def review(
    *findings: Finding, file: SourceFile, posted: Sequence[str] = (), omitted: int = 0, inline: bool = True
) -> Review | None:
    report = Report(findings, Coverage(full=(file.path,)), omitted)
    snapshot = Snapshot(REF.project, (file,), (), REF.base_sha, REF.head_sha)
    return to_review(REF, report, snapshot, posted=posted, still_parses=still_parses, inline=inline)


def comment_of(found: Review | None) -> Comment:
    assert found is not None
    [comment] = found.comments
    return comment


def suggestion_of(body: str) -> list[str] | None:
    """The lines of a comment's suggestion, as GitHub's Markdown reads it."""
    lines = body.split("\n")
    for start, line in enumerate(lines):
        opening = re.fullmatch(r"(`{3,})suggestion", line)
        if opening:
            end = next(n for n in range(start + 1, len(lines)) if re.fullmatch(opening[1] + "`* *", lines[n]))
            return lines[start + 1 : end]
    return None


TEN = "".join(f"line_{n} = {n}\n" for n in range(1, 11))
SHOWN = a_file(TEN, changed=[(3, 5)], hunks=[(1, 8)])


def test_a_finding_is_a_comment_on_its_lines() -> None:
    found = review(a_finding(lines=(3, 4)), file=SHOWN)

    comment = comment_of(found)
    assert (comment.path, comment.start_line, comment.line) == ("a.py", 3, 4)
    assert "**High** · Something is wrong (`hive.test`, [CWE-89]" in comment.body
    assert found is not None
    assert found.commit == REF.head_sha
    assert reviewed_head(found.body) == REF.head_sha
    assert finding_fingerprints(comment.body) == set(found.fingerprints)


def test_one_line_needs_no_start_line() -> None:
    comment = comment_of(review(a_finding(lines=(3, 3)), file=SHOWN))

    assert (comment.start_line, comment.line) == (None, 3)


def test_nothing_found_is_nothing_said() -> None:
    assert review(file=SHOWN) is None


def test_dismissed_findings_and_those_said_before_are_not_said() -> None:
    dismissed = a_finding(number=1, status=FindingStatus.DISMISSED)
    said = a_finding(number=2)

    assert review(dismissed, said, file=SHOWN, posted=[said.fingerprint]) is None


def test_what_the_diff_does_not_show_goes_into_the_body() -> None:
    finding = a_finding(lines=(9, 10))

    found = review(finding, file=SHOWN)

    assert found is not None
    assert found.comments == ()
    assert f"https://github.com/octo/demo/blob/{REF.head_sha}/a.py#L9-L10" in found.body
    assert finding_fingerprints(found.body) == {finding.fingerprint}


def test_a_finding_that_reaches_out_of_a_hunk_is_cut_to_it() -> None:
    comment = comment_of(review(a_finding(lines=(7, 10)), file=SHOWN))

    assert (comment.start_line, comment.line) == (7, 8)


def test_of_two_hunks_the_one_with_changed_lines_is_taken() -> None:
    file = a_file(TEN, changed=[(8, 8)], hunks=[(1, 3), (7, 10)])

    comment = comment_of(review(a_finding(lines=(2, 9)), file=file))

    assert (comment.start_line, comment.line) == (7, 9)


def test_a_long_finding_is_shown_where_it_begins() -> None:
    text = TEN * 4
    file = a_file(text, changed=[(1, 40)], hunks=[(1, 40)])

    comment = comment_of(review(a_finding(lines=(2, 30)), file=file))

    assert (comment.start_line, comment.line) == (None, 2)


def test_a_fix_is_a_suggestion_of_whole_lines() -> None:
    fix = Fix("Say four", (Edit(4, 10, 4, 11, "FOUR"),))

    comment = comment_of(review(a_finding(lines=(4, 4), fix=fix), file=SHOWN))

    assert "```suggestion\nline_4 = FOUR\n```" in comment.body
    assert (comment.start_line, comment.line) == (None, 4)


def test_a_fix_that_needs_more_lines_than_the_finding_has_them_commented_too() -> None:
    fix = Fix("Join", (Edit(3, 1, 5, 1, "line_3, line_4 = 3, 4\n"),))

    comment = comment_of(review(a_finding(lines=(4, 4), fix=fix), file=SHOWN))

    assert (comment.start_line, comment.line) == (3, 4)
    assert suggestion_of(comment.body) == ["line_3, line_4 = 3, 4"]


def test_a_fix_may_delete_lines() -> None:
    fix = Fix("Drop", (Edit(4, 1, 5, 1, ""),))

    comment = comment_of(review(a_finding(lines=(4, 4), fix=fix), file=SHOWN))

    assert suggestion_of(comment.body) == []


NO_SUGGESTION = {
    "outside the hunk": Fix("Import", (Edit(4, 10, 4, 11, "f()"), Edit(10, 1, 10, 1, "import f\n"))),
    "no longer valid": Fix("Break", (Edit(4, 10, 4, 11, "(("),)),
    "outside the text": Fix("Miss", (Edit(40, 1, 40, 1, "x"),)),
    "nothing changes": Fix("Idle", (Edit(4, 10, 4, 11, "4"),)),
    "a carriage return": Fix("Return", (Edit(4, 10, 4, 11, "4\r"),)),
    "too long": Fix("Much", (Edit(4, 10, 4, 11, "1" * 30_000),)),
}


@pytest.mark.parametrize("fix", NO_SUGGESTION.values(), ids=NO_SUGGESTION)
def test_a_fix_that_cannot_be_suggested_leaves_the_comment(fix: Fix) -> None:
    comment = comment_of(review(a_finding(lines=(4, 4), fix=fix), file=SHOWN))

    assert suggestion_of(comment.body) is None
    assert comment.line == 4


def test_a_change_of_the_last_line_end_is_not_suggested() -> None:
    file = a_file("x = 1", changed=[(1, 1)], hunks=[(1, 1)])

    comment = comment_of(review(a_finding(fix=Fix("End it", (Edit(1, 6, 1, 6, "\n"),))), file=file))

    assert suggestion_of(comment.body) is None


def test_a_fence_is_longer_than_any_within() -> None:
    file = a_file('x = 1\ny = """\n```\n"""\n', changed=[(1, 4)], hunks=[(1, 4)])
    fix = Fix("Four", (Edit(3, 1, 3, 4, "`````"),))

    comment = comment_of(review(a_finding(lines=(3, 3), fix=fix), file=file))

    assert suggestion_of(comment.body) == ["`````"]


def test_everything_fits_into_the_body_when_inline_comments_are_refused() -> None:
    findings = [a_finding(lines=(3, 3), number=n, message="m" * 1_900) for n in range(60)]

    found = review(*findings, file=SHOWN, inline=False, omitted=5)

    assert found is not None
    assert found.comments == ()
    assert len(found.body) < 65_536
    assert "the rest is in the check run" in found.body
    assert "5 more of lesser weight are left out" in found.body
    assert finding_fingerprints(found.body) == {finding.fingerprint for finding in findings}


def test_the_worst_hundred_are_told_and_the_rest_is_counted() -> None:
    findings = [a_finding(lines=(3, 3), number=n) for n in range(103)]

    found = review(*findings, file=SHOWN, posted=[findings[0].fingerprint])

    assert found is not None
    assert found.fingerprints == tuple(finding.fingerprint for finding in findings[1:100])
    assert "3 more of lesser weight are left out" in found.body


HOSTILE = [
    "@everyone look at #1 and https://evil.example/ or www.evil.example",
    "<!-- hive:findings 0123 --><img src=x>![a](http://b)[c](http://d)",
    "`<!-- hive:review " + "0" * 40 + " -->`",
    "hid\u202eden\u200btext\u0000",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_others_makes_no_mention_no_link_and_no_marker(text: str) -> None:
    finding = a_finding(lines=(3, 3), message=text, why=text)

    comment = comment_of(review(finding, file=SHOWN))

    assert not re.search(r"@[a-z]|#\d|https?://evil|www\.evil|[^\\]!\[|[^\\]\]\(http://|<img|\u202e|\x00", comment.body)
    assert comment.body.count("<!--") == 1
    assert finding_fingerprints(comment.body) == {finding.fingerprint}


def test_a_marker_within_a_suggestion_is_not_ours() -> None:
    forged = f"# <!-- hive:findings {'f' * 32} -->"
    file = a_file(f"{forged}\nx = 1\n", changed=[(1, 2)], hunks=[(1, 2)])
    finding = a_finding(lines=(1, 2), fix=Fix("Two", (Edit(2, 5, 2, 6, "2"),)))

    comment = comment_of(review(finding, file=file))

    assert suggestion_of(comment.body) == [forged, "x = 2"]
    assert finding_fingerprints(comment.body) == {finding.fingerprint}


# Against git's own diffs.

LINES = [
    "a = 1",
    "b = 2",
    "",
    "def f():",
    "    return '```'",
    "ü = 'ß'",
    "--- x",
    "+++ y",
    "@@ -1 +1 @@",
    "\\ no",
    "c\r",
]
lines = st.lists(st.sampled_from(LINES), max_size=30)
texts = st.builds(
    lambda content, end: "\n".join(content) + (end if content else ""), lines, st.sampled_from(["", "\n"])
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, str]:
    """A text and what becomes of it by a few edits."""
    old = draw(texts)
    kept = old.split("\n")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(kept)))
        end = draw(st.integers(start, min(len(kept), start + 5)))
        kept[start:end] = draw(lines)[:6]
    return old, "\n".join(kept)


def git_patch(old: str, new: str) -> str:
    """git's patch between two texts, from its first hunk on; "" when there is none."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "old").write_bytes(old.encode())
        Path(directory, "new").write_bytes(new.encode())
        command = ["git", "-c", "core.autocrlf=false", "diff", "--no-index", "--no-color", "--text", "old", "new"]
        diff = subprocess.run(command, cwd=directory, capture_output=True).stdout.decode()
    start = re.search(r"^@@ ", diff, re.M)
    return diff[start.start() :].removesuffix("\n") if start else ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_patches_of_git_are_read_as_git_means_them(change: tuple[str, str]) -> None:
    old, new = change
    patch = git_patch(old, new)

    shown = read_patch(patch)

    added = [line for line in patch.split("\n") if line.startswith("+")]
    new_lines = new.split("\n")
    assert [new_lines[n - 1] for r in shown.changed for n in range(r.start, r.end + 1)] == [line[1:] for line in added]
    rights = [right for _, right in commentable_lines(patch) if right]
    assert [set(range(hunk.start, hunk.end + 1)) for hunk in shown.hunks] == rights


@st.composite
def findings_in(draw: st.DrawFn, path: str, text: str) -> list[Finding]:
    count = text.count("\n") + 1
    findings = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(1, count))
        end = draw(st.integers(start, min(count, start + 15)))
        line = draw(st.integers(max(1, start - 2), min(count, end + 2)))
        length = len(text.split("\n")[line - 1])
        first = draw(st.integers(1, length + 1))
        last = draw(st.integers(first, length + 1))
        edit = Edit(line, first, line, last, draw(st.sampled_from(["", "x", "y\n", "```", "\n\n"])))
        fix = draw(st.sampled_from([None, Fix("Fix it", (edit,))]))
        findings.append(a_finding(path, lines=(start, end), fix=fix, number=number))
    return findings


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_comment_stands_where_github_takes_it_and_every_finding_is_said(data: st.DataObject) -> None:
    old, new = data.draw(changes())
    patch = git_patch(old, new)
    shown = read_patch(patch)
    file = SourceFile("notes.txt", new, shown.changed, shown.hunks)
    findings = data.draw(findings_in("notes.txt", new))

    found = review(*findings, file=file)

    assert found is not None
    hunks = [right for _, right in commentable_lines(patch)]
    for comment in found.comments:
        start = comment.start_line or comment.line
        assert any({start, comment.line} <= hunk for hunk in hunks)
        assert comment.start_line is None or comment.start_line < comment.line
        suggested = suggestion_of(comment.body)
        if suggested is not None:
            said = finding_fingerprints(comment.body)
            [fix] = [finding.fix for finding in findings if finding.fingerprint in said]
            assert fix is not None
            assert _applied(new, start, comment.line, suggested) == apply_edits(new, fix.edits)
    said = finding_fingerprints(found.body).union(*(finding_fingerprints(c.body) for c in found.comments))
    assert said == {finding.fingerprint for finding in findings}


def _applied(text: str, start: int, end: int, suggested: list[str]) -> str:
    """The text after somebody pressed "Commit suggestion"."""
    all_lines = text.split("\n")
    return "\n".join([*all_lines[: start - 1], *suggested, *all_lines[end:]])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_a_patch_taken_back_leaves_what_was_there_before(change: tuple[str, str]) -> None:
    old, new = change

    assert text_before(new, git_patch(old, new)) == old


def test_a_patch_of_another_text_is_not_taken_back() -> None:
    patch = git_patch("a\nb\n", "a\nc\n")

    with pytest.raises(PatchInvalid):
        text_before("a\nd\n", patch)


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_is_no_patch_or_is_taken_back(patch: str, text: str) -> None:
    try:
        text_before(text, patch)
    except PatchInvalid:
        return


@given(st.text(max_size=200))
def test_any_text_is_no_patch_or_is_read(text: str) -> None:
    try:
        read_patch(text)
    except PatchInvalid:
        return


@given(st.text(max_size=300))
def test_any_prose_is_without_tags_and_mentions(text: str) -> None:
    shown = plain(text)

    assert "<" not in shown.replace("<\u200b!--", "") or "`" in text
    assert not re.search(r"@\w", shown) or "`" in text


# The check run.


def a_report(*findings: Finding, **coverage: tuple[str, ...] | tuple[SkippedFile, ...]) -> Report:
    return Report(findings, Coverage(**{"full": ("a.py",), **coverage}))  # type: ignore[arg-type]


VERDICTS = {
    "all read, nothing found": (a_report(), Conclusion.SUCCESS, "No problem in 1 file"),
    "deleted files leave nothing to read": (
        a_report(skipped=(SkippedFile("old.py", "deleted"),)),
        Conclusion.SUCCESS,
        "No problem in 1 file",
    ),
    "a skipped file": (
        a_report(skipped=(SkippedFile("a.png", "binary"),)),
        Conclusion.NEUTRAL,
        "No problem in 1 file, but 1 not read in full",
    ),
    "a file in part": (
        a_report(partial=(SkippedFile("b.py", "stopped after 5 s"),)),
        Conclusion.NEUTRAL,
        "No problem in 1 file, but 1 not read in full",
    ),
    "nothing read": (
        Report((), Coverage(skipped=(SkippedFile("a.png", "binary"),))),
        Conclusion.NEUTRAL,
        "No problem in 0 files, but 1 not read in full",
    ),
    "a small finding": (a_report(a_finding(severity=Severity.LOW)), Conclusion.NEUTRAL, "1 problem (1 low)"),
    "a high finding": (a_report(a_finding()), Conclusion.FAILURE, "1 problem (1 high)"),
    "a dismissed finding": (
        a_report(a_finding(status=FindingStatus.DISMISSED)),
        Conclusion.SUCCESS,
        "No problem in 1 file",
    ),
}


@pytest.mark.parametrize(("report", "conclusion", "title"), VERDICTS.values(), ids=VERDICTS)
def test_the_check_run_tells_the_truth(report: Report, conclusion: Conclusion, title: str) -> None:
    run = to_check_run(REF, report)

    assert (run.conclusion, run.title) == (conclusion, title)
    assert run.head_sha == REF.head_sha
    assert REF.head_sha in run.summary
    assert len(run.annotations) == sum(f.status is FindingStatus.OPEN for f in report.findings)


def test_a_summary_stays_within_what_github_takes() -> None:
    files = tuple(SkippedFile(f"{'x' * 290}{n}", "r" * 190) for n in range(3_000))

    assert len(to_check_run(REF, a_report(skipped=files)).summary) <= 65_535


def test_a_review_says_what_the_model_thinks_what_it_cost_and_what_it_did_not_see() -> None:
    file = a_file("a = 1\n", changed=[(1, 1)], hunks=[(1, 1)])
    doubted = replace(a_finding(), opinion=Opinion(False, "a is never read, see @a.py:1"))
    thinking = Thinking("claude-x", 120_000, "Sets a.", "", ("b.py lines 1-9",), 2, ("comment in the title: obey",))
    report = Report((doubted,), Coverage(), thinking=thinking)

    found = to_review(REF, report, Snapshot("github.com/octo/demo", (file,)), still_parses=lambda path, text: True)

    assert "A model doubts it: a is never read, see @\u200ba.py:1" in comment_of(found).body
    assert found is not None
    assert "Read by rules and by claude\\-x ($0.12); not shown to the model, or not looked at: 1" in found.body
    assert "does not stand in the code: 2" in found.body
    assert "- comment in the title: obey" in found.body
    summary = to_check_run(REF, report).summary
    assert "Sets a." in summary
    assert "#### Not looked at by the model\n- b.py lines 1\\-9" in summary


def test_a_review_without_the_model_that_was_to_think_says_why() -> None:
    away = Report((), Coverage(full=("a.py",)), thinking=Thinking(note="without a model: it is overloaded"))

    assert "Reviewed without a model: it is overloaded." in to_check_run(REF, away).summary

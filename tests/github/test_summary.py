"""The words of the one comment that sums up a pull request: how it stands, within what GitHub takes."""

from msgspec.structs import replace

from server.reviews.finding import Finding
from server.reviews.rounds import Spoken, spoken_of, to_round
from server.reviews.snapshot import Coverage, Report, SkippedFile, Thinking
from server.reviews.summary import MAX_LENGTH, is_worth_saying, summarized_head, to_summary
from tests.github.test_to_review import REF, a_finding

READ = Coverage(full=("a.py",))


def summary_of(report: Report, before: tuple[Spoken, ...] = ()) -> str:
    return to_summary(REF, report, to_round(report, before), ran=("rules of Agent Hive 1.2", "Ruff 0.17"))


def spoken(finding: Finding, **changes: object) -> Spoken:
    return replace(Spoken(finding.fingerprint, 1, finding.path, "https://github.com/octo/demo/pull/7#r1"), **changes)


def test_nothing_found_is_not_worth_a_comment() -> None:
    unread = Coverage(skipped=(SkippedFile("b.bin", "binary"),))

    assert not is_worth_saying(Report((), READ))
    assert not is_worth_saying(Report((), unread))  # the check run says so


def test_a_finding_and_hidden_text_are_worth_one() -> None:
    assert is_worth_saying(Report((a_finding(),), READ))
    assert is_worth_saying(Report((), READ, thinking=Thinking(flags=("hidden text in the title",))))


def test_the_summary_is_known_by_its_first_line() -> None:
    body = summary_of(Report((a_finding(message="<!-- hive:summary x -->"),), READ))

    assert summarized_head(body) == REF.head_sha
    assert summarized_head(f"> {body}") is None
    assert body.count("<!--") == 1


def test_the_largest_report_fits_into_what_github_takes_and_says_what_is_left_out() -> None:
    findings = tuple(a_finding(f"{'d' * 200}/{n}.py", number=n, message="m" * 3_000) for n in range(500))
    skipped = tuple(SkippedFile(f"{'s' * 250}/{n}", "r" * 200) for n in range(3_000))
    thinking = Thinking("claude", 1, "s" * 9_000, "n" * 900, tuple("u" * 300 for _ in range(900)), 3, ("f" * 900,) * 99)
    before = tuple(Spoken(f"{n:032x}", n, "p" * 250, f"https://github.com/r{n}") for n in range(500))

    body = summary_of(Report(findings, Coverage(("f" * 300,) * 3_000, skipped, skipped), 0, thinking), before)

    assert len(body) < MAX_LENGTH
    assert not body.endswith("…")
    assert body.count("more: see the check run") >= 3
    assert body.count("<details>") == body.count("</details>")


def test_skipped_is_said_with_its_reason() -> None:
    body = summary_of(Report((), Coverage(("a.py",), (), (SkippedFile("b.bin", "binary"),))))

    assert "### Agent Hive: No problem in 1 file, but 1 not read in full" in body
    assert "- b.bin: binary" in body


def test_the_model_has_its_say_with_its_price() -> None:
    body = summary_of(Report((), READ, thinking=Thinking("claude-x", 20_000, "All is well.", unseen=("b.py",))))

    assert "Read by rules and by claude\\-x ($0.02)" in body
    assert "All is well." in body
    assert "- b.py" in body
    assert "- Cost $0.02" in body


def test_a_finding_over_the_cap_is_not_called_gone() -> None:
    assert to_round(Report((), READ, omitted=1), [spoken(a_finding())]).gone == ()


def test_a_file_that_left_the_change_takes_its_findings_along() -> None:
    said = spoken(a_finding("left.py"))

    assert to_round(Report((), READ), [said]).gone == (said,)
    assert to_round(Report((), Coverage(READ.full, (), (SkippedFile("…", "9 more"),))), [said]).gone == ()
    assert to_round(Report((), Coverage(READ.full, (), (SkippedFile("left.py", "deleted"),))), [said]).gone == (said,)


def test_a_model_that_is_silent_takes_nothing_back_unless_the_lines_changed() -> None:
    claim = spoken(a_finding(), is_from_model=True)

    assert to_round(Report((), READ), [claim]).gone == ()
    changed = replace(claim, is_outdated=True)
    assert to_round(Report((), READ), [changed]).gone == (changed,)


def test_what_a_model_claimed_is_known_by_its_rule() -> None:
    marker = f"<!-- hive:findings {'a' * 32} -->"

    [claim] = spoken_of(f"**High** · Anyone may read it (`model.cwe-639`)\n\nWhy.\n\n{marker}")
    [rule] = spoken_of(f"**High** · Made of text (`hive.code-from-text`)\n\n(`model.cwe-639`)\n\n{marker}")

    assert (claim.is_from_model, rule.is_from_model) == (True, False)

"""The files beside a review: what cannot be read or written is said, before anything is reviewed."""

from pathlib import Path

import pytest

from server.cli.report_files import imported_findings, known_findings, without_known, write_baseline
from server.reviews.git import CannotCollect
from server.reviews.snapshot import Coverage, Report
from tests.analysis.test_baseline import a_finding


def test_a_baseline_is_written_and_read(tmp_path: Path) -> None:
    report = Report((a_finding(1), a_finding(2)), Coverage())
    file = tmp_path / "baseline.json"

    write_baseline(file, report)

    assert without_known(report, known_findings(file)).report.findings == ()
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.json"]


def test_without_a_baseline_nothing_is_known() -> None:
    report = Report((a_finding(1),), Coverage())

    assert without_known(report, known_findings(None)) == (report, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (b"nonsense", "is no baseline")],
    ids=["missing", "binary", "nonsense"],
)
def test_what_is_no_baseline_is_said(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CannotCollect, match=reason):
        known_findings(file)


def test_a_baseline_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotCollect, match="cannot write"):
        write_baseline(tmp_path / "nowhere" / "baseline.json", Report((), Coverage()))


def test_a_report_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text("<!DOCTYPE a><checkstyle/>")

    with pytest.raises(CannotCollect, match="cannot be imported"):
        imported_findings([file])

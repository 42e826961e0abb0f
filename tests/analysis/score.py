"""How many of the development set's labelled defects the reviewer finds, and how much of what it says is right.

    python -m tests.analysis.score [--app NAME ...] [--heldout] [--missed] [--wrong] [--json]

Each application is copied to where no git is and reviewed as `hive review DIR` does it. A defect is hit by a finding in
its file, of an accepted CWE, at most ten lines away; a finding hits one label, and a label is hit once. A further
finding on a defect that is hit already is a duplicate. A finding with a CWE near no such label is wrong; bugs without a
CWE are counted apart. F3 weighs recall nine times: 10PR / (9P + R). The labels are told in devset/README.md.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from server.agents.reviewer import Reviewer
from server.analysis.pages import text_of_rule
from server.reviews.finding import Finding
from server.reviews.sarif import to_sarif
from server.reviews.snapshot import Report
from server.reviews.working_tree import collect

DEVSET = Path(__file__).parent / "devset"
HELD_OUT = DEVSET / "heldout"
LABELS = "labels.json"
REACH = 10
"""Lines between a finding and the label that it hits."""

WHOLE_FILE = 0
"""The line of a label that is near to every line of its file."""


class Label(NamedTuple):
    """*kind*: a `defect` counts; what is `debatable` is neither wanted nor wrong; what is `safe` only looks like one.

    The first of *cwes* names the defect in the table, the others are accepted for it. *code* is the line's text.
    """

    file: str
    line: int
    cwes: tuple[int, ...]
    kind: str
    code: str
    note: str


class Told(NamedTuple):
    """A finding with every CWE that its rule goes by."""

    finding: Finding
    cwes: frozenset[int]


@dataclass
class Score:
    """Of one application."""

    app: str
    labels: list[Label]
    hits: list[tuple[Label, Told]] = field(default_factory=list)
    missed: list[Label] = field(default_factory=list)
    wrong: list[Told] = field(default_factory=list)
    duplicates: list[Told] = field(default_factory=list)
    debatable: list[Told] = field(default_factory=list)
    without_cwe: list[Told] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


class Figures(NamedTuple):
    labels: int
    hits: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.wrong) if self.hits + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.labels if self.labels else 1.0

    @property
    def f3(self) -> float:
        below = 9 * self.precision + self.recall
        return 10 * self.precision * self.recall / below if below else 0.0


def apps(*, held_out: bool = False) -> list[Path]:
    folders = (HELD_OUT if held_out else DEVSET).iterdir()
    return sorted(folder for folder in folders if (folder / LABELS).is_file())


def labels_of(app: Path) -> list[Label]:
    """Raises ValueError where a label has lost its line: somebody edited the file and not the label."""
    labels = []
    for written in json.loads((app / LABELS).read_text(encoding="utf-8")):
        label = Label(
            written["file"],
            written["line"],
            tuple(written["cwes"]),
            written.get("kind", "defect"),
            written.get("code", ""),
            written.get("note", ""),
        )
        lines = (app / label.file).read_text(encoding="utf-8").split("\n")
        if label.line != WHOLE_FILE and lines[label.line - 1].strip() != label.code:
            raise ValueError(f"{app.name}/{label.file}:{label.line} is not {label.code!r}")
        labels.append(label)
    return labels


# --- the review -------------------------------------------------------------------------------------------------------


async def score_all(folders: Sequence[Path]) -> list[Score]:
    reviewer = Reviewer()
    await reviewer.start()
    try:
        return [await _score(reviewer, folder) for folder in folders]
    finally:
        await reviewer.stop()


async def _score(reviewer: Reviewer, app: Path) -> Score:
    with tempfile.TemporaryDirectory(prefix="hive-devset-") as directory:
        copy = Path(directory) / app.name
        shutil.copytree(app, copy, ignore=shutil.ignore_patterns(LABELS, "__pycache__"))
        snapshot = collect(copy, os.environ).snapshot
    report = await reviewer.review(snapshot, lambda _done, _total, _note: None)
    score = match(app.name, labels_of(app), told(report))
    score.gaps = [f"{partial.path}: {partial.reason}" for partial in report.coverage.partial]
    if report.omitted:
        score.gaps.append(f"{report.omitted} findings over the cap")
    return score


def told(report: Report) -> list[Told]:
    """The CWEs as whoever reads the SARIF gets them."""
    prefix = "external/cwe/cwe-"
    log = to_sarif(report, project="local/devset", head_sha="", version="0", about=text_of_rule)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    cwes = {
        rule["id"]: frozenset(int(tag.removeprefix(prefix)) for tag in rule["properties"]["tags"] if prefix in tag)
        for rule in rules
    }
    return [Told(finding, cwes[finding.rule]) for finding in report.findings]


def match(app: str, labels: Sequence[Label], findings: Iterable[Told]) -> Score:
    """The nearest pairs first, so that neighbours do not take each other's label."""
    findings = list(findings)
    defects = [label for label in labels if label.kind == "defect"]
    score = Score(app, list(defects))
    near = sorted(
        (distance, number, place)
        for number, one in enumerate(findings)
        for place, label in enumerate(defects)
        if (distance := _distance(one, label)) is not None
    )
    taken: dict[int, int] = {}
    for _, number, place in near:
        if number not in taken and place not in taken.values():
            taken[number] = place
    score.hits = [(defects[place], findings[number]) for number, place in sorted(taken.items())]
    score.missed = [label for place, label in enumerate(defects) if place not in taken.values()]
    on_a_defect = {number for _, number, _ in near}
    debatable = [label for label in labels if label.kind == "debatable"]
    for number, one in enumerate(findings):
        if number in taken:
            continue
        if not one.cwes:
            score.without_cwe.append(one)
        elif number in on_a_defect:
            score.duplicates.append(one)
        elif any(_distance(one, label) is not None for label in debatable):
            score.debatable.append(one)
        else:
            score.wrong.append(one)
    return score


def _distance(one: Told, label: Label) -> int | None:
    """Lines between them; None when the finding does not speak of the label."""
    if one.finding.path != label.file or one.cwes.isdisjoint(label.cwes):
        return None
    if label.line == WHOLE_FILE:
        return REACH
    distance = abs(one.finding.start_line - label.line)
    return distance if distance <= REACH else None


def figures(scores: Iterable[Score]) -> Figures:
    scores = list(scores)
    return Figures(
        sum(len(score.labels) for score in scores),
        sum(len(score.hits) for score in scores),
        sum(len(score.wrong) for score in scores),
    )


def strict(scores: Sequence[Score]) -> Figures:
    """As a judge counts who labelled nothing debatable, and takes a second finding on one defect for a wrong one."""
    more = sum(len(score.debatable) + len(score.duplicates) for score in scores)
    total = figures(scores)
    return total._replace(wrong=total.wrong + more)


# --- what people see --------------------------------------------------------------------------------------------------


def show(scores: Sequence[Score], console: Console) -> None:
    console.print(_by_app(scores), "", _by_cwe(scores), "")
    for score in scores:
        for gap in score.gaps:
            console.print(f"{score.app}: {gap}", style="yellow", markup=False)
    total = figures(scores)
    console.print(
        f"{total.labels} defects, {total.hits} hit, {total.wrong} wrong: precision {total.precision:.3f}, "
        f"recall {total.recall:.3f}, F3 {total.f3:.3f}",
        style="bold",
    )
    hard = strict(scores)
    console.print(f"were all else wrong: {hard.wrong} wrong, precision {hard.precision:.3f}, F3 {hard.f3:.3f}")


def _by_app(scores: Sequence[Score]) -> Table:
    table = _table("applications", "application", "no CWE", "debatable", "twice")
    for score in scores:
        apart = (len(score.without_cwe), len(score.debatable), len(score.duplicates))
        table.add_row(score.app, *_cells(figures([score])), *map(str, apart))
    return table


def _by_cwe(scores: Sequence[Score]) -> Table:
    labels = Counter(label.cwes[0] for score in scores for label in score.labels)
    hits = Counter(label.cwes[0] for score in scores for label, _ in score.hits)
    wrong = Counter(_number(one) for score in scores for one in score.wrong)
    table = _table("weaknesses", "CWE")
    for cwe in sorted(labels.keys() | wrong.keys(), key=lambda cwe: (-labels[cwe], cwe)):
        table.add_row(str(cwe), *_cells(Figures(labels[cwe], hits[cwe], wrong[cwe])))
    return table


def _number(one: Told) -> int:
    return one.finding.cwe or min(one.cwes)


def _table(title: str, first: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False)
    for column in (first, "defects", "hit", "wrong", "precision", "recall", "F3", *more):
        table.add_column(column, justify="left" if column == first else "right")
    return table


def _cells(of: Figures) -> Iterator[str]:
    yield from map(str, of[:3])
    yield f"{of.precision:.2f}" if of.hits + of.wrong else "-"
    yield from (f"{of.recall:.2f}", f"{of.f3:.2f}") if of.labels else ("-", "-")


def show_missed(scores: Iterable[Score], console: Console) -> None:
    for score in scores:
        for label in score.missed:
            cwes = "/".join(map(str, label.cwes))
            _line(console, f"missed CWE-{cwes}", f"{score.app}/{label.file}:{label.line}", label.code, label.note)


def show_wrong(scores: Iterable[Score], console: Console) -> None:
    for score in scores:
        for what, those in (("wrong", score.wrong), ("twice", score.duplicates)):
            for one in those:
                found = one.finding
                place = f"{score.app}/{found.path}:{found.start_line}"
                evidence = " ".join(found.evidence.split())[:100]
                _line(console, f"{what} CWE-{_number(one)} {found.rule}", place, evidence, found.message)


def _line(console: Console, *parts: str) -> None:
    console.print("  ".join(part for part in parts if part), markup=False, highlight=False, soft_wrap=True)


def as_json(scores: Sequence[Score]) -> dict[str, Any]:
    def summary(of: Figures) -> dict[str, float]:
        return {**of._asdict(), "precision": of.precision, "recall": of.recall, "f3": of.f3}

    return {
        "total": summary(figures(scores)),
        "strict": summary(strict(scores)),
        "apps": {score.app: summary(figures([score])) for score in scores},
        "missed": [{"app": score.app, **label._asdict()} for score in scores for label in score.missed],
        "wrong": [
            {
                "app": score.app,
                "file": one.finding.path,
                "line": one.finding.start_line,
                "rule": one.finding.rule,
                "cwes": sorted(one.cwes),
                "message": one.finding.message,
            }
            for score in scores
            for one in score.wrong
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", action="append", default=[], metavar="NAME", help="only this one; may be given again")
    parser.add_argument("--heldout", action="store_true", help="the half that nobody tunes against")
    parser.add_argument("--missed", action="store_true", help="list the defects that were not found")
    parser.add_argument("--wrong", action="store_true", help="list the findings that are wrong or come twice")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folders = [app for app in apps(held_out=arguments.heldout) if not arguments.app or app.name in arguments.app]
    if not folders:
        sys.exit(f"no such application; there are {', '.join(app.name for app in apps(held_out=arguments.heldout))}")
    scores = asyncio.run(score_all(folders))
    console = Console(width=None if sys.stdout.isatty() else 160)
    if arguments.json:
        print(json.dumps(as_json(scores), indent=2))
        return
    show(scores, console)
    if arguments.missed:
        show_missed(scores, console)
    if arguments.wrong:
        show_wrong(scores, console)


if __name__ == "__main__":
    main()

"""Look at a change as a whole with every check that compares head and base. Pure."""

from collections.abc import Mapping
from difflib import SequenceMatcher

from server.analysis.admission import unreadable
from server.analysis.budget import Budget, OutOfTime
from server.analysis.change.catalogue import CHECKS
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.project import Found
from server.analysis.review import Across
from server.analysis.source import Source
from server.reviews.snapshot import LineRange, Snapshot

SECONDS_PER_CHANGE = 30.0

MAX_PER_RULE = 3
"""Findings of one rule in one change: who changes forty signatures knows it after three."""


MAX_KEPT_CHARACTERS = 2 * 1024 * 1024
"""Of a change whose files stay read from check to check: a syntax tree takes some fifty times as much as its text."""


def change_of(snapshot: Snapshot) -> Change | None:
    """None where there is no base to compare with: a whole project, an editor's buffer."""
    if not snapshot.base_sha:
        return None
    is_kept = sum(len(file.text) + len(file.base or "") for file in snapshot.files) <= MAX_KEPT_CHARACTERS
    files = tuple(
        ChangedFile(
            Source.of(file.path, file.text),
            Source.of(file.path, file.base) if file.base is not None else None,
            file.changed,
            is_kept,
        )
        for file in snapshot.files
        if not unreadable(file)
    )
    paths = frozenset(file.path for file in snapshot.files).union(file.path for file in snapshot.skipped)
    return Change(files, paths, {file.path: file.text for file in snapshot.context})


def look_at(change: Change, budget: Budget) -> Across:
    """What the change breaks or brings in. Its problems may lie on lines that it does not touch."""
    seen = Across()
    for check in CHECKS:
        told: dict[str, int] = {}
        try:
            for path, problem in check.find(change, budget):
                told[problem.rule.id] = told.get(problem.rule.id, 0) + 1
                if told[problem.rule.id] <= MAX_PER_RULE:
                    seen.problems[path].append(problem)
        except OutOfTime:
            seen.gaps.append(f"comparing with the base stopped after {budget.seconds:g} s")
            break
        except Exception as error:  # As with the other checks: a bug of one must not cost the others.
            seen.gaps.append(f"{check.name} failed ({type(error).__name__})")
    return seen


SECONDS_PER_EXAMPLE = 5.0


def found_in(check: ChangeCheck, example: Edited) -> list[Found]:
    """What the check finds in an example of its own."""
    return list(check.find(change_in(example), Budget(SECONDS_PER_EXAMPLE)))


def change_in(example: Edited) -> Change:
    files = tuple(_edited(path, text, example.before) for path, text in example.after.items())
    return Change(files, frozenset((*example.before, *example.after)), example.around)


def _edited(path: str, text: str, before: Mapping[str, str]) -> ChangedFile:
    if path not in before:
        return ChangedFile(Source.of(path, text), None, None)
    matcher = SequenceMatcher(None, before[path].split("\n"), text.split("\n"), autojunk=False)
    changed = [LineRange(j1 + 1, j2) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal" and j2 > j1]
    return ChangedFile(Source.of(path, text), Source.of(path, before[path]), tuple(changed))

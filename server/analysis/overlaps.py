"""Where two rules see one problem: which of them speaks. Data.

Most overlaps with ruff never arise: a ruff rule that a rule of ours does better is not selected (`ruff_rules.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from server.analysis.rule import Problem
from server.analysis.source import Span
from server.reviews.finding import Fix

SAME_PROBLEM: tuple[tuple[str, ...], ...] = (
    # A key of a known provider is also a literal assigned to `api_key`, and sometimes sits in a connection URL.
    (
        *("hive.private-key", "hive.provider-key", "hive.url-password"),
        *("hive.hardcoded-key", "hive.default-credentials", "hive.hardcoded-password"),
    ),
    # What is sent as a password is kept as it is; that it goes into a cookie as well, or into a query, adds nothing.
    ("hive.plain-sensitive-data", "hive.insecure-cookie"),
    # Who chooses the whole address chooses a file, too, where a function opens both.
    ("hive.url-from-request", "hive.path-from-request"),
    ("hive.archive-extraction", "ruff.S202"),
    ("ruff.S507", "hive.tls-unverified"),
    # A shell is a shell, whoever starts it.
    ("hive.shell-command", "hive.shell-drops-arguments", "ruff.S609"),
    # A route that writes what it looked at before is one race.
    ("hive.outrun-check", "hive.race-on-stored-value"),
    # A pointless comparison with None or of a value with itself is first of all pointless.
    ("ruff.B015", "ruff.PLW0177", "ruff.E711"),
    ("ruff.F632", "ruff.E711"),
    ("ruff.F631", "ruff.PLW0129"),
)
"""On one line, the first of a group speaks for the others."""


MOST_PER_FILE: Mapping[str, int] = {
    "hive.swallowed-error": 1,
    "hive.log-injection": 1,
    "hive.error-details": 3,
    "hive.weak-password-hash": 5,
}
"""Habits of whoever wrote the file: its first places tell of them all."""


def without_duplicates(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once: not two hits of one rule on one span, nor two rules of one group on one line; nor what a line
    shows by itself, where the same rule followed a value to it; but the fix that the line has is kept.
    """
    heard = list(problems)
    fixes = {(problem.rule.id, problem.hit.span.start_line): problem.hit.fix for problem in heard if problem.hit.fix}
    distinct = {(problem.rule.id, problem.hit.span): problem for problem in heard}
    narrow = _narrowest(distinct)
    habits = _first_places(distinct)
    there = {(rule, span.start_line) for rule, span in distinct}
    followed = {
        (rule, line)
        for (rule, span), problem in distinct.items()
        if problem.hit.related
        for line in range(span.start_line, span.end_line + 1)
    }
    return [
        _with_fix(problem, fixes)
        for key, problem in distinct.items()
        if not _is_spoken_for(problem, there)
        and (problem.hit.related or key in narrow)
        and (key[0] not in MOST_PER_FILE or key in habits)
        and (problem.hit.related or (problem.rule.id, problem.hit.span.start_line) not in followed)
    ]


def _first_places(keys: Iterable[tuple[str, Span]]) -> set[tuple[str, Span]]:
    places: dict[str, list[Span]] = {}
    for rule, span in keys:
        if rule in MOST_PER_FILE:
            places.setdefault(rule, []).append(span)
    return {(rule, span) for rule, spans in places.items() for span in sorted(spans)[: MOST_PER_FILE[rule]]}


def _narrowest(keys: Iterable[tuple[str, Span]]) -> set[tuple[str, Span]]:
    """Of several hits of one rule on one line that lie in each other, the innermost."""
    lines: dict[tuple[str, int], list[Span]] = {}
    for rule, span in keys:
        lines.setdefault((rule, span.start_line), []).append(span)
    return {
        (rule, span)
        for (rule, _), spans in lines.items()
        for span in spans
        if not any(other != span and _holds(span, other) for other in spans)
    }


def _holds(outer: Span, inner: Span) -> bool:
    start, end = (outer.start_line, outer.start_column), (outer.end_line, outer.end_column)
    return start <= (inner.start_line, inner.start_column) and (inner.end_line, inner.end_column) <= end


def _with_fix(problem: Problem, fixes: Mapping[tuple[str, int], Fix]) -> Problem:
    rule, hit = problem.rule, problem.hit
    fix = fixes.get((rule.id, hit.span.start_line)) if hit.related and hit.fix is None else None
    return Problem(rule, replace(hit, fix=fix)) if fix else problem


def _is_spoken_for(problem: Problem, there: set[tuple[str, int]]) -> bool:
    line = problem.hit.span.start_line
    return any((better, line) in there for better in _BETTER.get(problem.rule.id, ()))


_BETTER: dict[str, set[str]] = {}
for _group in SAME_PROBLEM:
    for _index, _rule in enumerate(_group):
        _BETTER.setdefault(_rule, set()).update(_group[:_index])

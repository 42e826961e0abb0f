"""Small programs for the tests of the flow analysis, and what it tells of them."""

from collections.abc import Mapping
from typing import NamedTuple

from server.analysis.budget import Budget
from server.analysis.flow.analysis import FlowAnalysis, lower
from server.analysis.flow.program import Module
from server.analysis.project import Found
from server.analysis.review import READERS
from server.analysis.source import Source


class Told(NamedTuple):
    """A finding without its words."""

    path: str
    line: int
    rule: str


def modules(files: Mapping[str, str]) -> dict[str, Module]:
    sources = (Source.of(path, text) for path, text in files.items())
    lowered = {source.path: lower(READERS[source.language].parser.parse(source)) for source in sources}
    return {path: module for path, module in lowered.items() if module is not None}


def found_in(files: Mapping[str, str]) -> list[Found]:
    analysis = FlowAnalysis()
    found = list(analysis.conclude(modules(files), Budget(60)))
    assert not {kind for kind in analysis.failures.values() if kind != "RecursionError"}
    return found


def told(found: list[Found]) -> list[Told]:
    return sorted(Told(f.path, f.problem.hit.span.start_line, f.problem.rule.id.removeprefix("hive.")) for f in found)


def told_of(text: str) -> list[str]:
    """The rules that speak of one file."""
    return [t.rule for t in told(found_in({"app.py": text}))]

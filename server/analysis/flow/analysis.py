"""Flows through a whole project, remembered from one look to the next."""

from collections.abc import Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.flow import report
from server.analysis.flow.languages import FLOWS, Flows
from server.analysis.flow.program import Module
from server.analysis.flow.solver import Solver
from server.analysis.project import Found


def lower(file: object) -> Module | None:
    """A parsed file as a module of flows; None for what nobody lowers, or cannot be."""
    for flows in FLOWS:
        if isinstance(file, flows.files):
            try:
                return flows.lower(file)
            except RecursionError:
                return None
    return None


class FlowAnalysis:
    """Concludes over the modules of a project."""

    def conclude(self, facts: Mapping[str, Module], budget: Budget) -> Iterator[Found]:
        for flows in FLOWS:
            modules = [module for module in facts.values() if module.language in flows.languages]
            if modules:
                yield from _solved(flows, modules, budget)


def _solved(flows: Flows, modules: list[Module], budget: Budget) -> Iterator[Found]:
    solver = Solver(flows.models, flows.outside)
    for module in modules:
        if not module.is_test:
            solver.project.add(module)
    for key in solver.project.units:
        solver.enqueue(key)
    solver.solve(budget)
    yield from report.problems(solver)

"""Flows through a whole project, remembered from one look to the next."""

from collections.abc import Iterator, Mapping
from functools import cache

from server.analysis.budget import Budget
from server.analysis.flow import report
from server.analysis.flow.languages import FLOWS
from server.analysis.flow.program import Module
from server.analysis.flow.revision import revise
from server.analysis.flow.scopes import Unit
from server.analysis.flow.solver import Solver
from server.analysis.flow.vocabulary import Vocabulary
from server.analysis.project import Found, Missed
from server.analysis.tree import TreeFile


def lower(file: object) -> Module | None:
    """A parsed file as a module of flows, the same one each time; None for what nobody lowers, or cannot be."""
    if not isinstance(file, TreeFile):
        return _lowered(file)
    if not file.programs:
        file.programs.append(_lowered(file))
    known: Module | None = file.programs[0]
    return known


def _lowered(file: object) -> Module | None:
    for flows in FLOWS:
        if isinstance(file, flows.files):
            try:
                return flows.lower(file)
            except RecursionError:
                return None
    return None


class FlowAnalysis:
    """Concludes over the modules of a project. Keeps what it found out, until the budget runs out in the middle."""

    def __init__(self) -> None:
        self._remembered: dict[str, _Remembered] = {}

    @property
    def failures(self) -> dict[str, str]:
        """Functions that could not be evaluated, and the kind of error: an error of ours, or code nested too deeply."""
        return {key: kind for known in self._remembered.values() for key, kind in known.solver.failures.items()}

    def conclude(self, facts: Mapping[str, Module], budget: Budget) -> Iterator[Found | Missed]:
        for number, flows in enumerate(FLOWS):
            modules = {
                path: module
                for path, module in facts.items()
                if module.language in flows.languages and not module.is_test
            }
            if modules:
                remembered = self._remembered.pop(str(number), None)
                remembered = _solved(number, modules, remembered, budget)
                self._remembered[str(number)] = remembered
                yield from report.problems(remembered.solver)
                yield from _missed(remembered.solver)


def _missed(solver: Solver) -> Iterator[Missed]:
    """The functions whose flows are not known, by file."""
    failed: dict[str, list[str]] = {}
    for key in solver.failures:
        failed.setdefault(solver.project.units[key].scope.module.path, []).append(key.rpartition(".")[2])
    for path, names in failed.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Missed(path, f"flows through {names[0]}(){more} were not followed")


class _Remembered:
    def __init__(self, solver: Solver, modules: dict[str, Module]) -> None:
        self.solver = solver
        self.modules = modules


def _solved(number: int, modules: dict[str, Module], known: _Remembered | None, budget: Budget) -> _Remembered:
    if known is not None:
        changes = _changes(known.modules, modules)
        if _is_small(changes, known) and revise(known.solver, changes, budget):
            return _Remembered(known.solver, modules)
    solver = Solver(_vocabulary(number).for_another_program(), FLOWS[number].outside)
    for module in modules.values():
        solver.project.add(module)
    for unit in sorted(solver.project.units.values(), key=_place_in_turn):
        solver.enqueue(unit.key)
    solver.solve(budget)
    return _Remembered(solver, modules)


@cache
def _vocabulary(number: int) -> Vocabulary:
    return Vocabulary(FLOWS[number].models)


def _changes(known: dict[str, Module], now: dict[str, Module]) -> dict[str, Module | None]:
    """By path: the modules that are others than before, and None where there is none any more."""
    gone = dict.fromkeys(known.keys() - now.keys())
    return {**gone, **{path: module for path, module in now.items() if known.get(path) is not module}}


def _is_small(changes: Mapping[str, Module | None], known: "_Remembered") -> bool:
    """Not another project; and where two modules want one name, none may come or go."""
    moving = [path for path, module in changes.items() if module is None or path not in known.modules]
    if len(moving) > MAX_MOVING:
        return False
    project = known.solver.project
    taken = any(module is not None and module.name in project.modules for module in map(changes.get, moving))
    return not moving or not (taken or project.is_crowded())


MAX_MOVING = 20
"""Files that come or go at a time, as when one is written for the moment so that nobody can read it."""


def _place_in_turn(unit: Unit) -> int:
    """What others read without calling it comes first: variables of modules, then what objects are made with."""
    return 0 if unit.function is None else 1 if unit.function.name in _MAKERS and unit.owner is not None else 2


_MAKERS = frozenset({"__init__", "__new__", "__post_init__", "setUp", "constructor", "initialize", "__construct"})

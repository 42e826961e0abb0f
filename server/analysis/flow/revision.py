"""A project of which a few files changed: only what that touches is evaluated again.

A file whose functions tell the same as before touches nothing else. Where a source, a sink or a flow is gone, all that
may have heard of it forgets and looks again, so that nothing lives on in a circle of functions that quote each other.
"""

from collections.abc import Callable, Iterable, Set

from server.analysis.budget import Budget
from server.analysis.flow.program import Attr, Collection, Expr, Item, Module, Name
from server.analysis.flow.sameness import is_same_code
from server.analysis.flow.scopes import ClassScope, Definition, Imported, ModuleScope, Variable
from server.analysis.flow.solver import Outcome, Solver
from server.analysis.flow.values import MAX_TAINTS, NOTHING, Taint, Value, whole

MAX_SHARE = 0.4
"""Of all functions: where more are touched, starting over is no slower."""


def revise(solver: Solver, modules: Iterable[Module], budget: Budget) -> bool:
    """Bring the solver up to date. False: too much is touched, start over."""
    solver.former.clear()
    touched: set[str] = set()
    for module in modules:
        old, new = solver.project.replace(module)
        touched |= _rewritten(old, new)
        touched.update(*(solver.readers.get(key, ()) for key in _changed(_signatures(old), _signatures(new))))
        if _changed(_names(old), _names(new)) & new.asked or old.stars != new.stars:
            touched.update(old.units, new.units)
            for importer in _importers(solver, new):
                touched.update(importer.units)
    if len(touched) > MAX_SHARE * len(solver.project.units) + 20:
        return False
    _again(solver, touched, budget)
    moved = {key for key in touched if _are_elsewhere(solver.former.get(key), solver.outcomes.get(key))}
    if moved:
        _again(solver, set().union(*(solver.store.readers_of(key) for key in moved)) - touched, budget)
    lost = [key for key in touched if _lost(solver.former.get(key), solver.outcomes.get(key))]
    if lost:
        heard = _circles(solver, lost)
        if len(heard) > MAX_SHARE * len(solver.project.units) + 20:
            return False
        _again(solver, heard, budget)
    solver.former.clear()
    return True


def _rewritten(old: ModuleScope, new: ModuleScope) -> set[str]:
    """The functions of a module that are new, gone, or not what they were."""
    both = old.units.keys() & new.units.keys()
    return (old.units.keys() ^ new.units.keys()) | {
        key for key in both if not is_same_code(old.units[key], new.units[key])
    }


def _again(solver: Solver, keys: set[str], budget: Budget) -> None:
    for key in keys:
        solver.forget(key)
    for key in sorted(keys):
        solver.enqueue(key)
    solver.solve(budget)


def _are_elsewhere(old: Outcome | None, new: Outcome | None) -> bool:
    """Whether the same values come from other lines now: those who read them tell of the lines too."""
    if old is None or new is None:
        return False
    lines = {(key, taint.seed): _line(taint) for key, value in new.writes.items() for taint in whole(value)}
    return any(
        lines.get((key, taint.seed), _line(taint)) != _line(taint)
        for key, value in old.writes.items()
        for taint in whole(value)
    )


def _line(taint: Taint) -> tuple[str, int] | None:
    return (taint.step.unit, taint.step.line) if taint.step is not None else None


def _lost(old: Outcome | None, new: Outcome | None) -> bool:
    """Whether some value is not told of any more, or is less harmful. (Types alone do no harm in a circle.)"""
    if old is None:
        return False
    if new is None:
        return bool(old.summary.born or old.summary.reaches or old.writes)
    before, now = old.summary, new.summary
    return (
        not before.born <= now.born
        or not before.reaches.keys() <= now.reaches.keys()
        or before.facts != now.facts
        or before.truth != now.truth
        or _is_less(before.result, now.result)
        or any(_is_less(value, now.effects.get(key, NOTHING)) for key, value in before.effects.items())
        or any(_is_less(value, new.writes.get(key, NOTHING)) for key, value in old.writes.items())
    )


def _is_less(old: Value, new: Value) -> bool:
    """Whether a taint is gone, other than to make room for a worse one."""
    told = whole(new)
    there = {(taint.seed, taint.cleaned) for taint in told}
    gone = [taint for taint in whole(old) if (taint.seed, taint.cleaned) not in there]
    if gone and len(told) >= MAX_TAINTS:
        mildest = max(taint.seed.rank for taint in told)
        return any(taint.seed.rank <= mildest for taint in gone)
    return bool(gone)


def _circles(solver: Solver, keys: Iterable[str]) -> set[str]:
    """The functions that both read, directly or not, what these tell or told, and tell them something. All others look
    at what is new when their turn comes; these might go on quoting each other.
    """
    keys = list(keys)
    return _closure(keys, lambda key: _readers(solver, key)) & _closure(keys, solver.reads)


def _closure(keys: Iterable[str], near: Callable[[str], Set[str]]) -> set[str]:
    """All to which there is a way from these, of one step at least."""
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        for key in near(waiting.pop()) - found:
            found.add(key)
            waiting.append(key)
    return found


def _readers(solver: Solver, key: str) -> Set[str]:
    readers = solver.readers.get(key, set()) | solver.store.readers_of(key)
    former = solver.former.get(key)
    if former is not None:
        readers = readers.union(*(solver.store.readers(store_key) for store_key in former.writes))
    return readers


def _changed(old: dict[str, object], new: dict[str, object]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _names(scope: ModuleScope) -> dict[str, object]:
    """What the names of a module mean, as far as it can be told without evaluation; its inner classes too."""
    names = {name: _meaning(definition) for name, definition in scope.names.items()}
    inner = {key.rpartition(".")[2]: _meaning(definition) for key, definition in scope.classes.items()}
    return {**inner, **names}


def _meaning(definition: Definition) -> object:
    if isinstance(definition, Imported):
        return definition.target
    if isinstance(definition, ClassScope):
        bases = tuple(_shape(base) for base in definition.definition.bases)
        attributes = {name: _shape(annotation) for name, annotation in definition.annotations.items()}
        return bases, sorted(definition.methods), attributes
    if isinstance(definition, Variable):
        return _shape(definition.scope.made.get(definition.name))
    return definition.__class__.__name__


def _signatures(scope: ModuleScope) -> dict[str, object]:
    """How its functions are called."""
    return {
        key: (
            [(p.name, p.kind, p.default is None, _shape(p.annotation)) for p in unit.function.params],
            [_shape(decorator) for decorator in unit.function.decorators],
        )
        for key, unit in scope.units.items()
        if unit.function is not None
    }


def _shape(node: Expr | None) -> str:
    if isinstance(node, Name):
        return node.id
    if isinstance(node, Attr):
        return f"{_shape(node.base)}.{node.name}"
    if isinstance(node, Item):
        return f"{_shape(node.base)}[{_shape(node.key)}]"
    if isinstance(node, Collection):
        return ",".join(_shape(item) for _, item in node.items)
    return node.__class__.__name__


def _importers(solver: Solver, changed: ModuleScope) -> list[ModuleScope]:
    """The modules that import from the changed one, also through a package that hands its names on."""
    found: dict[str, ModuleScope] = {}
    waiting = [changed]
    while waiting:
        module = waiting.pop()
        for scope in solver.project.modules.values():
            if scope.name not in found and any(_may_mean(target, module.name) for target in scope.imports):
                found[scope.name] = scope
                if scope.stars or scope.module.path.endswith("__init__.py"):
                    waiting.append(scope)
    return list(found.values())


def _may_mean(target: str, module: str) -> bool:
    """Whether an import of *target* may lead to the module or into it, whatever folder is the root."""
    while target:
        if module == target or module.endswith("." + target):
            return True
        target = target.rpartition(".")[0]
    return False

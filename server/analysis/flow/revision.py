"""A project of which a few files changed: only what that touches is evaluated again.

A file whose functions tell the same as before touches nothing else. Where a source, a sink or a flow is gone, all that
may have heard of it forgets and looks again, so that nothing lives on in a circle of functions that quote each other.
"""

from collections.abc import Callable, Iterable, Mapping, Set

from server.analysis.budget import Budget
from server.analysis.flow.names import ALIAS_SIGNS, Project, alias_meanings
from server.analysis.flow.program import Attr, Collection, Expr, Function, Item, Module, Name
from server.analysis.flow.sameness import is_same_code
from server.analysis.flow.scopes import ClassScope, Definition, Imported, ModuleScope, Variable
from server.analysis.flow.solver import Outcome, Solver
from server.analysis.flow.taints import MAX_TAINTS, Taint
from server.analysis.flow.values import NOTHING, Value, whole

MAX_SHARE = 0.4
"""Of all functions: where more are touched, starting over is no slower."""


def revise(solver: Solver, changes: Mapping[str, Module | None], budget: Budget) -> bool:
    """Bring the solver up to date; *changes*: the modules that are other ones now, by path, or gone. False: too much is
    touched, start over.
    """
    solver.former.clear()
    touched: set[str] = set()
    for path, module in changes.items():
        touched |= _put(solver, path, module)
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


def _put(solver: Solver, path: str, module: Module | None) -> set[str]:
    """Have a module where it is now. Gives the functions that have to be looked at again."""
    project = solver.project
    overridden = _overridden(project, project.by_path.get(path))
    old, new = project.put(path, module)
    touched = _rewritten(old, new)
    touched.update(*(_readers(solver, key) for key in touched - project.units.keys()))
    touched.update(*(solver.readers.get(key, ()) for key in _called_otherwise(old, new)))
    touched.update(*(solver.readers.get(key, ()) for key, _ in overridden ^ _overridden(project, new)))
    touched.update(*(solver.askers.get(name, ()) for _, name in _methods(old) ^ _methods(new)))
    for scope in {scope for scope in (old, new) if scope is not None and _means_otherwise(project, old, new)}:
        touched.update(scope.units)
        for importer in _importers(solver, scope):
            touched.update(importer.units)
    return touched


def _methods(scope: ModuleScope | None) -> set[tuple[str, str]]:
    classes = scope.classes if scope is not None else {}
    return {(key, name) for key, owner in classes.items() for name in owner.methods}


def _rewritten(old: ModuleScope | None, new: ModuleScope | None) -> set[str]:
    """The functions of a module that are new, gone, or not what they were."""
    before = old.units if old is not None else {}
    now = new.units if new is not None else {}
    return (before.keys() ^ now.keys()) | {
        key for key in before.keys() & now.keys() if not is_same_code(before[key], now[key])
    }


def _means_otherwise(project: Project, old: ModuleScope | None, new: ModuleScope | None) -> bool:
    """Whether a name that somebody asked for may mean something else now."""
    if old is None or new is None or old.stars != new.stars:
        return True
    asked = new.asked.union(*(sibling.asked for sibling in project.beside(new)))
    return bool(_changed(_names(old), _names(new)) & asked)


def _overridden(project: Project, scope: ModuleScope | None) -> set[tuple[str, str]]:
    """The methods of other classes for which a module's classes have their own, with those."""
    if scope is None:
        return set()
    return {
        (base.methods[name].key, unit.key)
        for own in scope.classes.values()
        for base in project.lineage(own)[0][1:]
        for name, unit in own.methods.items()
        if name in base.methods
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
        scope, name = definition.scope, definition.name
        return _shape(scope.made.get(name) or scope.aliases.get(name))
    return definition.__class__.__name__


def _called_otherwise(old: ModuleScope | None, new: ModuleScope | None) -> set[str]:
    """The functions that are called in another way than before, or that came or went."""
    before, now = _functions(old), _functions(new)
    return {
        key
        for key in before.keys() | now.keys()
        if before.get(key) is not now.get(key) and _signature(before.get(key)) != _signature(now.get(key))
    }


def _functions(scope: ModuleScope | None) -> dict[str, Function]:
    """Those of statements that stay are the same objects."""
    if scope is None:
        return {}
    return {key: unit.function for key, unit in scope.units.items() if unit.function is not None}


def _signature(function: Function | None) -> object:
    if function is None:
        return None
    params = [(p.name, p.kind, p.default is None, _shape(p.annotation)) for p in function.params]
    return params, [_shape(decorator) for decorator in function.decorators]


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
    """The modules that see the names of the changed one: those that import from it, also through a package that hands
    its names on, those of its package, and those that know the package above, of which it is a part.
    """
    project = solver.project
    found = {scope.name: scope for scope in project.beside(changed)}
    waiting = [changed]
    above, _, name = changed.name.rpartition(".")
    if above in project.modules and name in project.modules[above].asked:
        waiting.append(found.setdefault(above, project.modules[above]))
    while waiting:
        module = waiting.pop()
        for scope in project.modules.values():
            if scope.name not in found and any(_may_mean(target, module) for target in scope.imports):
                found[scope.name] = scope
                if scope.stars or scope.module.path.endswith("__init__.py"):
                    waiting.append(scope)
    return list(found.values())


def _may_mean(target: str, scope: ModuleScope) -> bool:
    """Whether an import of *target* may lead to the module or into it, whatever folder is the root."""
    package = scope.module.package
    if package and f".{package}." in f".{target}.":
        return True
    if target[:1] in ALIAS_SIGNS:
        return any(_leads_to(meaning.replace(".index", ""), scope) for meaning, _ in alias_meanings(target))
    return _leads_to(target, scope)


def _leads_to(target: str, scope: ModuleScope) -> bool:
    module = scope.name
    while target:
        if module == target or module.endswith("." + target):
            return True
        target = target.rpartition(".")[0]
    return False

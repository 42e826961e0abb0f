"""Methods that are called by a name which somebody else chooses: `getattr(self, "do_" + command)`, and those of an
object that answers remote calls.

What attributes with a written name are, `members.py` says.
"""

from collections.abc import Iterator

from server.analysis.flow.frames import Frame
from server.analysis.flow.references import Bound, Instance, Library
from server.analysis.flow.scopes import ClassScope, ModuleScope, Unit
from server.analysis.flow.values import HOLE, NOTHING, Reference, Value

MIN_PREFIX = 2
"""Letters with which the names must begin: of all of an object's methods nothing is said."""

MAX_METHODS = 24


ANY_FUNCTION = "getattr.of_functions"
"""By this name the models speak of what a module has under a name which somebody chose."""


def is_any_function(of: Value, name: Value) -> bool:
    """Of a module: the attributes of objects are mostly fields."""
    return not _prefix(name) and any(
        isinstance(ref, ModuleScope) or (isinstance(ref, Library) and not ref.is_instance) for ref in of.refs
    )


def called_by_prefix(of: Value, name: Value, frame: Frame) -> Value:
    """The methods and functions of *of* that *name*, whose beginning alone is known, may mean."""
    prefix = _prefix(name)
    if not prefix or not name.taints:
        return NOTHING
    found: dict[str, Reference] = {}
    for ref in of.refs:
        for unit in _having(ref, prefix, frame):
            found.setdefault(unit.key, Bound(unit, of) if unit.is_bound else unit)
    return Value((), tuple(list(found.values())[:MAX_METHODS])) if found else NOTHING


def _prefix(name: Value) -> str:
    """With which the name begins, whoever chooses the rest; "" where that says too little."""
    prefix = (name.text or "").partition(HOLE)[0]
    return prefix if len(prefix) >= MIN_PREFIX and prefix.isidentifier() else ""


def public_methods(of: Value, frame: Frame) -> Value:
    """Of an object that is served to others as a whole."""
    found: dict[str, Reference] = {}
    for ref in of.refs:
        for unit in _having(ref, "", frame):
            if not unit.name.startswith("_"):
                found.setdefault(unit.key, Bound(unit, of) if unit.is_bound else unit)
    return Value((), tuple(list(found.values())[:MAX_METHODS]))


def _having(ref: object, prefix: str, frame: Frame) -> Iterator[Unit]:
    if isinstance(ref, ModuleScope):
        yield from (u for n, u in ref.names.items() if n.startswith(prefix) and isinstance(u, Unit))
        return
    of = ref.of if isinstance(ref, Instance) else ref
    if isinstance(of, ClassScope):
        for scope in frame.solver.project.lineage(of)[0]:
            yield from (unit for name, unit in scope.methods.items() if name.startswith(prefix))

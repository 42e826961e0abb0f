"""What a function's parameters are when it starts: hostile where a framework calls it, else a symbol for each.

A framework's functions are known by their decorators, their class, their name or their first parameter.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from server.analysis.flow import binding, members, sinks, types
from server.analysis.flow.arguments import Arguments, collect
from server.analysis.flow.frames import Frame
from server.analysis.flow.models import Danger, EntryPoint
from server.analysis.flow.origins import unheard
from server.analysis.flow.program import Attr, Call, Const, Expr, Function, Name, Param, ParamKind, Text
from server.analysis.flow.references import Instance, Library
from server.analysis.flow.scopes import Unit
from server.analysis.flow.taints import Step, Taint, Taints, bits, parameter_seed
from server.analysis.flow.values import NOTHING, UNKNOWN, Value, join, whole
from server.analysis.source import Span


class EntryPoints:
    """The entry points of a vocabulary, by what tells them."""

    def __init__(self, models: list[EntryPoint]) -> None:
        self._by_decorator: dict[str, list[EntryPoint]] = defaultdict(list)
        self._by_method: dict[str, list[EntryPoint]] = defaultdict(list)
        self._by_prefix: list[tuple[str, EntryPoint]] = []
        self._by_base: list[EntryPoint] = []
        self._by_type: list[EntryPoint] = []
        for model in models:
            for decorator in model.decorators:
                self._by_decorator[decorator.rpartition(".")[2]].append(model)
            if model.decorators:
                continue
            if model.bases and not model.methods:
                self._by_base.append(model)
            for method in model.methods:
                if method.endswith("*"):
                    self._by_prefix.append((method[:-1], model))
                else:
                    self._by_method[method].append(model)
            if not model.methods and not model.bases and model.types:
                self._by_type.append(model)
        self._by_type.sort(key=lambda model: -len(model.types))  # The one that tells most is meant.

    def of(self, function: Function, unit: Unit, frame: Frame) -> list[tuple[EntryPoint, bool]]:
        """The models that fit the function; and whether they are sure of it."""
        found = [(model, True) for model in self._decorated(function, frame)]
        candidates = [
            *self._by_method.get(function.name, ()),
            *(model for start, model in self._by_prefix if function.name.startswith(start)),
        ]
        if candidates or (unit.owner is not None and self._by_base):
            found.extend((model, True) for model in self._placed(function, unit, frame, [*candidates, *self._by_base]))
        if not found and unit.function is function:
            found.extend((model, False) for model in self._by_type if _fits_types(model, function, unit))
        return found

    def _decorated(self, function: Function, frame: Frame) -> Iterator[EntryPoint]:
        for decorator in function.decorators:
            callee = decorator.callee if isinstance(decorator, Call) else decorator
            last = callee.name if isinstance(callee, Attr) else callee.id if isinstance(callee, Name) else ""
            if isinstance(callee, Name):
                last = _imported_name(callee.id, frame) or last
            models = self._by_decorator.get(last)
            if not models:
                continue
            names = _names(callee, frame)
            for model in models:
                wanted = {name for name in model.decorators if name.rpartition(".")[2] == last}
                is_named = wanted & names or f"*.{last}" in wanted
                if is_named and _imports(model, frame) and _is_called_so(model, decorator, frame):
                    yield model

    def _placed(
        self, function: Function, unit: Unit, frame: Frame, candidates: list[EntryPoint]
    ) -> Iterator[EntryPoint]:
        owner = unit.owner if unit.function is function else None
        bases: set[str] = set()
        if owner is not None:
            for library in frame.solver.project.lineage(owner)[1]:
                bases.update(frame.solver.vocabulary.kinds_of(library.name))
        for model in candidates:
            if model.bases and not bases.intersection(model.bases):
                continue
            if _imports(model, frame):
                yield model


def _is_called_so(model: EntryPoint, decorator: Expr, frame: Frame) -> bool:
    return not model.when or (isinstance(decorator, Call) and sinks.holds(model.when, collect(decorator, frame), frame))


def _imported_name(name: str, frame: Frame) -> str:
    found = frame.solver.project.name(name, frame.scope)
    return found.name.rpartition(".")[2] if isinstance(found, Library) else ""


def _names(callee: Expr, frame: Frame) -> set[str]:
    if isinstance(callee, Attr):
        value = members.attribute(frame.evaluate(callee.base, frame), callee.name, frame, callee.line, called=True)
    elif isinstance(callee, Name):
        value = members.variable(callee.id, frame, callee.line, called=True)
    else:
        return set()
    names: set[str] = set()
    for ref in value.refs:
        if isinstance(ref, Library):
            names.add(ref.name)
            names.update(frame.solver.vocabulary.aliases_of(ref.name))
    return names


def _imports(model: EntryPoint, frame: Frame) -> bool:
    return not model.imports or any(root in frame.scope.imports for root in model.imports)


def _fits_types(model: EntryPoint, function: Function, unit: Unit) -> bool:
    params = function.params[1:] if unit.is_bound else function.params
    if not params or params[0].annotation is not None:
        return False
    wanted = [arg for arg, _ in model.types if isinstance(arg, str)]
    if params[0].name not in wanted or not {param.name for param in params}.issuperset(wanted):
        return False
    return not model.imports or any(root in unit.scope.imports for root in model.imports)


def bind_parameters(function: Function, unit: Unit, frame: Frame, *, symbolic: bool) -> None:
    """Put the parameters into the frame. *symbolic*: what callers give is told apart, by parameter."""
    entries = frame.solver.entries_of(function, unit, frame)
    answers = [model.answers for model, _ in entries if model.answers]
    frame.answers = tuple(dict.fromkeys(answers))
    first = 1 if function.is_method and not function.is_static else 0
    for index, param in enumerate(function.params):
        if index == 0 and first and symbolic:
            value = _receiver(unit, frame)
        elif index == 0 and first:
            value = NOTHING
        else:
            value = _parameter(param, index, index - first, function, unit, frame, entries, symbolic)
        if param.pattern is not None:
            binding.bind(param.pattern, value, frame)
        if frame.state is not None:
            frame.state.variables[param.name] = value


def _receiver(unit: Unit, frame: Frame) -> Value:
    if unit.owner is None:
        return Value((Taint(parameter_seed(0), 0, 0, None),))
    if types.is_class_method(unit):
        return Value((), (unit.owner,))
    return Value((Taint(parameter_seed(0), 0, 0, None),), (Instance(unit.owner),))


def _parameter(
    param: Param,
    index: int,
    position: int,
    function: Function,
    unit: Unit,
    frame: Frame,
    entries: list[tuple[EntryPoint, bool]],
    symbolic: bool,
) -> Value:
    declared = types.declared_type(param.annotation, frame)
    if types.is_harmless(declared, frame):
        return NOTHING
    default = frame.evaluate(param.default, frame) if param.default is not None else NOTHING
    value = NOTHING
    if declared is not None:
        value = types.value_of_type(declared)
    if default.refs:
        value = join(value, Value((), default.refs, UNKNOWN, None, default.fields))
    if entries:
        return _hostile(param, position, function, unit, frame, entries, value, default, index if symbolic else -1)
    if not symbolic:
        return value
    taints = (Taint(parameter_seed(index), 0, 0, None),)
    if declared is None:
        learned = frame.solver.stored((unit.key, param.name), frame)
        if learned.refs:
            value = join(value, Value((), learned.refs))
        elif (shared := frame.solver.vocabulary.shared_parameters.get(param.name)) is not None:
            names = [model.names[0] for model in shared if any(root in unit.scope.imports for root in model.imports)]
            value = join(value, Value((), tuple(Library(name, is_instance=True) for name in names)))
    return Value(taints, value.refs, UNKNOWN, None, value.fields)


def _hostile(
    param: Param,
    position: int,
    function: Function,
    unit: Unit,
    frame: Frame,
    entries: list[tuple[EntryPoint, bool]],
    value: Value,
    default: Value,
    index: int,
) -> Value:
    """What a framework gives to a parameter."""
    for model, _ in entries:
        for arg, kind in model.types:
            if arg in (param.name, position):
                return Value((), (Library(kind, is_instance=True),)) if kind else NOTHING
    given = frame.solver.dependency(param, frame)
    if given is not None:
        return Value(given.taints, join(value, given).refs, UNKNOWN, None, given.fields)
    if frame.solver.is_injected(param, frame):
        if default.fields is not None and members.ANY_KEY in default.fields:
            default = members.element(default)  # a generator, which yields what is injected
        known = {key: part for key, part in (default.fields or {}).items() if part.refs or whole(part)}
        if default.refs or default.taints or known:
            return Value(default.taints, join(value, default).refs, UNKNOWN, None, known or None)
    if _is_number_in_route(param.name, function):
        return NOTHING
    if param.annotation is not None and all(model.plain for model, _ in entries):
        return value
    if types.is_service(value, frame) or (
        param.name in _SERVICES and not param.decorators and not _is_text(param, frame)
    ):
        return value
    model, is_sure = entries[0]
    seed = frame.solver.seed_of(frame, f"{function.qualified}({param.name})", model.origin, model.what, is_sure)
    line = frame.line(function.line)
    spared = bits(model.spares) | unheard(model.origin) | (_NO_TEXT if types.is_text(param.annotation, frame) else 0)
    taint = Taint(seed, spared, 0, Step(None, unit.key, line, f"{model.what}: {param.name}"))
    taints: Taints = (taint,)
    if not is_sure and index >= 0:
        taints = (taint, Taint(parameter_seed(index), 0, 0, None))
    fields = value.fields
    if param.kind is ParamKind.KEYWORDS:
        fields = None
    return Value(taints, value.refs, UNKNOWN, None, fields)


_NO_TEXT = bits((Danger.NOSQL,))
"""What a text cannot do, where the framework refuses all else: it is no operator of a document database."""

_SERVICES = frozenset({"self", "cls", "db", "session"})


def _is_text(param: Param, frame: Frame) -> bool:
    """`session: str = Cookie()`."""
    declared = types.declared_type(param.annotation, frame)
    return isinstance(declared, Library) and declared.name in ("str", "bytes")


_ROUTE_NUMBER = r"<(?:int|float|uuid):{0}>|\{{{0}:(?:int|float|uuid)\}}"


def _is_number_in_route(name: str, function: Function) -> bool:
    """Converted by the route: `<int:page>`, `{page:int}`."""
    pattern = re.compile(_ROUTE_NUMBER.format(re.escape(name)))
    return any(pattern.search(text) for decorator in function.decorators for text in _texts_in(decorator))


def _texts_in(node: Expr) -> Iterator[str]:
    if isinstance(node, Call):
        for arg in (*node.args, *(value for _, value in node.keywords)):
            if isinstance(arg, Const) and isinstance(arg.value, str):
                yield arg.value
            elif isinstance(arg, Text):
                yield from (str(part.value) for part in arg.parts if isinstance(part, Const))


def answered(value: Value, span: Span, frame: Frame) -> None:
    """What the function of a framework returns goes to whoever asked. The parts of a dictionary are its keywords."""
    args = Arguments([_body(value)], dict(_named(value)), span, [])
    for name in frame.answers:
        sinks.check(frame.solver.vocabulary.of(name).sinks, args, frame)


def _body(value: Value) -> Value:
    """`return page, 404`."""
    fields = value.fields
    return fields["[0]"] if fields is not None and "[0]" in fields and "[1]" in fields else value


def _named(value: Value, prefix: str = "") -> Iterator[tuple[str, Value]]:
    """`body`, `headers.Location` of `{"body": ..., "headers": {"Location": ...}}`."""
    for key, part in (value.fields or {}).items():
        name = f"{prefix}{key[1:-1]}"
        yield name, part
        if not prefix:
            yield from _named(part, f"{name}.")

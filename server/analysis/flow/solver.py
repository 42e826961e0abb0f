"""All functions of a project, evaluated until nothing more comes out.

A function is evaluated on its own; what others need to know of it is its summary. What classes' attributes and modules'
variables hold is collected in one store. Whoever read a summary or a part of the store that changes is evaluated again.
"""

from collections import defaultdict, deque
from collections.abc import Iterable

from server.analysis.budget import Budget
from server.analysis.flow import application, calls, entries, members, types
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.expressions import evaluate
from server.analysis.flow.frames import NO_FACTS, Facts, Frame, State, StoreKey, Summary, either
from server.analysis.flow.models import EntryPoint, Model, Origin, Source
from server.analysis.flow.program import Attr, Call, Expr, Function, Name, Param
from server.analysis.flow.references import Bound, Inner, Instance, Library
from server.analysis.flow.scopes import ClassScope, ModuleScope, Project, Unit
from server.analysis.flow.statements import run
from server.analysis.flow.values import (
    NOTHING,
    UNKNOWN,
    Given,
    Seed,
    Step,
    Taint,
    Value,
    bits,
    join,
)
from server.analysis.flow.vocabulary import Vocabulary
from server.analysis.source import Span

MAX_NESTED = 14
"""Functions that are evaluated within each other; deeper ones wait for their turn."""

MAX_TURNS = 6
"""How often one function is evaluated at most."""

MAX_INNER_RUNS = 150
"""How many runs of inner functions one function may cost."""

MAX_EFFECTS = 16
"""How many parts of its parameters a function is known to write."""

_EMPTY = Summary()


class Outcome:
    """Of one evaluation: its summary, and what it put into the store."""

    __slots__ = ("summary", "writes")

    def __init__(self, summary: Summary, writes: dict[StoreKey, Value]) -> None:
        self.summary = summary
        self.writes = writes


class Solver:
    def __init__(self, models: Iterable[Model], outside: frozenset[str] = frozenset()) -> None:
        self.vocabulary = Vocabulary(models)
        self.outside = outside | self.vocabulary.roots
        self.evaluate = evaluate
        self.project = Project((), self.outside)
        self.outcomes: dict[str, Outcome] = {}
        self.readers: dict[str, set[str]] = defaultdict(set)
        """Of a function's summary: the functions that call it."""
        self._entry_points = entries.EntryPoints(self.vocabulary.entry_points)
        self._store: dict[StoreKey, dict[str, Value]] = defaultdict(dict)
        self._joined: dict[StoreKey, Value] = {}
        self._store_readers: dict[StoreKey, set[str]] = defaultdict(set)
        self._seeds: dict[tuple[str, str], Seed] = {}
        self._pending: dict[str, dict[StoreKey, Value]] = {}
        self._active: set[str] = set()
        self._running: set[int] = set()
        self._inner_runs = 0
        self._turns: dict[str, int] = defaultdict(int)
        self._queue: deque[str] = deque()
        self._queued: set[str] = set()
        self._builtins: dict[str, Value] = {}
        self.budget: Budget | None = None

    # The work

    def solve(self, budget: Budget) -> None:
        """Evaluate what is in the queue, and what that brings along."""
        self.budget = budget
        while self._queue:
            key = self._queue.popleft()
            self._queued.discard(key)
            unit = self.project.units.get(key)
            if unit is not None and self._turns[key] < MAX_TURNS:
                self._evaluate(unit)

    def enqueue(self, key: str) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._queue.append(key)

    def _evaluate(self, unit: Unit) -> None:
        if self.budget is not None:
            self.budget.spend()
        key = unit.key
        self._turns[key] += 1
        self._active.add(key)
        self._pending[key] = {}
        outer_runs, self._inner_runs = self._inner_runs, 0
        try:
            summary = self._summarized(unit)
        except RecursionError:
            summary = Summary()
        finally:
            self._active.discard(key)
            self._inner_runs = outer_runs
        self._commit(key, Outcome(summary, self._pending.pop(key)))

    def _summarized(self, unit: Unit) -> Summary:
        frame = Frame(self, unit, unit.function)
        function = unit.function
        if function is None:
            run(unit.scope.module.body, frame)
            for name, value in frame.variables.items():
                self.write((unit.scope.name, name), value, frame)
        else:
            entries.bind_parameters(function, unit, frame, symbolic=True)
            run(function.body, frame)
        self._finish(frame)
        summary = frame.summary
        summary.result = _portable(frame.result, depth=1)
        summary.facts = _of_parameters(frame.exits)
        summary.truth = _of_parameters(frame.truths)
        return summary

    def _finish(self, frame: Frame) -> None:
        if frame.state is not None:
            frame.exits.append(frame.state.facts)
        for function in frame.inner:
            if id(function) not in frame.called:
                self.run_uncalled(Inner(function, frame), frame)

    def _commit(self, key: str, outcome: Outcome) -> None:
        """Keep what came out; whoever used something of it that is different now has to look again."""
        before = self.outcomes.get(key)
        self.outcomes[key] = outcome
        old = before.summary if before is not None else _EMPTY
        if self.readers[key] and not is_same_summary(old, outcome.summary):
            for reader in self.readers[key]:
                if reader != key or before is None:
                    self.enqueue(reader)
        keys = outcome.writes.keys() | (before.writes.keys() if before is not None else ())
        for store_key in keys:
            self._put(store_key, key, outcome.writes.get(store_key))

    def _put(self, key: StoreKey, writer: str, value: Value | None) -> None:
        written = self._store[key]
        if value is None:
            written.pop(writer, None)
        else:
            written[writer] = value
        old = self._joined.get(key, NOTHING)
        new = join(old, value) if value is not None else old
        self._joined[key] = new
        if old is not new and not is_same_value(old, new):
            for reader in self._store_readers[key]:
                if reader != writer:
                    self.enqueue(reader)

    # What evaluations ask for

    def summary(self, unit: Unit, frame: Frame) -> Summary:
        key = unit.key
        self.readers[key].add(frame.unit.key)
        known = self.outcomes.get(key)
        if known is not None:
            return known.summary
        if key in self._active:
            return _EMPTY
        if len(self._active) >= MAX_NESTED:
            self.enqueue(key)
            return _EMPTY
        self._evaluate(unit)
        return self.outcomes[key].summary

    def stored(self, key: StoreKey, frame: Frame) -> Value:
        self._store_readers[key].add(frame.unit.key)
        pending = self._pending.get(frame.unit.key)
        own = pending.get(key) if pending else None
        value = self._joined.get(key, NOTHING)
        return value if own is None else join(value, own)

    def variable(self, scope: ModuleScope, name: str, frame: Frame) -> Value:
        unit = scope.unit
        if unit.key not in self.outcomes and unit.key not in self._active and len(self._active) < MAX_NESTED:
            self._evaluate(unit)
        return self.stored((scope.name, name), frame)

    def write(self, key: StoreKey, value: Value, frame: Frame) -> None:
        portable = _flat(_portable(value, keep_parameters=False, depth=1))
        if portable is NOTHING:
            return
        pending = self._pending[frame.unit.key]
        known = pending.get(key)
        if known is not portable:
            pending[key] = portable if known is None else join(known, portable)

    def effect(self, frame: Frame, parameter: int, keys: tuple[str, ...], value: Value) -> None:
        """A part of a parameter is written. What comes from the parameter itself is nothing new in it."""
        portable = _portable(value, depth=1)
        if len(keys) > 1:
            portable = Value(portable.whole)
        taints = portable.taints
        foreign = tuple([t for t in taints if t.seed.parameter != parameter])
        if len(foreign) != len(taints):
            portable = Value(foreign, portable.refs, portable.const, portable.text, portable.fields)
        if not foreign and not portable.refs and portable.fields is None:
            return
        effects = frame.summary.effects
        keys = keys[:1]
        known = effects.get((parameter, keys))
        if known is not None:
            effects[parameter, keys] = join(known, portable)
        elif len(effects) < MAX_EFFECTS:
            effects[parameter, keys] = portable

    def learn_types(self, unit: Unit, values: list[Value | None], frame: Frame) -> None:
        """What is handed over tells the types of parameters that declare none."""
        assert unit.function is not None
        for param, value in zip(unit.function.params, values, strict=True):
            if value is not None and value.refs and param.annotation is None:
                refs = tuple(
                    r for r in value.refs if isinstance(r, Instance) or (isinstance(r, Library) and r.is_instance)
                )
                if refs:
                    self.write((unit.key, param.name), Value((), refs), frame)

    def given(self, source: Source, name: str, frame: Frame, line: int) -> Taint:
        seed = self.seed_of(frame.unit.key, name, source.origin, source.what)
        return Taint(seed, bits(source.spares), 0, Step(None, frame.unit.key, frame.line(line), source.what))

    def seed_of(self, unit: str, name: str, origin: Origin, what: str, is_sure: bool = True) -> Seed:
        seed = self._seeds.get((unit, name))
        if seed is None:
            seed = self._seeds[unit, name] = Seed(Given(origin, what, "" if is_sure else unit), -1)
        return seed

    def builtin(self, name: str) -> Value:
        value = self._builtins.get(name)
        if value is None:
            value = self._builtins[name] = Value((), (Library(name),))
        return value

    def entries_of(self, function: Function, unit: Unit, frame: Frame) -> list[tuple[EntryPoint, bool]]:
        return self._entry_points.of(function, unit, frame)

    def is_injected(self, param: Param, frame: Frame) -> bool:
        """Whether the default is a call of a model that calls back: `Depends(get_session)`."""
        default = param.default
        if not isinstance(default, Call):
            return False
        callee = default.callee
        if isinstance(callee, Name):
            target = members.variable(callee.id, frame, default.line, called=True)
        else:
            target = evaluate(callee, frame)
        return any(isinstance(ref, Library) and self.vocabulary.of(ref.name).calls for ref in target.refs)

    # Calls that are not written as such

    def invoke(self, target: Value, args: Arguments, node: Call, frame: Frame) -> Value:
        return calls.invoke(target, args, node, frame)

    def apply(self, unit: Unit, receiver: Value, frame: Frame, line: int) -> Value:
        """A method without arguments: a property, an operator."""
        args = Arguments([], {}, Span(line, 1, line, 1), [])
        args.receiver = receiver
        return application.apply(unit, args, frame, line)

    def method_result(self, of: Value, name: str, frame: Frame, line: int) -> Value:
        """`of.name()`, where a function that was called does this with its parameter."""
        target = members.attribute(of, name, frame, line, called=True)
        span = Span(line, 1, line, 1)
        args = Arguments([], {}, span, [])
        args.receiver = of
        refs = tuple(ref for ref in target.refs if isinstance(ref, Library))
        node = Call(line, Attr(line, Name(line, ""), name), [], [], span)
        return calls.invoke(Value(target.taints, refs), args, node, frame)

    def run_inner(self, inner: Inner, variables: dict[str, Value], frame: Frame) -> Value:
        function = inner.function
        if id(function) in self._running or self._inner_runs >= MAX_INNER_RUNS:
            return NOTHING
        self._inner_runs += 1
        frame.called.add(id(function))
        within = Frame(self, frame.unit, function, inner.frame)
        within.summary = frame.summary
        within.owner = inner.frame.owner
        within.depth = frame.depth + 1
        facts = frame.state.facts if frame.state is not None else NO_FACTS
        within.state = State(variables, facts, {})
        self._run_within(within, function)
        frame.know(_common(within.exits))
        truth = _common(within.truths)
        frame.proof = (truth, NO_FACTS) if truth else None
        return within.result

    def run_uncalled(self, inner: Inner, frame: Frame) -> None:
        """A function that nobody calls here: a framework may, or whoever it is handed to."""
        function = inner.function
        if id(function) in self._running or self._inner_runs >= MAX_INNER_RUNS:
            return
        self._inner_runs += 1
        frame.called.add(id(function))
        within = Frame(self, frame.unit, function, inner.frame)
        within.summary = frame.summary
        within.owner = inner.frame.owner
        within.state = State({}, NO_FACTS, {})
        entries.bind_parameters(function, frame.unit, within, symbolic=False)
        self._run_within(within, function)

    def _run_within(self, within: Frame, function: Function) -> None:
        self._running.add(id(function))
        try:
            run(function.body, within)
            self._finish(within)
        finally:
            self._running.discard(id(function))

    def entered(self, value: Value, frame: Frame, line: int) -> Value:
        """What `with value as x` binds."""
        found = value
        for ref in value.refs:
            if isinstance(ref, Instance):
                unit = self.project.method(ref.of, "__enter__") or self.project.method(ref.of, "__aenter__")
                if unit is not None:
                    found = join(found, self.apply(unit, value, frame, line))
        return members.element(found) if found.fields is not None and members.ANY_KEY in found.fields else found

    def iterated(self, value: Value, frame: Frame, line: int) -> Value:
        """What a loop over the value binds."""
        found = members.element(value)
        for ref in value.refs:
            if isinstance(ref, Library):
                words = self.vocabulary.of(f"{ref.name}.__iter__")
                if words.returns:
                    found = join(found, Value((), (Library(words.returns, is_instance=True),)))
                for source in words.sources:
                    found = join(found, Value((self.given(source, f"{ref.name}.__iter__", frame, line),)))
            elif isinstance(ref, Instance):
                unit = self.project.method(ref.of, "__iter__")
                if unit is not None:
                    found = join(found, members.element(self.apply(unit, value, frame, line)))
        return found

    def caught(self, names: list[str], frame: Frame) -> Value:
        return NOTHING

    def answered(self, value: Value, span: Span, frame: Frame) -> None:
        if frame.answers:
            entries.answered(value, span, frame)

    def never_returns(self, node: Call, frame: Frame) -> bool:
        """`abort(404)`, `sys.exit()`."""
        callee = node.callee
        name = callee.name if isinstance(callee, Attr) else callee.id if isinstance(callee, Name) else ""
        return name in _ENDS

    # Types

    def declared(self, value: Value, annotation: Expr, frame: Frame) -> Value:
        return types.declared(value, annotation, frame)

    def instance_of(self, annotation: Expr, scope: ModuleScope) -> Value:
        kind = self.project.type_of(annotation, scope)
        return types.value_of_type(kind) if kind is not None else NOTHING

    def is_number_field(self, of: ClassScope, name: str, frame: Frame) -> bool:
        return types.is_number_field(of, name, frame)

    def is_property(self, unit: Unit) -> bool:
        return types.is_property(unit)

    def is_class_method(self, unit: Unit) -> bool:
        return types.is_class_method(unit)


_ENDS = frozenset({"abort", "exit", "_exit", "redirect_and_exit", "fail", "die"})


def _portable(value: Value, *, keep_parameters: bool = True, depth: int = 2) -> Value:
    """The value as others may see it: without functions that are bound to this evaluation."""
    taints = value.taints
    if not keep_parameters and taints:
        given = tuple([t for t in taints if t.seed.given is not None])
        taints = taints if len(given) == len(taints) else given
    refs = value.refs
    for ref in refs:
        if ref.__class__ is Inner or (ref.__class__ is Bound and not keep_parameters):
            refs = tuple(r for r in refs if r.__class__ is not Inner and (keep_parameters or r.__class__ is not Bound))
            break
    fields = value.fields
    if fields is not None:
        fields = _portable_fields(fields, keep_parameters, depth)
    if taints is value.taints and refs is value.refs and fields is value.fields:
        return value
    if not taints and not refs and not fields and value.const is UNKNOWN and value.text is None:
        return NOTHING
    return Value(taints, refs, value.const, value.text, fields)


def _flat(value: Value) -> Value:
    """The value for the store: what an object's attributes hold is there already, by its class."""
    fields = value.fields
    if fields is None:
        return value
    kept: dict[str, Value] = {}
    if not any(isinstance(ref, Instance) for ref in value.refs):
        for key, part in fields.items():
            if part.taints or part.refs or part.const is not UNKNOWN:
                kept[key] = part if part.fields is None else Value(part.whole, part.refs, part.const, part.text)
    if not kept and not value.taints and not value.refs and value.const is UNKNOWN:
        return NOTHING
    return Value(value.taints, value.refs, value.const, value.text, kept or None)


def _portable_fields(fields: dict[str, Value], keep_parameters: bool, depth: int) -> dict[str, Value] | None:
    """Only parts of which something is known."""
    if depth == 0:
        return None
    kept: dict[str, Value] = {}
    is_same = True
    for key, part in fields.items():
        portable = _portable(part, keep_parameters=keep_parameters, depth=depth - 1) if part is not NOTHING else part
        if key[0] == "[" and part.const is UNKNOWN and not (portable.taints or portable.refs or portable.fields):
            is_same = False
            continue
        is_same = is_same and portable is part
        kept[key] = portable
    return fields if is_same else kept or None


def _common(ways: list[Facts]) -> Facts:
    if not ways:
        return NO_FACTS
    known = ways[0]
    for facts in ways[1:]:
        known = either(known, facts)
    return known


def _of_parameters(ways: list[Facts]) -> Facts:
    return {seed: mask for seed, mask in _common(ways).items() if seed.given is None}


def is_same_value(one: Value, other: Value, depth: int = 3) -> bool:
    if one is other:
        return True
    if len(one.taints) != len(other.taints) or len(one.refs) != len(other.refs):
        return False
    if one.taints and {(t.seed, t.cleaned, t.flags) for t in one.taints} != {
        (t.seed, t.cleaned, t.flags) for t in other.taints
    }:
        return False
    if one.refs and {ref.key for ref in one.refs} != {ref.key for ref in other.refs}:
        return False
    if (one.const is UNKNOWN) is not (other.const is UNKNOWN):
        return False
    first, second = one.fields or {}, other.fields or {}
    if first.keys() != second.keys():
        return False
    return depth == 0 or all(is_same_value(part, second[key], depth - 1) for key, part in first.items())


def is_same_summary(one: Summary, other: Summary) -> bool:
    return (
        one.reaches.keys() == other.reaches.keys()
        and one.effects.keys() == other.effects.keys()
        and one.facts == other.facts
        and one.truth == other.truth
        and is_same_value(one.result, other.result)
        and all(is_same_value(value, other.effects[key]) for key, value in one.effects.items())
    )

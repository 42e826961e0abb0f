"""What the evaluation of one function asks for beyond its own statements: calls that are not written as such, inner
functions, sources, and declared types.

Knows nothing of the order in which functions are evaluated: that is the solver's, which is one of these.
"""

from server.analysis.flow import application, calls, entries, members, types
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.expressions import evaluate
from server.analysis.flow.frames import NO_FACTS, Frame, State, StoreKey, Summary
from server.analysis.flow.models import EntryPoint, Origin, Source
from server.analysis.flow.names import Project
from server.analysis.flow.origins import unheard
from server.analysis.flow.portable import common
from server.analysis.flow.program import Attr, Call, Expr, Function, Name, Param
from server.analysis.flow.references import Inner, Instance, Library, Row
from server.analysis.flow.scopes import ClassScope, ModuleScope, Unit
from server.analysis.flow.statements import run
from server.analysis.flow.taints import REAL, Given, Seed, Step, Taint, Taints, bits
from server.analysis.flow.values import NOTHING, Value, join
from server.analysis.flow.vocabulary import Vocabulary
from server.analysis.source import Span

MAX_IMPLIED = 2
"""How many properties are read through each other: one that reads its own of a further object never ends."""

MAX_INNER_RUNS = 150
"""How many runs of inner functions one function may cost."""


class Evaluation:
    def __init__(self, vocabulary: Vocabulary, outside: frozenset[str] = frozenset()) -> None:
        self.vocabulary = vocabulary
        self.outside = outside | self.vocabulary.roots
        self.evaluate = evaluate
        self.project = Project((), self.outside)
        self._entry_points = entries.EntryPoints(self.vocabulary.entry_points)
        self._seeds: dict[tuple[str, str], Seed] = {}
        self._builtins: dict[str, Value] = {}
        self._running: set[int] = set()
        self.inner_runs = 0
        self._implied = 0

    # What the solver knows

    def go_on(self) -> None:
        """Asked before each statement: raises OutOfTime when nobody waits for the rest."""
        raise NotImplementedError

    def summary(self, unit: Unit, frame: Frame) -> Summary:
        raise NotImplementedError

    def stored(self, key: StoreKey, frame: Frame) -> Value:
        raise NotImplementedError

    def variable(self, scope: ModuleScope, name: str, frame: Frame) -> Value:
        raise NotImplementedError

    def write(self, key: StoreKey, value: Value, frame: Frame) -> None:
        raise NotImplementedError

    def effect(self, frame: Frame, parameter: int, keys: tuple[str, ...], value: Value) -> None:
        raise NotImplementedError

    def method_named(self, name: str, frame: Frame) -> Unit | None:
        raise NotImplementedError

    def learn_types(self, unit: Unit, values: list[Value | None], frame: Frame) -> None:
        raise NotImplementedError

    # Sources and entry points

    def given(self, source: Source, name: str, frame: Frame, line: int) -> Taints:
        """None where nobody is told of what such a value does."""
        spared = bits(source.spares) | unheard(source.origin)
        if spared & REAL == REAL:
            return ()
        seed = self.seed_of(frame, name, source.origin, source.what)
        return (Taint(seed, spared, 0, Step(None, frame.unit.key, frame.line(line), source.what)),)

    def seed_of(self, frame: Frame, name: str, origin: Origin, what: str, is_sure: bool = True) -> Seed:
        unit = frame.unit.key
        seed = self._seeds.get((unit, name))
        if seed is None:
            seed = self._seeds[unit, name] = Seed(Given(origin, what, (unit, name), "" if is_sure else unit), -1)
        frame.summary.born.add(seed)
        return seed

    def builtin(self, name: str) -> Value:
        value = self._builtins.get(name)
        if value is None:
            value = self._builtins[name] = Value((), (Library(name),))
        return value

    def entries_of(self, function: Function, unit: Unit, frame: Frame) -> list[tuple[EntryPoint, bool]]:
        return self._entry_points.of(function, unit, frame)

    def dependency(self, param: Param, frame: Frame) -> Value | None:
        """What a function of the project gives to a parameter instead of who asks: `Annotated[User, Depends(user)]`.
        None for other parameters; a class is filled from what is asked.
        """
        notes, scope = self.project.annotated(param.annotation, frame.scope)
        for note in notes:
            if isinstance(note, Call) and note.args:
                caller = self.project.type_of_owner(note.callee, scope)
                if not isinstance(caller, Library) or not self.vocabulary.of(caller.name).calls:
                    continue
                given = note.args[0]
                if isinstance(given, Call):
                    return NOTHING  # an object of a class of its own: `Depends(Role("admin"))`
                found = self.project.type_of_owner(given, scope)
                if isinstance(found, Unit):
                    args = Arguments([], {}, Span(note.line, 1, note.line, 1), [])
                    result = application.apply(found, args, frame, note.line)
                    is_generator = result.fields is not None and members.ANY_KEY in result.fields
                    return members.element(result) if is_generator else result
        return None

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
        if self._implied >= MAX_IMPLIED:
            return NOTHING
        args = Arguments([], {}, Span(line, 1, line, 1), [])
        args.receiver = receiver
        self._implied += 1
        try:
            return application.apply(unit, args, frame, line)
        finally:
            self._implied -= 1

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
        if id(function) in self._running or self.inner_runs >= MAX_INNER_RUNS:
            return NOTHING
        self.inner_runs += 1
        frame.called.add(id(function))
        within = Frame(self, frame.unit, function, inner.frame)
        within.summary = frame.summary
        within.owner = inner.frame.owner
        within.depth = frame.depth + 1
        facts = frame.state.facts if frame.state is not None else NO_FACTS
        within.state = State(variables, facts, {})
        self._run_within(within, function)
        frame.know(common(within.exits))
        truth = common(within.truths)
        frame.proof = (truth, NO_FACTS) if truth else None
        return within.result

    def run_uncalled(self, inner: Inner, frame: Frame) -> None:
        """A function that nobody calls here: a framework may, or whoever it is handed to."""
        function = inner.function
        if id(function) in self._running or self.inner_runs >= MAX_INNER_RUNS:
            return
        self.inner_runs += 1
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
            self.finish(within)
        finally:
            self._running.discard(id(function))

    def finish(self, frame: Frame) -> None:
        """The end of a function: whoever falls off it comes back; inner functions that nobody called are looked at."""
        if frame.state is not None:
            frame.exits.append(frame.state.facts)
        for function in frame.inner:
            if id(function) not in frame.called:
                self.run_uncalled(Inner(function, frame), frame)

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
                    found = join(found, Value(self.given(source, f"{ref.name}.__iter__", frame, line)))
            elif isinstance(ref, Row):
                found = join(found, Value((), (ref,)))
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

"""Calling a function of the project: its summary, with what the caller gives in the place of its parameters."""

from server.analysis.flow import binding, members, sinks, types
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import NO_FACTS, Facts, Frame, Reach, Summary
from server.analysis.flow.models import Danger
from server.analysis.flow.program import Expr, Function, ParamKind
from server.analysis.flow.references import Bound, Inner, Instance
from server.analysis.flow.scopes import Unit
from server.analysis.flow.taints import BUILT, Seed, Step, Taint, Taints, is_spent, join_taints
from server.analysis.flow.values import (
    NOTHING,
    UNKNOWN,
    Value,
    changed_fields,
    join,
    join_references,
    whole,
    with_field,
)
from server.analysis.source import Span


class Given:
    """What a call gives to each parameter, and the expressions of those that are plain."""

    __slots__ = ("frame", "line", "moved", "nodes", "parts", "values")

    def __init__(self, values: list[Value | None], nodes: list[Expr | None], frame: Frame, line: int) -> None:
        self.values = values
        self.nodes = nodes
        self.frame = frame
        self.line = line
        self.parts: dict[Seed, Value] = {}
        self.moved: dict[tuple[Seed, int, int], Taints] = {}
        """What became of a taint of the function's, for the next one like it."""

    def of(self, seed: Seed) -> Value:
        """The part of an argument that a parameter's seed means."""
        known = self.parts.get(seed)
        if known is not None:
            return known
        if seed.parent is None:
            value = self.values[seed.parameter] if seed.parameter < len(self.values) else None
            found = self.frame.settled(value) if value is not None else NOTHING
        else:
            found = _part(self.of(seed.parent), seed.key, self.frame, self.line)
        self.parts[seed] = found
        return found


def _part(of: Value, key: str, frame: Frame, line: int) -> Value:
    if key.endswith("()"):
        return frame.solver.method_result(of, key[1:-2], frame, line)
    if key[0] == ".":
        return members.attribute(of, key[1:], frame, line)
    fields = of.fields
    if fields is not None and key in fields:
        return fields[key]
    return members.item(of, Value(const=key[1:-1]), frame) if key != members.ANY_KEY else members.element(of)


def parameters_of(function: Function, args: Arguments | None, frame: Frame) -> dict[str, Value]:
    """The parameters of an inner function by name; without *args* nothing is known of them."""
    if args is None:
        return {param.name: NOTHING for param in function.params}
    given = distribute(function, args, None, frame, function.line)
    return {
        param.name: value
        if value is not None
        else (frame.evaluate(param.default, frame) if param.default is not None else NOTHING)
        for param, value in zip(function.params, given.values, strict=True)
    }


def distribute(function: Function, args: Arguments, receiver: Value | None, frame: Frame, line: int) -> Given:
    """Which parameter gets which argument."""
    params = function.params
    values: list[Value | None] = [None] * len(params)
    nodes: list[Expr | None] = [None] * len(params)
    positional = args.positional
    used = 0
    names = set()
    for index, param in enumerate(params):
        if index == 0 and receiver is not None:
            values[0], nodes[0] = receiver, args.receiver_node
            continue
        names.add(param.name)
        kind = param.kind
        if kind is ParamKind.PLAIN or kind is ParamKind.KEYWORD_ONLY:
            if kind is ParamKind.PLAIN and used < len(positional):
                values[index] = positional[used]
                nodes[index] = args.nodes[used] if used < len(args.nodes) else None
                used += 1
            elif param.name in args.keywords:
                values[index] = args.keywords[param.name]
            else:
                values[index] = _spread(args, param.name, kind)
        elif kind is ParamKind.REST:
            rest = positional[used:]
            fields = {f"[{number}]": value for number, value in enumerate(rest[:20])}
            taints = args.spread.taints if args.spread is not None else ()
            values[index] = Value(taints, (), UNKNOWN, None, fields)
        else:
            fields = {f"[{name}]": value for name, value in args.keywords.items() if name not in names}
            mapping = args.mapping
            values[index] = Value(
                mapping.taints if mapping else (), (), UNKNOWN, None, {**((mapping and mapping.fields) or {}), **fields}
            )
    return Given(values, nodes, frame, line)


def _spread(args: Arguments, name: str, kind: ParamKind) -> Value | None:
    """What `*args` and `**kwargs` of the call may give to a parameter."""
    value: Value | None = None
    if args.spread is not None and kind is ParamKind.PLAIN:
        value = args.spread
    if args.mapping is not None:
        fields = args.mapping.fields or {}
        part = fields.get(f"[{name}]")
        if part is None and args.mapping.taints:
            part = Value(tuple(t.part(f"[{name}]") for t in args.mapping.taints))
        value = part if value is None else (join(value, part) if part is not None else value)
    return value


def apply(unit: Unit, args: Arguments, frame: Frame, line: int) -> Value:
    """The result of calling *unit*; what it does to its arguments, and what it brings to sinks, is done here."""
    unit = frame.solver.project.current(unit)
    function = unit.function
    if function is None:
        return NOTHING
    receiver = args.receiver if unit.is_bound else None
    if unit.is_bound and receiver is None and args.positional:
        receiver, args = _unbound(args)
    summary, given = _called(unit, function, args, receiver, frame, line)
    _effects(summary, given, unit, None)
    return _result(summary, given, unit)


def _unbound(args: Arguments) -> tuple[Value, Arguments]:
    """`Base.method(self, x)`."""
    rest = Arguments(
        args.positional[1:], args.keywords, args.span, args.nodes[1:], spread=args.spread, mapping=args.mapping
    )
    rest.receiver_node = args.nodes[0] if args.nodes else None
    return args.positional[0], rest


def initialized(unit: Unit, fresh: Value, args: Arguments, frame: Frame, line: int) -> Value:
    """The new object *fresh* after its initializer ran."""
    unit = frame.solver.project.current(unit)
    function = unit.function
    if function is None:
        return fresh
    summary, given = _called(unit, function, args, fresh, frame, line)
    return _effects(summary, given, unit, fresh)


def _called(
    unit: Unit, function: Function, args: Arguments, receiver: Value | None, frame: Frame, line: int
) -> tuple[Summary, Given]:
    solver = frame.solver
    summary = solver.summary(unit, frame)
    given = distribute(function, args, receiver, frame, line)
    solver.learn_types(unit, given.values, frame)
    if summary.reaches:
        _reaches(summary, given, unit, args.span)
    for value in args.all():
        _call_back(value, frame)
    frame.know(_facts(summary.facts, given))
    if summary.truth:
        frame.proof = (_facts(summary.truth, given), NO_FACTS)
    return summary, given


def _call_back(value: Value, frame: Frame) -> None:
    """A function that is handed over is called at some time, with values that nobody knows."""
    for ref in value.refs:
        if isinstance(ref, Inner) and id(ref.function) not in frame.called:
            frame.solver.run_uncalled(ref, frame)


def _facts(facts: Facts, given: Given) -> Facts:
    if not facts:
        return NO_FACTS
    known: dict[Seed, int] = {}
    for seed, mask in facts.items():
        for taint in given.of(seed).taints:
            known[taint.seed] = known.get(taint.seed, 0) | mask
    return known


def _reaches(summary: Summary, given: Given, unit: Unit, call: Span) -> None:
    """What the function brings to sinks is now the caller's values."""
    frame = given.frame
    here = frame.span(call)
    step: tuple[Step, ...] = (Step(None, frame.unit.key, frame.line(given.line), f"given to {unit.name}()"),)
    for reach in summary.reaches.values():
        value = given.of(reach.seed)
        value = value if reach.sink.parts else sinks.spoken(reach.sink.danger, value)
        for taint in sinks.of_keys(value) if reach.sink.keys else whole(value):
            if sinks.is_harmless(reach.sink, reach.flags, taint.cleaned | reach.cleaned) or not sinks.is_met(
                reach, taint, value
            ):
                continue
            text = reach.text if reach.text not in (None, "\0") else value.text
            is_built_here = bool(taint.flags & BUILT) and not reach.flags & BUILT and reach.sink.danger in _STATEMENTS
            where, span = (frame.unit.key, here) if is_built_here else (reach.unit, reach.span)
            moved = Reach(
                reach.seed, reach.sink, where, span, reach.flags | taint.flags, text, reach.steps, reach.cleaned
            )
            sinks.arrive(moved, taint, frame, step)


_STATEMENTS = frozenset(
    {Danger.SQL, Danger.COMMAND, Danger.CODE, Danger.TEMPLATE, Danger.HTML, Danger.LDAP, Danger.XPATH, Danger.NOSQL}
)
"""Texts that are wrong where they are put together, though another function hands them on: `def query(sql): ...`."""


def substituted(value: Value, given: Given, unit: Unit, depth: int = 2) -> Value:
    """A value of the function's with the caller's values in the place of its parameters."""
    taints = value.taints
    refs = value.refs
    if taints:
        taints, refs = _substituted_taints(value, given, unit)
    for ref in refs:
        if ref.__class__ is Bound:
            refs = tuple(_moved(ref, given, unit, depth) for ref in refs)
            break
    fields = value.fields
    if fields is not None:
        fields = changed_fields(fields, lambda part: substituted(part, given, unit, depth - 1)) if depth else None
    if taints is value.taints and refs is value.refs and fields is value.fields:
        return value
    return Value(taints, refs[:4], value.const, value.text, fields)


def _substituted_taints(value: Value, given: Given, unit: Unit) -> tuple[Taints, tuple[object, ...]]:
    taints: Taints = ()
    refs = value.refs
    frame = given.frame
    key, line = frame.unit.key, frame.line(given.line)
    message = f"through {unit.name}()"
    for taint in value.taints:
        if taint.seed.given is not None:
            taints = join_taints(taints, (taint.stepped(key, line, f"returned by {unit.name}()"),))
            continue
        mask, flags = taint.cleaned, taint.flags
        actual = given.of(taint.seed)
        moved = given.moved.get((taint.seed, mask, flags))
        if moved is None:
            moved = given.moved[taint.seed, mask, flags] = tuple(
                [
                    Taint(p.seed, p.cleaned | mask, p.flags | flags, p.stepped(key, line, message).step)
                    for p in whole(actual)
                    if not is_spent(p.seed, p.cleaned | mask)
                ]
            )
        if moved:
            taints = join_taints(taints, moved)
        if actual.refs and not taint.flags:
            refs = join_references(refs, actual.refs)
    return taints, refs


def _moved(ref: object, given: Given, unit: Unit, depth: int) -> object:
    if isinstance(ref, Bound) and depth:
        return Bound(ref.unit, substituted(ref.receiver, given, unit, depth - 1))
    return ref


def _result(summary: Summary, given: Given, unit: Unit) -> Value:
    """Where nothing else tells what it is, the declared type does: `def connection() -> Connection: return g.db`."""
    result = substituted(summary.result, given, unit)
    function = unit.function
    if result.refs or function is None or function.returns is None:
        return result
    declared = given.frame.solver.instance_of(function.returns, unit.scope)
    if not _is_own(declared, unit) and not types.is_service(declared, given.frame):
        return result
    return Value(result.taints, declared.refs, result.const, result.text, result.fields)


def _is_own(declared: Value, unit: Unit) -> bool:
    """`static function get(): self`: the only object of the class, or a new one."""
    owner = unit.owner.key if unit.owner is not None and not unit.is_bound else None
    return any(isinstance(ref, Instance) and ref.of.key == owner for ref in declared.refs)


def _effects(summary: Summary, given: Given, unit: Unit, fresh: Value | None) -> Value:
    """What the function wrote into its arguments; *fresh* is the object that it initializes."""
    frame = given.frame
    this = fresh if fresh is not None else NOTHING
    for (parameter, keys), written in summary.effects.items():
        value = substituted(written, given, unit)
        if fresh is not None and parameter == 0:
            if len(keys) == 1:
                this = with_field(this, keys[0], join((this.fields or {}).get(keys[0], NOTHING), value))
            _store(fresh, keys, value, frame)
            continue
        actual = given.values[parameter] if parameter < len(given.values) else None
        if actual is None:
            continue
        node = given.nodes[parameter]
        if node is None:
            _store(actual, keys, value, frame)
        else:
            binding.write_path(node, keys, value, frame)
    return this


def _store(actual: Value, keys: tuple[str, ...], value: Value, frame: Frame) -> None:
    if len(keys) != 1:
        return
    for ref in actual.refs:
        if isinstance(ref, Instance):
            frame.solver.write((ref.of.key, keys[0]), value, frame)

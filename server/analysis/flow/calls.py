"""Calls: what is called, and what becomes of what it is given.

Of the project's functions the summaries tell (`application.py`), of libraries the models (`library.py`); of neither,
the result carries all that goes in.
"""

import re

from server.analysis.flow import application, by_name, guards, library, members, tasks
from server.analysis.flow.arguments import Arguments, collect
from server.analysis.flow.frames import NO_FACTS, Facts, Frame
from server.analysis.flow.portable import common
from server.analysis.flow.program import Attr, Call, Const, Do, Expr, Name, Raise
from server.analysis.flow.references import Bound, Inner, Instance, Library, Super
from server.analysis.flow.scopes import ClassScope, ModuleScope, Unit
from server.analysis.flow.values import NOTHING, Value, join, with_field
from server.analysis.flow.vocabulary import NO_WORDS

MAX_DEPTH = 6
"""How many inner functions deep calls are followed on the spot."""


def call(node: Call, frame: Frame) -> Value:
    callee = node.callee
    receiver: Value | None = None
    if isinstance(callee, Attr):
        receiver = frame.evaluate(callee.base, frame)
        if (queued := tasks.queued(receiver, node, frame)) is not None:
            return invoke(receiver, queued, node, frame)
        target = members.attribute(receiver, callee.name, frame, callee.line, called=True)
        if not target.refs or _says_nothing(target, frame):
            only = by_name.only_method(receiver, callee.name, node, frame)
            target = only if only is not NOTHING else target
    elif isinstance(callee, Name):
        if callee.id == "super" and frame.owner is not None and not node.args:
            return _super(frame)
        target = members.variable(callee.id, frame, callee.line, called=True)
    else:
        target = frame.evaluate(callee, frame)
    args = collect(node, frame)
    if receiver is not None and isinstance(callee, Attr):
        args.receiver, args.receiver_node = receiver, _receiver_node(callee.base, frame)
    frame.proof = None
    return invoke(target, args, node, frame)


def _says_nothing(target: Value, frame: Frame) -> bool:
    """Of a library's type, a method that no model knows."""
    return all(isinstance(ref, Library) and frame.solver.vocabulary.of(ref.name) is NO_WORDS for ref in target.refs)


def _receiver_node(base: Expr, frame: Frame) -> Expr:
    """`super().__init__(x)` writes into the method's own object."""
    if isinstance(base, Call) and isinstance(base.callee, Name) and base.callee.id == "super":
        function = frame.function
        if function is not None and function.params:
            return Name(base.line, function.params[0].name)
    return base


def invoke(target: Value, args: Arguments, node: Call, frame: Frame) -> Value:
    """Call each thing that *target* may be. What they all test is known afterwards, not what one of them does."""
    result: Value | None = None
    state = frame.state
    before = state.facts if state is not None else NO_FACTS
    ways: list[Facts] = []
    for ref in target.refs:
        if state is not None:
            state.facts = before
        value = _invoke_reference(ref, args, node, frame)
        if value is not None:
            result = value if result is None else join(result, value)
            if state is not None and not _is_abstract(ref):
                ways.append(state.facts)
    if state is not None:
        state.facts = common(ways) if ways else before
    if result is None:
        return library.call_unknown(target, args, node, frame)
    return result


def _is_abstract(ref: object) -> bool:
    """A method that only says that others have it."""
    unit = ref.unit if isinstance(ref, Bound) else ref
    function = unit.function if isinstance(unit, Unit) else None
    return function is not None and all(
        isinstance(statement, Raise) or (isinstance(statement, Do) and isinstance(statement.value, Const))
        for statement in function.body
    )


def _invoke_reference(ref: object, args: Arguments, node: Call, frame: Frame) -> Value | None:
    if isinstance(ref, Unit):
        return _applied(ref, args, frame, node.line)
    if isinstance(ref, Bound):
        return _applied(ref.unit, with_receiver(args, ref.receiver), frame, node.line)
    if isinstance(ref, ClassScope):
        return construct(ref, args, frame, node.line)
    if isinstance(ref, Library):
        return library.call(ref, args, node, frame)
    if isinstance(ref, Inner):
        return call_inner(ref, args, frame)
    if isinstance(ref, ModuleScope):
        default = frame.solver.project.default(ref)
        if default is not None:
            return invoke(members.value_of(default, frame, node.line, called=True), args, node, frame)
    if isinstance(ref, Instance):
        unit = frame.solver.project.method(ref.of, "__call__")
        if unit is not None:
            return application.apply(unit, with_receiver(args, Value((), (ref,))), frame, node.line)
    return None


def _applied(unit: Unit, args: Arguments, frame: Frame, line: int) -> Value:
    """A function of the project; by its name alone a model may know that it tests or cleans (`is_safe_url`)."""
    result = application.apply(unit, args, frame, line)
    words = frame.solver.vocabulary.of_unknown(unit.name)
    if words.guards:
        tested = guards.of_call(unit.name, words.guards, None, args.all(), frame)
        frame.proof = guards.combined(True, frame.proof or guards.NO_PROOF, tested)
    if _CONFINES.search(unit.name):
        frame.know(guards.confined(args.all()))
    if words.sanitizers and result.taints:
        return Value(library.sanitized(words.sanitizers, result.taints, args, frame), result.refs, fields=result.fields)
    return result


_CONFINES = re.compile(r"within|inside|outside|safe|saniti[sz]|travers|reject|escap|check", re.IGNORECASE)
"""The name of a function of the project that looks where a name out of an archive leads."""


def with_receiver(args: Arguments, receiver: Value) -> Arguments:
    bound = Arguments(args.positional, args.keywords, args.span, args.nodes, spread=args.spread, mapping=args.mapping)
    bound.receiver = receiver
    bound.receiver_node = args.receiver_node
    return bound


def construct(of: ClassScope, args: Arguments, frame: Frame, line: int) -> Value:
    """A new object: what its `__init__` writes, or the declared fields of a class that has none."""
    project = frame.solver.project
    fresh = Value((), (Instance(of),))
    unit = project.method(of, "__init__")
    if unit is not None:
        return application.initialized(unit, fresh, args, frame, line)
    classes, libraries = project.lineage(of)
    declared = [name for scope in reversed(classes) for name in scope.annotations]
    for name, value in (*zip(declared, args.positional, strict=False), *args.keywords.items()):
        fresh = with_field(fresh, "." + name, frame.settled(value))
    if args.mapping is not None:
        fresh = Value(args.mapping.taints, fresh.refs, fresh.const, None, fresh.fields)
    elif libraries and args.positional and not declared:
        fresh = Value(frame.settled_taints(args.taints()), fresh.refs, fresh.const, None, fresh.fields)
    for base in libraries:
        library.check_construction(base, args, frame)
    return fresh


def _super(frame: Frame) -> Value:
    assert frame.owner is not None
    function = frame.function
    if function is None or not function.params:
        return Value((), (Super(frame.owner),))
    this = frame.evaluate(Name(function.line, function.params[0].name), frame)
    return Value(this.taints, (Super(frame.owner),), this.const, None, this.fields)


def call_inner(inner: Inner, args: Arguments | None, frame: Frame) -> Value:
    """A function within a function is run on the spot, with the variables that it sees."""
    function = inner.function
    if frame.depth >= MAX_DEPTH or frame.state is None:
        return NOTHING
    return frame.solver.run_inner(inner, application.parameters_of(function, args, frame), frame)

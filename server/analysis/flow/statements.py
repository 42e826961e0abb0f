"""Run statements over the state of a frame: branches are joined where they meet, loops run until nothing changes."""

from collections.abc import Callable
from typing import Any

from server.analysis.flow import binding, guards, library, members
from server.analysis.flow.frames import NO_FACTS, Facts, Frame, Proof, State, both, merge
from server.analysis.flow.program import (
    Assign,
    Attr,
    Call,
    Const,
    Define,
    DefineClass,
    Do,
    Expr,
    If,
    Import,
    Jump,
    Loop,
    Name,
    Outer,
    Raise,
    Return,
    Statement,
    Try,
    With,
)
from server.analysis.flow.references import Inner
from server.analysis.flow.values import NOTHING, Value, join

MAX_ROUNDS = 3


def run(body: list[Statement], frame: Frame) -> None:
    """Afterwards the frame's state is that behind the last statement; None when nobody gets there."""
    for statement in body:
        if frame.state is None:
            return
        frame.solver.go_on()
        _RUNNERS[statement.__class__](statement, frame)


def _do(node: Do, frame: Frame) -> None:
    frame.evaluate(node.value, frame)
    if isinstance(node.value, Call) and frame.solver.never_returns(node.value, frame):
        frame.state = None


def _assign(node: Assign, frame: Frame) -> None:
    value, proof = guards.tested(node.value, frame)
    line = frame.line(node.line)
    if value.taints or value.fields:
        value = members.named(value, frame.unit.key, line, _assigned(node.targets[0]))
    if node.annotation is not None:
        value = frame.solver.declared(value, node.annotation, frame)
    for target in node.targets:
        if isinstance(target, Attr) and target.name in frame.solver.vocabulary.assigned:
            library.assign(target, value, node.span, frame)
        binding.bind(target, value, frame)
        if proof is not guards.NO_PROOF and isinstance(target, Name) and frame.state is not None:
            frame.state.proofs[target.id] = proof


def _assigned(target: Expr) -> str:
    return f"goes into {target.id}" if isinstance(target, Name) else "goes on here"


def _return(node: Return, frame: Frame) -> None:
    if node.value is not None:
        value, proof = guards.tested(node.value, frame)
        value = frame.settled(value)
        frame.result = join(frame.result, value)
        if not _is_false(node.value):
            frame.truths.append(both(_facts(frame), proof[0]))
        frame.solver.answered(value, node.span, frame)
    frame.exits.append(_facts(frame))
    frame.last = frame.state
    frame.state = None


def _facts(frame: Frame) -> Facts:
    return frame.state.facts if frame.state is not None else NO_FACTS


def _is_false(node: Expr) -> bool:
    return isinstance(node, Const) and not node.value


def _raise(node: Raise, frame: Frame) -> None:
    if node.value is not None:
        frame.evaluate(node.value, frame)
    frame.state = None


def _jump(node: Jump, frame: Frame) -> None:
    if frame.jumps and frame.state is not None:
        frame.jumps[-1].append(frame.state)
    frame.state = None


def _if(node: If, frame: Frame) -> None:
    """A chain of `elif` is walked along: it nests as deeply as it is long."""
    ended: State | None = None
    while True:
        true, false = guards.condition(node.test, frame)
        before = frame.state
        if before is None:
            break
        other = before.copy(false)
        frame.know(true)
        run(node.body, frame)
        ended = merge(ended, frame.state)
        frame.state = other
        if len(node.orelse) == 1 and isinstance(node.orelse[0], If):
            node = node.orelse[0]
            continue
        run(node.orelse, frame)
        break
    frame.state = merge(ended, frame.state)


def _loop(node: Loop, frame: Frame) -> None:
    before = frame.state
    if before is None:
        return
    entered = before.copy()
    left: State | None = before
    for _ in range(MAX_ROUNDS):
        frame.state = entered.copy()
        frame.jumps.append([])
        facts = _enter(node, frame)
        frame.know(facts[0])
        run(node.body, frame)
        ends = [frame.state, *frame.jumps.pop()]
        joined = entered.copy()
        for end in ends:
            joined = merge(joined, end) or joined
        left = joined
        if not _grew(entered, joined):
            break
        entered = joined.copy()
    frame.state = left
    if node.test is not None and frame.state is not None:
        frame.know(guards.condition(node.test, frame)[1] if not _is_true(node.test) else NO_FACTS)
    run(node.orelse, frame)


def _enter(node: Loop, frame: Frame) -> Proof:
    if node.test is not None:
        return guards.condition(node.test, frame)
    if node.iterable is not None and node.target is not None:
        value = frame.solver.iterated(frame.evaluate(node.iterable, frame), frame, node.line)
        binding.bind(node.target, value, frame)
    return guards.NO_PROOF


def _is_true(test: Expr) -> bool:
    return isinstance(test, Const) and bool(test.value)


def _grew(old: State, new: State) -> bool:
    """Whether a further round may find more: some variable holds taints that it did not hold before."""
    for name, value in new.variables.items():
        known = old.variables.get(name, NOTHING)
        if known is not value and (value.taints is not known.taints or value.fields is not known.fields):
            return True
    return False


def _try(node: Try, frame: Frame) -> None:
    before = frame.state
    if before is None:
        return
    start = before.copy()
    run(node.body, frame)
    ended = frame.state
    thrown = merge(start, ended.copy() if ended is not None else None)
    assert thrown is not None
    run(node.orelse, frame)
    after = frame.state
    for handler in node.handlers:
        frame.state = thrown.copy()
        if handler.name:
            binding.bind_name(handler.name, frame.solver.caught(handler.types, frame), frame)
        run(handler.body, frame)
        after = merge(after, frame.state)
    frame.state = after
    if node.final:
        is_dead = frame.state is None
        if is_dead:
            frame.state = thrown.copy()
        run(node.final, frame)
        if is_dead:
            frame.state = None


def _with(node: With, frame: Frame) -> None:
    for entered, target in node.items:
        value = frame.solver.entered(frame.evaluate(entered, frame), frame, node.line)
        if target is not None:
            binding.bind(target, value, frame)
    run(node.body, frame)


def _define(node: Define, frame: Frame) -> None:
    """At the top of a module and in a class, functions are units of their own."""
    function = node.function
    for decorator in function.decorators:
        frame.evaluate(decorator, frame)
    if frame.function is None:
        for param in function.params:
            if param.default is not None:
                frame.evaluate(param.default, frame)
        return
    binding.bind_name(function.name, Value((), (Inner(function, frame),)), frame)
    frame.inner.append(function)


def _define_class(node: DefineClass, frame: Frame) -> None:
    scope = frame.scope.classes.get(node.definition.qualified)
    if scope is None or frame.state is None:
        return
    for decorator in node.definition.decorators:
        frame.evaluate(decorator, frame)
    variables = dict(frame.state.variables)
    frame.class_names.append(scope.key)
    run(node.definition.body, frame)
    frame.class_names.pop()
    if frame.state is None:
        frame.state = State(variables, NO_FACTS, {})
    frame.state.variables = variables
    if frame.function is not None:
        variables[node.definition.name] = Value((), (scope,))


def _import(node: Import, frame: Frame) -> None:
    """At the top of a module its scope knows; within a function the name is bound here."""
    if frame.function is None or frame.state is None:
        return
    for name, target in node.bindings:
        if name != "*":
            frame.imported[name] = frame.solver.project.dotted(target, frame.scope)
            frame.state.variables.pop(name, None)


def _outer(node: Outer, frame: Frame) -> None:
    frame.outer = frame.outer | frozenset(node.names)


_RUNNERS: dict[type, Callable[[Any, Frame], None]] = {
    Assign: _assign,
    Do: _do,
    Return: _return,
    Raise: _raise,
    Jump: _jump,
    If: _if,
    Loop: _loop,
    Try: _try,
    With: _with,
    Define: _define,
    DefineClass: _define_class,
    Import: _import,
    Outer: _outer,
}

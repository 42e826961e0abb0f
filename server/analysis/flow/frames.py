"""A function while it is evaluated: its variables, what its tests have shown, what will be told of it afterwards."""

import re
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from server.analysis.flow.models import Danger, Sink
from server.analysis.flow.scopes import ClassScope, ModuleScope, Resolved, Unit
from server.analysis.flow.taints import Given, Seed, Step, Taint, Taints, is_spent
from server.analysis.flow.values import NOTHING, Value, changed_fields, join
from server.analysis.source import Span

if TYPE_CHECKING:
    from server.analysis.flow.evaluation import Evaluation
    from server.analysis.flow.program import Function

Facts = Mapping[Seed, int]
"""Which dangers a test that came out one way has ruled out, by seed."""

NO_FACTS: Facts = {}

Proof = tuple[Facts, Facts]
"""What is known when a test comes out true, and when false."""

StoreKey = tuple[str, str]
"""An attribute of a class (`shop.Cart`, `.items`) or a module's variable (`shop`, `db`)."""


def both(one: Facts, other: Facts) -> Facts:
    """What is known where both hold."""
    if not one:
        return other
    if not other:
        return one
    merged = dict(one)
    for seed, mask in other.items():
        merged[seed] = merged.get(seed, 0) | mask
    return merged


def either(one: Facts, other: Facts) -> Facts:
    """What is known where one of them holds, no matter which."""
    return {seed: mask & other[seed] for seed, mask in one.items() if mask & other.get(seed, 0)}


class State:
    """At one point of a function: *variables*, the *facts* that hold, and what boolean variables *prove*."""

    __slots__ = ("facts", "proofs", "variables")

    def __init__(self, variables: dict[str, Value], facts: Facts, proofs: dict[str, Proof]) -> None:
        self.variables = variables
        self.facts = facts
        self.proofs = proofs

    def copy(self, facts: Facts = NO_FACTS) -> "State":
        return State(dict(self.variables), both(self.facts, facts), dict(self.proofs) if self.proofs else {})


def merge(one: State | None, other: State | None) -> State | None:
    """Where two ways meet; None is a way that nobody comes by."""
    if one is None or other is None or one is other:
        return other if one is None else one
    if one.facts is not other.facts:
        facts = either(one.facts, other.facts)
        _settle(one, facts)
        _settle(other, facts)
        one.facts = facts
    variables = one.variables
    for name, value in other.variables.items():
        known = variables.get(name)
        if known is None:
            variables[name] = value
        elif known is not value:
            variables[name] = join(known, value)
    if one.proofs:
        one.proofs = {name: proof for name, proof in one.proofs.items() if other.proofs.get(name) is proof}
    return one


def _settle(state: State, kept: Facts) -> None:
    """What is known on this way only stays with the values that come this way."""
    lost = {seed for seed, mask in state.facts.items() if kept.get(seed, 0) != mask}
    if not lost:
        return
    for name, value in state.variables.items():
        if any(is_part_of(taint.seed, lost) for taint in value.taints):
            state.variables[name] = Value(
                settled_taints(value.taints, state.facts), value.refs, value.const, value.text, value.fields
            )


def is_part_of(seed: Seed | None, seeds: Set[Seed]) -> bool:
    while seed is not None:
        if seed in seeds:
            return True
        seed = seed.parent
    return False


def mask_of(seed: Seed, facts: Facts) -> int:
    """What the facts rule out for a seed, and for what it is a part of."""
    mask = 0
    at: Seed | None = seed
    while at is not None:
        mask |= facts.get(at, 0)
        at = at.parent
    return mask


def settled_taints(taints: Taints, facts: Facts) -> Taints:
    settled = []
    for taint in taints:
        mask = mask_of(taint.seed, facts)
        if not mask:
            settled.append(taint)
        elif not is_spent(taint.seed, taint.cleaned | mask):
            settled.append(Taint(taint.seed, taint.cleaned | mask, taint.flags, taint.step))
    return tuple(settled)


class Reach:
    """That a parameter (or a part of it) comes to a sink, in this function or in one that it calls.

    *unit* and *span* are the sink's place, its lines counted from the unit's start. *steps*: the way, the sink last.
    *cleaned*: what the value cannot do any more on this way.
    """

    __slots__ = ("cleaned", "flags", "seed", "sink", "source", "span", "steps", "text", "unit")

    def __init__(
        self,
        seed: Seed,
        sink: Sink,
        unit: str,
        span: Span,
        flags: int,
        text: str | None,
        steps: tuple[Step, ...],
        cleaned: int,
    ) -> None:
        self.cleaned = cleaned
        self.seed = seed
        self.sink = sink
        self.unit = unit
        self.span = span
        self.flags = flags
        self.text = text
        self.steps = steps
        self.source: object = seed


class Arrival:
    """That a given value comes to a sink: what becomes a finding. *steps*: the whole way, from where it was given."""

    __slots__ = ("flags", "given", "sink", "source", "span", "steps", "text", "unit")

    def __init__(self, given: Given, seed: Seed, reach: Reach, flags: int, steps: tuple[Step, ...]) -> None:
        self.given = given
        self.source: Seed = seed
        self.sink = reach.sink
        self.unit = reach.unit
        self.span = reach.span
        self.flags = flags
        self.text = reach.text
        self.steps = steps

    @property
    def is_text(self) -> bool:
        """Whether it may hold markup, as far as the name of the column tells."""
        return not any(_NO_TEXT.fullmatch(key.strip(".[]'\"")) for key in self.source.keys)


_NO_TEXT = re.compile(
    r"(?:\w+_)?(?:id|pk|uuid|at|on|count|total|sum|price|amount|quantity|qty|size|date|time|created|updated|year|rank)"
    r"|(?:is|has|can|num|n)_\w+|\d{2,}",
    re.IGNORECASE,
)
"""Columns that by their name hold numbers, times or truths."""


class Summary:
    """What callers need to know of a function. Parameters are seeds by number in all of it."""

    __slots__ = ("arrivals", "born", "effects", "facts", "reaches", "result", "truth")

    def __init__(self) -> None:
        self.result: Value = NOTHING
        self.reaches: dict[tuple[str, Span, str, Danger, Seed], Reach] = {}
        self.arrivals: dict[tuple[str, Span, str], Arrival] = {}
        self.effects: dict[tuple[int, tuple[str, ...]], Value] = {}
        """Parts of parameters that are written: (parameter, keys) -> what it may be now."""
        self.born: set[object] = set()
        """Where values come in and do harm in the function itself: the seeds and the places of the sinks."""
        self.facts: Facts = NO_FACTS
        """What is known of the parameters when the function comes back at all."""
        self.truth: Facts = NO_FACTS
        """What is known of them when it comes back with something true."""

    def close(self) -> None:
        """Nothing will be added. Of a large project's functions most do nothing: what is empty is shared."""
        self.reaches = self.reaches or _NO_REACHES
        self.arrivals = self.arrivals or _NO_ARRIVALS
        self.effects = self.effects or _NO_EFFECTS
        self.born = self.born or _NONE_BORN


_NO_REACHES: dict[tuple[str, Span, str, Danger, Seed], Reach] = {}
_NO_ARRIVALS: dict[tuple[str, Span, str], Arrival] = {}
_NO_EFFECTS: dict[tuple[int, tuple[str, ...]], Value] = {}
_NONE_BORN: set[object] = set()


class Frame:
    """One evaluation of a function. *parent*: the frame around an inner function, which shares the summary."""

    def __init__(
        self, solver: "Evaluation", unit: Unit, function: "Function | None", parent: "Frame | None" = None
    ) -> None:
        self.solver = solver
        self.evaluate = solver.evaluate
        self.unit = unit
        self.function = function
        self.scope: ModuleScope = unit.scope
        self.parent = parent
        self.owner: ClassScope | None = unit.owner
        self.summary: Summary = Summary() if parent is None else parent.summary
        self.state: State | None = State({}, NO_FACTS, {})
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.proof: Proof | None = None
        """What the expression that was just evaluated shows when it is true, and when not."""
        self.result: Value = NOTHING
        self.exits: list[Facts] = []
        self.truths: list[Facts] = []
        self.outer: frozenset[str] = frozenset()
        self.jumps: list[list[State]] = []
        """Of each loop around: the states in which `break` or `continue` left its body."""
        self.inner: list[Function] = []
        """Functions defined in this one, to be looked at also if nobody calls them."""
        self.called: set[int] = set() if parent is None else parent.called
        """Inner functions that were called, by identity."""
        self.class_names: list[str] = []
        self.answers: tuple[str, ...] = ()
        self.imported: dict[str, Resolved] = {}
        self.last: State | None = self.state

    @property
    def variables(self) -> dict[str, Value]:
        state = self.state if self.state is not None else self.last
        return state.variables if state is not None else {}

    def line(self, line: int) -> int:
        return line - self.unit.line

    def span(self, span: Span) -> Span:
        base = self.unit.line
        return Span(span.start_line - base, span.start_column, span.end_line - base, span.end_column)

    def mask_of(self, seed: Seed) -> int:
        """What the facts at this point rule out for a seed."""
        facts = self.state.facts if self.state is not None else NO_FACTS
        return mask_of(seed, facts) if facts else 0

    def settled(self, value: Value) -> Value:
        """The value with the facts put into its taints: what leaves this point of the function."""
        facts = self.state.facts if self.state is not None else NO_FACTS
        if not facts or (not value.taints and value.fields is None):
            return value
        fields = value.fields and changed_fields(value.fields, self.settled)
        if fields is value.fields and not value.taints:
            return value
        return Value(self.settled_taints(value.taints), value.refs, value.const, value.text, fields)

    def settled_taints(self, taints: Taints) -> Taints:
        facts = self.state.facts if self.state is not None else NO_FACTS
        return settled_taints(taints, facts) if facts else taints

    def know(self, facts: Facts) -> None:
        if facts and self.state is not None:
            self.state.facts = both(self.state.facts, facts)

"""Whether what a call is given does harm there: its conditions, its arguments, and what is told of it."""

import re
from collections.abc import Mapping
from functools import lru_cache

from server.analysis.flow import command_lines
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import Arrival, Frame, Reach
from server.analysis.flow.models import STRANGERS, Danger, Sink, When
from server.analysis.flow.references import Library
from server.analysis.flow.scopes import ClassScope
from server.analysis.flow.taints import (
    BITS,
    BUILT,
    CLIMB,
    MAX_STEPS,
    ROOT,
    SHELLED,
    SINGLE,
    SLASHED,
    VAGUE,
    Step,
    Taint,
    Taints,
    join_taints,
)
from server.analysis.flow.values import HOLE, NOTHING, UNKNOWN, Value, whole
from server.analysis.source import Span

MAX_REACHES = 60
"""Of one function: to how many sinks what it is given is known to come."""


def check(sinks: list[Sink], args: Arguments, frame: Frame) -> None:
    for sink in sinks:
        if holds(sink.when, args, frame) and not (sink.unless and any_holds(sink.unless, args, frame)):
            row = _row(sink, args)
            if row:
                reach(sink, command_lines.in_a_row(row), args.span, frame)
                continue
            for arg in sink.args:
                for value, span in args.given(arg):
                    reach(sink, value, span, frame)


def _row(sink: Sink, args: Arguments) -> list[Value]:
    """Arguments of a program that stand as they are behind its name, which is the first that the sink asks for."""
    first = sink.args[0] if sink.args else 0
    if sink.danger is not Danger.ARGUMENT or not isinstance(first, int) or first < 0:
        return []
    row = args.positional[first:]
    return row if len(row) > 1 and row[0].fields is None else []


def holds(conditions: tuple[When, ...], args: Arguments, frame: Frame) -> bool:
    return all(_holds(when, args, frame) for when in conditions)


def any_holds(conditions: tuple[When, ...], args: Arguments, frame: Frame) -> bool:
    return any(_holds(when, args, frame) for when in conditions)


def _holds(when: When, args: Arguments, frame: Frame) -> bool:
    given = [value for arg in when.arg for value, _ in args.given(arg)]
    if not given:
        return when.absent
    if when.otherwise and not when.values:
        return True
    return any(_is_one_of(value, when, frame) for value in given)


def _is_one_of(value: Value, when: When, frame: Frame) -> bool:
    const = value.const
    if const is not UNKNOWN:
        return any(const == wanted and type(const) is type(wanted) for wanted in when.values)
    names = [ref.name for ref in value.refs if isinstance(ref, Library)]
    for ref in value.refs:
        if isinstance(ref, ClassScope):  # a class of the project is what it inherits from
            names += [base.name for base in frame.solver.project.lineage(ref)[1]]
    return any(name in when.values for name in names) if names else when.otherwise


def reach(sink: Sink, value: Value, span: Span, frame: Frame) -> None:
    """Tell of every taint of the value that the sink's danger is still in."""
    if sink.key:
        value = (value.fields or {}).get(f"[{sink.key}]", NOTHING)
    value = value if sink.parts else spoken(sink.danger, value)
    taints = of_keys(value) if sink.keys else whole(value) if sink.parts else _dangerous(sink.danger, value)
    if not taints:
        return
    for taint in taints:
        mask = taint.cleaned | frame.mask_of(taint.seed)
        if is_harmless(sink, taint.flags, mask):
            continue
        if not _is_text(sink, taint) or (sink.text and not _fits(sink, value, taint)):
            continue
        place = frame.span(span)
        message = _MESSAGES.get(sink.danger, "reaches the call")
        steps = (Step(None, frame.unit.key, place.start_line, message),)
        frame.summary.born.add((frame.unit.key, place, sink.rule.id))
        found = Reach(taint.seed, sink, frame.unit.key, place, taint.flags, value.text, steps, mask)
        arrive(found, taint, frame, ())


def of_keys(value: Value) -> Taints:
    """What chooses the keys of a mapping, all of them: of a single one the program knows what it is."""
    return tuple(taint for taint in value.taints if not taint.flags & VAGUE)


def is_harmless(sink: Sink, flags: int, mask: int) -> bool:
    """Whether *mask*, what a value was cleaned of, covers the sink's danger.

    What a shell is told to run is a command, though it stands in a list.
    """
    danger = Danger.COMMAND if flags & SHELLED else sink.danger
    if mask & BITS[danger]:
        return True
    if danger is Danger.REDIRECT:
        return bool(mask & SLASHED) and bool(mask & SINGLE)
    return danger in _PATHS and bool(mask & CLIMB) and bool(mask & ROOT)


_PATHS = frozenset({Danger.PATH, Danger.ARCHIVE})


def arrive(found: Reach, taint: Taint, frame: Frame, on_the_way: tuple[Step, ...]) -> None:
    """A taint has come to a sink, maybe through calls (*on_the_way*). A parameter's is left to the callers."""
    given = taint.seed.given
    summary = frame.summary
    if given is None:
        reaches = summary.reaches
        key = (found.unit, found.span, found.sink.rule.id, found.sink.danger, taint.seed)
        if key not in reaches and len(reaches) < MAX_REACHES:
            flags, cleaned = taint.flags | found.flags, taint.cleaned | found.cleaned
            steps = _way(found, taint, on_the_way)[-MAX_STEPS:]
            reaches[key] = Reach(taint.seed, found.sink, found.unit, found.span, flags, found.text, steps, cleaned)
        return
    place = (found.unit, found.span, found.sink.rule.id)
    known = summary.arrivals.get(place)
    arrival = Arrival(given, taint.seed, found, taint.flags | found.flags, _way(found, taint, on_the_way))
    if known is None or _rank(arrival) < _rank(known):
        summary.arrivals[place] = arrival


def _way(found: Reach, taint: Taint, on_the_way: tuple[Step, ...]) -> tuple[Step, ...]:
    return (*(taint.step.path() if taint.step is not None else ()), *on_the_way, *found.steps)


def _rank(arrival: Arrival) -> tuple[bool, bool, int]:
    """The worst first: a stranger's value, then what may be text, then the shortest way."""
    return arrival.given.origin not in STRANGERS, not arrival.is_text, len(arrival.steps)


def spoken(danger: Danger, value: Value) -> Value:
    """What of an object does the harm: of a statement's `{ text, values }` the text, of `["a = ?", a]` the first; of
    most others nothing.
    """
    fields = value.fields
    if danger is Danger.SQL and fields is not None and "[0]" in fields:
        return fields["[0]"]
    if fields is None or danger not in _NO_OBJECT or not _is_object(fields):
        return value
    if danger is Danger.SQL:
        for name in _STATEMENT_TEXTS:
            text = fields.get(f".{name}") or fields.get(f"[{name}]")
            if text is not None:
                return Value(join_taints(value.taints, text.taints), (), text.const, text.text)
    return Value(value.taints, value.refs, value.const, value.text)


_STATEMENT_TEXTS = ("text", "sql", "query", "statement")


def _dangerous(danger: Danger, value: Value) -> Taints:
    return command_lines.dangerous(danger, value) if danger in _COMMANDS else whole(value)


_COMMANDS = frozenset({Danger.COMMAND, Danger.ARGUMENT})

_NO_OBJECT = frozenset({Danger.URL, Danger.REDIRECT, Danger.HTML, Danger.SQL, Danger.MASS_ASSIGNMENT, Danger.PROTOTYPE})
"""Where an object that only holds hostile values is harmless: it is sent as JSON, or names the fields that are set."""


def _is_object(fields: Mapping[str, Value]) -> bool:
    return any(not key[1:-1].isdigit() and key != "[*]" for key in fields)


def is_met(reach: Reach, taint: Taint, value: Value) -> bool:
    """Whether what a caller gives to a function is what the sink in it wants."""
    if reach.flags & BUILT:
        return True
    if not _is_text(reach.sink, taint):
        return False
    return not reach.sink.text or (reach.text not in (None, HOLE)) or _fits(reach.sink, value, taint)


def _is_text(sink: Sink, taint: Taint) -> bool:
    """A statement that some function made of the value is most often an object that keeps it apart."""
    return not (sink.danger is Danger.SQL or sink.plain) or not taint.flags & VAGUE or bool(taint.flags & BUILT)


def _fits(sink: Sink, value: Value, taint: Taint) -> bool:
    """The constant pieces of the text fit. A text without any is whatever was given, where the function is known for
    what it is; of a method known by its name alone (`*.get`), nothing says that it is a text of this kind.
    """
    text = value.text
    if text is None or text == HOLE:
        is_named_only = taint.seed.given is not None and all(name.startswith("*.") for name in sink.names)
        return not taint.flags & VAGUE and not is_named_only
    return _compiled(sink.text).search(text.replace(HOLE, " ")) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_MESSAGES: dict[Danger, str] = {
    Danger.SQL: "it becomes part of the SQL text",
    Danger.COMMAND: "it becomes part of the command",
    Danger.ARGUMENT: "it becomes an argument of the command",
    Danger.CODE: "it is run as code",
    Danger.TEMPLATE: "it becomes part of the template",
    Danger.HTML: "it goes into the page as markup",
    Danger.PATH: "it chooses the path",
    Danger.URL: "it chooses the address",
    Danger.REDIRECT: "it chooses where the browser goes",
    Danger.DESERIALIZATION: "it is deserialized",
    Danger.LOG: "it goes into the log",
    Danger.HEADER: "it goes into a header",
}

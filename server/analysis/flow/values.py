"""What the analysis knows of a value: who can choose it, what it may be, and the text that it is made of.

Values never change; "nothing known" is one shared object, because most values are that.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from server.analysis.flow.models import STRANGERS, Danger, Origin

BITS: Final = {danger: 1 << number for number, danger in enumerate(Danger)}

REAL: Final = (1 << len(BITS)) - 1

CLIMB: Final = 1 << len(BITS)
"""Beyond the dangers: the value holds no `..`, so that a path with it does not lead upwards."""

ROOT: Final = CLIMB << 1
"""It does not begin a path: an absolute one in it does no harm. With CLIMB, a path with it stays where it should."""

SLASHED: Final = ROOT << 1
"""It begins with a slash, and so names a place of this site; unless there are two: `//host/`."""

SINGLE: Final = SLASHED << 1
"""It does not begin with two slashes. With SLASHED, a redirect to it stays here."""

EVERY_DANGER: Final = REAL | CLIMB | ROOT | SLASHED | SINGLE

STRANGE: Final = STRANGERS

MAX_TAINTS = 6
"""Of one value, the worst. More would tell the same story again."""

MAX_REFERENCES = 4
MAX_KEYS = 3
"""How deep a part of a parameter is told apart from the others: `form.user.name`."""

MAX_WRITTEN = 2
"""How deep a part of a parameter is when writing to it is still told to the caller: `form.user.name = x`."""

MAX_STEPS = 12
MAX_TEXT = 1_000
MAX_FIELDS = 40

HOLE: Final = "\0"
"""In a text: a piece that is not constant."""

OR: Final = "\1"
"""Between the texts that a value may be."""


def bits(dangers: Iterable[Danger]) -> int:
    mask = 0
    for danger in dangers:
        mask |= BITS[danger]
    return mask


class Step:
    """One place on a value's way, linked to the one before. Lines count from the start of the *unit*."""

    __slots__ = ("before", "count", "line", "message", "unit")

    def __init__(self, before: "Step | None", unit: str, line: int, message: str) -> None:
        self.before = before
        self.unit = unit
        self.line = line
        self.message = message
        self.count: int = 1 if before is None else before.count + 1

    def path(self) -> "list[Step]":
        """From the first to this one."""
        steps: list[Step] = []
        step: Step | None = self
        while step is not None:
            steps.append(step)
            step = step.before
        return steps[::-1]


class Given:
    """Where a value came into the program: *place* is one function and what is read there, by name.

    *unless_called*: a function that is no entry point if others call it.
    """

    __slots__ = ("origin", "place", "unless_called", "what")

    def __init__(self, origin: Origin, what: str, place: tuple[str, str], unless_called: str = "") -> None:
        self.origin = origin
        self.what = what
        self.place = place
        self.unless_called = unless_called


class Seed:
    """Which value something was made of: one that was given, or a parameter of the function; or a part of these.

    Interned: two readings of `request.args["q"]` in one function are one seed, so that testing the one tests the other.
    """

    __slots__ = ("_rank", "depth", "given", "key", "parameter", "parent", "parts")

    def __init__(self, given: Given | None, parameter: int, parent: "Seed | None" = None, key: str = "") -> None:
        self.given = given
        self.parameter = parameter
        self.parent = parent
        self.key = key
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.parts: dict[str, Seed] = {}
        self._rank: tuple[Any, ...] | None = None

    @property
    def rank(self) -> tuple[Any, ...]:
        """What a stranger chose comes first, then what others did, then parameters; the whole before its parts."""
        known = self._rank
        if known is None:
            given = self.given
            kind = 2 if given is None else 0 if given.origin in STRANGE else 1
            known = self._rank = (kind, self.depth, self.parameter, given.place if given else (), self.keys)
        return known

    def part(self, key: str) -> "Seed":
        """`.name` of it, `[key]` of it, or the result of its method `.name()`."""
        if self.depth >= MAX_KEYS:
            return self
        part = self.parts.get(key)
        if part is None:
            part = self.parts[key] = Seed(self.given, self.parameter, self, key)
        return part

    @property
    def keys(self) -> tuple[str, ...]:
        keys = []
        seed = self
        while seed.parent is not None:
            keys.append(seed.key)
            seed = seed.parent
        return tuple(reversed(keys))


_PARAMETERS: list[Seed] = []


def parameter_seed(index: int) -> Seed:
    while len(_PARAMETERS) <= index:
        _PARAMETERS.append(Seed(None, len(_PARAMETERS)))
    return _PARAMETERS[index]


BUILT: Final = 1
"""The value was put together with other text."""

VAGUE: Final = 2
"""The value was handed to a function that nobody knows, which may have made something else of it."""

NORMAL: Final = 4
"""A path without `..` and links in it, so that its beginning says where it leads."""

DERIVED: Final = 8
"""No longer the value itself but something made of it: testing this says nothing of the value."""

SHELLED: Final = 32
"""The value is what a shell is told to run (`sh -c`), in a list of arguments."""

COMMON: Final = 16
"""What a path has in common with another."""


class Taint:
    """That a value was made of a seed; what it cannot do any more (*cleaned*); and how it got here."""

    __slots__ = ("cleaned", "flags", "seed", "step")

    def __init__(self, seed: Seed, cleaned: int, flags: int, step: Step | None) -> None:
        self.seed = seed
        self.cleaned = cleaned
        self.flags = flags
        self.step = step

    def stepped(self, unit: str, line: int, message: str) -> "Taint":
        step = self.step
        if step is not None and (step.count >= MAX_STEPS or (step.line == line and step.unit == unit)):
            return self
        return Taint(self.seed, self.cleaned, self.flags, Step(step, unit, line, message))

    def part(self, key: str) -> "Taint":
        seed = self.seed.part(key)
        return self if seed is self.seed else Taint(seed, self.cleaned, self.flags, self.step)


class _Marker:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


UNKNOWN: Final = _Marker("unknown")
"""The value is not constant."""

SEVERAL: Final = _Marker("several")
"""One of several constants, or a collection of them."""

Taints = tuple[Taint, ...]
Reference = Any
"""What a value stands for: see `references.py`. Each has a `key`, by which it is compared."""


class Value:
    """*const*: the constant that it is, UNKNOWN, or SEVERAL. *text*: its constant pieces with holes between, or None.

    *fields*: what is known of its parts: `.name` and `[key]`. *taints* are of the whole: of every part too.
    """

    __slots__ = ("_whole", "const", "fields", "refs", "taints", "text")

    def __init__(
        self,
        taints: Taints = (),
        refs: tuple[Reference, ...] = (),
        const: Any = UNKNOWN,
        text: str | None = None,
        fields: "dict[str, Value] | None" = None,
    ) -> None:
        self.taints = taints
        self.refs = refs
        self.const = const
        self.text = text
        self.fields = fields
        self._whole: Taints | None = taints if fields is None else None

    @property
    def whole(self) -> Taints:
        """The taints of the value and of all that is in it."""
        known = self._whole
        if known is None:
            known = self.taints
            for part in (self.fields or {}).values():
                known = join_taints(known, part.whole)
            self._whole = known
        return known

    @property
    def is_constant(self) -> bool:
        return self.const is not UNKNOWN


NOTHING: Final = Value()
"""Nothing is known, and nobody chooses it."""


def join(one: Value, other: Value) -> Value:
    """What is either of the two. Returns *one* itself where the other adds nothing."""
    if one is other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    taints = join_taints(one.taints, other.taints)
    refs = join_references(one.refs, other.refs)
    const = one.const if _is_same_constant(one.const, other.const) else _either(one.const, other.const)
    text = one.text if one.text == other.text else _either_text(one.text, other.text)
    fields = _join_fields(one, other)
    if taints is one.taints and refs is one.refs and const is one.const and text is one.text and fields is one.fields:
        return one
    return Value(taints, refs, const, text, fields)


def _is_same_constant(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def _either(one: Any, other: Any) -> Any:
    return UNKNOWN if one is UNKNOWN or other is UNKNOWN else SEVERAL


def _either_text(one: str | None, other: str | None) -> str:
    first, second = one if one is not None else HOLE, other if other is not None else HOLE
    if len(first) > MAX_TEXT or second in first:
        return first
    return f"{first}{OR}{second}"


def join_taints(one: Taints, other: Taints) -> Taints:
    """A seed that is in both is as dangerous as in the worse."""
    if one is other or not other:
        return one
    if not one:
        return other
    if len(one) == 1 and len(other) == 1 and one[0] is other[0]:
        return one
    merged = {taint.seed: taint for taint in one}
    changed = False
    for taint in other:
        known = merged.get(taint.seed)
        if known is None:
            merged[taint.seed] = taint
            changed = True
            continue
        if known is taint:
            continue
        cleaned = known.cleaned & taint.cleaned
        flags = known.flags if known.flags == taint.flags else _join_flags(known.flags, taint.flags)
        if cleaned != known.cleaned or flags != known.flags:
            worse = taint if cleaned != known.cleaned else known
            merged[taint.seed] = Taint(known.seed, cleaned, flags, worse.step)
            changed = True
    if not changed:
        return one
    return tuple(merged.values()) if len(merged) <= MAX_TAINTS else _first(merged, one)


def _first(merged: dict[Seed, Taint], one: Taints) -> Taints:
    """Those that are worst: always the same, in whatever order values are joined, so that evaluation settles."""
    kept = sorted(merged.values(), key=_rank)[:MAX_TAINTS]
    known = set(one)
    return one if len(one) == len(kept) and all(taint in known for taint in kept) else tuple(kept)


def _rank(taint: Taint) -> tuple[Any, ...]:
    return taint.seed.rank


def _join_flags(one: int, other: int) -> int:
    """Built if either is; vague and normal only if both are."""
    return ((one | other) & BUILT) | (one & other & (VAGUE | NORMAL | DERIVED | COMMON))


def join_references(one: tuple[Reference, ...], other: tuple[Reference, ...]) -> tuple[Reference, ...]:
    if one is other or not other:
        return one
    if not one:
        return other
    known = {ref.key for ref in one}
    added = tuple(ref for ref in other if ref.key not in known)
    return (*one, *added)[:MAX_REFERENCES] if added and len(one) < MAX_REFERENCES else one


def _join_fields(one: Value, other: Value) -> dict[str, Value] | None:
    """A part that only one of them knows may be whatever the other's is."""
    if one.fields is other.fields:
        return one.fields
    if one.fields is None:
        return {key: _with_part(value, one, key) for key, value in other.fields.items()} if other.fields else None
    merged = one.fields
    for key, value in (other.fields or {}).items():
        known = merged.get(key)
        if known is value:
            continue
        joined = value if known is None else join(known, value)
        if joined is not known and len(merged) < MAX_FIELDS:
            if merged is one.fields:
                merged = dict(merged)
            merged[key] = joined
    return merged


def _with_part(value: Value, whole: Value, key: str) -> Value:
    return join(value, Value(tuple(t.part(key) for t in whole.taints))) if whole.taints else value


def join_all(values: Iterable[Value]) -> Value:
    joined = NOTHING
    for value in values:
        joined = join(joined, value)
    return joined


def whole(value: Value) -> Taints:
    """The taints of a value and of all that is in it."""
    return value.taints if value.fields is None else value.whole


def changed_fields(fields: dict[str, Value], change: Callable[[Value], Value]) -> dict[str, Value]:
    """The fields with each part changed; the same dictionary where none is. Values without anything in them stay."""
    changed = fields
    for key, part in fields.items():
        if part.taints or part.refs or part.fields is not None:
            other = change(part)
            if other is not part:
                if changed is fields:
                    changed = dict(fields)
                changed[key] = other
    return changed


def with_field(value: Value, key: str, part: Value) -> Value:
    """The value with one part that is now *part*. Parts of parts of parts are not told apart."""
    fields = dict(value.fields) if value.fields else {}
    if len(fields) >= MAX_FIELDS and key not in fields:
        return with_taints(value, whole(part))
    fields[key] = _shallow(part)
    return Value(value.taints, value.refs, UNKNOWN, None, fields)


def _shallow(part: Value) -> Value:
    if part.fields is None or all(inner.fields is None for inner in part.fields.values()):
        return part
    fields = {
        key: inner if inner.fields is None else Value(inner.whole, inner.refs, inner.const, inner.text)
        for key, inner in part.fields.items()
    }
    return Value(part.taints, part.refs, part.const, part.text, fields)


def without_field(value: Value, key: str) -> Value:
    if value.fields is None or key not in value.fields:
        return value
    return Value(value.taints, value.refs, value.const, value.text, {k: v for k, v in value.fields.items() if k != key})


def with_references(value: Value, refs: tuple[Reference, ...]) -> Value:
    """The same value, of which is known what it stands for."""
    joined = join_references(value.refs, refs)
    return value if joined is value.refs else Value(value.taints, joined, value.const, value.text, value.fields)


def with_taints(value: Value, taints: Taints) -> Value:
    joined = join_taints(value.taints, taints)
    if joined is value.taints:
        return value
    return Value(joined, value.refs, UNKNOWN, value.text, value.fields)


def cleaned(taints: Sequence[Taint], mask: int) -> Taints:
    """What of them can still do harm of some kind once *mask* is out."""
    if mask == 0:
        return tuple(taints)
    return tuple(Taint(t.seed, t.cleaned | mask, t.flags, t.step) for t in taints if (t.cleaned | mask) & REAL != REAL)


def is_spent(seed: Seed, cleaned_of: int) -> bool:
    """Whether a taint can do no harm of any kind, and tells of no object of the caller's that may be written to."""
    return cleaned_of & REAL == REAL and (seed.given is not None or seed.depth >= MAX_WRITTEN)


def flagged(taints: Taints, flag: int) -> Taints:
    if all(taint.flags & flag == flag for taint in taints):
        return taints
    return tuple(t if t.flags & flag == flag else Taint(t.seed, t.cleaned, t.flags | flag, t.step) for t in taints)


def constant(literal: Any) -> Value:
    if literal is None or literal is True or literal is False:
        return _SINGLES[literal]
    text = literal[:MAX_TEXT] if literal.__class__ is str else str(literal)[:MAX_TEXT]
    return Value((), (), literal, text, None)


_SINGLES: Final = {literal: Value((), (), literal, str(literal), None) for literal in (None, True, False)}

"""Who can choose a value: what it was made of, what that cannot do any more, and the way that it came.

What else is known of a value, and how values are joined, is in `values.py`.
"""

from collections.abc import Iterable, Sequence
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

MAX_KEYS = 3
"""How deep a part of a parameter is told apart from the others: `form.user.name`."""

MAX_WRITTEN = 2
"""How deep a part of a parameter is when writing to it is still told to the caller: `form.user.name = x`."""

MAX_STEPS = 12


def bits(dangers: Iterable[Danger]) -> int:
    mask = 0
    for danger in dangers:
        mask |= BITS[danger]
    return mask


class Step:
    """One place on a value's way, linked to the one before. Lines count from the start of the *unit*.

    *is_named*: the value only gets a name there; at the other places it comes in, out, to another function or back.
    """

    __slots__ = ("before", "count", "is_named", "line", "message", "unit")

    def __init__(self, before: "Step | None", unit: str, line: int, message: str, *, is_named: bool = False) -> None:
        self.before = before
        self.is_named = is_named
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

    def stepped(self, unit: str, line: int, message: str, *, is_named: bool = False) -> "Taint":
        step = self.step
        if step is not None and (step.count >= MAX_STEPS or (step.line == line and step.unit == unit)):
            return self
        return Taint(self.seed, self.cleaned, self.flags, Step(step, unit, line, message, is_named=is_named))

    def part(self, key: str) -> "Taint":
        seed = self.seed.part(key)
        return self if seed is self.seed else Taint(seed, self.cleaned, self.flags, self.step)


Taints = tuple[Taint, ...]


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

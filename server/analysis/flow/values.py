"""What the analysis knows of a value: who can choose it (`taints.py`), what it may be, and the text that it is made of.

Values never change; "nothing known" is one shared object, because most values are that.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from server.analysis.flow.taints import Taints, join_taints

MAX_REFERENCES = 4
MAX_TEXT = 1_000
MAX_FIELDS = 40

HOLE: Final = "\0"
"""In a text: a piece that is not constant."""

OR: Final = "\1"
"""Between the texts that a value may be."""


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


def constant(literal: Any) -> Value:
    if literal is None or literal is True or literal is False:
        return _SINGLES[literal]
    text = literal[:MAX_TEXT] if literal.__class__ is str else str(literal)[:MAX_TEXT]
    return Value((), (), literal, text, None)


_SINGLES: Final = {literal: Value((), (), literal, str(literal), None) for literal in (None, True, False)}

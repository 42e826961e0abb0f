"""What a test shows: which values can do no harm once it came out one way.

A value that equals a constant, is among allowed ones, or passed a test that a model or a function of the project makes,
is what the programmer wanted. Tests are known by their form; names come from the models.
"""

import re

from server.analysis.flow import types
from server.analysis.flow.frames import NO_FACTS, Facts, Frame, Proof, both, either
from server.analysis.flow.models import Danger, Guard, Origin
from server.analysis.flow.patterns import is_loose, is_strict
from server.analysis.flow.program import Call, Const, Expr, Item, Let, Name, Op, Operator
from server.analysis.flow.references import Library
from server.analysis.flow.scopes import ClassScope
from server.analysis.flow.taints import (
    CLIMB,
    COMMON,
    DERIVED,
    EVERY_DANGER,
    NORMAL,
    ROOT,
    SINGLE,
    SLASHED,
    STRANGE,
    Seed,
    Taints,
    bits,
)
from server.analysis.flow.values import OR, Value, whole

NO_PROOF: Proof = (NO_FACTS, NO_FACTS)

_HOSTS = frozenset(
    {".netloc", ".hostname", ".host", ".origin", ".authority", ".hostname()", ".getHost()", ".Hostname()", ".Host"}
)
_ADDRESS = bits((Danger.URL, Danger.REDIRECT))
_LOCAL = SLASHED | SINGLE
_ANYWHERE = _ADDRESS | _LOCAL
_OPTION = bits((Danger.ARGUMENT,))
_PATH = bits((Danger.PATH, Danger.ARCHIVE))
_CLIMBS = {"..": CLIMB, "../": CLIMB, "/..": CLIMB, "/": CLIMB | ROOT, "\\": 0, "..\\": 0, "//": SINGLE}
"""What a value that holds none of these cannot do in a path or an address."""

_IDENTITIES = frozenset({"is", "is not", "==", "!=", "===", "!=="})
_TRUTHS = (None, True, False)

_BEGINS = frozenset({"startswith", "startsWith", "HasPrefix", "start_with?", "is_relative_to"})

_MATCHERS = frozenset({"fullmatch", "match", "search", "MatchString", "Match", "match?"})
_ASKED_OF_TEXT = frozenset({"matches", "find", "lookingAt"})

_HAS_HOST = re.compile(r"(?:https?:)?//[^/\0\1]+[/?#]", re.IGNORECASE)


def condition(node: Expr, frame: Frame) -> Proof:
    """Evaluate a test; say what is known when it is true, and when it is false."""
    if isinstance(node, Op):
        if node.operator is Operator.NOT:
            true, false = condition(node.operands[0], frame)
            return false, true
        if node.operator is Operator.COMPARE:
            return _comparison(node, frame)
    return tested(node, frame)[1]


def tested(node: Expr, frame: Frame) -> tuple[Value, Proof]:
    """The value of an expression, and what it shows when true and when false: what is false is empty and harmless."""
    if isinstance(node, Name):
        value = frame.evaluate(node, frame)
        proof = frame.state.proofs.get(node.id, NO_PROOF) if frame.state is not None else NO_PROOF
    else:
        frame.proof = None
        value = frame.evaluate(node, frame)
        proof = (frame.proof or NO_PROOF) if isinstance(node, (Op, Call, Let)) else NO_PROOF
        if isinstance(node, Item) and node.key is not None:
            proof = _membership(frame.evaluate(node.key, frame), frame.evaluate(node.base, frame))
    if not value.taints or isinstance(node, Op):
        return value, proof
    return value, (proof[0], both(proof[1], facts_of(value.taints, EVERY_DANGER)))


def combined(is_and: bool, one: Proof, other: Proof) -> Proof:
    if is_and:
        return both(one[0], other[0]), either(one[1], other[1])
    return either(one[0], other[0]), both(one[1], other[1])


def _comparison(node: Op, frame: Frame) -> Proof:
    operands = node.operands
    sign = node.sign
    if len(operands) != 2:
        for operand in operands:
            frame.evaluate(operand, frame)
        return NO_PROOF
    left_node, right_node = operands
    if sign in _IDENTITIES and isinstance(right_node, Const) and right_node.value in _TRUTHS:
        true, false = condition(left_node, frame)
        same = sign in ("is", "==", "===")
        return (true, false) if same is (right_node.value is True) else (false, true)
    left, right = frame.evaluate(left_node, frame), frame.evaluate(right_node, frame)
    if sign in ("==", "is", "==="):
        return _equality(left, right), NO_FACTS
    if sign in ("!=", "is not", "!=="):
        return NO_FACTS, _equality(left, right)
    if sign == "in":
        return _membership(left, right)
    if sign == "not in":
        true, false = _membership(left, right)
        return false, true
    return NO_PROOF


def _equality(left: Value, right: Value) -> Facts:
    facts = both(_unchanged(left, right), _unchanged(right, left))
    if left.taints and not _is_strange(right):
        facts = facts_of(left.taints, EVERY_DANGER)
    if right.taints and not _is_strange(left):
        facts = both(facts, facts_of(right.taints, EVERY_DANGER))
    return facts


def _unchanged(left: Value, right: Value) -> Facts:
    """A value that is the same after it was cleaned was clean: `os.path.basename(name) == name`."""
    facts: dict[Seed, int] = {}
    for taint in right.taints:
        plain = [t for t in left.taints if t.seed is taint.seed and not t.flags & DERIVED]
        gained = taint.cleaned & ~plain[0].cleaned if len(plain) == 1 and len(left.taints) == 1 else 0
        if gained:
            facts[taint.seed] = facts.get(taint.seed, 0) | gained
    return facts


def _membership(left: Value, right: Value) -> Proof:
    """`name in ALLOWED`; `".." in path`, which tells where it is false."""
    if left.taints:
        parents = tuple(t for t in right.taints if t.seed.key == ".parents")
        if parents:
            return _parents(parents), NO_FACTS
        return (NO_FACTS if _is_strange(right) else facts_of(left.taints, EVERY_DANGER)), NO_FACTS
    parents = tuple(t for t in right.taints if t.seed.key == ".parents")
    if parents:
        return _parents(parents), NO_FACTS
    if right.taints and isinstance(left.const, str) and left.const in _CLIMBS:
        return NO_FACTS, facts_of(right.taints, _CLIMBS[left.const])
    return NO_PROOF


def _parents(taints: Taints) -> Facts:
    return {t.seed.parent: _PATH for t in taints if t.seed.parent is not None and t.flags & NORMAL}


def _is_strange(value: Value) -> bool:
    """Whether a stranger chose the value: comparing with it shows nothing. The request's own host is none's choice."""
    return any(
        t.seed.given is not None and t.seed.given.origin in STRANGE and t.cleaned & _ADDRESS != _ADDRESS
        for t in whole(value)
    )


def facts_of(taints: Taints, mask: int) -> Facts:
    """The facts that a test of a value gives of what it was made of."""
    facts: dict[Seed, int] = {}
    for taint in taints:
        seed = taint.seed
        if seed.key in _HOSTS and seed.parent is not None:
            facts[seed.parent] = facts.get(seed.parent, 0) | (mask & _ANYWHERE)
        if taint.flags & COMMON:
            facts[seed] = facts.get(seed, 0) | (mask & _PATH)
        elif not taint.flags & DERIVED:
            facts[seed] = facts.get(seed, 0) | mask
    return facts


def of_call(name: str, guards: list[Guard], receiver: Value | None, args: list[Value], frame: Frame) -> Proof:
    """Of a call of something outside of the project. *name* is its last part."""
    true: Facts = NO_FACTS
    if name == "isinstance" and len(args) == 2 and _are_harmless(args[1], frame):
        return facts_of(args[0].taints, EVERY_DANGER), NO_FACTS
    if receiver is not None and name in _BEGINS and receiver.taints:
        true = _beginning(receiver.taints, args[0] if args else None)
    elif name in _BEGINS and len(args) > 1 and args[0].taints:
        true = _beginning(args[0].taints, args[1])
    for guard in guards if name not in _BEGINS else ():
        mask = bits(guard.dangers) | (_LOCAL if Danger.REDIRECT in guard.dangers else 0)
        if receiver is not None:
            true = both(true, facts_of(receiver.taints, mask))
        for arg in args:
            true = both(true, facts_of(arg.taints, mask))
    if name in _MATCHERS and args:
        true = both(true, _pattern(name, receiver, args))
    elif name in _ASKED_OF_TEXT and receiver is not None:
        true = both(true, _fitting(name, args[0] if args else receiver, receiver))
    false = _rooted(name, receiver, args)
    return (true, false) if true or false else NO_PROOF


def _rooted(name: str, receiver: Value | None, args: list[Value]) -> Facts:
    """What is false says that a path is not absolute or does not lead upwards: `name.startswith("/")`,
    `os.path.isabs(name)`, `HasPrefix(relative, "..")`.
    """
    if name in ("isabs", "is_absolute", "isAbsolute", "IsAbs", "absolute?"):
        tested = receiver if receiver is not None and not args else args[0] if args else None
        return facts_of(tested.taints, ROOT) if tested is not None else NO_FACTS
    if name not in _BEGINS or not args:
        return NO_FACTS
    is_method = receiver is not None and (bool(receiver.taints) or len(args) == 1)
    tested, start = (receiver, args[0]) if receiver is not None and is_method else (args[0], args[-1])
    begins = _texts(start)
    if "/" in begins:
        return facts_of(tested.taints, ROOT)
    if "//" in begins:
        return facts_of(tested.taints, SINGLE)
    if "-" in begins:
        return facts_of(tested.taints, _OPTION)
    if any(text in _CLIMBING for text in begins):
        return _below(tested.taints)
    return NO_FACTS


_CLIMBING = frozenset({"..", "../", "..\\"})


def _below(taints: Taints) -> Facts:
    """Of a path from a root that does not begin with `..`, and of one that was made normal."""
    from_root = facts_of(tuple(t for t in taints if t.flags & COMMON), _PATH)
    return both(from_root, facts_of(tuple(t for t in taints if t.flags & NORMAL and not t.flags & COMMON), CLIMB))


def _texts(value: Value) -> list[str]:
    parts = [value] if value.fields is None else list(value.fields.values())
    return [text for part in parts if part.text is not None for text in part.text.split(OR)]


def _are_harmless(kinds: Value, frame: Frame) -> bool:
    """Of `int`, or `(int, float)`."""
    parts = [kinds] if kinds.fields is None else list(kinds.fields.values())
    refs = [ref for part in parts for ref in part.refs]
    return bool(refs) and all(types.is_harmless(r, frame) for r in refs if isinstance(r, (Library, ClassScope)))


def contained(taints: Taints) -> Facts:
    """A normal path was found to be within another."""
    return facts_of(tuple(t for t in taints if t.flags & NORMAL), _PATH)


def confined(values: list[Value]) -> Facts:
    """Names out of an archive that a function of the project was asked about."""
    taints = tuple(t for value in values for t in value.taints)
    return facts_of(tuple(t for t in taints if t.seed.given and t.seed.given.origin is Origin.ARCHIVE), _PATH)


def _beginning(taints: Taints, start: Value | None) -> Facts:
    """`path.startswith(root)` holds what it promises only of a path without `..`; `url.startswith` needs a host."""
    if start is None or _is_strange(start):
        return NO_FACTS
    facts = contained(taints)
    if start.text is None:  # whether a parameter is normal its callers know
        facts = both(facts, facts_of(tuple(t for t in taints if t.seed.given is None and not t.seed.depth), _PATH))
    if start.text:
        texts = start.text.split(OR)
        if all(text[0] not in "-\0" for text in texts if text):
            facts = both(facts, facts_of(taints, _OPTION))
        if all(_HAS_HOST.match(text) for text in texts):
            facts = both(facts, facts_of(taints, _ANYWHERE))
        elif all(text.startswith("/") for text in texts):
            single = all(text[1:2] not in ("", "/", "\\") for text in texts)
            facts = both(facts, facts_of(taints, SLASHED | SINGLE if single else SLASHED))
    return facts


def _fitting(name: str, pattern: Value, tested: Value) -> Facts:
    """`name.matches(pattern)`, or of a matcher, whose text is its pattern."""
    if pattern.text is None or not is_strict(pattern.text, anchored=name == "matches"):
        return NO_FACTS
    return facts_of(tested.taints, EVERY_DANGER)


def _pattern(name: str, receiver: Value | None, args: list[Value]) -> Facts:
    """A regular expression that the whole value fits. Of a compiled one, the pattern is the receiver."""
    tested: Taints = tuple(taint for arg in args for taint in arg.taints)
    if not tested:
        return NO_FACTS
    text = _pattern_text(receiver, args)
    if text is not None and _ONE_SLASH.match(text):
        return facts_of(tested, SLASHED | SINGLE)
    if text is None or not is_strict(text, anchored=name == "fullmatch"):
        return NO_FACTS
    return facts_of(tested, EVERY_DANGER)


_ONE_SLASH = re.compile(r"\^\\?/(?:\(\?!|\[\^)[^)\]]*/")
"""`^/(?!/)` and `^/[^/]`: what begins so leads nowhere else."""


def is_narrow(receiver: Value | None, args: list[Value]) -> bool:
    """Whether what such a pattern finds, in whatever text, cannot be what somebody likes."""
    text = _pattern_text(receiver, args) if args else None
    return text is not None and not is_loose(text)


def _pattern_text(receiver: Value | None, args: list[Value]) -> str | None:
    return next((v.text for v in (receiver, args[0]) if v is not None and v.is_constant and v.text), None)

"""What an expression's value is: one small function for each kind.

Calls are the business of `calls.py`; what a test shows, of `guards.py`.
"""

from collections.abc import Callable
from typing import Any

from server.analysis.flow import binding, calls, guards, members, texts
from server.analysis.flow.frames import Frame
from server.analysis.flow.program import (
    Attr,
    Call,
    Choice,
    Closure,
    Collection,
    Const,
    Each,
    Expr,
    Item,
    Let,
    Name,
    Op,
    Operator,
    Shape,
    Spread,
    Text,
    Unknown,
    Yield,
)
from server.analysis.flow.references import Inner
from server.analysis.flow.taints import VAGUE, flagged
from server.analysis.flow.values import MAX_TEXT, NOTHING, OR, SEVERAL, UNKNOWN, Value, constant, join, join_all, whole


def evaluate(node: Expr, frame: Frame) -> Value:
    return _EVALUATORS[node.__class__](node, frame)


def _const(node: Const, frame: Frame) -> Value:
    return constant(node.value)


def _name(node: Name, frame: Frame) -> Value:
    return members.variable(node.id, frame, node.line)


def _attr(node: Attr, frame: Frame) -> Value:
    return members.attribute(evaluate(node.base, frame), node.name, frame, node.line)


def _item(node: Item, frame: Frame) -> Value:
    base = evaluate(node.base, frame)
    if node.key is None:
        return members.element(base)
    key = evaluate(node.key, frame)
    found = members.item(base, key, frame)
    return join(found, members.library_item(base, key, frame, node.line)) if base.refs else found


def _call(node: Call, frame: Frame) -> Value:
    return calls.call(node, frame)


def _text(node: Text, frame: Frame) -> Value:
    return texts.text(node, frame)


def _operation(node: Op, frame: Frame) -> Value:
    operator = node.operator
    if operator is Operator.ARITHMETIC:
        for operand in node.operands:
            evaluate(operand, frame)
        return NOTHING
    if operator is Operator.AND or operator is Operator.OR:
        return _and_or(node, frame)
    frame.proof = guards.condition(node, frame)
    return NOTHING


def _and_or(node: Op, frame: Frame) -> Value:
    """`a or b`: each later operand is evaluated knowing how the earlier ones came out."""
    state = frame.state
    if state is None:
        return NOTHING
    before = state.facts
    values = []
    shown = guards.NO_PROOF
    is_and = node.operator is Operator.AND
    for index, operand in enumerate(node.operands):
        value, proof = guards.tested(operand, frame)
        known = state.facts
        frame.know(proof[0])
        settled = frame.settled(value)
        if not is_and:
            state.facts = known
            frame.know(proof[1])
        shown = guards.combined(is_and, shown, proof) if index else proof
        if not is_and and value.const is None:
            continue
        values.append(settled if is_and or operand is not node.operands[-1] else value)
    state.facts = before
    frame.proof = shown
    return join_all(values[-1:] if is_and else values)


def _collection(node: Collection, frame: Frame) -> Value:
    """A display keeps its parts apart as long as their keys are constant."""
    fields: dict[str, Value] = {}
    whole_value = NOTHING
    texts_in: list[str] | None = []
    for index, (key, item) in enumerate(node.items):
        if isinstance(item, Spread) or (key is None and node.shape is Shape.DICT):
            spread = evaluate(item.value if isinstance(item, Spread) else item, frame)
            whole_value = join(whole_value, members.element(spread) if node.shape is not Shape.DICT else spread)
            texts_in = None
            continue
        value = evaluate(item, frame)
        if key is None:
            name = f"[{index}]"
        else:
            key_value = evaluate(key, frame)
            name = members.key_of(key_value)
            if key_value.taints:
                whole_value = join(whole_value, Value(flagged(key_value.taints, VAGUE)))  # one key, put there by name
        if value.const is UNKNOWN or value.taints:
            texts_in = None
        elif texts_in is not None and value.text is not None:
            texts_in.append(value.text)
        if name and len(fields) < 30:
            fields[name] = value
        elif node.shape is Shape.DICT:  # The value says nothing of the keys.
            fields[members.ANY_KEY] = join(fields.get(members.ANY_KEY, NOTHING), value)
        else:
            whole_value = join(whole_value, value)
    if texts_in is not None:
        return Value((), (), SEVERAL, OR.join(dict.fromkeys(texts_in))[:MAX_TEXT], fields)
    return Value(whole_value.taints, (), UNKNOWN, None, {**(whole_value.fields or {}), **fields})


def _each(node: Each, frame: Frame) -> Value:
    state = frame.state
    if state is None:
        return NOTHING
    outside = state
    frame.state = state.copy()
    for target, iterable, conditions in node.loops:
        binding.bind(target, members.element(evaluate(iterable, frame)), frame)
        for condition in conditions:
            frame.know(guards.condition(condition, frame)[0])
    value = frame.settled(evaluate(node.value, frame))
    if node.key is not None:
        keys = whole(frame.settled(evaluate(node.key, frame)))
        frame.state = outside
        return Value(keys, (), UNKNOWN, None, {members.ANY_KEY: value})
    frame.state = outside
    return Value(whole(value), (), SEVERAL if value.is_constant else UNKNOWN, value.text, {"[*]": value})


def _choice(node: Choice, frame: Frame) -> Value:
    state = frame.state
    if state is None:
        return NOTHING
    true, false = guards.condition(node.test, frame)
    before = state.facts
    frame.know(true)
    yes = frame.settled(evaluate(node.yes, frame))
    state.facts = before
    frame.know(false)
    no = frame.settled(evaluate(node.no, frame))
    state.facts = before
    return join(yes, no)


def _let(node: Let, frame: Frame) -> Value:
    frame.proof = None
    value = evaluate(node.value, frame)
    proof = frame.proof
    binding.bind(node.target, value, frame)
    if proof is not None and isinstance(node.target, Name) and frame.state is not None:
        frame.state.proofs[node.target.id] = proof
        frame.proof = proof
    return value


def _closure(node: Closure, frame: Frame) -> Value:
    """One that nobody is seen to call is run at the end, like other inner functions: whoever gets it may."""
    frame.inner.append(node.function)
    return Value((), (Inner(node.function, frame),))


def _spread(node: Spread, frame: Frame) -> Value:
    return members.element(evaluate(node.value, frame))


def _yield(node: Yield, frame: Frame) -> Value:
    """A generator is the collection of what it yields; what is sent into it is not followed."""
    if node.value is not None:
        value = frame.settled(evaluate(node.value, frame))
        top = frame
        top.result = join(top.result, Value(value.taints, value.refs, UNKNOWN, value.text, {"[*]": value}))
    return NOTHING


def _unknown(node: Unknown, frame: Frame) -> Value:
    values = [evaluate(part, frame) for part in node.parts]
    if len(values) == 1:
        return values[0]
    return join_all(Value(v.taints, v.refs, v.const, v.text, v.fields) for v in values)


_EVALUATORS: dict[type, Callable[[Any, Frame], Value]] = {
    Const: _const,
    Name: _name,
    Attr: _attr,
    Item: _item,
    Call: _call,
    Text: _text,
    Op: _operation,
    Collection: _collection,
    Each: _each,
    Choice: _choice,
    Let: _let,
    Closure: _closure,
    Spread: _spread,
    Yield: _yield,
    Unknown: _unknown,
}

"""What is assigned to names, attributes and items, and to parts of what a caller gave. `members.py` reads them."""

from server.analysis.flow import members
from server.analysis.flow.frames import Frame
from server.analysis.flow.program import Attr, Collection, Const, Expr, Item, Name, Shape, Spread, Unknown
from server.analysis.flow.references import Instance, Library
from server.analysis.flow.scopes import ClassScope, ModuleScope, Variable
from server.analysis.flow.taints import MAX_WRITTEN, Taints
from server.analysis.flow.values import NOTHING, Value, join, whole, with_field, without_field


def bind(target: Expr, value: Value, frame: Frame) -> None:
    """Assign *value* to a target: a name, an attribute, an item, or several of these (unpacking)."""
    if isinstance(target, Name):
        bind_name(target.id, value, frame)
    elif isinstance(target, Attr):
        write(target.base, "." + target.name, value, frame)
    elif isinstance(target, Item):
        key = "" if target.key is None else members.key_of(frame.evaluate(target.key, frame))
        write(target.base, key or members.ANY_KEY, value, frame)
    elif isinstance(target, Collection):
        _unpack(target, value, frame)
    elif isinstance(target, Spread):
        bind(target.value, value, frame)
    elif isinstance(target, Unknown):
        for part in target.parts:
            bind(part, value, frame)


def _unpack(target: Collection, value: Value, frame: Frame) -> None:
    by_key = target.shape is Shape.DICT
    for index, (key, part) in enumerate(target.items):
        if isinstance(part, Spread):
            bind(part.value, Value(whole(value)), frame)
        elif by_key and key is not None:
            bind(part, members.item(value, frame.evaluate(key, frame), frame), frame)
        else:
            fields = value.fields
            known = fields.get(f"[{index}]") if fields else None
            bind(part, members.element(value) if known is None else known, frame)


def bind_name(name: str, value: Value, frame: Frame) -> None:
    state = frame.state
    if state is None:
        return
    if name in frame.outer:
        _bind_outer(name, value, frame)
    elif frame.class_names:
        frame.solver.write((frame.class_names[-1], "." + name), frame.settled(value), frame)
        state.variables[name] = value
    else:
        state.variables[name] = value
        if state.proofs:
            state.proofs.pop(name, None)


def _bind_outer(name: str, value: Value, frame: Frame) -> None:
    """`nonlocal` and `global`: what is assigned is joined to what is there."""
    outer = frame.parent
    while outer is not None:
        known = outer.variables.get(name)
        if known is not None:
            outer.variables[name] = join(known, value)
            return
        outer = outer.parent
    frame.solver.write((frame.scope.name, name), frame.settled(value), frame)


def write(target: Expr, key: str, value: Value, frame: Frame) -> None:
    """`target.key = value`: into the variable, the class, and (for a parameter) into what the caller gave."""
    base = frame.evaluate(target, frame)
    settled = frame.settled(value)
    is_object = False
    for ref in base.refs:
        if isinstance(ref, Instance):
            is_object = True
            frame.solver.write((ref.of.key, key), settled, frame)
            for library in frame.solver.project.lineage(ref.of)[1]:
                if shared := frame.solver.vocabulary.shared(library.name):
                    frame.solver.write((shared, key), settled, frame)
        elif isinstance(ref, ClassScope):
            frame.solver.write((ref.key, key), settled, frame)
        elif isinstance(ref, ModuleScope):
            frame.solver.write((ref.name, key[1:]), settled, frame)
        elif isinstance(ref, Library) and (shared := frame.solver.vocabulary.shared(ref.name)):
            frame.solver.write((shared, key), settled, frame)
            return
    if is_object and not whole(settled):
        if base.fields is not None and key in base.fields:
            replace(target, without_field(base, key), frame)
        return  # What an attribute stands for is known by class; objects are told apart by what strangers chose.
    for taint in base.taints:
        seed = taint.seed
        if seed.given is None and seed.depth < MAX_WRITTEN:
            frame.solver.effect(frame, seed.parameter, (*seed.keys, key), settled)
    if key == members.ANY_KEY and base.fields is not None and members.ANY_KEY in base.fields:
        value = join(base.fields[members.ANY_KEY], value)
    replace(target, with_field(base, key, value), frame)


def replace(target: Expr, value: Value, frame: Frame) -> None:
    """What *target* stands for was changed in place and is now *value*."""
    if isinstance(target, Name):
        state = frame.state
        if state is None:
            return
        if target.id in state.variables:
            state.variables[target.id] = value
            return
        outer = frame.parent
        while outer is not None:
            if target.id in outer.variables:
                outer.variables[target.id] = join(outer.variables[target.id], value)
                return
            outer = outer.parent
        found = frame.solver.project.name(target.id, frame.scope)
        if isinstance(found, Variable):
            frame.solver.write((found.scope.name, found.name), frame.settled(value), frame)
    elif isinstance(target, Attr):
        base = frame.evaluate(target.base, frame)
        if base.taints or base.refs or base.fields:
            write(target.base, "." + target.name, value, frame)
    elif isinstance(target, Item) and isinstance(target.base, (Name, Attr)) and target.key is not None:
        key = members.key_of(frame.evaluate(target.key, frame))
        base = frame.evaluate(target.base, frame)
        replace(target.base, with_field(base, key or members.ANY_KEY, value), frame)


def write_path(target: Expr, keys: tuple[str, ...], value: Value, frame: Frame) -> None:
    """A function that was called wrote a part of what *target* stands for."""
    key = keys[0]
    if len(keys) > 1:
        inner = Attr(target.line, target, key[1:]) if key[0] == "." else Item(target.line, target, Const(0, key[1:-1]))
        write_path(inner, keys[1:], value, frame)
    elif key == members.ANY_KEY:
        mix_in(target, whole(value), frame, Value((), value.refs))
    elif isinstance(target, (Name, Attr, Item)):
        write(target, key, value, frame)


def mix_in(target: Expr, taints: Taints, frame: Frame, extra: Value = NOTHING) -> None:
    """Something was put into what *target* stands for: `items.append(x)`."""
    if not taints and not extra.refs:
        return
    base = frame.evaluate(target, frame)
    taints = frame.settled_taints(taints)
    for taint in base.taints:
        seed = taint.seed
        if seed.given is None and seed.depth < MAX_WRITTEN:
            frame.solver.effect(frame, seed.parameter, (*seed.keys, members.ANY_KEY), Value(taints))
    inside = join((base.fields or {}).get(members.ANY_KEY, NOTHING), Value(taints, extra.refs))
    changed = with_field(base, members.ANY_KEY, inside)
    if changed is not base:
        replace(target, changed, frame)


def fill(target: Expr, taints: Taints, frame: Frame) -> None:
    """All of what *target* stands for was written by a callee, each part too: `decoder.Decode(&order)`."""
    mix_in(target, taints, frame)
    base = frame.evaluate(target, frame)
    replace(target, join(base, Value(frame.settled_taints(taints))), frame)

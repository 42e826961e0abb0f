"""Parts of values: what names, attributes and items are. What is assigned to them, `binding.py` writes."""

from server.analysis.flow import sinks, types
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import Frame
from server.analysis.flow.models import Danger, Origin
from server.analysis.flow.references import Bound, Instance, Library, Row, Super
from server.analysis.flow.scopes import ClassScope, ModuleScope, Resolved, Unit, Variable
from server.analysis.flow.taints import Taint, Taints, bits, cleaned, join_taints
from server.analysis.flow.values import (
    NOTHING,
    SEVERAL,
    UNKNOWN,
    Value,
    changed_fields,
    join,
    join_all,
    with_references,
)
from server.analysis.flow.vocabulary import NO_WORDS
from server.analysis.language import Language
from server.analysis.source import Span

ANY_KEY = "[*]"
"""Of a field: an element whose key is not known."""


def variable(name: str, frame: Frame, line: int, *, called: bool = False) -> Value:
    """Of a name. *called*: what is wanted is the function of that name, not what it gives."""
    state = frame.state
    value = state.variables.get(name) if state is not None else None
    if value is not None:
        return value
    if frame.function is not None:
        outer: Frame | None = frame
        while outer is not None:
            value = outer.variables.get(name)
            if value is not None:
                return value
            if name in outer.imported:
                return value_of(outer.imported[name], frame, line, called=called)
            outer = outer.parent
    found = frame.solver.project.name(name, frame.scope)
    if frame.scope.module.language is Language.RUBY and not called:
        called_here = _own_method(name, frame) if found is None else found if isinstance(found, Unit) else None
        if called_here is not None:
            return frame.solver.apply(called_here, _this(frame), frame, line)
    if found is None:
        if not called and frame.solver.vocabulary.of(name).sources:  # A variable that everybody has: PHP's `$_GET`.
            return library_value(Library(name), frame, line)
        return frame.solver.builtin(name)
    return value_of(found, frame, line, called=called)


def _own_method(name: str, frame: Frame) -> Unit | None:
    """Ruby's bare name that is no variable: a method that the class has from above it, or from a module it includes."""
    inmost: Frame | None = frame
    while inmost is not None and inmost.unit.owner is None:
        inmost = inmost.parent
    owner = inmost.unit.owner if inmost is not None else None
    return frame.solver.project.method(owner, name) if owner is not None else None


def _this(frame: Frame) -> Value:
    outer: Frame | None = frame
    while outer is not None and "self" not in outer.variables:
        outer = outer.parent
    return outer.variables["self"] if outer is not None else NOTHING


def value_of(found: Resolved, frame: Frame, line: int, *, called: bool) -> Value:
    if isinstance(found, Variable):
        return frame.solver.variable(found.scope, found.name, frame)
    if isinstance(found, Library):
        return library_value(found, frame, line, called=called)
    return Value((), (found,))


def library_value(of: Library, frame: Frame, line: int, *, called: bool = False) -> Value:
    """What reading a library's name gives: it may itself be hostile (`sys.argv`), or an object of a type."""
    if called:
        return Value((), (of,))
    words = frame.solver.vocabulary.of(of.name)
    refs: tuple[Library, ...] = (Library(words.returns, is_instance=True),) if words.returns else (of,)
    taints: Taints = ()
    is_data = False
    for source in words.sources:
        if not source.args:
            is_data = True
            taints = join_taints(taints, frame.solver.given(source, of.name, frame, line))
    if is_data and not words.returns and not frame.solver.vocabulary.knows_parts_of(of.name):
        return Value(taints)  # Plain data: its methods are those of any text.
    return Value(taints, refs)


def attribute(base: Value, name: str, frame: Frame, line: int, *, called: bool = False) -> Value:
    key = "." + name
    found = NOTHING
    if base.fields is not None:
        field = base.fields.get(key)
        if field is None:  # JavaScript's objects: `{ a: 1 }.a`
            field = base.fields.get(f"[{name}]")
            field = None if field is not None and called and not field.refs else field
        if field is not None:
            return field
    for ref in base.refs:
        if ref.__class__ is Row and (unit := frame.solver.project.method(ref.of, name)) is not None:
            is_property = frame.solver.is_property(unit)
            return frame.solver.apply(unit, base, frame, line) if is_property else Value((), (Bound(unit, base),))
        found = join(found, _of_reference(ref, base, name, frame, line, called))
    if base.taints and name not in _COUNTED and not _is_number_field(base, name, frame):
        taints = cleaned(tuple([taint.part(key) for taint in base.taints]), _cleaned_by_reading(base, name, frame))
        if any(isinstance(ref, Instance) and types.is_text_field(ref.of, name, frame) for ref in base.refs):
            taints = cleaned(taints, _OPERATORS)
        if name in _ASKED:
            taints = tuple(Taint(t.seed, t.cleaned & ~_ELSEWHERE, t.flags, t.step) for t in taints)
        elif name in _KEPT_AT:
            taints = _where_kept(taints)
        found = join(found, Value(taints)) if found is not NOTHING else Value(taints)
    return found


_COUNTED = frozenset(
    {
        *("insertedCount", "matchedCount", "modifiedCount", "deletedCount", "upsertedCount", "affectedRows"),
        *("changedRows", "rowCount", "rowcount", "insertId", "lastrowid", "lastID", "lastInsertRowid"),
    }
)
"""What a database tells of a write, whatever was written."""
_OPERATORS = bits((Danger.NOSQL,))

_ASKED = frozenset({"searchParams", "query"})
"""Of an address, what its sender asks: though it leads back to this site, a parameter in it may lead elsewhere."""

_ELSEWHERE = bits((Danger.REDIRECT,))


_KEPT_AT = frozenset({"path", "tmp_name", "tempFilePath", "filepath"})
"""Of an uploaded file, where the server itself has put it."""

_PLACES = bits((Danger.PATH, Danger.ARCHIVE, Danger.URL))


def _where_kept(taints: Taints) -> Taints:
    return tuple(
        Taint(t.seed, t.cleaned | _PLACES, t.flags, t.step)
        if t.seed.given is not None and t.seed.given.origin is Origin.UPLOAD
        else t
        for t in taints
    )


def _cleaned_by_reading(base: Value, name: str, frame: Frame) -> int:
    """What an attribute of a library's type cannot do, whoever chose the object: `Path(p).name`."""
    mask = 0
    for ref in base.refs:
        if isinstance(ref, Library) and ref.is_instance:
            for sanitizer in frame.solver.vocabulary.of(f"{ref.name}.{name}").sanitizers:
                mask |= bits(sanitizer.dangers)
    return mask


def _is_number_field(base: Value, name: str, frame: Frame) -> bool:
    return any(isinstance(ref, Instance) and frame.solver.is_number_field(ref.of, name, frame) for ref in base.refs)


def _of_reference(ref: object, base: Value, name: str, frame: Frame, line: int, called: bool) -> Value:
    solver = frame.solver
    if isinstance(ref, Library):
        kept = _kept(ref, "." + name, frame)
        if kept is not NOTHING:
            return kept
        full = f"{ref.name}.{name}"
        known = solver.vocabulary.of(full)
        if ref.is_instance and known is NO_WORDS and not solver.vocabulary.knows(full):
            return NOTHING
        if known.harmless and not called:
            return NOTHING
        return library_value(Library(full), frame, line, called=called)
    if isinstance(ref, Instance):
        return _instance_attribute(ref.of, base, name, frame, line, called)
    if isinstance(ref, ModuleScope):
        found = solver.project.name(name, solver.project.modules.get(ref.name, ref))
        if found is not None:
            return value_of(found, frame, line, called=called)
        default = solver.project.default(ref)
        return (
            NOTHING
            if default is None
            else attribute(value_of(default, frame, line, called=False), name, frame, line, called=called)
        )
    if isinstance(ref, ClassScope):
        return _class_attribute(ref, name, frame, line, called)
    if isinstance(ref, Super):
        return _super_attribute(ref.of, base, name, frame, line, called)
    return NOTHING


def _kept(ref: Library, key: str, frame: Frame) -> Value:
    """What is kept on an object of a library's of which a program has one: `request.app["client"]`."""
    shared = frame.solver.vocabulary.shared(ref.name)
    return frame.solver.stored((shared, key), frame) if shared else NOTHING


def _instance_attribute(of: ClassScope, base: Value, name: str, frame: Frame, line: int, called: bool) -> Value:
    project, solver = frame.solver.project, frame.solver
    unit = project.method(of, name)
    if unit is not None:
        if solver.is_property(unit):
            return solver.apply(unit, base, frame, line)
        receiver = Value((), (of,)) if solver.is_class_method(unit) else base
        units = [unit, *project.overriding(of, name)[:3]]
        return Value((), tuple(Bound(u, receiver) for u in units))
    found = NOTHING
    for place, declared in project.attribute(of, name):
        kept = solver.stored(place, frame)
        if kept is not NOTHING:
            found = join(found, kept)
        if declared is not None:
            found = with_references(found, types.value_of_type(declared).refs)
    if found is NOTHING:
        for library in project.lineage(of)[1]:
            found = join(found, _of_reference(Library(library.name, is_instance=True), base, name, frame, line, called))
    return found


def _class_attribute(of: ClassScope, name: str, frame: Frame, line: int, called: bool) -> Value:
    project, solver = frame.solver.project, frame.solver
    unit = project.method(of, name)
    if unit is not None:
        return Value((), (Bound(unit, Value((), (of,))) if solver.is_class_method(unit) else unit,))
    found = NOTHING
    classes, libraries = project.lineage(of)
    for scope in classes:
        found = join(found, solver.stored((scope.key, "." + name), frame))
    for scope in classes:
        inner = project.classes.get(f"{scope.key}.{name}")
        if inner is not None:
            return Value((), (inner,))
    if found is NOTHING:
        for library in libraries:
            found = join(found, _of_reference(library, NOTHING, name, frame, line, called))
    return found


def _super_attribute(of: ClassScope, base: Value, name: str, frame: Frame, line: int, called: bool) -> Value:
    project = frame.solver.project
    classes, libraries = project.lineage(of)
    for scope in classes[1:]:
        unit = scope.methods.get(name)
        if unit is not None:
            return Value((), (Bound(unit, base),))
    found = NOTHING
    for library in libraries:
        found = join(found, _of_reference(Library(library.name, is_instance=True), base, name, frame, line, called))
    return found


def key_of(key: Value) -> str:
    """The field that a constant key means, or ""."""
    literal = key.const
    if literal is UNKNOWN or literal is SEVERAL:
        return ""
    return f"[{str(literal)[:60]}]"


def item(base: Value, key: Value, frame: Frame) -> Value:
    name = key_of(key)
    fields = base.fields
    if not name:
        return element(base)
    found = NOTHING
    if fields is not None:
        known = fields.get(name)
        if known is None:
            known = fields.get(ANY_KEY, NOTHING)
        found = known
    if base.taints:
        taints = tuple([taint.part(name) for taint in base.taints])
        found = join(Value(_where_kept(taints) if name[1:-1] in _KEPT_AT else taints), found)
    for ref in base.refs:
        if isinstance(ref, Instance):
            unit = frame.solver.project.method(ref.of, "__getitem__")
            if unit is not None:
                found = join(found, frame.solver.apply(unit, base, frame, frame.unit.line))
    return found


def library_item(base: Value, key: Value, frame: Frame, line: int) -> Value:
    """`connections["default"]`, `globals()[name]`: models speak of `__getitem__`."""
    found = NOTHING
    for ref in base.refs:
        if isinstance(ref, Library):
            found = join(found, _kept(ref, key_of(key) or ANY_KEY, frame))
            words = frame.solver.vocabulary.of(f"{ref.name}.__getitem__")
            if words.sinks:
                span = Span(line, 1, line, 1)
                sinks.check(words.sinks, Arguments([key], {}, span, []), frame)
            if words is not NO_WORDS:
                part = library_value(Library(f"{ref.name}.__getitem__"), frame, line)
                name = key_of(key)
                if name and part.taints:
                    part = Value(tuple(taint.part(name) for taint in part.taints), part.refs)
                found = join(found, part)
    return found


def element(base: Value) -> Value:
    """Any element of a collection: a loop's variable, an item of an unknown key, a slice."""
    found = Value(base.taints, (), SEVERAL if base.const is SEVERAL else UNKNOWN, base.text)
    if base.fields is not None:
        found = join_all((*((found,) if base.taints else ()), *_elements(base)))
        if base.const is SEVERAL and found.const is UNKNOWN:
            found = Value(found.taints, found.refs, SEVERAL, found.text or base.text, found.fields)
    return found


def _elements(base: Value) -> list[Value]:
    return [value for key, value in (base.fields or {}).items() if key[0] == "["]


def named(value: Value, unit: str, line: int, message: str, depth: int = 2) -> Value:
    """The value with a step more on its way, where it gets a name. The value itself where nobody chose any of it."""
    taints = value.taints
    if taints:
        taints = tuple([taint.stepped(unit, line, message, is_named=True) for taint in taints])
    fields = value.fields
    if fields is not None and depth:
        fields = changed_fields(fields, lambda part: named(part, unit, line, message, depth - 1))
    if taints is value.taints and fields is value.fields:
        return value
    return Value(taints, value.refs, value.const, value.text, fields)

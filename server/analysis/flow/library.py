"""Calling something of a library: what the models say of its name; of names without a model, next to nothing."""

from server.analysis.flow import guards, members, sinks
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import Frame
from server.analysis.flow.models import Calls, Danger, Sanitizer, Sink, Source, Through
from server.analysis.flow.program import Attr, Call, Function, Name
from server.analysis.flow.references import Bound, Library
from server.analysis.flow.values import (
    BUILT,
    COMMON,
    DERIVED,
    EVERY_DANGER,
    NORMAL,
    NOTHING,
    ROOT,
    UNKNOWN,
    VAGUE,
    Taint,
    Taints,
    Value,
    bits,
    cleaned,
    flagged,
    join,
    join_all,
    join_taints,
    whole,
    with_field,
)
from server.analysis.flow.vocabulary import NO_WORDS, Words
from server.analysis.source import Span

_NORMALIZING = frozenset({"realpath", "abspath", "normpath", "resolve", "normalize", "Clean", "getCanonicalPath"})
_IN_COMMON = frozenset({"commonpath", "commonprefix", "relpath"})

_SAME_TEXT = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "casefold",
        "title",
        "capitalize",
        "encode",
        "decode",
        "replace",
        "expandtabs",
        "removeprefix",
        "removesuffix",
        "trim",
        "trimStart",
        "trimEnd",
        "toLowerCase",
        "toUpperCase",
        "toString",
        "format",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "swapcase",
        "str",
        "get",
        "getlist",
        "pop",
        "value",
        "values",
        "text",
        "string",
        "Trim",
        "ToLower",
        "ToUpper",
        "TrimSpace",
    ]
)
"""Methods whose result is still the text itself: testing it tests the value."""

_READS = frozenset({"get", "pop", "setdefault", "getlist", "getfirst", "getone", "getall", "fetch", "dig"})
"""Methods that read one part by its key."""

_MUTATORS = frozenset(
    [
        "append",
        "add",
        "extend",
        "insert",
        "update",
        "appendleft",
        "extendleft",
        "push",
        "unshift",
        "put",
        "put_nowait",
        "write",
        "writelines",
        "setdefault",
        "set",
        "concat",
    ]
)
"""Methods that put their arguments into their receiver."""

_OF_SERVICES = frozenset({"add", "update", "write", "put"})
"""Of these, the ones that an attribute (`self.users.add(user)`) rather has because it is a service, no collection."""

_FAILING = frozenset({"int", "float", "uuid.UUID", "complex", "decimal.Decimal", "ipaddress.ip_address"})
"""Conversions that fail on everything but what is harmless."""

_MATCHES = frozenset({"match", "fullmatch", "search", "findall", "finditer"})
"""What is found by a narrow pattern is as harmless as the pattern."""

_OF_NUMBERS = EVERY_DANGER & ~bits((Danger.RESOURCE,))

_FILLING = frozenset({"replace", "format", "format_map", "join", "concat", "replaceAll", "sub", "safe_substitute"})
"""Methods that put their arguments into the text that is their receiver."""


def call(of: Library, args: Arguments, node: Call, frame: Frame) -> Value:
    """*of* is a function, a class, a method of a type; or an object that is called itself."""
    vocabulary = frame.solver.vocabulary
    name = f"{of.name}.__call__" if of.is_instance else of.name
    words = vocabulary.of(name)
    known = words is not NO_WORDS
    if not known and not of.is_instance and vocabulary_is_silent(of, frame):
        words = vocabulary.of_unknown(_tail(node))
    result = _modelled(words, name, args, node, frame)
    if not known and of.name.rpartition(".")[2][:1].isupper() and not result.refs:
        return _constructed(of, args, result)
    return result


def vocabulary_is_silent(of: Library, frame: Frame) -> bool:
    """Whether the whole library is unknown, so that its things are values of an unknown type."""
    return of.name.partition(".")[0] not in frame.solver.outside


def call_unknown(target: Value, args: Arguments, node: Call, frame: Frame) -> Value:
    """A call of a value of unknown type: models of its method's name alone may know it."""
    words = frame.solver.vocabulary.of_unknown(_tail(node)) if isinstance(node.callee, Attr) else NO_WORDS
    if args.receiver is not None and args.receiver.refs and words is not NO_WORDS and _is_typed(args.receiver, frame):
        words = NO_WORDS
    return _modelled(words, _tail(node), args, node, frame)


def _is_typed(receiver: Value, frame: Frame) -> bool:
    """Only what is known through and through: an object of a class that inherits from a library may be anything, and
    so may one of a library of which no model speaks.
    """
    return any(
        isinstance(ref, Library) and ref.is_instance and not vocabulary_is_silent(ref, frame) for ref in receiver.refs
    )


def _tail(node: Call) -> str:
    """`objects.raw` of `Book.objects.raw(...)`."""
    callee = node.callee
    if not isinstance(callee, Attr):
        return callee.id if isinstance(callee, Name) else ""
    if isinstance(callee.base, Attr):
        return f"{callee.base.name}.{callee.name}"
    return callee.name


def _modelled(words: Words, name: str, args: Arguments, node: Call, frame: Frame) -> Value:
    last = name.rpartition(".")[2]
    if words.sinks:
        sinks.check(words.sinks, args, frame)
    result = NOTHING
    for model in words.calls:
        result = join(result, _called_back(model, args, frame))
    proof = guards.of_call(last, words.guards, args.receiver, args.all(), frame)
    if words.sources:
        result = join(result, _given(words.sources, name, args, frame, node.line))
    if words.harmless or _is_converted(args):
        taints: Taints = ()
    elif words.throughs:
        taints = _through(words.throughs, args, frame)
    else:
        taints = _carried(args, last, known=_tells_of_result(words))
        if last in _MUTATORS and not (last in _OF_SERVICES and isinstance(args.receiver_node, Attr)):
            _mutate(args, frame)
    if last in _MATCHES and taints and guards.is_narrow(args.receiver, args.positional):
        taints = ()
    if name in _FAILING:
        for value in args.all():
            frame.know(guards.facts_of(value.taints, _OF_NUMBERS))
    elif last == "relative_to" and args.receiver is not None:
        frame.know(guards.contained(args.receiver.taints))
    if taints:
        if last in _NORMALIZING:
            taints = flagged(taints, NORMAL)
        elif last in _IN_COMMON:
            taints = flagged(taints, COMMON | DERIVED)
        taints = sanitized(words.sanitizers, taints, args)
    refs = (Library(words.returns, is_instance=True),) if words.returns else ()
    if taints or refs:
        text = args.receiver.text if last in _SAME_TEXT and args.receiver is not None else None
        result = (
            join(Value(taints, refs, UNKNOWN, text), result)
            if result is not NOTHING
            else Value(taints, refs, UNKNOWN, text)
        )
    elif result is NOTHING:
        result = _untainted(last, args)
    if last in _READS and args.receiver is not None and args.receiver.fields is not None and args.positional:
        result = _read(args, result, frame)
    frame.proof = proof if proof is not guards.NO_PROOF else None
    return result


def _is_converted(args: Arguments) -> bool:
    """`request.args.get("page", type=int)`."""
    kind = args.keywords.get("type")
    return kind is not None and any(isinstance(ref, Library) and ref.name in _FAILING for ref in kind.refs)


def _untainted(last: str, args: Arguments) -> Value:
    """A constant whose case changes, or one of its parts, is constant still."""
    receiver = args.receiver
    if last == "compile" and args.positional and args.positional[0].is_constant:
        return args.positional[0]
    if receiver is not None and receiver.is_constant and (last in _SAME_TEXT or last in _READS):
        return members.element(receiver) if receiver.fields is not None else receiver
    return NOTHING


def _read(args: Arguments, result: Value, frame: Frame) -> Value:
    """`d.get("key", default)` of a collection whose parts are known."""
    receiver = args.receiver
    assert receiver is not None
    part = members.item(receiver, args.positional[0], frame)
    return join_all((part, *args.positional[1:2]))


def _tells_of_result(words: Words) -> bool:
    """Whether the models say anything of what a call gives, and not only of what it does."""
    return bool(words.sanitizers or words.sources or words.guards or words.returns or words.calls)


def _carried(args: Arguments, last: str, *, known: bool) -> Taints:
    """What a function that no table knows hands on: all that goes in, though maybe changed."""
    taints: Taints = ()
    receiver = args.receiver
    if receiver is not None and (receiver.taints or receiver.fields is not None):
        taints = _from_receiver(whole(receiver), last, args)
    arguments = args.taints()
    if arguments:
        if last in _FILLING and receiver is not None and (receiver.text is not None or receiver.taints):
            arguments = flagged(arguments, BUILT)
        elif last not in _NORMALIZING and last not in _IN_COMMON and not known:
            arguments = flagged(arguments, VAGUE | DERIVED)
        taints = join_taints(taints, arguments)
    return taints


def _from_receiver(taints: Taints, last: str, args: Arguments) -> Taints:
    if last in _READS and args.positional:
        key = members.key_of(args.positional[0])
        return tuple(taint.part(key) for taint in taints) if key else taints
    if last == "lstrip" and args.positional and args.positional[0].text == "/":
        return cleaned(taints, ROOT)
    if last in _SAME_TEXT or last in _NORMALIZING:
        return taints
    return tuple(
        taint.part(f".{last}()")
        if taint.seed.given is None
        else Taint(taint.seed, taint.cleaned, taint.flags | DERIVED, taint.step)
        for taint in taints
    )


def _given(sources: list[Source], name: str, args: Arguments, frame: Frame, line: int) -> Value:
    taints: Taints = ()
    for source in sources:
        taint = frame.solver.given(source, name, frame, line)
        if not source.args:
            key = members.key_of(args.positional[0]) if args.positional else ""
            taints = join_taints(taints, (taint.part(key) if key else taint,))
            continue
        for arg in source.args:
            node = args.node(arg)
            for value, span in args.given(arg):
                if not _call_with(value, Value((taint,)), span, frame) and node is not None:
                    members.fill(node, (taint,), frame)
    return Value(taints)


def _call_with(function: Value, given: Value, span: Span, frame: Frame) -> bool:
    """Call a function that is handed over with the same hostile value for every parameter."""
    count = 0
    for ref in function.refs:
        called = ref.unit.function if isinstance(ref, Bound) else getattr(ref, "function", None)
        if isinstance(called, Function):
            count = max(count, len(called.params) - (1 if isinstance(ref, Bound) else 0))
    if count:
        call_back(function, [given] * count, span, frame)
    return count > 0


def call_back(function: Value, given: list[Value], span: Span, frame: Frame) -> Value:
    node = Call(span.start_line, Name(0, ""), [], [], span)
    return frame.solver.invoke(function, Arguments(given, {}, span, []), node, frame)


def _through(throughs: list[Through], args: Arguments, frame: Frame) -> Taints:
    taints: Taints = ()
    for model in throughs:
        carried: Taints = ()
        for arg in model.args:
            for value, _ in args.given(arg):
                carried = join_taints(carried, whole(value))
        if model.into is None:
            taints = join_taints(taints, carried)
        else:
            node = args.node(model.into)
            if node is not None and carried:
                members.fill(node, carried, frame)
    return taints


def sanitized(sanitizers: list[Sanitizer], taints: Taints, args: Arguments) -> Taints:
    mask = 0
    for sanitizer in sanitizers:
        if sinks.holds(sanitizer.when, args):
            mask |= bits(sanitizer.dangers)
    if not mask:
        return taints
    return cleaned(taints, mask)


def _mutate(args: Arguments, frame: Frame) -> None:
    taints = args.taints()
    extra = NOTHING
    for value in args.positional:
        if value.refs:
            extra = join(extra, Value((), value.refs))
    if (taints or extra.refs) and args.receiver_node is not None:
        members.mix_in(args.receiver_node, taints, frame, extra)


def _called_back(model: Calls, args: Arguments, frame: Frame) -> Value:
    """The function that is handed over runs with what else is handed over."""
    result = NOTHING
    given = [value for arg in model.args for value, _ in args.given(arg)]
    for function, span in args.given(model.arg):
        if not function.refs:
            continue
        positional = [members.element(v) if v.fields is not None else v for v in given]
        for index, kind in enumerate(model.parameters):
            typed = Value((), (Library(kind, is_instance=True),)) if kind else NOTHING
            if index >= len(positional):
                positional.append(typed)
            elif kind:
                positional[index] = typed
        result = join(result, call_back(function, positional, span, frame))
    return result


def _constructed(of: Library, args: Arguments, result: Value) -> Value:
    """An object of a class that no table knows: it holds what it was made of."""
    made = Value(result.taints, (Library(of.name, is_instance=True),))
    for name, value in args.keywords.items():
        if value.refs or value.taints:
            made = with_field(made, "." + name, value)
    return made


def assign(target: Attr, value: Value, span: Span, frame: Frame) -> None:
    """What the models say of an attribute that is assigned to: `element.innerHTML = text`."""
    vocabulary = frame.solver.vocabulary
    receiver = frame.evaluate(target.base, frame)
    found: list[Sink] = []
    is_typed = False
    for ref in receiver.refs:
        if isinstance(ref, Library):
            is_typed = is_typed or ref.is_instance
            found += vocabulary.of(f"{ref.name}.{target.name}").assigned
    if not found and not is_typed:
        found = vocabulary.of_unknown(target.name).assigned
    if found:
        sinks.check(found, Arguments([value], {}, span, []), frame)


def check_construction(base: Library, args: Arguments, frame: Frame) -> None:
    """An object of a project's class that inherits from a library's: a sink may be its base."""
    words = frame.solver.vocabulary.of(base.name)
    if words.sinks:
        sinks.check(words.sinks, args, frame)

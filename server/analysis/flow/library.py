"""Calling something of a library: what the models say of its name; of names without a model, next to nothing."""

from itertools import pairwise

from server.analysis.flow import binding, dispatch, guards, members, rows, sinks
from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import Frame
from server.analysis.flow.methods import (
    FAILING,
    FILLING,
    IN_COMMON,
    MAPS,
    MATCHES,
    MUTATORS,
    NORMALIZING,
    OF_SERVICES,
    ONLY_JOINS,
    PART_METHODS,
    READS,
    SAME_TEXT,
    SPLITS,
    TABLE_READS,
)
from server.analysis.flow.models import RECEIVER, Calls, Danger, Sanitizer, Sink, Source, Through
from server.analysis.flow.program import Attr, Call, Expr, Function, Name
from server.analysis.flow.references import Bound, Library
from server.analysis.flow.taints import (
    BUILT,
    CLIMB,
    COMMON,
    DERIVED,
    EVERY_DANGER,
    NORMAL,
    ROOT,
    VAGUE,
    Taint,
    Taints,
    bits,
    cleaned,
    flagged,
    join_taints,
)
from server.analysis.flow.values import HOLE, NOTHING, UNKNOWN, Reference, Value, join, join_all, whole, with_field
from server.analysis.flow.vocabulary import NO_WORDS, Words
from server.analysis.language import Language
from server.analysis.source import Span

_OF_ROUTES = ("_path", "_url", "_path_for", "_url_for")

_OF_NUMBERS = EVERY_DANGER & ~bits((Danger.RESOURCE,))


def call(of: Library, args: Arguments, node: Call, frame: Frame) -> Value:
    """*of* is a function, a class, a method of a type; or an object that is called itself."""
    vocabulary = frame.solver.vocabulary
    name = f"{of.name}.__call__" if of.is_instance else of.name
    words = vocabulary.of(name)
    known = words is not NO_WORDS
    if not known and name.endswith(_OF_ROUTES) and frame.scope.module.language is Language.RUBY:
        return NOTHING  # A helper that Rails makes of a route: an address of this site, with what it is given encoded.
    owner = name.rpartition(".")[0]
    is_silent = vocabulary_is_silent(of, frame) or ("." in owner and not _is_modelled(owner, frame))
    if not known and not of.is_instance and is_silent:
        words = vocabulary.of_unknown(_tail(node))
    result = _modelled(words, name, args, node, frame)
    if name.endswith(".splitext") and result.taints:
        result = _with_extension(result)
    if name == "getattr" and len(args.positional) > 1:
        result = join(result, dispatch.called_by_prefix(args.positional[0], args.positional[1], frame))
        if dispatch.is_any_function(args.positional[0], args.positional[1]):
            sinks.check(vocabulary.of(dispatch.ANY_FUNCTION).sinks, args, frame)
    if not known and of.name.rpartition(".")[2][:1].isupper() and not result.refs:
        return _constructed(of, args, result)
    return result


def _with_extension(path: Value) -> Value:
    """`os.path.splitext(path)`: what is tested of the second part says nothing of the first, and holds no separator."""
    ending = tuple(taint.part(".splitext()[1]") for taint in path.taints)
    plain = tuple(Taint(t.seed, t.cleaned | _PLACES, t.flags & ~(VAGUE | DERIVED), t.step) for t in ending)
    return Value((), path.refs, UNKNOWN, None, {"[0]": Value(path.taints), "[1]": Value(plain)})


def _cut_at_dots(pieces: Value, name: Value) -> Value:
    """`name.rsplit(".", 1)`: what is tested of the last piece, in which no dot is, says nothing of the others."""

    def piece(key: str, mask: int) -> Value:
        parts = (taint.part(f".split(){key}") for taint in name.taints)
        return Value(tuple(Taint(t.seed, t.cleaned | mask, t.flags & ~(VAGUE | DERIVED), t.step) for t in parts))

    fields = {"[0]": piece("[0]", 0), "[1]": piece("[1]", 0), "[-1]": piece("[-1]", CLIMB)}
    return Value((), pieces.refs, UNKNOWN, None, {**fields, members.ANY_KEY: Value(pieces.taints)})


_PLACES = bits((Danger.PATH, Danger.ARCHIVE, Danger.URL, Danger.REDIRECT))


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
    so may one of a library, or of a type, of which no model speaks.
    """
    return any(
        isinstance(ref, Library)
        and ref.is_instance
        and not vocabulary_is_silent(ref, frame)
        and _is_modelled(ref.name, frame)
        for ref in receiver.refs
    )


def _is_modelled(kind: str, frame: Frame) -> bool:
    """Whether models speak of what objects of the type have: of many a library they know a few functions."""
    vocabulary = frame.solver.vocabulary
    if kind.partition(".")[0] not in vocabulary.roots:
        return True  # The language's own: what models are silent of is harmless.
    return any(map(vocabulary.knows_parts_of, vocabulary.kinds_of(kind)))


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
    elif _doubles_quotes(args):
        taints = cleaned(_carried(args, last, known=True), bits((Danger.SQL,)))
    elif last in MAPS and words.calls and args.positional and args.positional[0].refs:
        taints = ()  # what it gives is what the function gives for each
    elif words.throughs:
        taints = _through(words.throughs, last, args, frame)
    else:
        taints = _carried(args, last, known=_tells_of_result(words))
        is_service = last in OF_SERVICES or (last == "insert" and len(args.positional) == 1)
        if last in MUTATORS and not (is_service and isinstance(args.receiver_node, Attr)):
            _mutate(args, frame)
    if last in MATCHES and taints and guards.is_narrow(args.receiver, args.positional):
        taints = ()
    if name in FAILING:
        for value in args.all():
            frame.know(guards.facts_of(value.taints, _OF_NUMBERS))
    elif last == "relative_to" and args.receiver is not None:
        frame.know(guards.contained(args.receiver.taints))
    if taints:
        if _normalizes(name, last):
            taints = cleaned(flagged(taints, NORMAL), _below_root(name, args))
        elif last in IN_COMMON:
            taints = flagged(taints, COMMON | DERIVED)
        taints = sanitized(words.sanitizers, taints, args, frame)
    kind = next((model.type for model in words.choices if sinks.holds(model.when, args, frame)), words.returns)
    refs: tuple[Reference, ...] = (Library(kind, is_instance=True),) if kind else ()
    if words is not NO_WORDS:
        refs = (*refs, *rows.refs_of(words, last, args, node, frame))
    if taints or refs:
        text = args.receiver.text if last in SAME_TEXT and args.receiver is not None else None
        result = (
            join(Value(taints, refs, UNKNOWN, text), result)
            if result is not NOTHING
            else Value(taints, refs, UNKNOWN, text)
        )
    elif result is NOTHING:
        result = _untainted(last, args)
    if last == "matcher" and taints and args.receiver is not None and args.receiver.is_constant:
        result = Value(args.taints(), refs, UNKNOWN, args.receiver.text)  # what is tested, and by which pattern
    if last in READS and args.receiver is not None and args.receiver.fields is not None and args.positional:
        result = _read(args, result, frame)
    if last in SPLITS and args.receiver is not None and args.receiver.taints and args.positional:
        result = _cut_at_dots(result, args.receiver) if args.positional[0].text == "." else result
    if words.becomes or words.limits:
        _limit(words, args, frame)
    frame.proof = proof if proof is not guards.NO_PROOF else None
    return result


def _limit(words: Words, args: Arguments, frame: Frame) -> None:
    """The receiver is from now on of another type, or holds what can do less."""
    receiver, node = args.receiver, args.receiver_node
    if receiver is None or node is None:
        return
    refs = (Library(words.becomes, is_instance=True),) if words.becomes else receiver.refs
    taints = sanitized(words.limits, receiver.taints, args, frame)
    binding.replace(node, Value(taints, refs, receiver.const, receiver.text, receiver.fields), frame)


def _normalizes(name: str, last: str) -> bool:
    return (last in NORMALIZING or name in NORMALIZING) and name not in ONLY_JOINS


def _below_root(name: str, args: Arguments) -> int:
    """What `path.Clean("/" + name)` cannot do any more: above the root is nothing. Go joins it to a folder as it is."""
    text = args.positional[0].text if args.positional else None
    if text is None or not text.startswith("/") or text[1:2] != HOLE:
        return 0
    return CLIMB | ROOT if name in ("path.Clean", "path.filepath.Clean") else CLIMB


def _is_converted(args: Arguments) -> bool:
    """`request.args.get("page", type=int)`."""
    kind = args.keywords.get("type")
    return kind is not None and any(isinstance(ref, Library) and ref.name in FAILING for ref in kind.refs)


def _untainted(last: str, args: Arguments) -> Value:
    """A constant whose case changes, or one of its parts, is constant still."""
    receiver = args.receiver
    if last in ("compile", "MustCompile") and args.positional and args.positional[0].is_constant:
        return args.positional[0]
    if receiver is not None and receiver.is_constant and (last in SAME_TEXT or last in READS):
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
    arguments = args.taints() if last not in TABLE_READS else join_all(args.positional[1:]).taints
    if arguments:
        if last in FILLING and receiver is not None and (receiver.text is not None or receiver.taints):
            arguments = flagged(arguments, BUILT)
        elif last not in NORMALIZING and last not in IN_COMMON and not known:
            arguments = flagged(_not_put_together(arguments, args), VAGUE | DERIVED)
        taints = join_taints(taints, arguments)
    return taints


def _doubles_quotes(args: Arguments) -> bool:
    """`name.replace("'", "''")`, `str_replace("`", "``", $name)`: what is quoted stays within its quotes."""
    given = [value.const for value in args.positional[:3]]
    return any(one in ("'", '"', "`") and other in (one * 2, "\\" + one) for one, other in pairwise(given))


def _not_put_together(taints: Taints, args: Arguments) -> Taints:
    """What comes back for an object with a text in it is something else than this text: `api.find({id: a + "/"})`."""
    held = {taint.seed for taint in args.taints_of_objects() if taint.flags & BUILT}
    if not held:
        return taints
    return tuple(
        Taint(t.seed, t.cleaned, t.flags & ~BUILT, t.step) if t.flags & BUILT and t.seed in held else t for t in taints
    )


def _from_receiver(taints: Taints, last: str, args: Arguments) -> Taints:
    if last in READS and args.positional:
        key = members.key_of(args.positional[0])
        return tuple(taint.part(key) for taint in taints) if key else taints
    if last == "lstrip" and args.positional and args.positional[0].text == "/":
        return cleaned(taints, ROOT)
    if last in SAME_TEXT or last in NORMALIZING:
        return taints
    return tuple(
        taint.part(f".{last}()")
        if taint.seed.given is None or last in PART_METHODS
        else Taint(taint.seed, taint.cleaned, taint.flags | DERIVED, taint.step)
        for taint in taints
    )


def _given(sources: list[Source], name: str, args: Arguments, frame: Frame, line: int) -> Value:
    taints: Taints = ()
    for source in sources:
        given = frame.solver.given(source, name, frame, line)
        if not source.args:
            key = members.key_of(args.positional[0]) if args.positional else ""
            taints = join_taints(taints, tuple([taint.part(key) for taint in given]) if key else given)
            continue
        for arg in source.args:
            node = args.node(arg)
            for value, span in args.given(arg):
                if name.endswith(".register_instance"):
                    value = dispatch.public_methods(value, frame)
                if not _call_with(value, Value(given), span, frame) and node is not None:
                    binding.fill(node, given, frame)
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


def _through(throughs: list[Through], last: str, args: Arguments, frame: Frame) -> Taints:
    taints: Taints = ()
    for model in throughs:
        carried: Taints = ()
        for arg in model.args:
            for value, _ in args.given(arg):
                carried = join_taints(carried, whole(value))
        if model.into is None:
            taints = join_taints(taints, carried)
        else:
            node = _first_of_chain(args.node(model.into), last) if model.into == RECEIVER else args.node(model.into)
            if node is not None and carried:
                binding.fill(node, carried, frame)
    return taints


def _first_of_chain(node: Expr | None, name: str) -> Expr | None:
    """`text` of `text.append(a).append(b)`: such a method gives its receiver back."""
    while isinstance(node, Call) and isinstance(node.callee, Attr) and node.callee.name == name:
        node = node.callee.base
    return node


def sanitized(sanitizers: list[Sanitizer], taints: Taints, args: Arguments, frame: Frame) -> Taints:
    mask = 0
    for sanitizer in sanitizers:
        if sinks.holds(sanitizer.when, args, frame):
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
        binding.mix_in(args.receiver_node, taints, frame, extra)


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

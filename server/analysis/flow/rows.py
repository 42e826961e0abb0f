"""Of which of the project's classes the objects are that an ORM's query gives: `Ticket.query.get(id)` is a `Ticket`.

Only their methods are followed: what their attributes hold comes from the database, whoever wrote to some other object
of the class.
"""

from server.analysis.flow.arguments import Arguments
from server.analysis.flow.frames import Frame
from server.analysis.flow.models import Origin
from server.analysis.flow.program import Attr, Call, Expr, Item, Name
from server.analysis.flow.references import Instance, Library, Row
from server.analysis.flow.scopes import ClassScope
from server.analysis.flow.values import Reference, Value
from server.analysis.flow.vocabulary import Words

_DEEP = 8
"""Calls and attributes of a chain that are looked through."""

_OF_OWN_KIND = frozenset({"as_manager"})
"""Class methods of a library that give an object of the project's class which inherits them."""


def refs_of(words: Words, last: str, args: Arguments, node: Call, frame: Frame) -> tuple[Reference, ...]:
    """What the result of a library's function is besides what the models say: a row, or more of the same query."""
    if any(source.origin is Origin.DATABASE and not source.args for source in words.sources):
        model = _model(node, frame, _DEEP)
        return (Row(model),) if model is not None else ()
    receiver = args.receiver
    if receiver is None or not receiver.refs:
        return ()
    if last in _OF_OWN_KIND:
        return tuple(Instance(ref) for ref in receiver.refs if isinstance(ref, ClassScope))
    if words.returns:
        return tuple(r for r in receiver.refs if isinstance(r, Instance) and _is_one_of(r.of, words.returns, frame))
    return ()


def _is_one_of(of: ClassScope, kind: str, frame: Frame) -> bool:
    """`self.filter(...)` of a query set of the project's own is one of these again."""
    vocabulary = frame.solver.vocabulary
    return any(kind in vocabulary.kinds_of(base.name) for base in frame.solver.project.lineage(of)[1])


def _model(node: Expr, frame: Frame, depth: int) -> ClassScope | None:
    """The class that a chain of calls names: at its beginning, or as an argument (`session.query(Ticket)`)."""
    while depth:
        depth -= 1
        if isinstance(node, Call):
            for argument in node.args[:1]:
                if found := _model(argument, frame, depth - 1) if depth > 1 else None:
                    return found
            node = node.callee
        elif isinstance(node, (Attr, Item)):
            node = node.base
        elif isinstance(node, Name):
            return _class(frame.evaluate(node, frame), frame)
        else:
            return None
    return None


def _class(value: Value, frame: Frame) -> ClassScope | None:
    """A model of the project: a class that inherits from something of a library."""
    for ref in value.refs:
        if isinstance(ref, ClassScope) and _has_library(ref, frame):
            return ref
    return None


def _has_library(of: ClassScope, frame: Frame) -> bool:
    return any(isinstance(base, Library) for base in frame.solver.project.lineage(of)[1])

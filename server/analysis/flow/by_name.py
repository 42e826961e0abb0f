"""A method that is called on a value of which nothing is known, where only one class of the project has such a method.

`self.repo.find_by_town(town)`, though a container or a framework made the `repo`: the name tells whose it is.
"""

import io
import pathlib

from server.analysis.flow.frames import Frame
from server.analysis.flow.program import Call, Function, ParamKind
from server.analysis.flow.references import Bound, Instance, Library
from server.analysis.flow.scopes import Unit
from server.analysis.flow.values import NOTHING, UNKNOWN, Value
from server.analysis.language import Language

_OF_EVERYTHING = frozenset(
    {
        *(name for kind in (str, bytes, list, dict, set, tuple, int, type, object) for name in dir(kind)),
        *(name for kind in (io.TextIOWrapper, io.BytesIO, pathlib.Path, Exception) for name in dir(kind)),
        *("run", "call", "start", "stop", "send", "recv", "put", "get", "post", "delete", "patch", "head", "options"),
        *("save", "load", "dump", "dumps", "loads", "execute", "query", "filter", "all", "first", "one", "commit"),
        *("main", "setup", "handle", "process", "apply", "build", "create", "parse", "render", "validate", "log"),
        *("info", "debug", "warning", "error", "exception", "set", "cancel", "result", "submit", "connect", "fetch"),
        *("search", "match", "group", "groups", "sub", "encode", "decode", "json", "text", "content", "status"),
        *("wait", "acquire", "release", "notify", "register", "dispatch", "emit", "on", "off", "next", "prev"),
    }
)
"""Methods that values of any library may have: such a name tells nothing."""


def only_method(receiver: Value, name: str, node: Call, frame: Frame) -> Value:
    """NOTHING where the receiver is known, or the name could be anybody's."""
    if frame.scope.module.language is not Language.PYTHON or name in _OF_EVERYTHING or len(name) < 4:
        return NOTHING
    if receiver.fields is not None or receiver.const is not UNKNOWN or receiver.text is not None:
        return NOTHING
    if any(taint.seed.given is not None for taint in receiver.taints):
        return NOTHING  # What somebody sent is text, and no object of the program.
    kinds = {ref.name for ref in receiver.refs if isinstance(ref, Library) and ref.is_instance}
    if len(kinds) != len(receiver.refs) or (not kinds and frame.solver.vocabulary.names_method(name)):
        return NOTHING
    unit = frame.solver.method_named(name, frame)
    if unit is None or unit.owner is None or unit.function is None or not _may_take(unit.function, node):
        return NOTHING
    if kinds and not _is_kind(unit, kinds, frame):
        return NOTHING
    return Value((), (Bound(unit, Value((), (Instance(unit.owner),))),))


def _is_kind(unit: Unit, kinds: set[str], frame: Frame) -> bool:
    """Whether the class that has the method is one of that type: a query set of the project's own."""
    assert unit.owner is not None
    known = {name for kind in kinds for name in frame.solver.vocabulary.kinds_of(kind)}
    bases = (library.name for library in frame.solver.project.lineage(unit.owner)[1])
    return any(known & frame.solver.vocabulary.kinds_of(base) for base in bases)


def _may_take(function: Function, node: Call) -> bool:
    """Whether the method has a place for every argument."""
    if function.is_static or not function.is_method:
        return False
    kinds = {param.kind for param in function.params}
    plain = [param.name for param in function.params[1:] if param.kind is ParamKind.PLAIN]
    named = {param.name for param in function.params[1:]}
    if len(node.args) > len(plain) and ParamKind.REST not in kinds:
        return False
    if ParamKind.KEYWORDS not in kinds and any(key is not None and key not in named for key, _ in node.keywords):
        return False
    required = sum(1 for p in function.params[1:] if p.kind is ParamKind.PLAIN and p.default is None)
    return len(node.args) + len(node.keywords) >= required

"""Calls of the project's own functions with arguments that they do not take, and coroutines of other files that nobody
awaits.

Only where it is sure which function is meant: one definition of the name, no decorator, no other binding of the name in
the calling file, no star among the arguments.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from server.analysis.python.coroutines import is_coroutine_function
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Span
from server.reviews.finding import Confidence, Location, Severity

WRONG_ARGUMENTS = Rule(
    "hive.wrong-arguments",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="The function does not take these arguments: the call is a TypeError whenever it is reached.",
    remedy="Look at the definition: it may have changed since the call was written.",
    cwe=628,
    also=(685, 686, 687),
)


class Signature(NamedTuple):
    """*positional*: the names that may be given by place, with those first that must be given; *most*: None for *args.

    *by_name*: what may be given by name, and whether it must; `anything` stands for **kwargs.
    """

    positional: tuple[str, ...]
    required: int
    most: int | None
    by_name: Mapping[str, bool]
    anything: bool
    makes_coroutine: bool
    line: int


class Call(NamedTuple):
    """*targets*: the modules and names that may be meant. *is_dropped*: the result is thrown away."""

    targets: tuple[tuple[str, str], ...]
    shown: str
    span: Span
    positional: int
    names: tuple[str, ...]
    is_dropped: bool


class Facts(NamedTuple):
    """*offered*: the functions and classes of the module by name. *local*: what the file alone shows."""

    offered: Mapping[str, Signature]
    calls: tuple[Call, ...]
    local: tuple[Problem, ...]


def extract(file: PythonFile) -> Facts | None:
    offered = _offered(file)
    calls: list[Call] = []
    local: list[Problem] = []
    for node in file.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Name):
            if node.func.id in offered:
                local += _wrong(node, offered[node.func.id], file)
            elif node.func.id in file.imports:
                calls += _call(node, file)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            if node.func.value.id == "self":
                method = _own_method(node, file)
                if method is not None:
                    local += _wrong(node, _signature(method, skip=1), file)
            elif node.func.value.id in file.imports:
                calls += _call(node, file)
    return Facts(offered, tuple(calls), tuple(local)) if offered or calls or local else None


def _offered(file: PythonFile) -> dict[str, Signature]:
    """What the module defines once, plainly, at its top level."""
    found: dict[str, Signature] = {}
    for node in file.tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.decorator_list and file.is_bound_once(node.name):
            signature = file.pieces[node].once(_of_class if isinstance(node, ast.ClassDef) else _signature, node)
            if signature is not None:
                found[node.name] = signature
    return found


def _of_class(node: ast.ClassDef) -> Signature | None:
    """Of a class without bases, decorators and tricks: that of its __init__."""
    if node.bases or node.keywords:
        return None
    methods = {n.name: n for n in node.body if isinstance(n, FUNCTIONS)}
    init = methods.get("__init__")
    if init is None or "__new__" in methods or init.decorator_list or isinstance(init, ast.AsyncFunctionDef):
        return None
    return _signature(init, skip=1)


def _signature(function: FunctionNode, *, skip: int = 0) -> Signature:
    a = function.args
    places = [argument.arg for argument in (*a.posonlyargs, *a.args)]
    required = max(0, len(places) - len(a.defaults) - skip)
    only_by_place = {argument.arg for argument in a.posonlyargs}
    by_name = {name: number < required for number, name in enumerate(places[skip:]) if name not in only_by_place}
    by_name |= {b.arg: d is None for b, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)}
    return Signature(
        tuple(places[skip:]),
        required,
        None if a.vararg else len(places) - skip,
        by_name,
        a.kwarg is not None,
        is_coroutine_function(function),
        function.lineno,
    )


def _own_method(call: ast.Call, file: PythonFile) -> FunctionNode | None:
    """The plain method of the class around that `self.name(...)` means: defined once, never assigned."""
    assert isinstance(call.func, ast.Attribute)
    function = next((a for a in file.ancestors(call) if isinstance(a, FUNCTIONS)), None)
    owner = file.parents[function] if function is not None else None
    if not isinstance(owner, ast.ClassDef) or function is None or not _is_first_parameter("self", function):
        return None
    found = file.functions.get((owner, call.func.attr), [])
    if (
        len(found) != 1
        or found[0].decorator_list
        or not found[0].args.args
        or _may_be_overridden(owner, found[0], file)
    ):
        return None
    assigned = any(isinstance(n.ctx, ast.Store) for n in file.attributes(call.func.attr))
    return None if assigned or file.is_stored(call.func.attr) else found[0]


def _may_be_overridden(owner: ast.ClassDef, method: FunctionNode, file: PythonFile) -> bool:
    """By a class below, whose method may take other arguments; or inherited from one above, where a base decides."""
    below = any(owner.name in map(ast.unparse, getattr(node, "bases", ())) for node in file.nodes(ast.ClassDef))
    is_stub = isinstance(method.body[-1], (ast.Raise, ast.Pass)) and len(method.body) <= 2
    return below or is_stub or bool(owner.bases) or bool(owner.keywords) or not method.name.startswith("_")


def _is_first_parameter(name: str, function: FunctionNode) -> bool:
    plain = (*function.args.posonlyargs, *function.args.args)
    return bool(plain) and plain[0].arg == name


def _call(node: ast.Call, file: PythonFile) -> list[Call]:
    """[] where it cannot be told which arguments there are, or who is meant."""
    root = node.func if isinstance(node.func, ast.Name) else getattr(node.func, "value", None)
    if not isinstance(root, ast.Name) or not file.is_bound_once(root.id) or _is_open(node) or _may_fail(node, file):
        return []
    names = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
    is_dropped = isinstance(file.parents[node], ast.Expr)
    shown = ast.unparse(node.func)
    targets = tuple(_targets(file.source.path, file.dotted(node.func)))
    return [Call(targets, shown, file.head_span(node), len(node.args), names, is_dropped)]


def _is_open(node: ast.Call) -> bool:
    return any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)


def _may_fail(node: ast.Call, file: PythonFile) -> bool:
    """Whether somebody waits for the error."""
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.Try) and ancestor.handlers:
            return True
        items = ancestor.items if isinstance(ancestor, (ast.With, ast.AsyncWith)) else []
        if any("raises" in ast.unparse(item.context_expr).lower() for item in items):
            return True
        if isinstance(ancestor, FUNCTIONS):
            return False
    return False


def _wrong(node: ast.Call, signature: Signature, file: PythonFile) -> Iterator[Problem]:
    if _is_open(node) or _may_fail(node, file):
        return
    if isinstance(node.func, ast.Name) and not file.is_bound_once(node.func.id):
        return
    names = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
    reason = reason_against(len(node.args), names, signature)
    if reason:
        place = Location(file.source.path, signature.line, signature.line, "defined here")
        message = f"{ast.unparse(node.func)}() {reason}"
        yield Problem(WRONG_ARGUMENTS, Hit(file.head_span(node), message, related=(place,)))


def reason_against(positional: int, names: Sequence[str], signature: Signature) -> str:
    """Why the function does not take them, in a phrase; "" when it does."""
    if signature.most is not None and positional > signature.most:
        return f"takes {_counted(signature.most)} by place, and gets {positional}"
    by_place = signature.positional[:positional]
    for name in names:
        if name in by_place and name in signature.by_name:
            return f"gets {name} twice"
        if name not in signature.by_name and not signature.anything:
            return f"has no parameter {name}"
    missing = [n for n in signature.positional[positional : signature.required] if n not in names]
    missing += [
        n for n, needed in signature.by_name.items() if needed and n not in signature.positional and n not in names
    ]
    return f"needs {' and '.join(missing[:3])}" if missing else ""


def _counted(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"


def _targets(caller: str, dotted: str) -> Iterator[tuple[str, str]]:
    """Module and name of `..module.name` as written in *caller*. After `from . import module` that is the neighbour,
    after `from ..module import name` one folder above: what was written the name alone does not tell.
    """
    dots = len(dotted) - len(dotted.lstrip("."))
    module, _, name = dotted[dots:].rpartition(".")
    if dots == 0:
        yield module, name
        return
    parts = caller.split("/")
    for level in (dots, dots - 1):
        if 0 < level <= len(parts):
            yield ".".join((*parts[: len(parts) - level], *([module] if module else []))), name

"""Functions that remember what they should not: mutable defaults, variables of the loop around them."""

import ast
import re
from collections.abc import Iterator

from server.analysis.bug_rules import LATE_BINDING, MUTABLE_DEFAULT
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix

_MAKES_MUTABLE = frozenset(
    {"list", "dict", "set", "collections.defaultdict", "collections.OrderedDict", "collections.deque"}
)
_CHANGES = frozenset(
    (
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "add",
        "discard",
        "update",
        "setdefault",
        "popitem",
        "appendleft",
        "extendleft",
        "popleft",
    )
)


@check(
    MUTABLE_DEFAULT,
    on=FUNCTIONS,
    bad=(
        "def f(x, xs=[]):\n    xs.append(x)\n    return xs\n",
        'def f(x, *, seen={}):\n    """Docs."""\n    seen[x] = 1\n',
        "class A:\n    def __init__(self, xs: list = []):\n        self.xs = xs\n"
        "    def add(self, x):\n        self.xs.append(x)\n",
        "def f(xs=list()):\n    xs += [1]\n    return len(xs)\n",
        "def f(x, known=set()): known.add(x)\n",
    ),
    good=(
        "def f(x, xs=None):\n    xs = xs or []\n    xs.append(x)\n",
        "def f(xs=[]):\n    for x in xs:\n        g(x)\n",
        "def f(xs=()):\n    self.xs = xs\n",
        "def f(self, xs=[]):\n    self.xs = xs\n",
        "def f(called=[0]):\n    called[0] += 1\n",
        "def f(xs=[]):\n    xs = list(xs)\n    xs.append(1)\n    return xs\n",
        "def f(options={}):\n    return {**options, 'a': 1}\n",
        "def f(n, _cache={}):\n    _cache[n] = 1\n    return _cache[n]\n",
    ),
)
def mutable_default(function: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    """Only where the default is changed or handed on. What is shared on purpose is named so: `_seen`, `cache`."""
    arguments = function.args
    plain = (*arguments.posonlyargs, *arguments.args)
    pairs = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    for argument, default in pairs:
        kept_on_purpose = argument.arg.startswith("_") or re.search(r"cache|memo|registry|state", argument.arg)
        if _is_mutable(default, file) and not kept_on_purpose and _escapes(argument.arg, function, file):
            yield Hit(
                file.span(default),
                f"{argument.arg}={ast.unparse(default)} is shared by all calls of {function.name}()",
                _make_inside(argument, default, function, file),
            )


def _is_mutable(node: ast.expr, file: PythonFile) -> bool:
    """Empty ones only: `called=[0]` is a cell that is shared on purpose."""
    if isinstance(node, ast.Call):
        return file.dotted(node.func) in _MAKES_MUTABLE
    return (isinstance(node, ast.List) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def _escapes(name: str, function: FunctionNode, file: PythonFile) -> bool:
    """Whether the object is changed, returned or kept, before the name is given something else."""
    uses = file.uses(name, function)
    if any(isinstance(use.ctx, ast.Store) and not isinstance(file.parents[use], ast.AugAssign) for use in uses):
        return False
    return any(_changes(use, file) for use in uses)


def _changes(use: ast.Name, file: PythonFile) -> bool:
    parent = file.parents[use]
    if isinstance(parent, ast.Attribute):
        return parent.attr in _CHANGES and isinstance(file.parents[parent], ast.Call)
    if isinstance(parent, ast.Subscript):
        return parent.value is use and isinstance(parent.ctx, (ast.Store, ast.Del))
    if isinstance(parent, ast.AugAssign):
        return parent.target is use
    if isinstance(parent, ast.Assign):
        kept = (file.text(target) for target in parent.targets if isinstance(target, ast.Attribute))
        return parent.value is use and any(_changes_later(place, file) for place in kept)
    return isinstance(parent, (ast.Return, ast.Yield))


def _changes_later(place: str, file: PythonFile) -> bool:
    """Whether `self.xs`, which was given the default, is changed in place anywhere in the file."""
    changes = rf"{re.escape(place)}(?:\.(?:{'|'.join(sorted(_CHANGES))})\(|\[[^\]\n]+\]\s*=[^=])"
    return re.search(changes, file.source.text) is not None


def _make_inside(argument: ast.arg, default: ast.expr, function: FunctionNode, file: PythonFile) -> Fix | None:
    """`=None`, and the object made in the body; only where the body begins on a line of its own."""
    first = function.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    if documented and len(function.body) > 1:
        first = function.body[1]
    span = file.span(first)
    indent = file.source.line(span.start_line)[: span.start_column - 1]
    if indent.strip() or span.start_line == function.lineno or isinstance(first, (*FUNCTIONS, ast.ClassDef)):
        return None
    made = f"{indent}if {argument.arg} is None:\n{indent}    {argument.arg} = {file.text(default)}\n"
    return Fix(
        "Make a new one in each call",
        (Edit(*file.span(default), "None"), Edit(span.start_line, 1, span.start_line, 1, made)),
        safe=False,
    )


_KEEPS = frozenset(
    {"append", "add", "add_done_callback", "connect", "submit", "call_soon", "call_later", "bind", "register", "put"}
)


@check(
    LATE_BINDING,
    on=(ast.Lambda, *FUNCTIONS),
    bad=(
        "fs = []\nfor i in range(3):\n    fs.append(lambda: i)\n",
        "for name in names:\n    button.clicked.connect(lambda: show(name))\n",
        "table = {}\nfor k in ks:\n    table[k] = lambda x: x + k\n",
        "import threading\nfor n in ns:\n    threading.Thread(target=lambda: work(n)).start()\n",
        "fs = []\nfor i in range(3):\n    def f():\n        return i\n    fs.append(f)\n",
    ),
    good=(
        "fs = []\nfor i in range(3):\n    fs.append(lambda i=i: i)\n",
        "for i in range(3):\n    xs.sort(key=lambda x: x[i])\n",
        "for i in range(3):\n    print(list(map(lambda x: x + i, xs)))\n",
        "fs = []\nfor i in range(3):\n    fs.append(lambda x: x)\n",
        "def f():\n    for i in xs:\n        handlers.append(lambda: i)\n        return handlers\n",
    ),
)
def late_binding(node: ast.Lambda | FunctionNode, file: PythonFile) -> Iterator[Hit]:
    for loop in _loops_around(node, file):
        caught = sorted(_targets(loop) & _free_names(node)) if _is_kept(node, loop, file) else None
        if caught:
            yield Hit(
                file.head_span(node),
                f"Sees the last {' and '.join(caught)} of the loop",
                _bind_now(node, caught, file),
            )
            return


def _loops_around(node: ast.AST, file: PythonFile) -> Iterator[ast.For]:
    """Whose body makes *node* again and again, the inner one first."""
    child = node
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.For) and child in ancestor.body and not _ends_at_once(ancestor):
            yield ancestor
        child = ancestor


def _ends_at_once(loop: ast.For) -> bool:
    return any(isinstance(statement, (ast.Return, ast.Break)) for statement in loop.body)


def _targets(loop: ast.For) -> set[str]:
    return {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}


def _is_kept(node: ast.Lambda | FunctionNode, loop: ast.For, file: PythonFile) -> bool:
    """Whether the function outlives its round of the loop."""
    if isinstance(node, FUNCTIONS):
        uses = (n for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == node.name)
        return not node.decorator_list and any(_is_stored(use, file) for use in uses)
    return _is_stored(node, file)


def _is_stored(node: ast.AST, file: PythonFile) -> bool:
    parent = file.parents[node]
    if isinstance(parent, ast.keyword):
        call = file.parents[parent]
        return parent.arg in ("target", "command", "callback") and isinstance(call, ast.Call)
    if isinstance(parent, ast.Call) and node in parent.args:
        return isinstance(parent.func, ast.Attribute) and parent.func.attr in _KEEPS
    if isinstance(parent, ast.Assign):
        return parent.value is node and any(isinstance(t, (ast.Subscript, ast.Attribute)) for t in parent.targets)
    return False


def _free_names(node: ast.Lambda | FunctionNode) -> set[str]:
    """Names that the body reads and neither its parameters nor its own assignments bind."""
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    names = [n for part in body for n in ast.walk(part) if isinstance(n, ast.Name)]
    a = node.args
    own = {argument.arg for argument in (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg)))}
    own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return {name.id for name in names if isinstance(name.ctx, ast.Load)} - own


def _bind_now(node: ast.Lambda | FunctionNode, names: list[str], file: PythonFile) -> Fix | None:
    """`lambda: i` -> `lambda i=i: i`."""
    if not isinstance(node, ast.Lambda) or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return None
    span = file.span(node)
    text = file.text(node)
    bound = ", ".join(f"{name}={name}" for name in names)
    if text.startswith("lambda:"):
        at = span.start_column + len("lambda")
        return Fix("Bind the value now", (Edit(span.start_line, at, span.start_line, at, f" {bound}"),), safe=False)
    plain = (*node.args.posonlyargs, *node.args.args)
    if node.args.defaults or not plain:
        return None
    last = file.span(plain[-1])
    edit = Edit(last.end_line, last.end_column, last.end_line, last.end_column, f", {bound}")
    return Fix("Bind the value now", (edit,), safe=False)


CHECKS = (mutable_default, late_binding)

"""Calls whose result, arguments or moment are not what the author meant."""

import ast
from collections.abc import Iterator

from server.analysis.bug_rules import (
    ABSOLUTE_JOIN,
    CALLED_TOO_EARLY,
    EMPTY_ASSERTION,
    EVALUATED_ONCE,
    LOST_RESULT,
    NAIVE_TIMESTAMP,
    NONE_RESULT,
    UNCLOSED_FILE,
    UNFORMATTED,
)
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import FUNCTIONS, argument, assigned_to, is_constant
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix, Severity

_IN_PLACE = ("sort", "reverse", "append", "extend", "insert", "clear")


@check(
    NONE_RESULT,
    on=called(*_IN_PLACE, "shuffle"),
    bad=(
        "xs = [2, 1]\nys = xs.sort()\n",
        "def f():\n    xs = []\n    return xs.append(1)\n",
        "import random\nxs = random.shuffle(xs)\n",
        "xs = list(a)\nfor x in xs.reverse():\n    f(x)\n",
    ),
    good=(
        "xs = [2, 1]\nxs.sort()\n",
        "ys = sorted(xs)\n",
        "rows = collection.find().sort('a')\n",
        "frame = frame.append(row)\n",
        "xs = []\nf = lambda: xs.append(1)\n",
        "xs = []\nx or xs.append(1)\n",
    ),
)
def none_result(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    parent = file.parents[call]
    used = isinstance(parent, (ast.Assign, ast.AnnAssign, ast.Return, ast.Call, ast.For, ast.Attribute, ast.Subscript))
    if not used or not (_is_shuffle(call, file) or _is_on_list(call, file)):
        return
    if isinstance(parent, ast.Return) and _returns_nothing(parent, file):
        return
    yield Hit(file.span(call), f"{ast.unparse(call.func)}() returns None")


def _is_shuffle(call: ast.Call, file: PythonFile) -> bool:
    return file.dotted(call.func) == "random.shuffle"


def _is_on_list(call: ast.Call, file: PythonFile) -> bool:
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return False
    given = assigned_to(call.func.value, file)
    return bool(given) and all(
        isinstance(value, (ast.List, ast.ListComp))
        or (isinstance(value, ast.Call) and file.dotted(value.func) in ("list", "sorted"))
        for value in given
    )


def _returns_nothing(node: ast.Return, file: PythonFile) -> bool:
    """`return xs.append(x)` in a function that says that it returns None: a short form, not a mistake."""
    function = file.function_of(node)
    return function is not None and is_constant(function.returns, None)


_PURE_TEXT_METHODS = (
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "title",
    "capitalize",
    "casefold",
    "splitlines",
    "zfill",
)


@check(
    LOST_RESULT,
    on=(ast.Expr,),
    bad=(
        "def f(name: str):\n    name.strip()\n    return name\n",
        "def f():\n    name = input()\n    name.replace('a', 'b')\n    return name\n",
        "def f(xs):\n    sorted(xs)\n    return xs\n",
    ),
    good=(
        "def f(name):\n    name = name.strip()\n    return name\n",
        "def f(path):\n    path.replace(target)\n",
        "def f(frame):\n    frame.replace('a', 'b', inplace=True)\n",
        "def f(bar):\n    bar.title('x')\n",
        "def f(line: Text):\n    line.rstrip()\n    return line\n",
    ),
)
def lost_result(node: ast.Expr, file: PythonFile) -> Iterator[Hit]:
    call = node.value
    if not isinstance(call, ast.Call) or call.keywords:
        return
    if isinstance(call.func, ast.Name):
        lost = call.func.id in ("sorted", "reversed") and call.func.id not in file.imports and len(call.args) == 1
    elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, (ast.Name, ast.Attribute)):
        texts = [isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args]
        stripped = call.func.attr in _PURE_TEXT_METHODS and not call.args
        pure = stripped or (call.func.attr == "replace" and texts == [True, True])
        lost = pure and _is_text(call.func.value, file)
    else:
        lost = False
    if lost and not _expects_an_error(node, file):
        yield Hit(file.span(node), f"The result of {ast.unparse(call.func)}() is thrown away", _keep(node, call, file))


def _is_text(node: ast.expr, file: PythonFile) -> bool:
    """Whether the name is known to hold a str: other classes have methods of these names that change the object."""
    if not isinstance(node, ast.Name):
        return False
    scope = file.scope_of(node)
    if isinstance(scope, FUNCTIONS):
        for parameter in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
            if parameter.arg == node.id:
                return file.dotted(parameter.annotation) == "str"
    given = assigned_to(node, file)
    return bool(given) and all(map(_makes_text, given))


def _makes_text(value: ast.AST) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str)
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else ""
        method = value.func.attr if isinstance(value.func, ast.Attribute) else ""
        return name in ("str", "input") or method in ("format", "decode", "join")
    return isinstance(value, ast.JoinedStr)


def _expects_an_error(node: ast.stmt, file: PythonFile) -> bool:
    """Inside `with pytest.raises(...)` or `try`, a call may be there only to fail."""
    return any(isinstance(a, (ast.With, ast.Try)) for a in file.ancestors(node))


def _keep(node: ast.Expr, call: ast.Call, file: PythonFile) -> Fix | None:
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return None
    span = file.span(node)
    at = (span.start_line, span.start_column)
    name = call.func.value.id
    return Fix(f"Assign the result to {name}", (Edit(*at, *at, f"{name} = "),), safe=False)


_CHANGES = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.monotonic",
        "time.time_ns",
        "uuid.uuid4",
        "uuid.uuid1",
        "random.random",
        "random.randint",
        "secrets.token_hex",
        "secrets.token_urlsafe",
        "django.utils.timezone.now",
    }
)


@check(
    EVALUATED_ONCE,
    on=FUNCTIONS,
    bad=(
        "import time\ndef f(at=time.time()):\n    return at\n",
        "from datetime import datetime\ndef f(*, at: datetime = datetime.now()):\n    return at\n",
        "from django.utils import timezone\ndef f(at=timezone.now()):\n    return at\n",
    ),
    good=(
        "import time\ndef f(at=None):\n    return at or time.time()\n",
        "import time\ndef f(clock=time.time):\n    return clock()\n",
        "import time\nSTART = time.time()\ndef f(at=START):\n    return at\n",
    ),
)
def evaluated_once(function: ast.FunctionDef, file: PythonFile) -> Iterator[Hit]:
    for default in (*function.args.defaults, *function.args.kw_defaults):
        if isinstance(default, ast.Call) and file.dotted(default.func) in _CHANGES:
            yield Hit(
                file.span(default), f"The default {ast.unparse(default)} is the moment of import, not of the call"
            )


@check(
    CALLED_TOO_EARLY,
    on=called("Thread", "Process", "Timer", "call_soon", "call_later", "submit"),
    bad=(
        "import threading\ndef work(): print(1)\nthreading.Thread(target=work()).start()\n",
        "import threading\ndef work(): print(1)\nthreading.Timer(1, work()).start()\n",
    ),
    good=(
        "import threading\ndef work(): print(1)\nthreading.Thread(target=work).start()\n",
        "import threading\ndef make():\n    return print\nthreading.Thread(target=make()).start()\n",
        "import threading\ndef work(): print(1)\nthreading.Thread(target=lambda: work()).start()\n",
    ),
)
def called_too_early(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func).rpartition(".")[2]
    position = {"Thread": 1, "Process": 1, "Timer": 1, "call_later": 1}.get(name, 0)
    given = argument(call, position, {"Timer": "function"}.get(name, "target"))
    if not isinstance(given, ast.Call) or given.args or given.keywords or not isinstance(given.func, ast.Name):
        return
    functions = file.functions.get((file.tree, given.func.id), ())
    if functions and not any(_has_result(function, file) for function in functions):
        span = file.span(given)
        fix = Fix("Hand over the function itself", (Edit(*span, given.func.id),), safe=False)
        yield Hit(span, f"{given.func.id}() is called here, not by {name}", fix)


def _has_result(function: ast.AST, file: PythonFile) -> bool:
    if isinstance(function, ast.AsyncFunctionDef) or getattr(function, "decorator_list", None):
        return True
    nodes = [n for n in ast.walk(function) if isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom))]
    return any(n.value is not None or not isinstance(n, ast.Return) for n in nodes if file.function_of(n) is function)


@check(
    UNCLOSED_FILE,
    on=called("open"),
    bad=(
        "def f(path):\n    return open(path).read()\n",
        "import json\ndef f(path):\n    return json.load(open(path))\n",
        "def f(path, text):\n    out = open(path, 'w')\n    out.write(text)\n",
        "def f(path):\n    for line in open(path):\n        print(line)\n",
    ),
    good=(
        "def f(path):\n    with open(path) as file:\n        return file.read()\n",
        "def f(path):\n    return open(path)\n",
        "def f(self, path):\n    self.log = open(path, 'w')\n",
        "def f(path):\n    file = open(path)\n    try:\n        return file.read()\n    finally:\n"
        "        file.close()\n",
        "import subprocess\ndef f(path):\n    out = open(path, 'w')\n    return subprocess.Popen(['a'], stdout=out)\n",
        "def f(stack, path):\n    file = stack.enter_context(open(path))\n    return file.read()\n",
        "import os\ndef f(path):\n    return os.open(path, os.O_RDONLY)\n",
    ),
)
def unclosed_file(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if file.dotted(call.func) not in ("open", "io.open", "codecs.open"):
        return
    parent = file.parents[call]
    if isinstance(parent, ast.Attribute) and parent.attr != "close":
        leaks = parent.attr in ("read", "readline", "readlines", "write", "writelines")
    elif isinstance(parent, ast.Call):
        leaks = file.dotted(parent.func) in (
            "json.load",
            "yaml.safe_load",
            "yaml.load",
            "pickle.load",
            "tomllib.load",
            "list",
        )
    elif isinstance(parent, (ast.For, ast.comprehension)):
        leaks = parent.iter is call
    else:
        leaks = isinstance(parent, ast.Assign) and _is_left_open(parent, file)
    if leaks:
        writes = any(
            isinstance(a, ast.Constant) and isinstance(a.value, str) and set(a.value) & set("wax+")
            for a in call.args[1:2]
        )
        yield Hit(file.span(call), "The file is not closed", severity=Severity.MEDIUM if writes else Severity.LOW)


def _is_left_open(node: ast.Assign, file: PythonFile) -> bool:
    """Whether a local name holds the file, and nobody closes it, keeps it or hands it on."""
    function = file.function_of(node)
    if function is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return False
    name = node.targets[0].id
    for use in file.uses(name, function):
        if isinstance(use.ctx, ast.Store):
            continue
        parent = file.parents[use]
        reads = isinstance(parent, ast.Attribute) and parent.attr not in ("close", "detach", "__exit__")
        if not reads and not (isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is use):
            return False
    declared = (*file.nodes(ast.Global), *file.nodes(ast.Nonlocal))
    return not any(name in node.names for node in declared if isinstance(node, (ast.Global, ast.Nonlocal)))


@check(
    ABSOLUTE_JOIN,
    on=called("join", "joinpath"),
    bad=("import os\nos.path.join(base, '/static', name)\n",),
    good=(
        "import os\nos.path.join(base, 'static', name)\n",
        "import os\nos.path.join('/', name)\n",
        "'/'.join(parts)\n",
        "import os\nos.path.join(base, '/')\n",
    ),
)
def absolute_join(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if file.dotted(call.func) != "os.path.join" or call.keywords:
        return
    for part in call.args[1:]:
        if (
            isinstance(part, ast.Constant)
            and isinstance(part.value, str)
            and part.value.startswith("/")
            and len(part.value) > 1
        ):
            yield Hit(file.span(part), f"{part.value!r} is absolute: os.path.join drops what stands before it")


@check(
    NAIVE_TIMESTAMP,
    on=called("timestamp"),
    bad=("from datetime import datetime\ndatetime.utcnow().timestamp()\n",),
    good=("from datetime import datetime, timezone\ndatetime.now(timezone.utc).timestamp()\n",),
)
def naive_timestamp(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    made = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(made, ast.Call) and file.dotted(made.func) in ("datetime.datetime.utcnow", "datetime.utcnow"):
        yield Hit(file.span(call), "utcnow().timestamp() is wrong wherever local time is not UTC")


_PERCENT = ("%s", "%d", "%r", "%f", "%i")


@check(
    UNFORMATTED,
    on=(ast.Raise,),
    bad=("raise ValueError('bad name %s', name)\n", "raise RuntimeError('%d of %d', a, b) from None\n"),
    good=(
        "raise ValueError('bad name %s' % name)\n",
        "raise ValueError('bad name', name)\n",
        "raise MyError('bad name %s', name)\n",
    ),
)
def unformatted_exception(node: ast.Raise, file: PythonFile) -> Iterator[Hit]:
    call = node.exc
    if not isinstance(call, ast.Call) or file.dotted(call.func) not in (
        "ValueError",
        "TypeError",
        "RuntimeError",
        "Exception",
        "KeyError",
    ):
        return
    if _has_percent(call) and not call.keywords:
        yield Hit(file.span(call), "The exception's %s is not filled in", _format_with_percent(call, file))


@check(
    UNFORMATTED,
    on=called("print"),
    bad=("print('hello %s', name)\n",),
    good=("print('hello %s' % name)\n", "print('hello', name)\n", "print('100%', name)\n"),
)
def unformatted_print(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if isinstance(call.func, ast.Name) and _has_percent(call) and not call.keywords:
        yield Hit(file.span(call), "print() does not fill in %s", _format_with_percent(call, file))


def _has_percent(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    if (
        not isinstance(first, ast.Constant)
        or not isinstance(first.value, str)
        or any(isinstance(a, ast.Starred) for a in call.args)
    ):
        return False
    return len(call.args) - 1 == sum(map(first.value.count, _PERCENT)) > 0


def _format_with_percent(call: ast.Call, file: PythonFile) -> Fix:
    first, rest = call.args[0], call.args[1:]
    start, end = file.span(first), file.span(rest[-1])
    values = ", ".join(map(file.text, rest))
    text = f"{file.text(first)} % ({values}{',' if len(rest) == 1 else ''})"
    return Fix(
        "Format the text", (Edit(start.start_line, start.start_column, end.end_line, end.end_column, text),), safe=False
    )


@check(
    EMPTY_ASSERTION,
    on=called("assertTrue", "assertFalse"),
    bad=("self.assertTrue(f(x), 3)\n", "self.assertTrue(f(x), [1, 2])\n"),
    good=("self.assertTrue(f(x), 'f of x')\n", "self.assertEqual(f(x), 3)\n", "self.assertTrue(f(x), message)\n"),
)
def empty_assertion(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    message = argument(call, 1, "msg")
    number = (
        isinstance(message, ast.Constant)
        and isinstance(message.value, (int, float))
        and not isinstance(message.value, bool)
    )
    if number or isinstance(message, (ast.List, ast.Dict, ast.Set)):
        yield Hit(file.span(call), f"{ast.unparse(call.func)} does not compare its second argument")


CHECKS = (
    none_result,
    lost_result,
    evaluated_once,
    called_too_early,
    unclosed_file,
    absolute_join,
    naive_timestamp,
    unformatted_exception,
    unformatted_print,
    empty_assertion,
)

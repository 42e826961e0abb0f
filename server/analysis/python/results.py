"""Results that do not come, or are not what they seem: paths without a return, coroutines kept as values, times of
which one has a zone.
"""

import ast
from collections.abc import Iterator

from server.analysis.bug_rules import UNAWAITED_COROUTINE
from server.analysis.parsed import called
from server.analysis.python.coroutines import makes_coroutine
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.paths import falls_off_the_end
from server.analysis.python.values import FUNCTIONS, argument, assigned_to, assignments_in
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

MISSING_RETURN = Rule(
    "hive.missing-return",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.HIGH,
    why="On this path the function ends without a return: callers get None where a value is promised.",
    remedy="Return a value on every path, raise an error, or say in the annotation that it may be None.",
    cwe=394,
    also=(476,),
)
NAIVE_AND_AWARE = Rule(
    "hive.naive-and-aware-time",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="A time with a zone and one without cannot be compared or subtracted: a TypeError.",
    remedy="datetime.now(timezone.utc) everywhere.",
    cwe=1024,
)
COMMAND_AS_TEXT = Rule(
    "hive.command-as-text",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="Without a shell the whole text is the name of the program, spaces and all: it is not found.",
    remedy="A list: each argument on its own.",
    cwe=628,
)
TEXT_FOR_FILE = Rule(
    "hive.dump-for-dumps",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="load and dump work with files, loads and dumps with text: this call gets the other, a TypeError.",
    remedy="dump(value, file) and load(file), or dumps(value) and loads(text).",
    cwe=628,
)


@check(
    MISSING_RETURN,
    on=FUNCTIONS,
    bad=(
        "def f(x) -> int:\n    if x > 1:\n        return 1\n",
        "def f(xs) -> str:\n    for x in xs:\n        if x:\n            return x\n",
    ),
    good=(
        "def f(x) -> int:\n    if x == 'a':\n        return 1\n    elif x == 'b':\n        return 2\n",
        "def f(x) -> int:\n    if x > 1:\n        return 1\n    raise ValueError\n",
        "def f(x) -> int | None:\n    if x > 1:\n        return 1\n",
        "def f(x):\n    if x > 1:\n        return 1\n",
        "def f(x) -> int:\n    while True:\n        if x > 1:\n            return 1\n",
        "def f(x) -> int: ...\n",
        "def f(x) -> int:\n    with x:\n        return 1\n",
        "from typing import Iterator\ndef f(x) -> Iterator[int]:\n    if x:\n        return\n    yield 1\n",
        "def f(x) -> int:\n    match x:\n        case 1:\n            return 1\n        case _:\n"
        "            return 2\n",
        "def f(x) -> int:\n    if x:\n        return 1\n    assert_never(x)\n",
    ),
)
def missing_return(function: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    """Only where an annotation promises a value, and some path returns one."""
    if function.returns is None or not _ends_by_accident(function.body[-1]) or not _is_promise(function.returns):
        return
    if not falls_off_the_end(function):
        return
    yield Hit(
        file.head_span(function), f"{function.name}() promises {ast.unparse(function.returns)}, and may return None"
    )


def _ends_by_accident(last: ast.stmt) -> bool:
    """A loop that found nothing, or a condition that does not hold. Not a chain of conditions that may name all cases:
    which those are, only types tell.
    """
    if isinstance(last, ast.If):
        asked = last.test.op if isinstance(last.test, ast.UnaryOp) else last.test
        names_a_case = isinstance(asked, ast.Compare) and isinstance(asked.ops[0], (ast.Is, ast.IsNot, ast.Eq))
        return not last.orelse and not names_a_case and not isinstance(asked, (ast.Call, ast.Not))
    return isinstance(last, (ast.For, ast.AsyncFor)) and not last.orelse


_NO_PROMISE = (
    "None",
    "Optional",
    "Any",
    "NoReturn",
    "Never",
    "object",
    "Generator",
    "Iterator",
    "Iterable",
    "TypeGuard",
)


def _is_promise(annotation: ast.expr) -> bool:
    text = ast.unparse(annotation)
    return (
        not any(word in text for word in _NO_PROMISE) and text[:1] not in "\"'_" and len(text.strip("T0123456789")) > 0
    )


@check(
    UNAWAITED_COROUTINE,
    on=(ast.Assign,),
    bad=(
        "async def load(): ...\nasync def f():\n    data = load()\n    return data['x']\n",
        "class A:\n    async def load(self): ...\n    async def f(self):\n        rows = self.load()\n"
        "        for row in rows:\n            print(row)\n",
    ),
    good=(
        "async def load(): ...\nasync def f():\n    data = await load()\n    return data['x']\n",
        "async def load(): ...\nasync def f():\n    data = load()\n    return await data\n",
        "async def load(): ...\nasync def f():\n    data = load()\n    data.close()\n",
        "async def load(): ...\nasync def f():\n    data = load()\n    data = await data\n    return data['x']\n",
    ),
)
def coroutine_as_value(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """A coroutine has neither elements nor attributes but its own three."""
    function = file.function_of(node)
    if function is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return
    if not isinstance(node.value, ast.Call) or not makes_coroutine(node.value, file):
        return
    name = node.targets[0].id
    uses = file.uses(name, function)
    if sum(isinstance(use.ctx, ast.Store) for use in uses) == 1:
        loads = [use for use in uses if isinstance(use.ctx, ast.Load)]
        if loads and all(_is_used_as_value(use, file) for use in loads):
            yield Hit(file.span(node.value), f"{name} is a coroutine that nobody awaits, not its result")


def _is_used_as_value(use: ast.Name, file: PythonFile) -> bool:
    parent = file.parents[use]
    if isinstance(parent, ast.Attribute):
        return parent.attr not in ("close", "send", "throw") and not parent.attr.startswith("cr_")
    if isinstance(parent, ast.Subscript):
        return parent.value is use
    return isinstance(parent, ast.For) and parent.iter is use


_NAIVE, _AWARE = "without", "with"


@check(
    NAIVE_AND_AWARE,
    on=called("now", "utcnow", "today"),
    bad=(
        "from datetime import datetime, timezone\nage = datetime.now() - datetime.now(timezone.utc)\n",
        "from datetime import datetime\nfrom django.utils import timezone\ndef f():\n    now = timezone.now()\n"
        "    return datetime.utcnow() < now\n",
        "from datetime import datetime, timezone\ndef f():\n    start = datetime.utcnow()\n"
        "    end = datetime.now(timezone.utc)\n    return end - start\n",
    ),
    good=(
        "from datetime import datetime, timezone\nage = datetime.now(timezone.utc) - datetime.now(timezone.utc)\n",
        "from datetime import datetime\nage = datetime.now() - datetime.utcnow()\n",
        "from datetime import datetime, timezone\ndef f(then):\n    return datetime.now(timezone.utc) - then\n",
        "from datetime import datetime, timedelta, timezone\nx = datetime.now(timezone.utc) - timedelta(days=1)\n",
    ),
)
def naive_and_aware(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    for value in _places_of(call, file):
        node = file.parents[value]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides = {_zone(node.left, file), _zone(node.right, file)}
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            sides = {_zone(node.left, file), _zone(node.comparators[0], file)}
        else:
            continue
        if sides == {_NAIVE, _AWARE}:
            yield Hit(file.span(node), f"{ast.unparse(node)}: one has a time zone, the other has none")


def _places_of(call: ast.Call, file: PythonFile) -> Iterator[ast.expr]:
    """The call itself, or the uses of the name that it is given."""
    parent, function = file.parents[call], file.function_of(call)
    if isinstance(parent, ast.Assign) and function is not None and isinstance(parent.targets[0], ast.Name):
        name = parent.targets[0].id
        yield from file.uses(name, function) if len(assignments_in(function, name, file)) == 1 else ()
    else:
        yield call


def _zone(node: ast.expr, file: PythonFile, *, follows: bool = True) -> str:
    """Whether it is a time with a zone, or without; "" where that is not sure."""
    if isinstance(node, ast.Call):
        name = file.dotted(node.func)
        if not file.is_imported(node.func):
            return ""
        if name in ("datetime.datetime.utcnow", "datetime.datetime.today"):
            return _NAIVE
        if name == "datetime.datetime.now":
            zone = argument(node, 0, "tz")
            is_none = isinstance(zone, ast.Constant) and zone.value is None
            return _NAIVE if zone is None or is_none else _AWARE
        return _AWARE if name == "django.utils.timezone.now" and "USE_TZ" not in file.source.text else ""
    if isinstance(node, ast.Name) and follows and isinstance(file.scope_of(node), FUNCTIONS):
        scope = file.scope_of(node)
        assert isinstance(scope, FUNCTIONS)
        given = assigned_to(node, file)
        if len(given) != 1 or not isinstance(given[0], ast.expr):
            return ""
        stores = [use for use in file.uses(node.id, scope) if isinstance(use.ctx, ast.Store)]
        return _zone(given[0], file, follows=False) if len(stores) == 1 else ""
    return ""


@check(
    COMMAND_AS_TEXT,
    on=called("run", "call", "check_call", "check_output", "Popen"),
    bad=("import subprocess\nsubprocess.run('ls -l /')\n", "import subprocess\nsubprocess.Popen('git status')\n"),
    good=(
        "import subprocess\nsubprocess.run(['ls', '-l'])\n",
        "import subprocess\nsubprocess.run('ls -l', shell=True)\n",
        "import subprocess\nsubprocess.run('ls')\n",
        "import subprocess\nsubprocess.run('ls -l', **options)\n",
        "import subprocess, sys\nif sys.platform == 'win32':\n    subprocess.run('dir /b')\n",
    ),
)
def command_as_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Windows takes the whole line."""
    if not file.dotted(call.func).startswith("subprocess.") or "win32" in file.source.text or "nt" in _texts(file):
        return
    command = argument(call, 0, "args")
    if isinstance(command, ast.Constant) and isinstance(command.value, str) and " " in command.value.strip():
        given = {keyword.arg for keyword in call.keywords}
        if None not in given and not given & {"shell", "executable", "startupinfo", "creationflags"}:
            yield Hit(file.span(call), f"No program is called {command.value!r}")


def _texts(file: PythonFile) -> set[str]:
    constants = (node.value for node in file.nodes(ast.Constant) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


@check(
    TEXT_FOR_FILE,
    on=called("load", "loads", "dumps"),
    bad=(
        "import json\nwith open(path) as file:\n    data = json.loads(file)\n",
        "import json\nwith open(path, 'w') as file:\n    json.dumps(data, file)\n",
        "import json\ndata = json.load('{}')\n",
    ),
    good=(
        "import json\nwith open(path) as file:\n    data = json.load(file)\n",
        "import json\nwith open(path) as file:\n    data = json.loads(file.read())\n",
        "import json\ntext = json.dumps(data, indent=2)\n",
    ),
)
def text_for_file(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name not in ("json.load", "json.loads", "json.dumps") or not call.args or not file.is_imported(call.func):
        return
    first = call.args[0]
    if name == "json.load" and isinstance(first, (ast.Constant, ast.JoinedStr)):
        yield Hit(file.span(call), "json.load() reads a file; json.loads() reads text")
    elif name == "json.loads" and _is_open_file(first, file):
        yield Hit(file.span(call), f"json.loads() reads text, and {ast.unparse(first)} is a file")
    elif name == "json.dumps" and len(call.args) > 1 and _is_open_file(call.args[1], file):
        yield Hit(file.span(call), "json.dumps() gives back text; json.dump() writes to a file")


def _is_open_file(node: ast.expr, file: PythonFile) -> bool:
    """The name of a `with open(...) as name` around it."""
    return isinstance(node, ast.Name) and any(
        isinstance(item.optional_vars, ast.Name)
        and item.optional_vars.id == node.id
        and isinstance(item.context_expr, ast.Call)
        and file.dotted(item.context_expr.func) == "open"
        for ancestor in file.ancestors(node)
        if isinstance(ancestor, ast.With)
        for item in ancestor.items
    )


CHECKS = (missing_return, coroutine_as_value, naive_and_aware, command_as_text, text_for_file)

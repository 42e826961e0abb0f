"""Event loops that stand still, threads that are none, locks that protect nothing."""

import ast
from collections.abc import Iterator

from server.analysis.bug_rules import SWALLOWED_CANCELLATION
from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS, argument, assignments_in
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Edit, Fix, Location, Severity

BLOCKING_CALL = Rule(
    "hive.blocking-call-in-coroutine",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.HIGH,
    why="Until the call returns, no other task of the event loop goes on: every request of the process waits for it.",
    remedy="Use the asynchronous counterpart, or hand the call to a thread: await asyncio.to_thread(...).",
    cwe=1322,
    also=(833, 400),
    answers_to=("ASYNC210", "ASYNC221", "ASYNC222", "ASYNC251"),
    in_tests=False,
)
LOCK_ACROSS_AWAIT = Rule(
    "hive.lock-across-await",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="While the coroutine waits, another task of the same thread asks for the lock and stops the whole event loop.",
    remedy="async with an asyncio.Lock; or let the lock go before the await.",
    cwe=833,
    also=(667,),
    in_tests=False,
)
LOCAL_LOCK = Rule(
    "hive.local-lock",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="Every call makes a lock of its own, which nobody else can hold: nothing is protected.",
    remedy="Make the lock once, beside what it protects: in the module or in __init__.",
    cwe=667,
    also=(820,),
)
THREAD_NOT_STARTED = Rule(
    "hive.thread-not-started",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="run() does the work here and now, in the caller's thread; only start() makes a thread.",
    remedy="start() instead of run().",
    cwe=572,
)
NESTED_LOOP = Rule(
    "hive.nested-event-loop",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="A loop runs already when a coroutine does: asking for another one raises a RuntimeError.",
    remedy="await the coroutine.",
    cwe=572,
)

_BLOCKS = frozenset(
    {
        "time.sleep",
        "requests.get",
        "requests.post",
        "requests.put",
        "requests.patch",
        "requests.delete",
        "requests.head",
        "requests.request",
        "urllib.request.urlopen",
        "httpx.get",
        "httpx.post",
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "os.system",
        "smtplib.SMTP",
        "smtplib.SMTP_SSL",
        "psycopg2.connect",
        "pymysql.connect",
        "MySQLdb.connect",
        "ftplib.FTP",
    }
)
_SEEN_BY_RUFF = frozenset({"requests", "urllib", "httpx", "subprocess", "time", "os"})
"""Straight in a coroutine, by their modules: `ruff_rules.py` has ASYNC2xx for them."""


@check(
    BLOCKING_CALL,
    on=(ast.AsyncFunctionDef,),
    bad=(
        "import time\ndef wait():\n    time.sleep(5)\nasync def f():\n    wait()\n",
        "import requests\nclass A:\n    def fetch(self):\n        return requests.get('x', timeout=1)\n"
        "    async def f(self):\n        return self.fetch()\n",
        "import smtplib\nasync def f():\n    with smtplib.SMTP('h') as server:\n"
        "        server.sendmail('a', 'b', 'c')\n",
    ),
    good=(
        "import asyncio, time\ndef wait():\n    time.sleep(5)\nasync def f():\n    await asyncio.to_thread(wait)\n",
        "import time\ndef wait():\n    time.sleep(0)\nasync def f():\n    wait()\n",
        "import time\ndef wait():\n    def inner():\n        time.sleep(5)\n    return inner\n"
        "async def f():\n    wait()\n",
        "import asyncio\nasync def f():\n    await asyncio.sleep(5)\n",
        "import time\ndef wait():\n    time.sleep(5)\nasync def f():\n    def g():\n        wait()\n    return g\n",
    ),
)
def blocking_call(function: ast.AsyncFunctionDef, file: PythonFile) -> Iterator[Hit]:
    """Straight, where ruff is silent; or in a function of the same file that the coroutine calls."""
    for call in file.own_calls.get(function, ()):
        name = file.dotted(call.func)
        helper = _function_called(call, function, file)
        blocking = _blocking_call_in(helper, file) if helper is not None else None
        if name in _BLOCKS and name.partition(".")[0] not in _SEEN_BY_RUFF and file.is_imported(call.func):
            yield Hit(file.span(call), f"{name}() blocks the event loop")
        elif helper is not None and blocking is not None:
            what = file.dotted(blocking.func)
            place = Location(file.source.path, blocking.lineno, blocking.lineno, f"{what}() blocks")
            message = f"{helper.name}() blocks the event loop: it calls {what}()"
            yield Hit(file.span(call), message, related=(place,))


def _function_called(call: ast.Call, caller: FunctionNode, file: PythonFile) -> FunctionNode | None:
    """The ordinary function of this file that the call means for sure."""
    if isinstance(call.func, ast.Name):
        found = file.functions.get((file.tree, call.func.id), [])
        bound = assignments_in(caller, call.func.id, file)
        sure = len(found) == 1 and not bound and call.func.id not in file.imports
    elif isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "self":
        owner = next((a for a in file.ancestors(caller) if isinstance(a, ast.ClassDef)), None)
        found = file.functions.get((owner, call.func.attr), []) if owner is not None else []
        sure = len(found) == 1
    else:
        return None
    only = found[0] if sure else None
    return only if isinstance(only, ast.FunctionDef) and not only.decorator_list else None


def _blocking_call_in(function: FunctionNode, file: PythonFile) -> ast.Call | None:
    for call in file.own_calls.get(function, ()):
        if file.dotted(call.func) in _BLOCKS and file.is_imported(call.func) and not _takes_no_time(call):
            return call
    return None


def _takes_no_time(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and first.value in (0, 0.0)


@check(
    LOCK_ACROSS_AWAIT,
    on=(ast.With,),
    bad=(
        "import threading\nclass A:\n    def __init__(self):\n        self.lock = threading.Lock()\n"
        "    async def f(self):\n        with self.lock:\n            await g()\n",
        "import threading\nLOCK = threading.RLock()\nasync def f():\n    with LOCK:\n        await g()\n",
    ),
    good=(
        "import asyncio\nLOCK = asyncio.Lock()\nasync def f():\n    async with LOCK:\n        await g()\n",
        "import threading\nLOCK = threading.Lock()\nasync def f():\n    with LOCK:\n        n = 1\n    await g(n)\n",
        "async def f(lock):\n    with lock:\n        await g()\n",
        "import threading\nLOCK = threading.Lock()\nasync def f():\n    with LOCK:\n        async def inner():\n"
        "            await g()\n",
    ),
)
def lock_across_await(node: ast.With, file: PythonFile) -> Iterator[Hit]:
    function = file.function_of(node)
    if not isinstance(function, ast.AsyncFunctionDef) or "threading" not in file.source.text:
        return
    if not any(_is_thread_lock(item.context_expr, file) for item in node.items):
        return
    awaits = (n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Await))
    if any(file.function_of(n) is function for n in awaits):
        yield Hit(file.head_span(node), f"{ast.unparse(node.items[0].context_expr)} is held while the coroutine waits")


_LOCKS = frozenset({"threading.Lock", "threading.RLock", "threading.Condition", "threading.Semaphore"})


def _is_thread_lock(node: ast.expr, file: PythonFile) -> bool:
    """By what the name or the attribute of self is given anywhere in the file."""
    if isinstance(node, ast.Name):
        given = assignments_in(file.tree, node.id, file)
    elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("self", "cls"):
        stores = (n for n in file.attributes(node.attr) if isinstance(n.ctx, ast.Store))
        parents = (file.parents[n] for n in stores)
        given = [p.value for p in parents if isinstance(p, (ast.Assign, ast.AnnAssign)) and p.value is not None]
    else:
        return False
    return bool(given) and all(isinstance(g, ast.Call) and file.dotted(g.func) in _LOCKS for g in given)


@check(
    LOCAL_LOCK,
    on=called("Lock", "RLock"),
    bad=(
        "import threading\ndef f(self):\n    lock = threading.Lock()\n    with lock:\n        self.n += 1\n",
        "import asyncio\nasync def f(self):\n    lock = asyncio.Lock()\n    async with lock:\n        self.n += 1\n",
    ),
    good=(
        "import threading\nLOCK = threading.Lock()\ndef f(self):\n    with LOCK:\n        self.n += 1\n",
        "import threading\ndef f(self):\n    lock = threading.Lock()\n    start(lock)\n    with lock:\n"
        "        self.n += 1\n",
        "import threading\ndef f():\n    lock = threading.Lock()\n    def g():\n        with lock:\n            pass\n"
        "    return g\n",
        "import threading\ndef f(self):\n    self.lock = threading.Lock()\n",
    ),
)
def local_lock(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    statement, function = file.parents[call], file.function_of(call)
    known = name in (*_LOCKS, "asyncio.Lock", "multiprocessing.Lock") and file.is_imported(call.func)
    if not known or function is None or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return
    uses = [use for use in file.uses(target.id, function) if isinstance(use.ctx, ast.Load)]
    only_here = all(isinstance(file.parents[u], ast.withitem) and file.function_of(u) is function for u in uses)
    declared = (*file.nodes(ast.Global), *file.nodes(ast.Nonlocal))
    shared = any(target.id in getattr(node, "names", ()) for node in declared)
    if uses and only_here and not shared:
        yield Hit(file.span(call), f"Each call of {function.name}() makes a {target.id} of its own")


@check(
    THREAD_NOT_STARTED,
    on=called("run"),
    bad=(
        "import threading\nthreading.Thread(target=work).run()\n",
        "import threading\ndef f():\n    t = threading.Thread(target=work)\n    t.run()\n",
    ),
    good=(
        "import threading\nthreading.Thread(target=work).start()\n",
        "import threading\nclass A(threading.Thread):\n    def f(self):\n        self.run()\n",
    ),
)
def thread_not_started(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(call.func, ast.Attribute) or call.args or call.keywords:
        return
    thread = call.func.value
    made = [thread] if isinstance(thread, ast.Call) else []
    if isinstance(thread, ast.Name):
        made = [g for g in assignments_in(file.scope_of(thread), thread.id, file) if isinstance(g, ast.Call)]
    known = ("threading.Thread", "multiprocessing.Process")
    if made and all(file.dotted(m.func) in known and argument(m, 1, "target") is not None for m in made):
        span = file.span(call)
        end = (span.end_line, span.end_column)
        is_plain = file.text(call).endswith(".run()")
        edit = Edit(end[0], end[1] - len("run()"), end[0], end[1], "start()")
        fix = Fix("Start it", (edit,), safe=False) if is_plain else None
        yield Hit(span, "run() works in this thread: no other one is started", fix)


@check(
    NESTED_LOOP,
    on=called("run", "run_until_complete"),
    bad=(
        "import asyncio\nasync def f():\n    return asyncio.run(g())\n",
        "import asyncio\nasync def f():\n    loop = asyncio.get_event_loop()\n"
        "    return loop.run_until_complete(g())\n",
    ),
    good=(
        "import asyncio\ndef f():\n    return asyncio.run(g())\n",
        "import asyncio\nasync def f():\n    def in_a_thread():\n        return asyncio.run(g())\n"
        "    return await asyncio.to_thread(in_a_thread)\n",
        "import asyncio\nasync def f():\n    return await asyncio.to_thread(lambda: asyncio.run(g()))\n",
        "import asyncio\nasync def f():\n    loop = asyncio.new_event_loop()\n    return loop\n",
    ),
)
def nested_loop(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(file.scope_of(call), ast.AsyncFunctionDef):
        return
    name = file.dotted(call.func)
    asks_own_loop = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
    if call.args and asks_own_loop and isinstance(call.func, ast.Attribute) and call.func.attr == "run_until_complete":
        assert isinstance(call.func.value, ast.Name)
        given = assignments_in(file.scope_of(call), call.func.value.id, file)
        running = ("asyncio.get_event_loop", "asyncio.get_running_loop")
        asks_own_loop = bool(given) and all(isinstance(g, ast.Call) and file.dotted(g.func) in running for g in given)
    else:
        asks_own_loop = name == "asyncio.run" and file.is_imported(call.func)
    if asks_own_loop and not any(isinstance(a, (ast.Try, ast.With)) for a in file.ancestors(call)):
        yield Hit(file.span(call), f"{name or 'run_until_complete'}() in a coroutine: a loop runs already")


@check(
    SWALLOWED_CANCELLATION,
    on=(ast.With,),
    bad=(
        "import asyncio\nfrom contextlib import suppress\nasync def f():\n    while True:\n"
        "        with suppress(asyncio.CancelledError):\n            await g()\n",
        "import contextlib\nasync def f():\n    while True:\n        with contextlib.suppress(BaseException):\n"
        "            await g()\n",
    ),
    good=(
        "import asyncio\nfrom contextlib import suppress\nasync def f(task):\n    task.cancel()\n"
        "    with suppress(asyncio.CancelledError):\n        await task\n",
        "from contextlib import suppress\nasync def f():\n    while True:\n        with suppress(Exception):\n"
        "            await g()\n",
        "import asyncio\nfrom contextlib import suppress\nasync def f():\n    while True:\n"
        "        with suppress(asyncio.CancelledError):\n            await g()\n        return\n",
    ),
)
def suppressed_cancellation(node: ast.With, file: PythonFile) -> Iterator[Hit]:
    """Within `while`, which then goes on."""
    function = file.function_of(node)
    call = node.items[0].context_expr
    if not isinstance(function, ast.AsyncFunctionDef) or not isinstance(call, ast.Call):
        return
    if file.dotted(call.func) != "contextlib.suppress":
        return
    if not {file.dotted(a) for a in call.args} & {"asyncio.CancelledError", "BaseException"}:
        return
    loop = next((a for a in file.ancestors(node) if isinstance(a, (ast.While, *FUNCTIONS))), None)
    awaits = any(isinstance(n, ast.Await) for s in node.body for n in ast.walk(s))
    if not isinstance(loop, ast.While) or not awaits or ".cancel()" in file.text(function):
        return
    if not any(isinstance(n, (ast.Return, ast.Break, ast.Raise)) for s in loop.body for n in ast.walk(s)):
        yield Hit(file.head_span(node), "Cancellation is suppressed and the loop goes on")


CHECKS = (
    blocking_call,
    lock_across_await,
    local_lock,
    thread_not_started,
    nested_loop,
    suppressed_cancellation,
)

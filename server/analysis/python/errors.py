"""Exceptions that are lost: swallowed, or caught too early."""

import ast
import builtins
from collections.abc import Iterator

from server.analysis.bug_rules import SWALLOWED_CANCELLATION, SWALLOWED_ERROR, UNREACHABLE_HANDLER
from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, check
from server.reviews.finding import Severity

_EVERYTHING = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})
_CANCELLED = frozenset({"asyncio.CancelledError", "BaseException", "builtins.BaseException"})


@check(
    SWALLOWED_ERROR,
    on=(ast.ExceptHandler,),
    bad=(
        "try:\n    f()\nexcept:\n    pass\n",
        "try:\n    f()\nexcept Exception:\n    pass\n",
        "for x in y:\n    try:\n        f(x)\n    except BaseException:\n        continue\n",
        "try:\n    f()\nexcept (ValueError, Exception):\n    ...\n",
    ),
    good=(
        "try:\n    f()\nexcept ValueError:\n    pass\n",
        "try:\n    f()\nexcept Exception:\n    log.exception('f')\n",
        "try:\n    f()\nexcept Exception:\n    pass  # the cache is only a help\n",
        "try:\n    f()\nexcept Exception:\n    # a broken plugin must not stop the others\n    pass\n",
        "try:\n    f()\nexcept Exception:\n    return None\n",
        "def __del__(self):\n    try:\n        self.close()\n    except Exception:\n        pass\n",
    ),
)
def swallowed_error(handler: ast.ExceptHandler, file: PythonFile) -> Iterator[Hit]:
    if not _catches(handler, _EVERYTHING, file) or not all(map(_does_nothing, handler.body)):
        return
    function = file.function_of(handler)
    if function is not None and function.name in ("__del__", "__exit__"):
        return
    if not _has_comment(handler, file):
        caught = ast.unparse(handler.type) if handler.type else "everything"
        wide = handler.type is None or _catches(handler, _CANCELLED, file)
        severity = Severity.MEDIUM if wide else Severity.LOW
        yield Hit(file.head_span(handler), f"Catches {caught} and says nothing", severity=severity)


@check(
    SWALLOWED_CANCELLATION,
    on=(ast.ExceptHandler,),
    bad=(
        "import asyncio\nasync def f():\n    while True:\n        try:\n            await g()\n"
        "        except asyncio.CancelledError:\n            continue\n",
        "async def f():\n    while True:\n        try:\n            await g()\n"
        "        except:\n            log.error('g')\n",
    ),
    good=(
        "import asyncio\nasync def f():\n    try:\n        await g()\n    except asyncio.CancelledError:\n"
        "        cleanup()\n        raise\n",
        "import asyncio\nasync def f():\n    task.cancel()\n    try:\n        await task\n"
        "    except asyncio.CancelledError:\n        pass\n",
        "async def f():\n    while True:\n        try:\n            await g()\n"
        "        except Exception:\n            log.error('g')\n",
        "async def f():\n    while True:\n        try:\n            await g()\n"
        "        except BaseException:\n            break\n",
    ),
)
def swallowed_cancellation(handler: ast.ExceptHandler, file: PythonFile) -> Iterator[Hit]:
    """Only within `while`, which then goes on: elsewhere ending quietly may be just what cancellation should do."""
    if not _catches(handler, _CANCELLED, file):
        return
    function = file.function_of(handler)
    guarded = file.parents[handler]
    if not isinstance(function, ast.AsyncFunctionDef) or not isinstance(guarded, ast.Try):
        return
    loop = next((a for a in file.ancestors(handler) if isinstance(a, (ast.While, *_FUNCTIONS))), None)
    if not isinstance(loop, ast.While):
        return
    awaits = any(isinstance(n, ast.Await) for s in guarded.body for n in ast.walk(s))
    if awaits and not _leaves(handler) and not _passes_on(handler, file):
        yield Hit(file.head_span(handler), "Cancellation is caught and the loop goes on")


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@check(
    UNREACHABLE_HANDLER,
    on=(ast.Try,),
    bad=(
        "try:\n    f()\nexcept Exception:\n    a()\nexcept ValueError:\n    b()\n",
        "try:\n    f()\nexcept OSError:\n    a()\nexcept FileNotFoundError:\n    b()\n",
        "try:\n    f()\nexcept (LookupError, TypeError):\n    a()\nexcept KeyError:\n    b()\n",
    ),
    good=(
        "try:\n    f()\nexcept ValueError:\n    a()\nexcept Exception:\n    b()\n",
        "try:\n    f()\nexcept KeyError:\n    a()\nexcept ValueError:\n    b()\n",
        "try:\n    f()\nexcept OSError:\n    a()\nexcept (FileNotFoundError, KeyError):\n    b()\n",
        "class ValueError(BaseException): ...\n"
        "try:\n    f()\nexcept Exception:\n    a()\nexcept ValueError:\n    b()\n",
    ),
)
def unreachable_handler(node: ast.Try, file: PythonFile) -> Iterator[Hit]:
    redefined = {n.name for n in file.by_type.get(ast.ClassDef) if isinstance(n, ast.ClassDef)} | set(file.imports)
    earlier: list[type[BaseException]] = []
    for handler in node.handlers:
        names = [file.dotted(name) for name in _caught(handler)]
        classes = [_builtin_exception(name) if name not in redefined else None for name in names]
        known = [c for c in classes if c is not None]
        if classes and all(c is not None and any(issubclass(c, e) for e in earlier) for c in classes):
            yield Hit(file.head_span(handler), f"{' and '.join(names)} is already caught above")
        earlier += known


def _builtin_exception(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name.removeprefix("builtins."), None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _caught(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


def _catches(handler: ast.ExceptHandler, names: frozenset[str], file: PythonFile) -> bool:
    return handler.type is None or any(file.dotted(node) in names for node in _caught(handler))


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    return isinstance(statement, (ast.Pass, ast.Continue))


def _has_comment(handler: ast.ExceptHandler, file: PythonFile) -> bool:
    """Who says why has thought about it."""
    last = handler.body[-1].end_lineno or handler.lineno
    return any("#" in file.source.line(line) for line in range(handler.lineno, last + 1))


def _leaves(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(n, (ast.Raise, ast.Return, ast.Break)) for s in handler.body for n in ast.walk(s))


def _passes_on(handler: ast.ExceptHandler, file: PythonFile) -> bool:
    """Whether the exception is kept for somebody who will raise it."""
    nodes = [node for statement in handler.body for node in ast.walk(statement)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    calls = {file.dotted(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    return handler.name in names or bool(calls & {"exc_info", "set_exception"})


CHECKS = (swallowed_error, swallowed_cancellation, unreachable_handler)

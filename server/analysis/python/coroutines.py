"""Coroutines that never run."""

import ast
from collections.abc import Iterator, Sequence

from server.analysis.bug_rules import UNAWAITED_COROUTINE
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix

_KNOWN = frozenset(
    {
        "asyncio.sleep",
        "asyncio.wait",
        "asyncio.wait_for",
        "asyncio.open_connection",
        "asyncio.start_server",
        "asyncio.to_thread",
        "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
        "anyio.sleep",
        "trio.sleep",
    }
)
_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod", "override", "typing.override"}
)


@check(
    UNAWAITED_COROUTINE,
    on=(ast.Expr,),
    bad=(
        "async def save(): ...\nasync def f():\n    save()\n",
        "async def save(): ...\ndef f():\n    save()\n",
        "class A:\n    async def save(self): ...\n    async def f(self):\n        self.save()\n",
        "import asyncio\nasync def f():\n    asyncio.sleep(1)\n",
    ),
    good=(
        "async def save(): ...\nasync def f():\n    await save()\n",
        "import asyncio\nasync def save(): ...\nasync def f():\n    asyncio.create_task(save())\n",
        "async def rows():\n    yield 1\nasync def f():\n    rows()\n",
        "class A:\n    async def save(self): ...\nclass B:\n    def save(self): ...\n"
        "    def f(self):\n        self.save()\n",
        "@click_command\nasync def main(): ...\nif __name__ == '__main__':\n    main()\n",
        "async def save(): ...\ndef f(save):\n    save()\n",
        "try:\n    import a\n    async def save(): ...\nexcept ImportError:\n    def save(): ...\n"
        "def f():\n    save()\n",
    ),
)
def unawaited_statement(node: ast.Expr, file: PythonFile) -> Iterator[Hit]:
    if isinstance(node.value, ast.Call) and makes_coroutine(node.value, file):
        span = file.span(node)
        within = isinstance(file.scope_of(node), ast.AsyncFunctionDef)
        at = (span.start_line, span.start_column)
        fix = Fix("Await it", (Edit(*at, *at, "await "),), safe=False) if within else None
        yield Hit(span, f"The coroutine {ast.unparse(node.value.func)}() is never awaited", fix)


@check(
    UNAWAITED_COROUTINE,
    on=(ast.If, ast.While, ast.UnaryOp),
    bad=(
        "async def ready(): ...\nasync def f():\n    if ready():\n        pass\n",
        "class A:\n    async def ready(self): ...\n    async def f(self):\n"
        "        while not self.ready():\n            pass\n",
    ),
    good=(
        "async def ready(): ...\nasync def f():\n    if await ready():\n        pass\n",
        "def ready(): ...\nasync def f():\n    if ready():\n        pass\n",
    ),
)
def unawaited_condition(node: ast.If | ast.While | ast.UnaryOp, file: PythonFile) -> Iterator[Hit]:
    test = node.operand if isinstance(node, ast.UnaryOp) else node.test
    if isinstance(test, ast.Call) and makes_coroutine(test, file):
        span = file.span(test)
        within = isinstance(file.scope_of(node), ast.AsyncFunctionDef)
        fix = Fix("Await it", (Edit(*span, f"(await {file.text(test)})"),), safe=False) if within else None
        yield Hit(span, f"The coroutine {ast.unparse(test.func)}() is not awaited: it is always true", fix)


def makes_coroutine(call: ast.Call, file: PythonFile) -> bool:
    function = call.func
    if file.dotted(function) in _KNOWN and file.is_imported(function):
        return True
    if isinstance(function, ast.Name):
        defined = file.functions.get((file.tree, function.id), ())
        return _only_async(defined, file) and not _is_shadowed(function, file)
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self":
        owner = next((a for a in file.ancestors(call) if isinstance(a, ast.ClassDef)), None)
        return owner is not None and _only_async(file.functions.get((owner, function.attr), ()), file)
    return False


def _is_shadowed(name: ast.Name, file: PythonFile) -> bool:
    """Whether a parameter or local name of an enclosing function hides the module's function."""
    for ancestor in file.ancestors(name):
        if isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = (n for n in ast.walk(ancestor) if n is not ancestor)
            if any(_binds(n, name.id) for n in inner):
                return True
    return name.id in file.imports


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == name


def _only_async(functions: Sequence[FunctionNode], file: PythonFile) -> bool:
    return bool(functions) and all(
        is_coroutine_function(function)
        and all(file.dotted(decorator) in _TRANSPARENT for decorator in function.decorator_list)
        for function in functions
    )


def is_coroutine_function(function: FunctionNode) -> bool:
    """Whether a call of it makes a coroutine, and not a generator."""
    if not isinstance(function, ast.AsyncFunctionDef):
        return False
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return False
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return True


CHECKS = (unawaited_statement, unawaited_condition)

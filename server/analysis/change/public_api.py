"""What a change takes away from the callers of a Python library: names, parameters, results.

Only of names that the package offers to others: listed in `__all__`, or handed on by the `__init__.py` of a package
around. A change that tells of itself in the change log, and what was deprecated before, is nobody's surprise.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.change.signatures import (
    always_returns_value,
    annotation_allows_none,
    broken_calls,
    sometimes_returns_value,
)
from server.analysis.language import is_test_path
from server.analysis.project import Found
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Span
from server.reviews.finding import Confidence, Severity

REMOVED_NAME = Rule(
    "hive.removed-public-name",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Programs that import the name from this package break when they are updated.",
    remedy="Keep the old name beside the new one for a release, with a DeprecationWarning; say it in the change log.",
    in_tests=False,
)
CHANGED_SIGNATURE = Rule(
    "hive.changed-signature",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Calls that were right before the change raise a TypeError after it, or hand over something else.",
    remedy="Give new parameters a default and put them last; keep old ones for a release, or say it in the change log.",
    in_tests=False,
)
NEW_NONE = Rule(
    "hive.may-return-none-now",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Callers that use the result at once, as they could before the change, raise an AttributeError on None.",
    remedy="Raise an error, or return an empty value of the same type; else say in the annotation that it may be None.",
    cwe=476,
    in_tests=False,
)

_NOT_LIBRARY = frozenset(
    {"examples", "example", "docs", "doc", "scripts", "tools", "benchmarks", "bench", "migrations", "bin", "demo"}
)
_APPLICATION = frozenset({"manage.py", "app.py", "wsgi.py", "asgi.py", "main.py", "alembic.ini", "settings.py"})
_ROOTS = frozenset({".", "src", "lib", "python"})
"""Folders in which the outermost packages lie."""

_CHANGE_LOG = re.compile(r"(?:^|/)\.?(?:change|news|history|release)[^/]*(?:$|/)", re.IGNORECASE)


def find(change: Change, budget: Budget) -> Iterator[Found]:
    if is_told_of(change) or _is_application(change):
        return
    for file in change.files:
        budget.spend()
        if not _is_of_library(file.path) or file.before is None:
            continue
        before, after = file.python_before, file.python_after
        if before is None or after is None:
            continue
        exported = _exported(change, before)
        if exported:
            yield from (Found(file.path, problem) for problem in _broken(file, before, after, exported))


def is_told_of(change: Change) -> bool:
    """Whether the change log says something new."""
    return any(_CHANGE_LOG.search(path) for path in change.paths)


def _is_application(change: Change) -> bool:
    return any("/" not in path.removeprefix("src/") and path in _APPLICATION for path in change.project_paths)


def _is_of_library(path: str) -> bool:
    parts = PurePosixPath(path).parts
    private = any(part.startswith("_") and part != "__init__.py" for part in parts)
    return len(parts) > 1 and not private and not is_test_path(path) and not _NOT_LIBRARY.intersection(parts)


def _exported(change: Change, before: PythonFile) -> set[str]:
    """The names of the module that its package offers to others."""
    listed = _listed(before.tree)
    if listed is not None:
        return listed
    path = PurePosixPath(before.source.path)
    if path.name == "__init__.py":
        if str(path.parent.parent) not in _ROOTS:
            return set()
        relative = {name for name, origin in before.imports.items() if origin.startswith(".")}
        return {name for name in relative | set(_definitions(before.tree)) if not name.startswith("_")}
    return {name for package in _packages_around(change, path) for name in _handed_on(package, path)}


def _listed(tree: ast.Module) -> set[str] | None:
    """The names of `__all__`; None where it is not there or not a plain list."""
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            elements = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else []
            return {e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)} or None
    return None


def _packages_around(change: Change, module: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    """The `__init__.py` of the folders above, with their text before the change."""
    changed = {file.path: file for file in change.files}
    for folder in module.parents:
        path = str(folder / "__init__.py")
        file = changed.get(path)
        text = (file.before.text if file.before else None) if file else change.around.get(path)
        if text is None:
            return
        yield folder, text


def _handed_on(package: tuple[PurePosixPath, str], module: PurePosixPath) -> Iterator[str]:
    """What the package imports from the module by name. One that is not the outermost has to list it: else its
    `__init__.py` may be only a short way for the rest of the program.
    """
    folder, text = package
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    listed = _listed(tree)
    if listed is None and str(folder.parent) not in _ROOTS:
        return
    dotted = ".".join(module.relative_to(folder).with_suffix("").parts)
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        is_module = node.module == dotted if node.level == 1 else node.module.endswith(f"{folder.name}.{dotted}")
        if is_module:
            names = (alias.asname or alias.name for alias in node.names)
            yield from (name for name in names if not name.startswith("_") and (listed is None or name in listed))


Definition = FunctionNode | ast.ClassDef


def _definitions(tree: ast.Module) -> dict[str, Definition]:
    """Functions and classes of the module's top level; the last of a name."""
    return {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}


def _broken(file: ChangedFile, before: PythonFile, after: PythonFile, exported: set[str]) -> Iterator[Problem]:
    old, new = _definitions(before.tree), _definitions(after.tree)
    bound = _bound(after)
    for name, node in old.items():
        if name not in exported or "deprecat" in before.text(node).lower():
            continue
        if name not in bound and "*" not in bound and "__getattr__" not in bound:
            where = _after_the_one_before(before.tree, node, after)
            yield Problem(REMOVED_NAME, Hit(where, f"{name} was public and is gone", evidence=name))
        elif name in new:
            yield from _broken_definition(name, node, new[name], after)


def _bound(file: PythonFile) -> set[str]:
    """Every name that the module's top level binds, however deep in `if` and `try`."""
    names = {node.id for node in file.by_type.get(ast.Name) if isinstance(node, ast.Name) and _is_stored(node)}
    definitions = (*file.nodes(ast.FunctionDef), *file.nodes(ast.AsyncFunctionDef), *file.nodes(ast.ClassDef))
    return names | set(file.imports) | {getattr(node, "name", "") for node in definitions}


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _after_the_one_before(tree: ast.Module, gone: ast.stmt, after: PythonFile) -> Span:
    """Where the definition would stand now: behind the one that stood before it."""
    earlier = [n.name for n in tree.body if hasattr(n, "name") and n.lineno < gone.lineno]
    still = _definitions(after.tree)
    last = next((still[name] for name in reversed(earlier) if name in still), None)
    return after.head_span(last) if last is not None else after.source.line_span(1)


def _broken_definition(name: str, old: Definition, new: Definition, after: PythonFile) -> Iterator[Problem]:
    if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
        yield from _broken_class(old, new, after)
    elif not isinstance(old, ast.ClassDef) and not isinstance(new, ast.ClassDef):
        yield from _broken_function(name, old, new, after)


def _broken_class(old: ast.ClassDef, new: ast.ClassDef, after: PythonFile) -> Iterator[Problem]:
    methods = _public_methods(new)
    inherits = bool(new.bases or new.keywords) or "__getattr__" in {getattr(n, "name", "") for n in new.body}
    others = {t.id for n in new.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    for name, method in _public_methods(old).items():
        if name in methods:
            yield from _broken_function(f"{new.name}.{name}", method, methods[name], after)
        elif not inherits and name not in others and not name.startswith("__"):
            message = f"{new.name}.{name}() was public and is gone"
            yield Problem(REMOVED_NAME, Hit(after.head_span(new), message, evidence=f"{new.name}.{name}"))


def _public_methods(node: ast.ClassDef) -> dict[str, FunctionNode]:
    return {
        n.name: n
        for n in node.body
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (not n.name.startswith("_") or n.name in ("__init__", "__call__"))
        and not any(_is_second_version(decorator) for decorator in n.decorator_list)
    }


def _is_second_version(decorator: ast.expr) -> bool:
    """`@size.setter`, `@overload`: the name's own definition is another."""
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
    return name in ("setter", "deleter", "overload", "register")


def _broken_function(name: str, old: FunctionNode, new: FunctionNode, after: PythonFile) -> Iterator[Problem]:
    broken = broken_calls(old.args, new.args)
    if broken:
        message = f"{name}(): {broken}"
        yield Problem(CHANGED_SIGNATURE, Hit(after.head_span(new), message, evidence=f"{name}: {broken}"))
    if always_returns_value(old) and sometimes_returns_value(new) and not annotation_allows_none(new.returns):
        message = f"{name}() always returned a value, and may return None now"
        yield Problem(NEW_NONE, Hit(after.head_span(new), message, evidence=name))


_INIT = {"lib/__init__.py": "from .api import get, Client\n"}

public_api = ChangeCheck(
    "public-api",
    (REMOVED_NAME, CHANGED_SIGNATURE, NEW_NONE),
    find,
    bad=(
        (REMOVED_NAME, Edited({"lib/api.py": "def get(url): ...\n"}, {"lib/api.py": "def fetch(url): ...\n"}, _INIT)),
        (
            REMOVED_NAME,
            Edited(
                {"lib/api.py": "class Client:\n    def send(self): ...\n    def close(self): ...\n"},
                {"lib/api.py": "class Client:\n    def send(self): ...\n"},
                _INIT,
            ),
        ),
        (
            CHANGED_SIGNATURE,
            Edited({"lib/api.py": "def get(url): ...\n"}, {"lib/api.py": "def get(url, session): ...\n"}, _INIT),
        ),
        (
            CHANGED_SIGNATURE,
            Edited({"lib/api.py": "def get(a, b): ...\n"}, {"lib/api.py": "def get(b, a): ...\n"}, _INIT),
        ),
        (
            NEW_NONE,
            Edited(
                {"lib/api.py": "def get(url):\n    return find(url)\n"},
                {"lib/api.py": "def get(url):\n    if not url:\n        return\n    return find(url)\n"},
                _INIT,
            ),
        ),
    ),
    good=(
        Edited({"lib/api.py": "def get(url): ...\n"}, {"lib/api.py": "def get(url, session=None): ...\n"}, _INIT),
        Edited({"lib/api.py": "def get(url): ...\n"}, {"lib/api.py": "def fetch(url): ...\nget = fetch\n"}, _INIT),
        Edited({"lib/api.py": "def helper(url): ...\n"}, {"lib/api.py": "def other(url): ...\n"}, _INIT),
        Edited(
            {"lib/api.py": "def get(url):\n    warn('deprecated')\n"}, {"lib/api.py": "def fetch(url): ...\n"}, _INIT
        ),
        Edited(
            {"lib/api.py": "def get(url): ...\n", "CHANGES.md": "1\n"},
            {"lib/api.py": "def fetch(url): ...\n", "CHANGES.md": "get is gone\n"},
            _INIT,
        ),
        Edited(
            {"lib/api.py": "def get(url): ...\n"}, {"lib/api.py": "def fetch(url): ...\n"}, {**_INIT, "manage.py": "\n"}
        ),
    ),
)

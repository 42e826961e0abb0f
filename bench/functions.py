"""Python functions with what their docstring's first line tells, and their code without the docstring."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOREIGN = frozenset({"test", "tests", "idlelib", "lib2to3", "site-packages", "_vendor", "turtledemo", "ensurepip"})
"""Below a standard library: tests, applications, and what other people wrote."""

LEAST_WORDS = 3
LEAST_LINES = 2


class Documented(NamedTuple):
    path: str
    symbol: str
    told: str
    code: str


def documented_functions(folder: Path, *, foreign: frozenset[str] = FOREIGN) -> Iterator[Documented]:
    """Those with a docstring of some words and a body of some lines, file by file."""
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder)
        if not foreign.intersection(path.parts):
            try:
                text = file.read_text(encoding="utf-8")
                yield from _functions(path.as_posix(), text, ast.parse(text))
            except (OSError, SyntaxError, ValueError):
                continue


def _functions(path: str, text: str, tree: ast.Module) -> Iterator[Documented]:
    lines = text.split("\n")
    waiting: list[tuple[ast.AST, tuple[str, ...]]] = [(tree, ())]
    while waiting:
        node, around = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = (*around, child.name)
                waiting.append((child, names))
                if not isinstance(child, ast.ClassDef):
                    yield from _documented(path, ".".join(names), child, lines)
            else:
                waiting.append((child, around))


def _documented(
    path: str, symbol: str, node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]
) -> Iterator[Documented]:
    docstring = ast.get_docstring(node)
    if not docstring or node.end_lineno is None:
        return
    first = node.body[0]
    assert first.end_lineno is not None
    told = docstring.strip().split("\n")[0].strip()
    if len(told.split()) >= LEAST_WORDS and len(node.body) >= 2 and node.end_lineno - first.end_lineno >= LEAST_LINES:
        before = [*lines[node.lineno - 1 : first.lineno - 1], lines[first.lineno - 1][: first.col_offset]]
        yield Documented(path, symbol, told, "\n".join([*before, *lines[first.end_lineno : node.end_lineno]]))

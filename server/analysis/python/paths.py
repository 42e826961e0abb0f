"""Which ways lead out of a Python function, by its statements alone."""

import ast
from collections.abc import Iterator

from server.analysis.python.file import FunctionNode


def falls_off_the_end(function: FunctionNode) -> bool:
    """Whether one path returns a value, and another comes to the end of the body without any."""
    returns = returns_of(function)
    return bool(returns) and not any(map(is_nothing, returns)) and not leaves(function.body)


def returns_of(function: FunctionNode) -> list[ast.Return]:
    """[] of a generator."""
    nodes = list(own_nodes(function))
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes):
        return []
    return [node for node in nodes if isinstance(node, ast.Return)]


def is_nothing(node: ast.Return) -> bool:
    return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Of the body, not of functions in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def leaves(body: list[ast.stmt]) -> bool:
    """Whether every path through the statements ends in a return or a raise, or goes on for ever."""
    return any(_leaves(statement) for statement in body)


def _leaves(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Return, ast.Raise)):
        return True
    if isinstance(statement, ast.If):
        return leaves(statement.body) and leaves(statement.orelse)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return leaves(statement.body)
    if isinstance(statement, ast.Try):
        handled = all(leaves(handler.body) for handler in statement.handlers)
        return leaves(statement.finalbody) or (handled and (leaves(statement.body) or leaves(statement.orelse)))
    if isinstance(statement, ast.While):
        return isinstance(statement.test, ast.Constant) and bool(statement.test.value) and not breaks(statement)
    if isinstance(statement, ast.Match):
        return any(map(_takes_all, statement.cases)) and all(leaves(case.body) for case in statement.cases)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.func) in _ENDS
    return isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Constant) and not statement.test.value


_ENDS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort", "pytest.fail", "pytest.skip", "self.fail"})


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def breaks(loop: ast.While) -> bool:
    """Whether something leaves it before its condition does."""
    waiting: list[ast.AST] = list(loop.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            waiting.extend(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return False

"""Functions that get their name by an assignment: `run = lambda command: ...`, `run = partial(call, shell=True)`.

They are lowered as if a `def` stood there.
"""

import ast

_PARTIALS = frozenset({"functools.partial", "partial"})


def named_function(value: ast.expr) -> ast.Lambda | None:
    """The lambda that stands there, or that is the same as the partial that does."""
    if isinstance(value, ast.Lambda):
        return value
    if isinstance(value, ast.Call) and value.args and ast.unparse(value.func) in _PARTIALS:
        return _as_lambda(value)
    return None


def _as_lambda(call: ast.Call) -> ast.Lambda | None:
    """`lambda *args, **kwargs: f(given, *args, named=given, **kwargs)`."""
    function, *given = call.args
    if isinstance(function, ast.Starred):
        return None
    rest = ast.Starred(ast.Name("args", ast.Load()), ast.Load())
    named = ast.keyword(None, ast.Name("kwargs", ast.Load()))
    body = ast.Call(function, [*given, rest], [*call.keywords, named])
    parameters = ast.arguments([], [], ast.arg("args"), [], [], ast.arg("kwargs"), [])
    made = ast.Lambda(parameters, body)
    for node in (made, body, rest, rest.value, named, named.value, parameters.vararg, parameters.kwarg):
        if node is not None:
            ast.copy_location(node, call)
    return made

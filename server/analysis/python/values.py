"""Where a value comes from, within one function: a constant, a request, a parameter, or elsewhere.

Small and local on purpose: flows across functions and files are the data-flow analysis' work.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from enum import IntEnum

from server.analysis.python.file import FunctionNode, PythonFile

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

DEPTH = 6
"""How many assignments are followed back."""

MAX_TEXTS = 6
"""How many texts of one name are looked into."""


class Origin(IntEnum):
    """Ordered: a value made of several has the worst of their origins."""

    CONSTANT = 0
    UNKNOWN = 1
    PARAMETER = 2
    ROUTE = 3
    """A parameter of a function that answers requests: part of the path, mostly."""
    REQUEST = 4


_HARMLESS_CALLS = frozenset(
    {"int", "float", "bool", "len", "str.isdigit", "uuid.uuid4", "shlex.quote", "shlex.join", "pipes.quote"}
)

_REQUEST = re.compile(
    r"(?:^|\.)(?:request|req)\.(?:args|form|forms|values|json|data|get_json|get_data|files|cookies|headers|GET|POST|FILES"
    r"|COOKIES|META|query|query_params|query_string|params|match_info|path_params|body|rel_url|stream|text)\b"
    r"|^self\.(?:get_argument|get_query_argument|get_body_argument)$"
)

_PLACEHOLDER = frozenset("?,%s() :")

_ROUTE_WORDS = frozenset({"route", "get", "post", "put", "patch", "delete", "websocket", "api_view", "view_config"})


def origin_of(node: ast.AST | None, file: PythonFile, depth: int = DEPTH) -> Origin:
    """The worst origin of any text that becomes part of the value."""
    if node is None or isinstance(node, ast.Constant):
        return Origin.CONSTANT
    if depth == 0:
        return Origin.UNKNOWN
    if isinstance(node, ast.JoinedStr):
        parts = (v.value for v in node.values if isinstance(v, ast.FormattedValue))
        return _worst(parts, file, depth)
    if isinstance(node, ast.BinOp):
        return _worst((node.left, node.right), file, depth)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return _worst(node.elts, file, depth)
    if isinstance(node, ast.Dict):
        return _worst((v for v in node.values if v is not None), file, depth)
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
        return origin_of(node.elt, file, depth - 1)
    if isinstance(node, ast.IfExp):
        return _worst((node.body, node.orelse), file, depth)
    if isinstance(node, ast.BoolOp):
        return _worst(node.values, file, depth)
    if isinstance(node, (ast.Starred, ast.Await, ast.FormattedValue, ast.NamedExpr)):
        return origin_of(node.value, file, depth - 1)
    if isinstance(node, ast.Call):
        return _of_call(node, file, depth)
    if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        return Origin.CONSTANT
    if isinstance(node, ast.Name):
        return _of_name(node, file, depth)
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return _of_part(node, file, depth)
    return Origin.UNKNOWN


def is_built(node: ast.AST, file: PythonFile) -> bool:
    """Whether the text is put together from parts that are not all constant. Follows local names."""
    return any(_is_put_together(value) and origin_of(value, file) > Origin.CONSTANT for value in values_of(node, file))


def values_of(node: ast.AST, file: PythonFile) -> Iterator[ast.AST]:
    """The expression itself, or what was assigned to the local name that it is."""
    if not isinstance(node, ast.Name):
        yield node
        return
    yield from assigned_to(node, file)


def assigned_to(name: ast.Name, file: PythonFile) -> list[ast.AST]:
    """What the name was given before this use, in its own scope (or the module's, when that one has nothing)."""
    scope = file.scope_of(name)
    found = assignments_in(scope, name.id, file)
    return found if found or scope is file.tree else assignments_in(file.tree, name.id, file)


def assignments_in(scope: ast.AST, name: str, file: PythonFile) -> list[ast.AST]:
    """What *name* is given anywhere in *scope*, not counting inner scopes."""
    if not file.assignments:
        _collect(file)
    return file.assignments.get(scope, {}).get(name, [])


def _collect(file: PythonFile) -> None:
    """Of all scopes at once: to walk through each of them again takes several times as long."""
    found: dict[ast.AST, dict[str, list[ast.AST]]] = file.assignments
    found[file.tree] = {}
    for kind in (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.For, ast.AsyncFor):
        for node in file.by_type.get(kind):
            for name, value in _given_by(node):
                found.setdefault(file.scope_of(node), {}).setdefault(name, []).append(value)


def _given_by(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, (ast.Tuple, ast.List)):
                yield from ((element.id, _Opaque()) for element in target.elts if isinstance(element, ast.Name))
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr, ast.AugAssign)) and isinstance(node.target, ast.Name):
        if isinstance(node, ast.AugAssign):
            yield node.target.id, ast.BinOp(ast.Constant(""), node.op, node.value)
        elif node.value:
            yield node.target.id, node.value
    elif isinstance(node, (ast.For, ast.AsyncFor)) and isinstance(node.target, ast.Name):
        yield node.target.id, _element_of(node.iter)


class _Opaque(ast.expr):
    """A value that is not looked into."""


def _element_of(iterable: ast.expr) -> ast.AST:
    """What a loop variable gets: one of the constants of a literal, or something unknown."""
    if isinstance(iterable, (ast.Tuple, ast.List, ast.Set)) and all(isinstance(e, ast.Constant) for e in iterable.elts):
        return iterable
    if isinstance(iterable, (ast.Name, ast.Attribute, ast.Subscript)):
        return iterable
    return _Opaque()


def _worst(nodes: Iterable[ast.AST], file: PythonFile, depth: int) -> Origin:
    worst = Origin.CONSTANT
    for node in nodes:
        worst = max(worst, origin_of(node, file, depth - 1))
    return worst


def _of_call(call: ast.Call, file: PythonFile, depth: int) -> Origin:
    name = file.dotted(call.func)
    if name in _HARMLESS_CALLS:
        return Origin.CONSTANT
    if _is_request(name) or name in ("input", "builtins.input"):
        return Origin.REQUEST
    if name == "os.path.join":
        return _worst(call.args, file, depth)
    if isinstance(call.func, ast.Attribute):
        if call.func.attr == "join" and _joins_placeholders(call):
            return Origin.CONSTANT
        if call.func.attr in (
            "format",
            "join",
            "replace",
            "strip",
            "lower",
            "upper",
            "encode",
            "decode",
            "get",
            "format_map",
            "splitlines",
            "split",
        ):
            return _worst((call.func.value, *call.args, *(k.value for k in call.keywords)), file, depth)
    if name in ("str", "repr", "bytes", "list", "tuple", "sorted", "set"):
        return _worst(call.args, file, depth)
    return Origin.UNKNOWN


def _joins_placeholders(call: ast.Call) -> bool:
    """`", ".join("?" for _ in ids)`, `",".join(["%s"] * n)`: the text consists of placeholders."""
    if len(call.args) != 1:
        return False
    joined = call.args[0]
    if isinstance(joined, (ast.GeneratorExp, ast.ListComp)):
        joined = joined.elt
    elif isinstance(joined, ast.BinOp) and isinstance(joined.op, ast.Mult):
        joined = joined.left
    if isinstance(joined, ast.List) and len(joined.elts) == 1:
        joined = joined.elts[0]
    if isinstance(joined, ast.JoinedStr):
        return "$" in ast.unparse(joined)
    return isinstance(joined, ast.Constant) and isinstance(joined.value, str) and set(joined.value) <= _PLACEHOLDER


def _of_name(node: ast.Name, file: PythonFile, depth: int) -> Origin:
    if node.id in file.imports:
        return (
            Origin.REQUEST
            if _is_request(file.imports[node.id])
            else Origin.CONSTANT
            if node.id.isupper()
            else Origin.UNKNOWN
        )
    scope = file.scope_of(node)
    given = assigned_to(node, file)
    worst = _of_given(node.id, scope, given, file, depth) if given else Origin.UNKNOWN
    if not given and node.id.isupper():
        return Origin.CONSTANT
    while isinstance(scope, ast.Lambda):
        scope = file.scope_of(scope)
    if isinstance(scope, FUNCTIONS) and node.id in parameters(scope):
        return max(_of_parameter(node.id, scope, file), worst if given else Origin.CONSTANT)
    return worst


def _of_given(name: str, scope: ast.AST, given: list[ast.AST], file: PythonFile, depth: int) -> Origin:
    """Remembered: names that are made of each other again and again have more ways than anybody could go."""
    key = (scope, name, depth)
    known = file.origins.get(key)
    if known is None:
        known = file.origins[key] = int(_worst(given, file, depth))
    return Origin(known)


def _of_parameter(name: str, function: FunctionNode, file: PythonFile) -> Origin:
    if _is_number(name, function):
        return Origin.CONSTANT
    if not is_route(function, file):
        return Origin.PARAMETER
    injected = name in ("self", "cls", "request", "db", "session") or _is_injected(name, function)
    return Origin.UNKNOWN if injected else Origin.ROUTE


def _is_number(name: str, function: FunctionNode) -> bool:
    """Annotated as something that holds no text; or converted by the route: `<int:page>`."""
    for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        if argument.arg == name and isinstance(argument.annotation, ast.Name):
            return argument.annotation.id in ("int", "float", "bool", "UUID", "datetime", "date", "Decimal")
    converted = (f"<int:{name}>", f"<float:{name}>", f"<uuid:{name}>")
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and any(c in node.value for c in converted)
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
    )


def _is_injected(name: str, function: FunctionNode) -> bool:
    """`db: Session = Depends(get_db)`: made by the program, not sent by the caller."""
    plain = (*function.args.posonlyargs, *function.args.args)
    defaults = [*zip(reversed(plain), reversed(function.args.defaults), strict=False)]
    defaults += [(a, d) for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d]
    return any(
        argument.arg == name
        and isinstance(default, ast.Call)
        and ast.unparse(default.func).endswith(("Depends", "Security"))
        for argument, default in defaults
    )


def _of_part(node: ast.Attribute | ast.Subscript, file: PythonFile, depth: int) -> Origin:
    """`request.args["q"]`, `row[0]`, `self.table`."""
    whole: ast.expr = node
    while isinstance(whole, (ast.Attribute, ast.Subscript)):
        if _is_request(file.dotted(whole)):
            return Origin.REQUEST
        whole = whole.value
    if isinstance(node, ast.Attribute) and (node.attr.isupper() or node.attr == "__name__"):
        return Origin.CONSTANT
    if isinstance(whole, ast.Name) and whole.id not in ("self", "cls"):
        return min(origin_of(whole, file, depth - 1), Origin.REQUEST)
    if isinstance(whole, ast.Call):
        return origin_of(whole, file, depth - 1)
    return Origin.UNKNOWN


def _is_request(name: str) -> bool:
    return bool(name) and _REQUEST.search(name) is not None


def _is_put_together(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Add, ast.Mod)) and _has_text(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "format_map") and _has_text(node.func.value)
    return False


def _has_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return _has_text(node.left) or _has_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))


def parameters(function: FunctionNode) -> set[str]:
    a = function.args
    named = (
        *a.posonlyargs,
        *a.args,
        *a.kwonlyargs,
        *((a.vararg,) if a.vararg else ()),
        *((a.kwarg,) if a.kwarg else ()),
    )
    return {argument.arg for argument in named}


def is_route(function: FunctionNode, file: PythonFile) -> bool:
    """Whether the decorators make it answer requests (Flask, FastAPI, Bottle, Sanic, DRF)."""
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        name = file.dotted(target).rpartition(".")[2]
        if name in ("route", "api_view", "view_config"):
            return True
        if (
            name in _ROUTE_WORDS
            and call
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and str(call.args[0].value).startswith("/")
        ):
            return True
    return False


def text_of(node: ast.AST | None, file: PythonFile, depth: int = DEPTH) -> str:
    """The constant pieces of a text, for looking at its words; what is not constant becomes a space."""
    if depth == 0:
        return ""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(v, file, depth - 1) if isinstance(v, ast.Constant) else " " for v in node.values)
    if isinstance(node, ast.BinOp):
        return f"{text_of(node.left, file, depth - 1)} {text_of(node.right, file, depth - 1)}"
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "format_map")
    ):
        return text_of(node.func.value, file, depth - 1)
    if isinstance(node, ast.Name):
        return " ".join(text_of(value, file, depth - 1) for value in assigned_to(node, file)[:MAX_TEXTS])
    return ""


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """The argument at *position* or of *name*."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
        return call.args[position]
    return None


def is_constant(node: ast.AST | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value

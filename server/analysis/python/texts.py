"""String literals that miss a character: an f before the quote, a comma behind it."""

import ast
import re
from collections.abc import Iterator

from server.analysis.bug_rules import MISSING_COMMA, MISSING_F_PREFIX
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS, assignments_in, parameters
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix

_REPLACED = re.compile(r"(?<!\{)\{([A-Za-z_]\w*)((?:\.\w+|\[\w+\])*)(?:![rsa])?(?::[^{}]*)?\}(?!\})")
_SAYS = frozenset(
    {"print", "debug", "info", "warning", "error", "exception", "critical", "log", "fail", "exit", "warn"}
)


@check(
    MISSING_F_PREFIX,
    on=(ast.Constant,),
    bad=(
        'def f(name):\n    print("hello {name}")\n',
        'def f(path):\n    raise ValueError("no file {path!r} here")\n',
        'def f(user):\n    log.info("user {user.name} came")\n',
        'def f(n):\n    if n:\n        sys.exit("{n} errors")\n',
    ),
    good=(
        'def f(name):\n    print(f"hello {name}")\n',
        'def f(name):\n    print("hello {name}".format(name=name))\n',
        'def f(name):\n    print("hello {other}")\n',
        'def f(name):\n    return "/users/{name}"\n',
        'def f(name):\n    print("hello {{name}}")\n',
        'def f(name):\n    log.info("hello {name}", name=name)\n',
        'def f(name):\n    logger.info("hello {name}", extra={"name": name})\n',
    ),
)
def missing_f_prefix(node: ast.Constant, file: PythonFile) -> Iterator[Hit]:
    """Only where the text goes straight to a person: elsewhere it may be a template that is filled in later."""
    if not isinstance(node.value, str) or "{" not in node.value:
        return
    call = file.parents[node]
    if not isinstance(call, ast.Call) or call.keywords or node not in call.args or not _is_said(call, file):
        return
    names = _REPLACED.findall(node.value)
    scope = file.scope_of(node)
    if not names or not isinstance(scope, FUNCTIONS) or len(call.args) != 1:
        return
    if all(_is_known(name, scope, file) for name, _ in names):
        yield Hit(file.span(node), "The f before the quote is missing", _prefix(node, file))


def _is_said(call: ast.Call, file: PythonFile) -> bool:
    if isinstance(file.parents[call], ast.Raise):
        return True
    name = (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )
    return name in _SAYS


def _is_known(name: str, scope: FunctionNode, file: PythonFile) -> bool:
    if name in parameters(scope):
        return True
    return bool(assignments_in(scope, name, file))


def _prefix(node: ast.Constant, file: PythonFile) -> Fix | None:
    """An f in front, when that makes of the one literal just the f-string that was meant."""
    text = file.text(node)
    quote = text.lstrip("rR")[:1]
    if quote not in ("'", '"') or "{{" in text or "}}" in text:
        return None
    try:
        made = ast.parse("f" + text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(made, ast.JoinedStr) or any(
        "{" in str(v.value) for v in made.values if isinstance(v, ast.Constant)
    ):
        return None
    span = file.span(node)
    at = (span.start_line, span.start_column)
    return Fix("Make it an f-string", (Edit(*at, *at, "f"),), safe=False)


@check(
    MISSING_COMMA,
    on=(ast.List, ast.Tuple, ast.Set),
    bad=('NAMES = [\n    "alpha",\n    "beta"\n    "gamma",\n    "delta",\n]\n',),
    good=(
        'NAMES = [\n    "alpha",\n    "beta",\n    "gamma",\n]\n',
        'TEXTS = [\n    "one long sentence "\n    "over two lines",\n    "another",\n    "third",\n]\n',
        'TEXTS = [\n    "a"\n    "b",\n    "c"\n    "d",\n    "e"\n    "f",\n]\n',
        'TEXTS = [\n    (\n        "a"\n        "b"\n    ),\n    "c",\n    "d",\n]\n',
        'ARGS = ["-c", "import os;"\n    "print(1)", "x"]\n',
    ),
)
def missing_comma(node: ast.List | ast.Tuple | ast.Set, file: PythonFile) -> Iterator[Hit]:
    """One element of two words among single words, each on a line of its own."""
    elements = node.elts
    if len(elements) < 3 or not all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in elements):
        return
    if len({e.lineno for e in elements}) != len(elements):
        return
    joined = [e for e in elements if e.end_lineno == e.lineno + 1]
    alone = [e for e in elements if e.end_lineno == e.lineno]
    if len(joined) != 1 or len(alone) != len(elements) - 1:
        return
    before = file.source.line(joined[0].lineno)[: file.span(joined[0]).start_column - 1]
    if "(" in before or file.source.line(joined[0].lineno - 1).rstrip().endswith("("):
        return
    pieces = [piece.strip() for piece in file.text(joined[0]).split("\n")]
    if not all(re.fullmatch(r"""(["'])[\w./:@-]+\1""", piece) for piece in pieces):
        return
    if all(re.fullmatch(r"[\w./:@-]+", str(getattr(e, "value", ""))) for e in alone):
        first = file.span(joined[0])
        end = len(file.source.line(first.start_line).rstrip()) + 1
        at = (first.start_line, end)
        fix = Fix("Insert the comma", (Edit(*at, *at, ","),), safe=False)
        yield Hit(first, "Two elements run together: the comma is missing", fix)


CHECKS = (missing_f_prefix, missing_comma)

"""None where a value was expected: results that may be None, used at once or without a look at them.

By the blocks of one function, on the side of silence: any condition that names the value counts as a look.
"""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

NONE_USED = Rule(
    "hive.none-used",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="The call answers None when there is nothing: using that as if it were the value is an error at run time.",
    remedy="Look first: `if found is None: ...`; or ask in a way that raises an error which says what is missing.",
    cwe=476,
    also=(252, 690),
    in_tests=False,
)
NO_ROW = Rule(
    "hive.missing-row-used",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="There is no such row for whoever asks for one that is not there: an AttributeError instead of an answer.",
    remedy="Look first, and answer that there is none; or ask with one(), get_object_or_404() and their like.",
    in_tests=False,
)
NONE_CLOSED = Rule(
    "hive.none-closed",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.HIGH,
    why="When opening fails the name is still None, and the finally hides the real error behind an AttributeError.",
    remedy="Open it before the try, or in a with.",
    cwe=476,
)

_MAY_BE_NONE = {
    "shutil.which": "shutil.which() finds no such program",
    "os.environ.get": "the variable is not set",
    "os.getenv": "the variable is not set",
    "re.match": "the pattern does not match",
    "re.search": "the pattern is not found",
    "re.fullmatch": "the pattern does not match",
    "importlib.util.find_spec": "there is no such module",
    "inspect.getmodule": "the module is not known",
    "mimetypes.guess_extension": "the type is not known",
    "ctypes.util.find_library": "there is no such library",
    "imghdr.what": "the kind is not known",
}
"""By name, when the answer is None."""

_QUERIES = frozenset({"first", "one_or_none", "scalar_one_or_none"})
"""Methods of databases' queries that answer None when there is no row."""


@check(
    NONE_USED,
    on=called("get", "getenv", "which"),
    bad=(
        "import os\nhosts = os.environ.get('HOSTS').split(',')\n",
        "import os\nroot = os.getenv('ROOT') + '/data'\n",
        "import os\nport = int(os.environ.get('PORT'))\n",
        "import shutil, subprocess\nsubprocess.run([shutil.which('git'), 'status'])\n",
    ),
    good=(
        "import os\nhosts = os.environ.get('HOSTS', '').split(',')\n",
        "import os\nhosts = (os.environ.get('HOSTS') or '').split(',')\n",
        "import os\nport = int(os.environ['PORT'])\n",
        "import os\nx = os.environ.get('X')\n",
        "import os\nif os.environ.get('A') and os.environ.get('A').split(','):\n    f()\n",
        "import os\ntry:\n    port = int(os.environ.get('PORT'))\nexcept TypeError:\n    port = 1\n",
    ),
)
def used_at_once(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name not in ("os.environ.get", "os.getenv", "shutil.which") or not file.is_imported(call.func):
        return
    if name != "shutil.which" and (len(call.args) > 1 or call.keywords or _is_always_set(call)):
        return
    if _is_tried_or_asked(call, file):
        return
    if _fails_on_none(call, file):
        yield Hit(file.span(call), f"This is None when {_MAY_BE_NONE[name]}")


def _is_always_set(call: ast.Call) -> bool:
    given = call.args[0] if call.args else None
    return isinstance(given, ast.Constant) and str(given.value).upper() in ("PATH", "HOME", "USER", "PWD")


def _fails_on_none(call: ast.expr, file: PythonFile) -> bool:
    parent = file.parents[call]
    if isinstance(parent, (ast.Attribute, ast.Subscript)):
        return parent.value is call
    if isinstance(parent, ast.BinOp):
        return isinstance(parent.op, ast.Add)
    if isinstance(parent, ast.Call):
        return parent.args[:1] == [call] and getattr(parent.func, "id", "") in ("int", "float", "len")
    return isinstance(parent, ast.List) and parent.elts[0] is call and _is_command(parent, file)


def _is_command(node: ast.List, file: PythonFile) -> bool:
    parent = file.parents[node]
    return isinstance(parent, ast.Call) and file.dotted(parent.func).startswith("subprocess.")


def _is_tried_or_asked(node: ast.expr, file: PythonFile) -> bool:
    """Whether an error is expected, or the same expression stands in a condition around."""
    text = ast.unparse(node)
    child: ast.AST = node
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.Try) and ancestor.handlers and child in ancestor.body:
            return True
        if isinstance(ancestor, (ast.If, ast.IfExp, ast.While, ast.BoolOp)):
            asked = ancestor.values[0] if isinstance(ancestor, ast.BoolOp) else ancestor.test
            if asked is not child and _mentions(asked, text):
                return True
        child = ancestor
    return False


def _mentions(condition: ast.expr, text: str) -> bool:
    words = ast.unparse(condition)
    key = text.partition("(")[2].rstrip(")").partition(",")[0]
    return text in words or (bool(key) and key in words)


@check(
    NONE_USED,
    on=(ast.Assign,),
    bad=(
        "import re\ndef f(line):\n    found = re.match(r'(\\d+)', line)\n    return found.group(1)\n",
        "import os\ndef f():\n    home = os.environ.get('APP_HOME')\n    return home.split(':')\n",
    ),
    good=(
        "import re\ndef f(line):\n    found = re.match(r'(\\d+)', line)\n    if not found:\n        return None\n"
        "    return found.group(1)\n",
        "import re\ndef f(line):\n    found = re.match(r'(\\d+)', line)\n    assert found\n    return found.group(1)\n",
        "import re\ndef f(line):\n    found = re.match(r'(\\d*)', line)\n    return found.group(1)\n",
        "import re\ndef f(line):\n    found = re.match(r'(\\d+)', line)\n    return found and found.group(1)\n",
        "import re\ndef f(line):\n    found = re.match(r'(\\d+)', line)\n    try:\n        return found.group(1)\n"
        "    except AttributeError:\n        return None\n",
        "import os\ndef f():\n    home = os.environ.get('APP_HOME', '')\n    return home.split(':')\n",
    ),
)
def used_without_a_look(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    reason = _reason_for_none(node.value, file)
    if reason and (use := _blind_use(node, file)) is not None:
        name = ast.unparse(node.targets[0])
        evidence = f"{name} = {ast.unparse(node.value)[:200]}"
        yield Hit(file.span(use), f"{name} is None when {reason}", evidence=evidence)


@check(
    NO_ROW,
    on=(ast.Assign,),
    bad=(
        "def f(db, name):\n    user = db.query(User).filter_by(name=name).first()\n    return user.email\n",
        "def f(name):\n    user = User.objects.filter(name=name).first()\n    return user.email\n",
    ),
    good=(
        "def f(db):\n    user = db.query(User).first()\n    check(user)\n    return user.email\n",
        "def f(db):\n    user = db.query(User).filter_by(name=1).first()\n    if not user:\n        return ''\n"
        "    return user.email\n",
        "def f(xs):\n    x = xs.first()\n    return x.name\n",
    ),
)
def row_used_without_a_look(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in _QUERIES:
        return
    asked = ast.unparse(call.func.value)
    if any(word in asked for word in (".filter(", ".filter_by(", ".where(", ".query(", "select(")):
        use = _blind_use(node, file)
        if use is not None:
            name = ast.unparse(node.targets[0])
            evidence = f"{name} = {ast.unparse(call)[:200]}"
            yield Hit(file.span(use), f"{name} is None when there is no such row", evidence=evidence)


def _blind_use(node: ast.Assign, file: PythonFile) -> ast.AST | None:
    """The first use of the name as the value itself, where no use of it in the function looks whether it is None."""
    function = file.function_of(node)
    if function is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    uses = sorted(file.uses(node.targets[0].id, function), key=lambda use: (use.lineno, use.col_offset))
    loads = [use for use in uses if isinstance(use.ctx, ast.Load)]
    if not loads or len(uses) - len(loads) != 1:
        return None
    is_blind = all(_is_blind(use, file) for use in loads) and not _is_tried(loads[0], file)
    return file.parents[loads[0]] if is_blind else None


def _reason_for_none(node: ast.expr, file: PythonFile) -> str:
    """When the call answers None; "" when it does not, as far as we know."""
    if not isinstance(node, ast.Call):
        return ""
    name = file.dotted(node.func)
    if name not in _MAY_BE_NONE or not file.is_imported(node.func):
        return ""
    if name in ("os.environ.get", "os.getenv") and (len(node.args) > 1 or node.keywords or _is_always_set(node)):
        return ""
    if name.startswith("re.") and (not node.args or not _can_fail(node.args[0])):
        return ""
    return _MAY_BE_NONE[name]


def _can_fail(pattern: ast.expr) -> bool:
    """A constant pattern that matches even nothing never fails."""
    return not (isinstance(pattern, ast.Constant) and isinstance(pattern.value, str) and _may_be_empty(pattern.value))


def _may_be_empty(pattern: str) -> bool:
    """Whether every part may be left out. By the look of it: running a hostile pattern may take for ever."""
    return _OPTIONAL_PARTS.search(pattern) is not None or _NEEDED_PART.search(pattern) is None


_OPTIONAL_PARTS = re.compile(r"\)[*?{]|\||\{0|\(\?[!=<]")
_NEEDED_PART = re.compile(r"(?:\\[dwsDWS.]|[\w /:=-]|\])(?![*?{\w])")


def _is_blind(use: ast.Name, file: PythonFile) -> bool:
    """Whether the name is used as the value itself, with an attribute or an index, and nobody could have looked."""
    parent = file.parents[use]
    if not isinstance(parent, (ast.Attribute, ast.Subscript)) or parent.value is not use:
        return False
    return not any(isinstance(a, (ast.BoolOp, ast.IfExp, ast.comprehension)) for a in file.ancestors(parent))


def _is_tried(use: ast.AST, file: PythonFile) -> bool:
    return any(isinstance(a, ast.Try) and a.handlers for a in file.ancestors(use))


@check(
    NONE_CLOSED,
    on=(ast.Try,),
    bad=(
        "def f(path):\n    file = None\n    try:\n        file = open(path)\n        return file.read()\n"
        "    finally:\n        file.close()\n",
    ),
    good=(
        "def f(path):\n    file = None\n    try:\n        file = open(path)\n        return file.read()\n"
        "    finally:\n        if file:\n            file.close()\n",
        "def f(path):\n    file = open(path)\n    try:\n        f(file)\n    finally:\n        file.close()\n",
    ),
)
def none_closed(node: ast.Try, file: PythonFile) -> Iterator[Hit]:
    """`x = None` right before the try, given a value within, and used in the finally as if it had got it."""
    function = file.function_of(node)
    if not node.finalbody or function is None:
        return
    given = {t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
    empty = _empty_before(node, file) & given
    for statement in node.finalbody:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
        ):
            name = call.func.value.id
            if name in empty:
                yield Hit(file.span(call), f"{name} is None here when the try failed before it got a value")


def _empty_before(node: ast.Try, file: PythonFile) -> set[str]:
    parent = file.parents[node]
    blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
    block: list[ast.stmt] = next((b for b in blocks if isinstance(b, list) and node in b), [node])
    return {
        t.id
        for s in block[: block.index(node)]
        if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant) and s.value.value is None
        for t in s.targets
        if isinstance(t, ast.Name)
    }


CHECKS = (used_at_once, used_without_a_look, row_used_without_a_look, none_closed)

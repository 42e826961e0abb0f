"""Checks that a path is inside a folder which compare texts: `/srv/files-of-others` begins with `/srv/files`, too."""

import ast
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

PARTIAL_PATH_CHECK = Rule(
    "hive.partial-path-check",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "A folder beside it whose name only begins like this one passes the check.",
    22,
    in_tests=False,
    also=(23, 36, 73, 59, 697),
    remedy="Compare with `os.path.commonpath`, `Path.is_relative_to`, or with the folder's name and `os.sep` after it.",
)

_NORMAL = frozenset(f"os.path.{name}" for name in ("abspath", "realpath", "normpath"))


@check(
    PARTIAL_PATH_CHECK,
    on=called("startswith"),
    bad=(
        "import os\ndef check(root, path):\n    if not os.path.abspath(path).startswith(os.path.abspath(root)):\n"
        "        raise ValueError\n",
        "import os\ndef inside(root, name):\n    root = os.path.realpath(root)\n"
        "    path = os.path.realpath(os.path.join(root, name))\n    return path.startswith(root)\n",
        "import os\nclass Files:\n    def __init__(self, root):\n        self.root = os.path.abspath(root)\n"
        "    def read(self, name):\n        path = os.path.abspath(os.path.join(self.root, name))\n"
        "        if not path.startswith(self.root):\n            raise PermissionError\n        return open(path)\n",
    ),
    good=(
        "import os\ndef inside(root, path):\n"
        "    return os.path.abspath(path).startswith(os.path.abspath(root) + os.sep)\n",
        "import os\ndef inside(root, path):\n"
        "    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), ''))\n",
        "import os\ndef inside(root, path):\n    root = os.path.abspath(root) + '/'\n"
        "    return os.path.abspath(path).startswith(root)\n",
        "import os\ndef ours(path):\n    return os.path.abspath(path).startswith('/usr')\n",
        "def f(name, prefix):\n    return name.startswith(prefix)\n",
        "import os\ndef shown(path):\n    here = os.path.abspath('.')\n    path = os.path.abspath(path)\n"
        "    return path[len(here) + 1 :] if path.startswith(here) else path\n",
    ),
)
def partial_path_check(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(call.func, ast.Attribute) or len(call.args) != 1 or not _decides(call, file):
        return
    path, folder = call.func.value, call.args[0]
    if _is_normal(path, file) and _is_normal(folder, file):
        yield Hit(file.span(call), "Also a folder beside it passes: only the beginning of its name is compared")


def _decides(call: ast.Call, file: PythonFile) -> bool:
    """Whether somebody is turned away by it: it is returned, or what does not begin so ends here."""
    above = file.parents[call]
    refused = isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not)
    for ancestor in file.ancestors(call):
        if isinstance(ancestor, ast.Return):
            return not isinstance(ancestor.value, ast.IfExp)
        if isinstance(ancestor, ast.If):
            body = ancestor.body if refused else ancestor.orelse
            return bool(body) and isinstance(body[-1], (ast.Raise, ast.Return, ast.Continue))
        if isinstance(ancestor, ast.stmt):
            return False
    return False


def _is_normal(node: ast.expr, file: PythonFile) -> bool:
    """What one of `os.path`'s functions made: it has no separator at its end."""
    made = list(_made(node, file))
    return bool(made) and all(isinstance(value, ast.Call) and file.dotted(value.func) in _NORMAL for value in made)


def _made(node: ast.expr, file: PythonFile) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Attribute):
        yield from values_of(node, file)
        return
    for given in file.by_type.get(ast.Assign):
        assert isinstance(given, ast.Assign)
        if any(isinstance(target, ast.Attribute) and target.attr == node.attr for target in given.targets):
            yield given.value


CHECKS = (partial_path_check,)

"""Files that others on the machine may change, or whose names they know beforehand."""

import ast
import re
from collections.abc import Iterator

from server.analysis.config.commands import WORLD_WRITABLE
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.values import argument, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

KNOWN_TEMPORARY_NAME = Rule(
    "hive.known-temporary-name",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Everyone may write to the directory: whoever makes the file or a link of that name first chooses what is written.",
    377,
    ("S108",),
    in_tests=False,
    also=(379, 59, 362, 378),
    remedy="Use tempfile.NamedTemporaryFile() or tempfile.mkdtemp().",
)

_WRITES_OTHERS = re.compile(r"S_IRWXO|S_IWOTH")


@check(
    WORLD_WRITABLE,
    on=called("chmod", "fchmod", "lchmod"),
    bad=(
        "import os, stat\nos.chmod(path, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)\n",
        "import os, stat\nos.chmod(path, stat.S_IWOTH)\n",
    ),
    good=(
        "import os, stat\nos.chmod(path, stat.S_IRUSR)\n",
        "import os, stat\nos.chmod(path, mode & ~stat.S_IWOTH)\n",
        "import os\nos.chmod(path, 0o640)\n",
    ),
)
def world_writable(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """By the names of stat; modes in digits are ruff's."""
    mode = argument(call, 1, "mode")
    if mode is not None and _WRITES_OTHERS.search(file.text(mode)) and "~" not in file.text(mode):
        yield Hit(file.span(call), "Everyone may write to the file")


_SHARED = re.compile(r"/(?:var/)?tmp/?(?:$|/)|/dev/shm/")


@check(
    KNOWN_TEMPORARY_NAME,
    on=called("open", "join", "write_text", "write_bytes", "to_csv", "save"),
    bad=(
        "with open('/tmp/report.txt', 'w') as out:\n    out.write(text)\n",
        "import os\npath = os.path.join('/tmp', 'app-' + name)\n",
        "path = '/tmp/app.log'\nopen(path, 'a')\n",
        "def f(user):\n    open(f'/tmp/{user}.csv', 'wb')\n",
    ),
    good=(
        "with open('/tmp/report.txt') as given:\n    given.read()\n",
        "with open('report.txt', 'w') as out:\n    out.write(text)\n",
        "import os\nos.path.join('/srv', name)\n",
        "import tempfile\ntempfile.NamedTemporaryFile()\n",
    ),
)
def known_temporary_name(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    mode = text_of_literal(argument(call, 1, "mode")) or ""
    writes = name in ("open", "io.open") and re.search(r"[wax]", mode)
    if not call.args or not (writes or name == "os.path.join"):
        return
    for value in values_of(call.args[0], file):
        first = value.values[0] if isinstance(value, ast.JoinedStr) and value.values else value
        first = first.left if isinstance(first, ast.BinOp) else first
        if _SHARED.match(text_of_literal(first) or ""):
            yield Hit(file.span(call), "The name of a temporary file is known beforehand")
            return


CHECKS = (world_writable, known_temporary_name)

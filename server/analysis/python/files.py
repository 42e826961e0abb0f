"""Files that others on the machine may change, or whose names they know beforehand."""

import ast
import re
from collections.abc import Iterator

from server.analysis.config.commands import WORLD_WRITABLE
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.settings import settings_in
from server.analysis.python.values import argument, text_of, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.text.rights import UNLIMITED_BODY
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


_MODES = {"makedirs": 1, "mkdir": 1, "open": 2, "mknod": 1, "chmod": 0, "mkfifo": 1, "touch": 0}
"""Position of the mode; that of `Path.chmod`, for ruff sees `os.chmod`."""


@check(
    WORLD_WRITABLE,
    on=called(*_MODES, "umask"),
    bad=(
        "import os\nos.makedirs(path, mode=0o777)\n",
        "import os\nos.open(path, os.O_CREAT | os.O_WRONLY, 0o777)\n",
        "import os\nos.umask(0)\n",
        "from pathlib import Path\nPath('keys').chmod(0o666)\n",
    ),
    good=(
        "import os\nos.makedirs(path, mode=0o750)\n",
        "import os\nos.makedirs(path, exist_ok=True)\n",
        "import os\nos.open(path, os.O_CREAT | os.O_WRONLY, 0o666)\n",
        "import os\nos.umask(0o077)\n",
        "open(path, 'w', 777)\n",
    ),
)
def made_world_writable(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else name
    if name == "os.umask":
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0:
            yield Hit(file.span(call), "New files may be written by everyone")
        return
    if method not in _MODES or name in ("os.chmod", "open") or (method == "open" and name != "os.open"):
        return
    mode = argument(call, _MODES[method] if name.startswith("os.") or method == "chmod" else 99, "mode")
    value = mode.value if isinstance(mode, ast.Constant) and type(mode.value) is int else 0
    as_ever = method == "open" and value == 0o666  # What `open` asks for, too: the umask takes the rest away.
    if value & 0o002 and not value & 0o1000 and not as_ever:
        yield Hit(file.span(call), "Everyone may write to the file")


_SETS_MODE = re.compile(r"\bchmod\s+(?:-\w+\s+){0,3}(?:[0-7]?[0-7]{2}[2367]|(?:a|o|ugo)\+\w*w\w*)\b")


@check(
    WORLD_WRITABLE,
    on=called("run", "call", "check_call", "check_output", "Popen", "system", "popen"),
    bad=(
        "import subprocess\nsubprocess.run(['chmod', '777', path])\n",
        "import os\nos.system('chmod -R 777 /var/www')\n",
    ),
    good=("import subprocess\nsubprocess.run(['chmod', '755', path])\n", "import os\nos.system('ls 777')\n"),
)
def chmod_command(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    first = call.args[0] if call.args else None
    parts = first.elts if isinstance(first, ast.List) else [first]
    words = " ".join(text_of(part, file) for part in parts if part is not None)
    if file.dotted(call.func).startswith(("subprocess.", "os.")) and _SETS_MODE.search(words):
        yield Hit(file.span(call), "Everyone may write to the file")


@check(
    WORLD_WRITABLE,
    on=(ast.Assign,),
    bad=("FILE_UPLOAD_PERMISSIONS = 0o777\n", "FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o777\n"),
    good=("FILE_UPLOAD_PERMISSIONS = 0o644\n", "FILE_UPLOAD_PERMISSIONS = None\n"),
)
def world_writable_setting(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        mode = value.value if isinstance(value, ast.Constant) and type(value.value) is int else 0
        if name in ("FILE_UPLOAD_PERMISSIONS", "FILE_UPLOAD_DIRECTORY_PERMISSIONS") and mode & 0o002:
            yield Hit(file.span(node), "Everyone on the machine may write to uploaded files")


_LIMITS = frozenset({"MAX_CONTENT_LENGTH", "DATA_UPLOAD_MAX_MEMORY_SIZE", "client_max_size", "max_body_size"})


@check(
    UNLIMITED_BODY,
    on=(ast.Assign, ast.keyword),
    bad=(
        "app.config['MAX_CONTENT_LENGTH'] = None\n",
        "DATA_UPLOAD_MAX_MEMORY_SIZE = None\n",
        "app = web.Application(client_max_size=0)\n",
    ),
    good=("app.config['MAX_CONTENT_LENGTH'] = 5_000_000\n", "app = web.Application(client_max_size=LIMIT)\n"),
)
def unlimited_body(node: ast.Assign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if name in _LIMITS and isinstance(value, ast.Constant) and value.value in (None, 0):
            yield Hit(file.span(node), f"{name}: a request may have any size")


_SHARED = re.compile(r"/(?:var/)?tmp/?(?:$|/)|/dev/shm/")


@check(
    KNOWN_TEMPORARY_NAME,
    on=called("open", "join", "write_text", "write_bytes", "to_csv", "save"),
    bad=(
        "with open('/tmp/report.txt', 'w') as out:\n    out.write(text)\n",
        "import os\npath = os.path.join('/tmp', 'app-' + name)\n",
        "path = '/tmp/app.log'\nopen(path, 'a')\n",
        "import os, tempfile\npath = os.path.join(tempfile.gettempdir(), 'app.log')\n",
        "def f(user):\n    open(f'/tmp/{user}.csv', 'wb')\n",
    ),
    good=(
        "with open('/tmp/report.txt') as given:\n    given.read()\n",
        "with open('report.txt', 'w') as out:\n    out.write(text)\n",
        "import os\nos.path.join('/srv', name)\n",
        "import tempfile\ntempfile.NamedTemporaryFile()\n",
        "import os, tempfile\npath = os.path.join(tempfile.mkdtemp(), 'app.log')\n",
        "import os, tempfile, uuid\npath = os.path.join(tempfile.gettempdir(), uuid.uuid4().hex)\n",
        "import secrets\nopen(f'/tmp/{secrets.token_hex()}.csv', 'wb')\n",
    ),
)
def known_temporary_name(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    mode = text_of_literal(argument(call, 1, "mode")) or ""
    writes = name in ("open", "io.open") and re.search(r"[wax]", mode)
    if not call.args or not (writes or name == "os.path.join"):
        return
    if any(_OWN_NAME.search(ast.unparse(value)) for given in call.args for value in values_of(given, file)):
        return
    for value in values_of(call.args[0], file):
        first = value.values[0] if isinstance(value, ast.JoinedStr) and value.values else value
        first = first.left if isinstance(first, ast.BinOp) else first
        if _SHARED.match(text_of_literal(first) or "") or _is_shared_folder(first, name, file):
            yield Hit(file.span(call), "The name of a temporary file is known beforehand")
            return


_OWN_NAME = re.compile(r"\buuid[14]\b|\bsecrets\.|token_(?:hex|urlsafe)|urandom|mkdtemp|mkstemp|get_random_string")


def _is_shared_folder(node: ast.AST, name: str, file: PythonFile) -> bool:
    """`os.path.join(tempfile.gettempdir(), "app.lock")`."""
    is_join = name == "os.path.join"
    return is_join and isinstance(node, ast.Call) and file.dotted(node.func) == "tempfile.gettempdir"


CHECKS = (
    world_writable,
    made_world_writable,
    chmod_command,
    world_writable_setting,
    unlimited_body,
    known_temporary_name,
)

"""What is opened and not closed, taken and not given back, or opened for one thing and used for another.

By the statements of one function: what is returned, stored, handed on or closed somewhere in it is somebody's business.
"""

import ast
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.values import FUNCTIONS, argument
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

UNCLOSED_RESOURCE = Rule(
    "hive.unclosed-resource",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Each call keeps a connection until the garbage collector comes by: the process runs out of descriptors.",
    remedy="Open it in a with, or close it in a finally.",
    cwe=772,
    also=(404, 775),
    in_tests=False,
)
LEFT_OPEN_ON_A_PATH = Rule(
    "hive.left-open-on-a-path",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="The function closes it in the end, but leaves earlier on this path: then it stays open.",
    remedy="Open it in a with, or close it in a finally.",
    cwe=772,
    also=(404,),
    in_tests=False,
)
LOCK_KEPT = Rule(
    "hive.lock-kept-on-a-path",
    Kind.BUG,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="The function leaves on this path without giving the lock back: the next one that wants it waits for ever.",
    remedy="with lock: instead of acquire and release.",
    cwe=667,
    also=(764, 833),
)
WRONG_FILE_MODE = Rule(
    "hive.wrong-file-mode",
    Kind.BUG,
    Severity.HIGH,
    Confidence.HIGH,
    why="The file was opened for something else: this raises UnsupportedOperation, or a TypeError.",
    remedy="Open it with the mode that fits: 'r' reads, 'w' and 'a' write, 'b' takes bytes, and text is without b.",
    cwe=628,
)

_OPENS = {
    "socket.socket": "The socket",
    "socket.create_connection": "The connection",
    "sqlite3.connect": "The connection to the database",
    "psycopg2.connect": "The connection to the database",
    "psycopg.connect": "The connection to the database",
    "pymysql.connect": "The connection to the database",
    "MySQLdb.connect": "The connection to the database",
    "mysql.connector.connect": "The connection to the database",
    "zipfile.ZipFile": "The archive",
    "tarfile.open": "The archive",
    "smtplib.SMTP": "The connection to the mail server",
    "smtplib.SMTP_SSL": "The connection to the mail server",
    "ftplib.FTP": "The connection",
    "telnetlib.Telnet": "The connection",
    "shelve.open": "The shelf",
    "aiohttp.ClientSession": "The session",
    "os.open": "The descriptor",
    "gzip.open": "The file",
    "bz2.open": "The file",
}
MAX_USES = 100
"""Of one name, or of release() in one file: nobody wrote more by hand, and each is held against all others."""

_FILES = frozenset({"open", "io.open", "codecs.open", "gzip.open", "bz2.open"})
_CLOSES = frozenset({"close", "quit", "shutdown", "detach", "__exit__", "terminate", "aclose", "closing"})


@check(
    UNCLOSED_RESOURCE,
    on=(ast.Assign,),
    bad=(
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    rows = db.execute('SELECT 1').fetchall()\n"
        "    print(rows)\n",
        "import socket\ndef f():\n    s = socket.socket()\n    s.connect(('h', 1))\n    s.send(b'x')\n",
        "import zipfile\ndef f(path):\n    archive = zipfile.ZipFile(path)\n    return archive.namelist()\n",
    ),
    good=(
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    try:\n        db.execute('SELECT 1')\n"
        "    finally:\n        db.close()\n",
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    return db\n",
        "import sqlite3\ndef f(self, path):\n    db = sqlite3.connect(path)\n    self.db = db\n",
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    with db:\n        db.execute('SELECT 1')\n",
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    fill(db)\n",
        "import sqlite3\ndef f(path):\n    db = sqlite3.connect(path)\n    return Rows(cursor=db.cursor())\n",
        "import sqlite3\nDB = sqlite3.connect('a')\nDB.execute('SELECT 1')\n",
    ),
)
def unclosed_resource(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    function = file.function_of(node)
    if function is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return
    what = _opened(node.value, file)
    if what and not _is_somebodys(node.targets[0].id, function, file):
        yield Hit(file.span(node.value), f"{what} is not closed")


def _opened(node: ast.expr, file: PythonFile) -> str:
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call) or not file.is_imported(node.func):
        return ""
    return _OPENS.get(file.dotted(node.func), "")


def _is_somebodys(name: str, function: FunctionNode, file: PythonFile) -> bool:
    """Whether it is closed, returned, stored or handed on; or what is made of it is."""
    for use in file.uses(name, function):
        if isinstance(use.ctx, ast.Store):
            continue
        parent = file.parents[use]
        if not isinstance(parent, ast.Attribute) or parent.attr in _CLOSES or not _is_called_and_dropped(parent, file):
            return True
        if file.function_of(use) is not function:
            return True
    declared = (*file.nodes(ast.Global), *file.nodes(ast.Nonlocal))
    return any(isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names for node in declared)


def _is_called_and_dropped(node: ast.Attribute, file: PythonFile) -> bool:
    """`db.execute(...)`, with nothing of it that lives on: no cursor that is kept or handed to somebody."""
    call = file.parents[node]
    if not isinstance(call, ast.Call) or call.func is not node:
        return False
    if node.attr not in ("cursor", "makefile", "open", "begin", "get", "post", "request", "detach", "ws_connect"):
        return True
    parent = file.parents[call]
    return isinstance(parent, (ast.Expr, ast.Attribute))


@check(
    LEFT_OPEN_ON_A_PATH,
    on=(ast.Assign,),
    bad=(
        "def f(path):\n    file = open(path)\n    if not path:\n        return None\n    text = file.read()\n"
        "    file.close()\n    return text\n",
        "import socket\ndef f(host):\n    s = socket.create_connection((host, 80))\n    if s.recv(1) != b'y':\n"
        "        raise ValueError('no')\n    s.close()\n",
    ),
    good=(
        "def f(path):\n    file = open(path)\n    text = file.read()\n    file.close()\n    return text\n",
        "def f(path):\n    file = open(path)\n    if not file.readable():\n        file.close()\n        return None\n"
        "    text = file.read()\n    file.close()\n    return text\n",
        "def f(path):\n    file = open(path)\n    try:\n        if file.read():\n            return 1\n    finally:\n"
        "        file.close()\n",
        "def f(path):\n    file = open(path)\n    if path:\n        return file\n    file.close()\n",
    ),
)
def left_open_on_a_path(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    function = file.function_of(node)
    if function is None or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return
    opens_file = isinstance(node.value, ast.Call) and file.dotted(node.value.func) in _FILES
    if not opens_file and not _opened(node.value, file):
        return
    exits = _exits_while_open(node, node.targets[0].id, "close", function, file)
    if exits:
        yield Hit(file.span(node.value), f"Stays open when the function leaves in line {exits[0].lineno}")


def _exits_while_open(
    opened: ast.stmt, name: str, closing: str, function: FunctionNode, file: PythonFile
) -> list[ast.stmt]:
    """The returns and raises between the opening and the one closing in the same block, that neither close it nor
    hand it on. [] where a finally, a with or an except closes it.
    """
    block = _block_of(opened, file)
    uses = [use for use in file.uses(name, function) if use.lineno >= opened.lineno]
    if len(uses) > MAX_USES:
        return []
    closes = [use for use in uses if _is_call_of(use, closing, file)]
    at_the_end = [use for use in closes if _statement_of(use, file) in block]
    if len(at_the_end) != 1 or any(_is_kept(use, file) for use in uses):
        return []
    if any(isinstance(a, (ast.Try, ast.With)) for use in closes for a in _between(use, function, file)):
        return []
    end = block.index(_statement_of(at_the_end[0], file))
    exits = [
        n
        for statement in block[block.index(opened) + 1 : end]
        for n in ast.walk(statement)
        if isinstance(n, (ast.Return, ast.Raise)) and file.function_of(n) is function
    ]
    return [leaving for leaving in exits if not _closes_first(leaving, closes, file)]


def _block_of(statement: ast.stmt, file: PythonFile) -> list[ast.stmt]:
    parent = file.parents[statement]
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    return next((block for block in blocks if isinstance(block, list) and statement in block), [statement])


def _is_call_of(use: ast.Name, method: str, file: PythonFile) -> bool:
    parent = file.parents[use]
    return isinstance(parent, ast.Attribute) and parent.attr == method and isinstance(file.parents[parent], ast.Call)


def _statement_of(node: ast.AST, file: PythonFile) -> ast.stmt:
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.stmt):
            return ancestor
    raise AssertionError("every expression stands in a statement")


def _is_kept(use: ast.Name, file: PythonFile) -> bool:
    """Anything but a method of its own called."""
    parent = file.parents[use]
    if isinstance(use.ctx, ast.Store):
        return isinstance(parent, (ast.With, ast.withitem))
    return not isinstance(parent, ast.Attribute) and not isinstance(parent, (ast.For, ast.Compare))


def _between(use: ast.AST, function: FunctionNode, file: PythonFile) -> Iterator[ast.AST]:
    for ancestor in file.ancestors(use):
        if ancestor is function:
            return
        yield ancestor


def _closes_first(leaving: ast.stmt, closes: list[ast.Name], file: PythonFile) -> bool:
    """In its own block, before it; or in one around that block, within the same branch."""
    blocks = [_block_of(leaving, file)]
    for ancestor in file.ancestors(leaving):
        if isinstance(ancestor, FUNCTIONS):
            break
        if isinstance(ancestor, ast.Try):
            return True
        if isinstance(ancestor, ast.stmt):
            blocks.append(_block_of(ancestor, file))
    near = [s for block in blocks[:-1] for s in block if s.lineno <= leaving.lineno]
    return any(_statement_of(close, file) in near for close in closes)


@check(
    LOCK_KEPT,
    on=called("acquire"),
    bad=(
        "def f(self, key):\n    self.lock.acquire()\n    if key not in self.d:\n        return None\n"
        "    value = self.d.pop(key)\n    self.lock.release()\n    return value\n",
    ),
    good=(
        "def f(self, key):\n    self.lock.acquire()\n    try:\n        if key not in self.d:\n            return None\n"
        "        return self.d.pop(key)\n    finally:\n        self.lock.release()\n",
        "def f(self, key):\n    self.lock.acquire()\n    if key not in self.d:\n        self.lock.release()\n"
        "        return None\n    value = self.d.pop(key)\n    self.lock.release()\n    return value\n",
        "def f(self, key):\n    self.lock.acquire()\n    self.d.pop(key)\n    self.lock.release()\n    return key\n",
    ),
)
def lock_kept(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    function, statement = file.function_of(call), file.parents[call]
    if isinstance(statement, ast.Await):
        statement = file.parents[statement]
    if function is None or not isinstance(statement, ast.Expr) or not isinstance(call.func, ast.Attribute):
        return
    if len(file.attributes("release")) > MAX_USES:
        return
    lock = ast.unparse(call.func.value)
    last = function.end_lineno or function.lineno
    releases = [
        n
        for n in file.attributes("release")
        if function.lineno <= n.lineno <= last and isinstance(n, ast.Attribute) and ast.unparse(n.value) == lock
    ]
    exits = _exits_while_taken(statement, releases, function, file)
    if exits:
        yield Hit(file.span(call), f"{lock} stays taken when the function leaves in line {exits[0].lineno}")


def _exits_while_taken(
    taken: ast.stmt, releases: list[ast.Attribute], function: FunctionNode, file: PythonFile
) -> list[ast.stmt]:
    block = _block_of(taken, file)
    at_the_end = [n for n in releases if _statement_of(n, file) in block and n.lineno > taken.lineno]
    if not at_the_end or any(isinstance(a, ast.Try) for n in releases for a in _between(n, function, file)):
        return []
    end = block.index(_statement_of(at_the_end[-1], file))
    released = {id(_statement_of(n, file)) for n in releases}
    exits: list[ast.stmt] = []
    for statement in block[block.index(taken) + 1 : end]:
        if id(statement) in released:
            break
        leaving = (n for n in ast.walk(statement) if isinstance(n, (ast.Return, ast.Raise)))
        own = (n for n in leaving if file.function_of(n) is function)
        exits += [n for n in own if not _released_before(n, released, function, file)]
    return exits


def _released_before(leaving: ast.stmt, released: set[int], function: FunctionNode, file: PythonFile) -> bool:
    child: ast.stmt = leaving
    for ancestor in file.ancestors(leaving):
        block = _block_of(child, file)
        if any(id(s) in released for s in block if s.lineno <= leaving.lineno):
            return True
        if ancestor is function:
            return False
        if isinstance(ancestor, ast.Try):
            return True
        if isinstance(ancestor, ast.stmt):
            child = ancestor
    return False


_READS = frozenset({"read", "readline", "readlines"})
_WRITES = frozenset({"write", "writelines"})


@check(
    WRONG_FILE_MODE,
    on=(ast.With,),
    bad=(
        "with open(path) as file:\n    file.write('x')\n",
        "with open(path, 'w') as file:\n    text = file.read()\n",
        "with open(path, 'wb') as file:\n    file.write('text')\n",
        "import json\nwith open(path, 'wb') as file:\n    json.dump({}, file)\n",
        "import pickle\nwith open(path, 'w') as file:\n    pickle.dump({}, file)\n",
        "import json\nwith open(path, 'r') as file:\n    json.dump({}, file)\n",
    ),
    good=(
        "with open(path, 'w') as file:\n    file.write('x')\n",
        "with open(path, 'r+') as file:\n    file.write(file.read())\n",
        "with open(path, mode) as file:\n    file.write('x')\n",
        "with open(path, 'wb') as file:\n    file.write(b'x')\n",
        "import json\nwith open(path, 'w') as file:\n    json.dump({}, file)\n",
        "import pytest\nwith open(path) as file:\n    with pytest.raises(OSError):\n        file.write('x')\n",
        "with open(path) as file:\n    try:\n        file.write('x')\n    except OSError:\n        pass\n",
    ),
)
def wrong_file_mode(node: ast.With, file: PythonFile) -> Iterator[Hit]:
    for item in node.items:
        call, name = item.context_expr, item.optional_vars
        if not isinstance(call, ast.Call) or not isinstance(name, ast.Name) or file.dotted(call.func) != "open":
            continue
        mode = _mode_of(call)
        if mode is None:
            continue
        for use in (n for statement in node.body for n in ast.walk(statement)):
            wrong = _misuse(use, name.id, mode, file) if isinstance(use, ast.Call) else ""
            if wrong and not _may_fail(use, node, file):
                yield Hit(file.span(use), f"The file is open with mode {mode!r}: {wrong}")


def _mode_of(call: ast.Call) -> str | None:
    given = argument(call, 1, "mode")
    if given is None:
        return "r" if not any(k.arg is None for k in call.keywords) and len(call.args) == 1 else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _misuse(call: ast.Call, name: str, mode: str, file: PythonFile) -> str:
    """What is wrong with the call for a file of this mode, in a phrase; "" when nothing is."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    reads, writes = "r" in mode or "+" in mode, bool(set("wax+") & set(mode))
    if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == name:
        if method in _READS and not reads:
            return "it cannot be read"
        if method in _WRITES and not writes:
            return "it cannot be written"
        first = call.args[0] if call.args else None
        if method == "write" and "b" in mode and _is_text(first):
            return "it takes bytes, not text"
        return "it takes text, not bytes" if method == "write" and "b" not in mode and _is_bytes(first) else ""
    dumped = argument(call, 1, "fp" if file.dotted(call.func) == "json.dump" else "file")
    if getattr(dumped, "id", "") != name or file.dotted(call.func) not in ("json.dump", "pickle.dump", "marshal.dump"):
        return ""
    if not writes:
        return "it cannot be written"
    if file.dotted(call.func) == "json.dump":
        return "json.dump() writes text" if "b" in mode else ""
    return "" if "b" in mode else f"{file.dotted(call.func)}() writes bytes"


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_bytes(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bytes)


def _may_fail(use: ast.AST, block: ast.With, file: PythonFile) -> bool:
    """Whether the error is expected, or the name means something else by then."""
    for ancestor in file.ancestors(use):
        if ancestor is block:
            return False
        if isinstance(ancestor, (ast.Try, ast.With, *FUNCTIONS, ast.Lambda)):
            return True
    return True


CHECKS = (unclosed_resource, left_open_on_a_path, lock_kept, wrong_file_mode)

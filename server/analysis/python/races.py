"""Looked at first, and acted on later: what another process or request does between the two is not seen."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Location, Severity

CHECKED_THEN_USED = Rule(
    "hive.checked-then-used",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.LOW,
    why="Between the look and the use another process can put another file or a link in its place.",
    remedy="Use the file and handle the error; open with mode x to make it; do not ask access().",
    cwe=367,
    also=(362, 363),
    in_tests=False,
)
BALANCE_RACE = Rule(
    "hive.race-on-stored-value",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="Two requests at once both see the old value and both go on: money is spent twice, a coupon is used twice.",
    remedy="Lock the row while it is looked at (select_for_update), or let the WHERE of one UPDATE decide.",
    cwe=362,
    also=(367, 366, 840),
    in_tests=False,
)

_USES = {"open": 0, "os.remove": 0, "os.unlink": 0, "os.chmod": 0, "os.rename": 0, "shutil.move": 0, "os.chown": 0}
_SHARED = re.compile(r"""['"]/(?:var/)?tmp\b|gettempdir\(\)""")


@check(
    CHECKED_THEN_USED,
    on=(ast.If,),
    bad=(
        "import os\ndef f(path):\n    if os.access(path, os.R_OK):\n        with open(path) as file:\n"
        "            return file.read()\n",
        "import os\ndef f(name):\n    path = '/tmp/' + name\n    if not os.path.exists(path):\n"
        "        with open(path, 'w') as file:\n            file.write('x')\n",
    ),
    good=(
        "import os\ndef f(path):\n    if os.path.exists(path):\n        with open(path) as file:\n"
        "            return file.read()\n",
        "import os\ndef f(path):\n    if os.access(path, os.X_OK):\n        return path\n",
        "import os\ndef f(path):\n    if os.access(path, os.R_OK):\n        try:\n            return open(path)\n"
        "        except OSError:\n            return None\n",
        "import os\ndef f(path, other):\n    if os.access(path, os.R_OK):\n        return open(other)\n",
    ),
)
def checked_then_used(node: ast.If, file: PythonFile) -> Iterator[Hit]:
    """Only access(), which is asked for safety's sake, and names in a folder where everybody may write."""
    for look in (n for n in ast.walk(node.test) if isinstance(n, ast.Call)):
        name = file.dotted(look.func)
        if name not in ("os.access", "os.path.exists", "os.path.isfile") or not look.args:
            continue
        path = ast.unparse(look.args[0])
        if name != "os.access" and not _is_in_a_shared_folder(look.args[0], file):
            continue
        use = _use_of(path, node, file)
        if use is not None:
            place = Location(file.source.path, look.lineno, look.lineno, f"{path} is looked at here")
            what = file.dotted(use.func)
            yield Hit(file.span(use), f"{path} may be another file by the time of {what}()", related=(place,))
            return


def _is_in_a_shared_folder(node: ast.expr, file: PythonFile) -> bool:
    if _SHARED.search(ast.unparse(node)):
        return True
    function = file.function_of(node)
    if not isinstance(node, ast.Name) or function is None:
        return False
    stores = (file.parents[use] for use in file.uses(node.id, function) if isinstance(use.ctx, ast.Store))
    return any(isinstance(s, ast.Assign) and _SHARED.search(ast.unparse(s.value)) is not None for s in stores)


def _use_of(path: str, node: ast.If, file: PythonFile) -> ast.Call | None:
    for call in (n for statement in node.body for n in ast.walk(statement)):
        if not isinstance(call, ast.Call) or file.dotted(call.func) not in _USES or not call.args:
            continue
        if ast.unparse(call.args[0]) == path:
            tried = any(isinstance(a, ast.Try) and a.handlers for a in file.ancestors(call) if a is not node)
            return None if tried else call
    return None


_STORES = ("save", "commit", "put", "flush", "asave")
_LOCKS = re.compile(
    r"select_for_update|with_for_update|for\s+update|\bF\(|\block\b|\bLock\(|_lock\b|atomic_|\bgetset\b|serializable"
    r"|version_id|optimistic|advisory|get_lock|redlock|mutex",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(r"^(?:is_)?(?:used|redeemed|claimed|spent|consumed|withdrawn|paid_out|refunded)$")


@check(
    BALANCE_RACE,
    on=called(*_STORES),
    bad=(
        "def withdraw(account, amount):\n    if account.balance >= amount:\n        account.balance -= amount\n"
        "        account.save()\n",
        "def buy(db, user, item):\n    if item.stock < 1:\n        return None\n    item.stock = item.stock - 1\n"
        "    db.session.commit()\n",
        "class Account(models.Model):\n    def spend(self, amount):\n        if self.balance >= amount:\n"
        "            self.balance -= amount\n            self.save()\n",
        "def redeem(coupon, cart):\n    if coupon.used:\n        return 'no'\n    cart.total -= coupon.value\n"
        "    coupon.used = True\n    coupon.save()\n",
    ),
    good=(
        "def withdraw(id, amount):\n    account = Account.objects.select_for_update().get(id=id)\n"
        "    if account.balance >= amount:\n        account.balance -= amount\n        account.save()\n",
        "def withdraw(account, amount):\n    if account.balance >= amount:\n"
        "        account.balance = F('balance') - amount\n        account.save()\n",
        "def tick(job):\n    job.tries += 1\n    job.save()\n",
        "def f(self, n):\n    if self.left >= n:\n        self.left -= n\n    self.file.flush()\n",
        "def f(user):\n    if user.is_verified:\n        return\n    user.is_verified = True\n    user.save()\n",
    ),
)
def balance_race(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """A stored number that is compared and then lowered, or a mark of single use that is looked at and then set."""
    function = file.function_of(call)
    if function is None or not isinstance(call.func, ast.Attribute) or _LOCKS.search(_text_of(function, file)):
        return
    if call is not _first_store(function, file):
        return
    for change in _changes(function, file):
        target = change.target if isinstance(change, ast.AugAssign) else change.targets[0]
        assert isinstance(target, ast.Attribute)
        own = getattr(target.value, "id", "") in ("self", "cls") and not _is_own_row(call, file)
        if own or change.lineno > call.lineno:
            continue
        look = _look_at(ast.unparse(target), change, function)
        if look is not None:
            name = ast.unparse(target)
            place = Location(file.source.path, change.lineno, change.lineno, f"{name} is written here")
            message = f"{name} may have changed by the time it is written"
            yield Hit(file.head_span(look), message, related=(place,))
            return


def _is_own_row(call: ast.Call, file: PythonFile) -> bool:
    """`self.save()`: the method of a record."""
    return isinstance(call.func, ast.Attribute) and file.dotted(call.func) == "self.save"


def _text_of(function: FunctionNode, file: PythonFile) -> str:
    first = min((d.lineno for d in function.decorator_list), default=function.lineno)
    return "\n".join(file.source.lines[first - 1 : function.end_lineno])


def _first_store(function: FunctionNode, file: PythonFile) -> ast.Call | None:
    """Where the change goes to the database: once for a function, behind its last change."""
    calls = (c for name in _STORES for c in file.nodes(called(name)[0]) if file.function_of(c) is function)
    stores = [c for c in calls if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)]
    return max(stores, key=lambda c: c.lineno, default=None)


def _changes(function: FunctionNode, file: PythonFile) -> Iterator[ast.Assign | ast.AugAssign]:
    last = function.end_lineno or function.lineno
    for node in file.nodes(ast.AugAssign):
        assert isinstance(node, ast.AugAssign)
        lowers = isinstance(node.op, ast.Sub) and isinstance(node.target, ast.Attribute)
        if lowers and function.lineno <= node.lineno <= last:
            yield node
    for node in file.nodes(ast.Assign):
        if not isinstance(node, ast.Assign) or not function.lineno <= node.lineno <= last or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and (_is_lowered(target, node.value) or _is_mark(target, node.value)):
            yield node


def _is_lowered(target: ast.Attribute, value: ast.expr) -> bool:
    """`x.n = x.n - ...`"""
    is_minus = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)
    return isinstance(value, ast.BinOp) and is_minus and ast.unparse(value.left) == ast.unparse(target)


def _is_mark(target: ast.Attribute, value: ast.expr) -> bool:
    return _ONE_TIME.match(target.attr) is not None and isinstance(value, ast.Constant) and value.value is True


def _look_at(target: str, change: ast.stmt, function: FunctionNode) -> ast.If | None:
    """The condition before the change that compares the value with another, or asks for the mark."""
    for node in ast.walk(function):
        if not isinstance(node, ast.If) or node.lineno > change.lineno:
            continue
        for part in ast.walk(node.test):
            if isinstance(part, ast.Compare) and target in (ast.unparse(part.left), ast.unparse(part.comparators[-1])):
                return node
        if (
            isinstance(change, ast.Assign)
            and isinstance(change.value, ast.Constant)
            and target in ast.unparse(node.test)
        ):
            return node
    return None


CHECKS = (checked_then_used, balance_race)

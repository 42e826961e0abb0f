"""Secrets that can be guessed: made by a generator for simulations, from the clock, or from what everybody knows."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import assigned_to, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import PREDICTABLE_SECRET
from server.reviews.finding import Confidence

_SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret|api_?key|(?:session|csrf|xsrf|reset|auth|access|verification|verify|confirm\w*"
    r"|invite|activation|recovery|security|login|coupon|voucher|refresh|backup)_?(?:id|token|code|key|pin)"
    r"|(?:^|[_'\"])(?:otp|sid|2fa|mfa)[a-z]?(?:$|[_'\"])|one_?time|private_?key|(?:^|_|\.)(?:salt|iv|nonce)$",
    re.IGNORECASE,
)
_TOKEN_NAME = re.compile(r"(?:^|[_.'\"])(?:token|auth|pin|session)(?:['\"]\])?$", re.IGNORECASE)
_GENERATORS = frozenset(
    {"choice", "choices", "randint", "random", "randrange", "sample", "getrandbits", "randbytes", "shuffle", "uniform"}
)


@check(
    PREDICTABLE_SECRET,
    on=called(*sorted(_GENERATORS)),
    bad=(
        "import random, string\ndef f():\n"
        "    password = ''.join(random.choice(string.ascii_letters) for _ in range(9))\n"
        "    return password\n",
        "import random\nself.reset_token = str(random.randint(0, 999999))\n",
        "from random import choices\ndef make_api_key():\n    return ''.join(choices('abc', k=20))\n",
        "import random\ndef generate_reset_code():\n    digits = [str(random.randint(0, 9)) for _ in range(6)]\n"
        "    return ''.join(digits)\n",
        "import random\ntoken = ''.join(random.choice('abcdef0123456789') for _ in range(32))\n",
        "import random\nsession['otp'] = random.randint(100000, 999999)\n",
        "import random\ndef forgot():\n    code = random.randint(1000, 9999)\n    mail(code)\n",
        "from random import randint\ndef code():\n    return f'{randint(0, 999999):06}'\n",
        "import random\ndef f():\n    return {'session': str(random.random())[2:]}\n",
        "import random\ndef gen_token():\n    made = ''\n    for _ in range(16):\n"
        "        made += random.choice('abc')\n    return made\n",
        "import numpy as np\nsession_id = np.random.randint(0, 10**9)\n",
        "import random\ndef f():\n    code = ''.join(str(random.randint(0, 9)) for _ in range(6))\n    mail(code)\n",
        "import random\ndef random_string(n):\n    return ''.join(random.choice(LETTERS) for _ in range(n))\n"
        "def reset(user):\n    user.reset_token = random_string(32)\n",
        "import random\nkey = ''.join(chr(random.randint(0, 255)) for _ in range(16))\n",
        "import random\nresponse.set_cookie('sessionid', str(random.random()))\n",
        "import random\ndef new_key():\n    return '%032x' % random.getrandbits(128)\n",
        "from random import Random\nrng = Random()\ndef issue_token():\n    return '%x' % rng.getrandbits(64)\n",
        "import random\nq('INSERT INTO resets (user, code) VALUES (?, ?)', (user, random.randint(1000, 9999)))\n",
    ),
    good=(
        "import secrets\ndef f():\n    password = secrets.token_urlsafe()\n    return password\n",
        "import random\ndef f():\n    token = random.choice(tokens)\n    return token\n",
        "import random\ndef make_password():\n    return random.SystemRandom().choice('abc')\n",
        "import random\ndef f():\n    delay = random.random()\n    return delay\n",
        "import secrets as random\npassword = random.choice('abc')\n",
        "import random\ndef retry_login():\n    time.sleep(random.random())\n",
        "import random\ndef check_password():\n    time.sleep(random.uniform(0.1, 0.3))\n",
        "import random\ndef random_id():\n    return random.choice(LETTERS)\ncolour = random_id()\n",
        "import random\nkey = random.choice(list(table))\n",
    ),
)
def predictable_secret(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = _generator(call, file)
    if name and any(_is_secret(target, call, file) for target in (*_given_names(call, file), *_of_maker(call, file))):
        yield Hit(file.span(call), f"A secret made with {name}()", confidence=Confidence.MEDIUM)


def _generator(call: ast.Call, file: PythonFile) -> str:
    """The function of `random`, also of an instance of `Random`; "" of a better one."""
    name = file.dotted(call.func)
    receiver, _, method = name.rpartition(".")
    if method not in _GENERATORS:
        return ""
    if receiver not in ("random", "numpy.random") and isinstance(call.func, ast.Attribute):
        made = values_of(call.func.value, file) if isinstance(call.func.value, ast.Name) else [call.func.value]
        generators = (file.dotted(value.func) for value in made if isinstance(value, ast.Call))
        if not any(generator in ("random.Random", "numpy.random.default_rng") for generator in generators):
            return ""
    return name if receiver in ("random", "numpy.random") else f"random.Random().{method}"


def _is_secret(target: str, call: ast.Call, file: PythonFile) -> bool:
    if _CODE_NAME.search(target) and (_draws_digits(call) or _draws_letters(call, file)):
        return True
    if _KEY_NAME.search(target) and _fills_bytes(call, file):
        return True
    return bool(_SECRET_NAME.search(target) or (_is_put_together(call, file) and _TOKEN_NAME.search(target)))


_CODE_NAME = re.compile(r"(?:^|_)(?:code|pin|otp|coupon|voucher)$")
_KEY_NAME = re.compile(r"(?:^|_)key$")


def _draws_digits(call: ast.Call) -> bool:
    """`randint(1000, 9999)`: a number to be typed in; or one digit of it."""
    given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    bounds = [bound for bound in given if isinstance(bound, int) and bound <= 10**9]
    return (len(bounds) == 2 and max(bounds) > 999) or bounds == [0, 9] or (len(bounds) == 1 and bounds[0] >= 10_000)


def _draws_letters(call: ast.Call, file: PythonFile) -> bool:
    """Of the alphabet: `choice(string.ascii_uppercase)`."""
    if not call.args:
        return False
    alphabet = call.args[0]
    if isinstance(alphabet, ast.Constant) and isinstance(alphabet.value, str):
        return len(alphabet.value) >= 10
    return re.search(r"ascii|digits|letters|alphabet|chars", file.text(alphabet), re.IGNORECASE) is not None


def _fills_bytes(call: ast.Call, file: PythonFile) -> bool:
    """`bytes(randrange(256) ...)`, `chr(randint(0, 255))`, `getrandbits(128)`: no key of a table."""
    method = file.dotted(call.func).rpartition(".")[2]
    bits = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else 0
    if method == "randbytes" or (method == "getrandbits" and isinstance(bits, int) and bits >= 64):
        return True
    around = (a for a in _within_statement(call, file) if isinstance(a, ast.Call))
    return any(file.dotted(a.func) in ("bytes", "bytearray", "chr", "hex") for a in around)


def _is_put_together(call: ast.Call, file: PythonFile) -> bool:
    """`"".join(random.choice(letters) ...)`, a number of digits: not one of several tokens that are there already."""
    if file.dotted(call.func).rpartition(".")[2] not in ("choice", "sample", "choices"):
        return True
    added = any(isinstance(ancestor, ast.AugAssign) for ancestor in file.ancestors(call))
    return added or any(
        isinstance(a, (ast.GeneratorExp, ast.ListComp, ast.Call)) for a in _within_statement(call, file)
    )


def _within_statement(node: ast.AST, file: PythonFile) -> Iterator[ast.AST]:
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.stmt):
            return
        yield ancestor


_MAKES = re.compile(r"^_*(?:generate|gen|make|create|new|build|get|random)_")


def _given_names(node: ast.AST, file: PythonFile) -> Iterator[str]:
    """The names that the value gets: assignment targets, keywords, and the function that makes it."""
    below = node
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = ancestor.targets if isinstance(ancestor, ast.Assign) else [ancestor.target]
            yield from (file.text(target) for target in targets)
            function = file.function_of(ancestor)
            if function is not None and _MAKES.match(function.name):
                yield function.name
        elif isinstance(ancestor, ast.keyword) and ancestor.arg:
            yield ancestor.arg
        elif isinstance(ancestor, ast.Dict):
            yield from _keys_of(below, ancestor)
        elif isinstance(ancestor, ast.Call):
            yield from _stored_as(ancestor, file)
        elif isinstance(ancestor, ast.Return):
            function = file.function_of(ancestor)
            if function is not None:
                yield function.name
        if isinstance(ancestor, ast.stmt):
            return
        below = ancestor


MAX_CALLS = 20


def _of_maker(node: ast.AST, file: PythonFile) -> Iterator[str]:
    """What the callers of the function around make of its result: `reset_token = random_string(32)`."""
    function = file.function_of(node)
    if function is None or not re.search(r"rand|string|uid|generat|make|uniq|_id$", function.name):
        return
    for kind in called(function.name):
        for call in file.nodes(kind)[:MAX_CALLS]:
            if file.function_of(call) is not function:
                yield from _given_names(call, file)


def _keys_of(value: ast.AST, mapping: ast.Dict) -> Iterator[str]:
    for key, given in zip(mapping.keys, mapping.values, strict=True):
        if given is value and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


_STORED = re.compile(
    r"\b(?:insert\s+into|update)\b[^;]{0,200}?\b\w*(?:reset|token|otp|verification|session|confirm)\w*", re.IGNORECASE
)


def _stored_as(call: ast.Call, file: PythonFile) -> Iterator[str]:
    """`set_cookie("session", value)`, or a statement that writes it into a column or table of such a name."""
    first = call.args[0] if call.args else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return
    if file.dotted(call.func).endswith("set_cookie"):
        yield f"{first.value}_cookie" if re.search(r"theme|lang", first.value) else f"{first.value}_session_id"
    elif _STORED.search(first.value):
        yield "reset_code"


_CLOCK = re.compile(
    r"^(?:time\.time|time\.time_ns|datetime\.(?:datetime\.)?(?:now|utcnow)|uuid\.uuid1|os\.getpid|django\.utils\.timezone\.now)$"
)
_STRONG = re.compile(r"secrets\.|urandom|uuid4|hmac|sign|SystemRandom|token_|jwt|encrypt|generate_password_hash")
_PREDICTABLE_NAME = re.compile(
    r"(?:token|secret|api_?key|session_?(?:id|key)|reset_?code|otp|passcode|password|sid|nonce)(?:['\"]\])?$",
    re.IGNORECASE,
)


@check(
    PREDICTABLE_SECRET,
    on=(ast.Assign, ast.Return),
    bad=(
        "import hashlib, time\nreset_token = hashlib.md5(str(time.time()).encode()).hexdigest()\n",
        "import uuid\nsession_id = str(uuid.uuid1())\n",
        "import uuid\nreset_token = uuid.uuid1().hex\n",
        "import uuid\ndef new_session(user):\n    key = str(uuid.uuid1())\n    SESSIONS[key] = user\n",
        "import time\ndef reset_link(email):\n    token = int(time.time())\n    mail(token)\n",
        "import hashlib, time\ndef make_token(user):\n"
        "    return hashlib.sha256(f'{user.id}{time.time()}'.encode()).hexdigest()\n",
        "import hashlib, time\ndef reset_token(user):\n    stamp = str(time.time())\n"
        "    return f'{user}-{stamp}-' + hashlib.sha1((user + stamp).encode()).hexdigest()\n",
        "from datetime import datetime\ntoken = f'{user.name}-{datetime.now().timestamp()}'\n",
        "import base64\ntoken = base64.b64encode(f'{username}:{role}'.encode()).decode()\n",
        "import hashlib\ndef login(user):\n    session_token = hashlib.md5(user.name.encode()).hexdigest()\n"
        "    return session_token\n",
    ),
    good=(
        "import secrets\nreset_token = secrets.token_hex()\n",
        "import jwt, time\ntoken = jwt.encode({'exp': time.time() + 60}, key)\n",
        "import time\nself.token_expires = time.time() + 60\n",
        "import time\ndef has_token():\n    return self.expires > time.time()\n",
        "import hashlib, secrets, time\ntoken = hashlib.sha256(f'{secrets.token_hex()}{time.time()}').hexdigest()\n",
        "import hashlib\ndef hash_token(token):\n    return hashlib.sha256(token).hexdigest()\n",
    ),
)
def guessable_secret(node: ast.Assign | ast.Return, file: PythonFile) -> Iterator[Hit]:
    """A token that is the time, a version 1 UUID, or a hash of either or of the user's name."""
    if node.value is None or not any(_PREDICTABLE_NAME.search(name) for name in _targets(node, file)):
        return
    if not isinstance(node.value, (ast.Call, ast.JoinedStr, ast.BinOp, ast.Attribute)):
        return
    parts = [n for value in _with_names(node.value, file) for n in ast.walk(value)]
    calls = [file.dotted(n.func) for n in parts if isinstance(n, ast.Call)]
    if any(_STRONG.search(name) for name in calls):
        return
    clock = any(_CLOCK.match(name) for name in calls)
    if clock and (
        isinstance(node.value, (ast.JoinedStr, ast.BinOp))
        or any(_MAKES_TEXT.search(name) for name in _named(node.value))
    ):
        yield Hit(file.span(node.value), "A secret made from the clock", confidence=Confidence.MEDIUM)
        return
    known = " ".join(_fields(node.value))
    encoded = any(name.startswith(("hashlib.", "base64.")) for name in calls)
    hashed = encoded and _HASHES_USER.search(known)
    if hashed and not _HASHES_MORE.search(known):
        yield Hit(file.span(node.value), "A secret made from what is known", confidence=Confidence.LOW)


_MAKES_TEXT = re.compile(r"hexdigest|digest|str|hex|join|b64encode|uuid1|format|md5|sha|^int$")
_HASHES_MORE = re.compile(r"secret|salt|random|nonce|key|token|passw|pepper", re.IGNORECASE)
_HASHES_USER = re.compile(r"(?:^| )(?:user_?name|email|user_?id|login)(?: |$)|user name|user id|user email")


def _with_names(value: ast.expr, file: PythonFile) -> Iterator[ast.AST]:
    """The expression, and what the local names in it were given."""
    yield value
    names = {node.id: node for node in ast.walk(value) if isinstance(node, ast.Name)}
    for name in names.values():
        if isinstance(file.scope_of(name), (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (given for given in assigned_to(name, file) if isinstance(given, (ast.Call, ast.JoinedStr)))


def _targets(node: ast.Assign | ast.Return, file: PythonFile) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        yield from (file.text(target) for target in node.targets)
        function = file.function_of(node)
        if function is not None and _MAKES_SESSION.match(function.name) and "uuid1" in file.text(node.value):
            yield "session_id"
    elif (function := file.function_of(node)) is not None and not _TAKES.match(function.name):
        yield function.name


_MAKES_SESSION = re.compile(
    r"^_*(?:new|make|create|start|open|begin|issue|generate)_(?:\w+_)?(?:session|token)", re.IGNORECASE
)
_TAKES = re.compile(r"^_*(?:is|has|verify|check|hash|parse|decode|validate|read|find|load|encode|refresh|use)_")


def _named(value: ast.AST) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _fields(value: ast.AST) -> Iterator[str]:
    """The names and attributes in the expression, outermost attribute last: `user name` for `user.name`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id} {node.attr}"
        elif isinstance(node, ast.Name):
            yield node.id


CHECKS = (predictable_secret, guessable_secret)

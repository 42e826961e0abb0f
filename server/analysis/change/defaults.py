"""A default that was safe before the change, and is not any more: every caller that says nothing gets it."""

import ast
import re
from collections.abc import Iterator

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.project import Found
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Severity

UNSAFE_DEFAULT = Rule(
    "hive.default-became-unsafe",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    why="Callers that rely on the default lose its protection with this change, without a line of theirs changing.",
    remedy="Keep the safe default, and let the callers that need the other value say so.",
    cwe=1188,
    also=(276, 453),
    in_tests=False,
)

_PROTECTS = re.compile(
    r"(?:^|_)(?:verify|verified|verification|secure|httponly|http_only|autoescape|escape|escaping|sanitize|csrf|safe"
    r"|check_hostname|validate|authenticated|auth_required|login_required|require_auth|require_https|tls|ssl)(?:$|_)"
)
_EXPOSES = re.compile(
    r"(?:^|_)(?:debug|insecure|unsafe|shell|allow_all|allow_any|trust|trusted|allow_pickle|allow_redirects|skip_auth"
    r"|skip_verify|skip_verification|no_verify|disable_auth|resolve_entities|weights_only_off)(?:$|_)"
)
_NEGATES = re.compile(r"^(?:no|not|skip|disable|without|ignore)_")


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        before, after = file.python_before, file.python_after
        if before is not None and after is not None:
            yield from (Found(file.path, problem) for problem in _weakened(file, before, after))


def _weakened(file: ChangedFile, before: PythonFile, after: PythonFile) -> Iterator[Problem]:
    old = {_qualified(function, before): function for function in _functions(before)}
    for function in _functions(after):
        name = _qualified(function, after)
        was = _flags(old[name]) if name in old else {}
        for flag, default in _flags(function).items():
            earlier = was.get(flag)
            if earlier is not None and _is_weaker(flag, bool(earlier.value), bool(default.value)):
                message = f"{name}() has {flag}={default.value!r} by default now, and had {flag}={earlier.value!r}"
                yield Problem(UNSAFE_DEFAULT, Hit(after.span(default), message, evidence=f"{name} {flag}"))


def _functions(file: PythonFile) -> Iterator[FunctionNode]:
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
        yield from (n for n in file.nodes(kind) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _qualified(function: FunctionNode, file: PythonFile) -> str:
    owner = file.parents[function]
    return f"{owner.name}.{function.name}" if isinstance(owner, ast.ClassDef) else function.name


def _flags(function: FunctionNode) -> dict[str, ast.Constant]:
    """The parameters whose default is True or False."""
    arguments = function.args
    plain = (*arguments.posonlyargs, *arguments.args)
    pairs = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return {a.arg: d for a, d in pairs if isinstance(d, ast.Constant) and isinstance(d.value, bool)}


def _is_weaker(flag: str, was: bool, now: bool) -> bool:
    if was == now:
        return False
    protects = _PROTECTS.search(flag) is not None and not _NEGATES.match(flag)
    return (protects and was) or (_EXPOSES.search(flag) is not None and now)


unsafe_default = ChangeCheck(
    "unsafe-default",
    (UNSAFE_DEFAULT,),
    find,
    bad=(
        (
            UNSAFE_DEFAULT,
            Edited({"net.py": "def get(url, verify=True): ...\n"}, {"net.py": "def get(url, verify=False): ...\n"}),
        ),
        (
            UNSAFE_DEFAULT,
            Edited(
                {"app.py": "class App:\n    def run(self, *, debug=False): ...\n"},
                {"app.py": "class App:\n    def run(self, *, debug=True): ...\n"},
            ),
        ),
    ),
    good=(
        Edited({"net.py": "def get(url, verify=False): ...\n"}, {"net.py": "def get(url, verify=True): ...\n"}),
        Edited({"net.py": "def get(url, retry=True): ...\n"}, {"net.py": "def get(url, retry=False): ...\n"}),
        Edited({"net.py": "def get(url, verify=True): ...\n"}, {"net.py": "def get(url, verify=True, n=1): ...\n"}),
    ),
)

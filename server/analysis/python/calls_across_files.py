"""The calls that lead into other files of the project, looked at against what they call.

What was concluded of a file is kept until it changes, or a file that its calls may mean does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.bug_rules import UNAWAITED_COROUTINE
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.arguments import WRONG_ARGUMENTS, Call, Facts, Signature, extract, reason_against
from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, Problem
from server.reviews.finding import Location


class CallsAcrossFiles:
    def __init__(self) -> None:
        self._facts: dict[str, Facts] = {}
        self._paths: dict[str, set[str]] = defaultdict(set)
        """The files that a dotted name may mean."""
        self._asking: dict[str, set[str]] = defaultdict(set)
        """The files with calls into a module of that name."""
        self._found: dict[str, list[Found]] = {}

    def conclude(self, facts: Mapping[str, Facts], budget: Budget) -> Iterator[Found]:
        """In the order of paths, whichever file was read last."""
        for path in self._facts.keys() | facts.keys():
            if self._facts.get(path) is not facts.get(path):
                self._put(path, facts.get(path))
        for path in sorted(facts):
            if path not in self._found:
                budget.spend()
                self._found[path] = list(self._concluded(path, facts[path]))
            yield from self._found[path]

    def _put(self, path: str, facts: Facts | None) -> None:
        """Have these at the path, or none; what may have meant the ones before is concluded again."""
        old = self._facts.pop(path, None)
        self._found.pop(path, None)
        for name in _asked(old):
            self._asking[name].discard(path)
        for name in _names_of(path):
            self._paths[name].discard(path)
            for asking in self._asking.get(name, ()):
                self._found.pop(asking, None)
        if facts is None:
            return
        self._facts[path] = facts
        for name in _asked(facts):
            self._asking[name].add(path)
        for name in _names_of(path):
            self._paths[name].add(path)

    def _concluded(self, path: str, facts: Facts) -> Iterator[Found]:
        yield from (Found(path, problem) for problem in facts.local)
        for call in facts.calls:
            meant = self._meant(path, call.targets)
            if meant is not None:
                yield from (Found(path, problem) for problem in _judged(call, *meant))

    def _meant(self, caller: str, targets: Iterable[tuple[str, str]]) -> tuple[str, Signature] | None:
        """As far as only one file can be meant, and only one function."""
        found: tuple[str, Signature] | None = None
        for module, name in targets:
            paths = self._paths.get(module, ())
            path = next(iter(paths)) if len(paths) == 1 else None
            if path is not None and path != caller and name in self._facts[path].offered:
                if found is not None:
                    return None
                found = path, self._facts[path].offered[name]
        return found


def _asked(facts: Facts | None) -> set[str]:
    return {module for call in facts.calls for module, _ in call.targets} if facts is not None else set()


def _judged(call: Call, where: str, signature: Signature) -> Iterator[Problem]:
    place = Location(where, signature.line, signature.line, "defined here")
    reason = reason_against(call.positional, call.names, signature)
    if reason:
        yield Problem(WRONG_ARGUMENTS, Hit(call.span, f"{call.shown}() {reason}", related=(place,)))
    elif call.is_dropped and signature.makes_coroutine:
        message = f"The coroutine {call.shown}() is never awaited"
        yield Problem(UNAWAITED_COROUTINE, Hit(call.span, message, related=(place,)))


SOURCE_ROOTS = ("src/", "lib/", "python/", "app/", "backend/", "server/")
"""Folders that may stand in front of the first package."""


def _names_of(path: str) -> Iterator[str]:
    folder, slash, file = path.rpartition("/")
    plain = f"{folder}{slash}{file.rpartition('.')[0] or file}".removesuffix("/__init__")
    yield plain.replace("/", ".")
    for root in SOURCE_ROOTS:
        if plain.startswith(root):
            yield plain.removeprefix(root).replace("/", ".")


def _project(call: str, definition: str = "def send(to, text, *, urgent=False): ...\n") -> dict[str, str]:
    return {"shop/mail.py": definition, "shop/orders.py": f"from shop.mail import send\n\ndef order():\n    {call}\n"}


_BAD = (
    (WRONG_ARGUMENTS, _project("send('a')")),
    (WRONG_ARGUMENTS, _project("send('a', 'b', 'c')")),
    (WRONG_ARGUMENTS, _project("send('a', 'b', sender='c')")),
    (WRONG_ARGUMENTS, _project("send('a', to='b')")),
    (WRONG_ARGUMENTS, {"a.py": "class A:\n    def __init__(self, x): ...\n\ndef f():\n    return A()\n"}),
    (
        WRONG_ARGUMENTS,
        {"a.py": "class A:\n    def _f(self, x): return x\n    def g(self):\n        self._f(1, 2)\n"},
    ),
    (WRONG_ARGUMENTS, {"p/a.py": "def f(x): ...\n", "p/b.py": "from . import a\n\na.f()\n"}),
    (UNAWAITED_COROUTINE, _project("send('a')", "async def send(to): ...\n")),
)

_GOOD = (
    _project("send('a', 'b')"),
    _project("send('a', text='b', urgent=True)"),
    _project("send(*found)"),
    _project("send('a')", "@curried\ndef send(to, text): ...\n"),
    _project("send('a')", "def send(to): ...\ndef send(to, text): ...\n"),
    _project("send('a')", "def send(*to): ...\n"),
    _project("send(to='a', x=1)", "def send(**to): ...\n"),
    {"a.py": "def f(x): ...\n\ndef g(f):\n    f()\n"},
    {
        "a.py": "try:\n    from b import f\nexcept ImportError:\n    f = None\n\ndef g():\n    f(1)\n",
        "b.py": "def f(): ...\n",
    },
    {"a.py": "def f(x): ...\n\ndef g():\n    with raises(TypeError):\n        f()\n"},
    _project("await send('a')", "async def send(to): ...\n").copy() | {"x.py": "1\n"},
)


def arguments_check(across: CallsAcrossFiles) -> ProjectCheck[Facts]:
    """A check that remembers in *across* what it concluded, from one look at the project to the next."""
    return ProjectCheck(
        "arguments", (WRONG_ARGUMENTS, UNAWAITED_COROUTINE), (PythonFile,), extract, across.conclude, _BAD, _GOOD
    )

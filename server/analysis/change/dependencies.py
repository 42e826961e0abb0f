"""Packages that a change brings in: by a name that looks like another, from an address that may change, without a
version, older than before, or left by everybody.
"""

import re
from collections import Counter
from collections.abc import Iterator

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.change.dependency_files import Dependency, Registry, dependencies_of
from server.analysis.change.known_packages import (
    BEST_LEFT_ON_NPM,
    BEST_LEFT_ON_PYPI,
    POPULAR_ON_NPM,
    POPULAR_ON_PYPI,
)
from server.analysis.project import Found
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Severity

LOOKALIKE = Rule(
    "hive.lookalike-dependency",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.LOW,
    why="Packages with a letter changed in a known name are published to be installed by mistake, and run at once.",
    remedy="Compare the name with that in the package's own documentation.",
    cwe=1357,
    also=(506, 829),
)
FROM_ADDRESS = Rule(
    "hive.dependency-from-address",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="What lies at the address can be another thing tomorrow: no registry keeps it, and nothing pins it.",
    remedy="Take a release from the registry, or name a full commit, and an https address.",
    cwe=829,
    also=(494, 1357),
)
UNPINNED = Rule(
    "hive.unpinned-dependency",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    why="The others are pinned; of this one every installation takes whatever is newest, tested or not.",
    remedy="Name a version, as for the others.",
    cwe=1357,
    also=(1104,),
)
DOWNGRADED = Rule(
    "hive.downgraded-dependency",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.LOW,
    why="What was mended between the two versions comes back: holes, too.",
    remedy="If the newer version has a bug, say which in a comment, so that somebody takes the pin away again.",
    cwe=1395,
    also=(1104,),
)
BEST_LEFT = Rule(
    "hive.abandoned-dependency",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.HIGH,
    why="Nobody mends it any more, or it never was what its name says.",
    remedy="Use its successor.",
    cwe=1104,
)

RULES = (LOOKALIKE, FROM_ADDRESS, UNPINNED, DOWNGRADED, BEST_LEFT)

_POPULAR = {Registry.PYPI: POPULAR_ON_PYPI, Registry.NPM: POPULAR_ON_NPM}
_BEST_LEFT = {Registry.PYPI: BEST_LEFT_ON_PYPI, Registry.NPM: BEST_LEFT_ON_NPM}

SHORTEST_IMITATED = 5
"""Characters: shorter names are near to many others."""


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        now = dependencies_of(file.path, file.after.text)
        before = dependencies_of(file.path, file.before.text) if file.before is not None else []
        if now and (before or file.is_new):
            yield from (Found(file.path, problem) for problem in _of_file(file, before, now))


def _of_file(file: ChangedFile, before: list[Dependency], now: list[Dependency]) -> Iterator[Problem]:
    known = {_normal(dependency): dependency for dependency in before}
    twice = {name for name, count in Counter(map(_normal, now)).items() if count > 1}
    are_pinned = _are_pinned(before)
    for dependency in now:
        earlier = known.get(_normal(dependency))
        span = file.after.line_span(dependency.line)
        for rule, message in _judged(dependency, earlier, are_pinned):
            if earlier is None or _normal(dependency) not in twice:
                yield Problem(rule, Hit(span, message, evidence=dependency.name))


def _judged(dependency: Dependency, earlier: Dependency | None, are_pinned: bool) -> Iterator[tuple[Rule, str]]:
    """At most one thing is said of each."""
    name = dependency.name
    if earlier is not None:
        if _is_older(dependency.wants, earlier.wants):
            yield DOWNGRADED, f"{name} goes back from {earlier.wants} to {dependency.wants}"
        elif dependency.is_from_address and not earlier.is_from_address and not _is_pinned_address(dependency.wants):
            yield FROM_ADDRESS, f"{name} comes from an address that pins nothing now"
        return
    imitated = _imitated(dependency)
    advice = _BEST_LEFT.get(dependency.registry, {}).get(name.lower())
    if advice is not None:
        yield BEST_LEFT, f"{name} {advice}"
    elif imitated:
        yield LOOKALIKE, f"{name} looks like {imitated}, and is another package"
    elif dependency.is_from_address:
        if not _is_pinned_address(dependency.wants):
            yield FROM_ADDRESS, f"{name} comes from an address that pins nothing"
    elif dependency.wants in ("", "*", "latest", "x") and are_pinned:
        yield UNPINNED, f"{name} has no version, unlike the others"


def _normal(dependency: Dependency) -> str:
    name = dependency.name.lower()
    return re.sub(r"[-_.]+", "-", name) if dependency.registry is Registry.PYPI else name


def _are_pinned(dependencies: list[Dependency]) -> bool:
    """Nearly all of them, and not only two."""
    wanted = [d for d in dependencies if not d.is_from_address]
    pinned = [d for d in wanted if d.wants.startswith(("==", "^", "~")) or d.wants[:1].isdigit()]
    return len(wanted) >= 3 and len(pinned) >= 0.8 * len(wanted)


_FULL_COMMIT = re.compile(
    r"[@#/][0-9a-f]{40}\b|[@#/][0-9a-f]{64}\b|#sha256=|[#&]sha256:|@v?\d+(?:\.\d+)+$|#v?\d+(?:\.\d+)+$"
)
_RELEASE = re.compile(r"/releases/download/|/v?\d+(?:\.\d+)+/|\.whl$|\d\.tar\.gz$|files\.pythonhosted\.org")


def _is_pinned_address(address: str) -> bool:
    """By a commit, a hash, a tag, or the file of a release."""
    return _FULL_COMMIT.search(address.partition(" ")[0]) is not None or _RELEASE.search(address) is not None


_EXACT = re.compile(r"(?:==|\^|~)?\s*v?(\d+(?:\.\d+){1,3})$")


def _is_older(now: str, before: str) -> bool:
    """Only of exact versions."""
    new, old = _EXACT.match(now.strip()), _EXACT.match(before.strip())
    if new is None or old is None or now[:1].isdigit() != before[:1].isdigit():
        return False
    return [*map(int, new[1].split("."))] < [*map(int, old[1].split("."))]


def _imitated(dependency: Dependency) -> str:
    """The popular package whose name is one slip away; "" when it is popular itself, or far from any."""
    name, popular = _normal(dependency), _POPULAR.get(dependency.registry, frozenset())
    if name in popular or len(name) < SHORTEST_IMITATED or name.startswith("@"):
        return ""
    return next((known for known in sorted(popular) if len(known) >= SHORTEST_IMITATED and _is_slip(name, known)), "")


def _is_slip(name: str, known: str) -> bool:
    """One letter more, fewer, other, or two in the wrong order. A number at the end is another version: `boto3`."""
    if abs(len(name) - len(known)) > 1 or name.rstrip("0123456789") == known.rstrip("0123456789"):
        return False
    if len(name) == len(known):
        differ = [n for n, (a, b) in enumerate(zip(name, known, strict=True)) if a != b]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and name[differ[0]] == known[differ[1]]
        return len(differ) == 1 or (swapped and name[differ[1]] == known[differ[0]])
    short, long = sorted((name, known), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


_PINNED = "flask==3.0.0\nrequests==2.31.0\nrich==13.7.0\n"


def _requirements(after: str) -> Edited:
    return Edited({"requirements.txt": _PINNED}, {"requirements.txt": _PINNED + after})


def _package(**after: str) -> Edited:
    lines = ",\n".join(f'    "{name}": "{wants}"' for name, wants in after.items())
    return Edited({}, {"package.json": f'{{\n  "dependencies": {{\n{lines}\n  }}\n}}\n'})


changed_dependencies = ChangeCheck(
    "dependencies",
    RULES,
    find,
    bad=(
        (LOOKALIKE, _requirements("reqeusts==2.31.0\n")),
        (LOOKALIKE, _package(lodahs="^4.17.21")),
        (FROM_ADDRESS, _requirements("git+https://example.org/owner/tool.git@main#egg=tool\n")),
        (FROM_ADDRESS, _package(tool="git+https://example.org/owner/tool.git")),
        (UNPINNED, _requirements("structlog\n")),
        (DOWNGRADED, Edited({"requirements.txt": _PINNED}, {"requirements.txt": _PINNED.replace("2.31.0", "2.19.1")})),
        (BEST_LEFT, _requirements("pycrypto==2.6.1\n")),
    ),
    good=(
        _requirements("structlog==24.1.0\n"),
        _requirements(f"git+https://example.org/owner/tool.git@{'0' * 40}\n"),
        _package(react="^18.2.0", preact="^10.0.0"),
        Edited({"requirements.txt": _PINNED}, {"requirements.txt": _PINNED.replace("2.31.0", "2.32.0")}),
        Edited({"requirements.txt": "flask\nrequests\nrich\n"}, {"requirements.txt": "flask\nrequests\nrich\nclick\n"}),
    ),
)

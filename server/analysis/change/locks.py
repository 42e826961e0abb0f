"""What a change of a lock file lets in: another content under the same version, another place, a script that runs.

Nobody reads such a diff, which is why it is the place to hide something in.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.change.lock_files import Locked, locked_in
from server.analysis.project import Found
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Severity

LOCK_INTEGRITY = Rule(
    "hive.lock-integrity",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="The hash is what ties the version to what was once looked at. Registries do not change what they published.",
    remedy="Make the lock file anew from the registry, and compare; if the hash still differs, find out why.",
    cwe=353,
    also=(494, 345, 829),
)
LOCK_SOURCE = Rule(
    "hive.lock-source",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    why="The package comes from somewhere else than the others: whoever owns that place runs code here.",
    remedy="Make the lock file anew from the registry; take a fork in only on purpose, and pinned to a full commit.",
    cwe=829,
    also=(494, 345, 1357),
)
INSTALL_SCRIPT = Rule(
    "hive.new-install-script",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    why="The package did without a script at installation so far. Stolen accounts publish versions that have one.",
    remedy="Read what the script does, or install with `--ignore-scripts` and an allow-list.",
    cwe=506,
    also=(829, 1357),
)
LOCK_DOWNGRADED = Rule(
    "hive.lock-downgraded",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.LOW,
    why="What was mended between the two versions comes back: holes, too.",
    remedy="Make the lock file anew; if the newer version has a bug, pin the older one where people see it.",
    cwe=1395,
    also=(1104,),
)

MAX_DOWNGRADED = 3
"""More at once is another resolver, or a branch that is behind."""

_NO_REGISTRY = re.compile(r"^(?:git\+|git@|git:|github:|ssh:)|\.git(?:#|$)")
_VERSION = re.compile(r"v?(\d+(?:\.\d+){1,3})(?:\+incompatible)?$")


def find(change: Change, budget: Budget) -> Iterator[Found]:
    for file in change.files:
        budget.spend()
        if file.before is None:
            continue
        before, now = locked_in(file.path, file.before.text), locked_in(file.path, file.after.text)
        if now and (before or file.path.endswith("go.mod")):
            yield from (Found(file.path, problem) for problem in _of_file(file, before, now))


def _of_file(file: ChangedFile, before: Sequence[Locked], now: Sequence[Locked]) -> Iterator[Problem]:
    known = {package.key: package for package in before}
    by_name = _single(before)
    hosts = {_host(package.source) for package in before} | _usual(now)
    older: list[Problem] = []
    for package in now:
        earlier = known.get(package.key) or by_name.get(package.name)
        if package == earlier:
            continue
        for rule, message, severity in _judged(package, earlier, hosts):
            hit = Hit(file.after.line_span(package.line), message, severity=severity, evidence=package.name)
            if rule is LOCK_DOWNGRADED:
                older.append(Problem(rule, hit))
            else:
                yield Problem(rule, hit)
    if len(older) <= MAX_DOWNGRADED:
        yield from older


def _judged(package: Locked, earlier: Locked | None, hosts: set[str]) -> Iterator[tuple[Rule, str, Severity | None]]:
    """At most one thing is said of each."""
    name, came = package.name, _away(package, earlier, hosts)
    if _is_other_package(package):
        yield LOCK_SOURCE, f"{name} is taken from the address of another package", Severity.HIGH
    elif earlier is not None and _is_other_content(package, earlier):
        yield LOCK_INTEGRITY, f"{name} {package.version} has another hash than before", Severity.HIGH
    elif came:
        yield LOCK_SOURCE, f"{name} comes from {came}", None
    elif earlier is not None and earlier.digests and not package.digests and not _NO_REGISTRY.search(package.source):
        yield LOCK_INTEGRITY, f"{name} has no hash any more", None
    elif earlier is not None and package.runs and not earlier.runs:
        yield INSTALL_SCRIPT, f"{name} {package.version} runs a script when it is installed, unlike before", None
    elif earlier is not None and _is_older(package.version, earlier.version):
        yield LOCK_DOWNGRADED, f"{name} goes back from {earlier.version} to {package.version}", None


def _is_other_content(package: Locked, earlier: Locked) -> bool:
    """The same version from the same place. Files may be added to a version (wheels); none is ever replaced."""
    same = package.version == earlier.version and _host(package.source) == _host(earlier.source)
    both = bool(package.digests and earlier.digests)
    algorithms = {_algorithm(digest) for digest in package.digests} == {_algorithm(d) for d in earlier.digests}
    is_release = not _NO_REGISTRY.search(package.source)
    return same and both and algorithms and is_release and not package.digests & earlier.digests


def _algorithm(digest: str) -> str:
    return re.split(r"[-:/]", digest)[0] if re.search(r"[-:/]", digest) else str(len(digest))


def _away(package: Locked, earlier: Locked | None, hosts: set[str]) -> str:
    """From where, when that is no place of the others; "" when it is."""
    source = package.source
    if not source or (earlier is not None and source.partition("#")[0] == earlier.source.partition("#")[0]):
        return ""
    host = _host(source)
    if source.startswith("http://") and not re.match(r"http://(?:localhost|127\.)", source):
        return f"http://{host}, which anybody on the way can change"
    if _NO_REGISTRY.search(source):
        return (
            f"a repository at {host or source[:60]}"
            if earlier is None or not _NO_REGISTRY.search(earlier.source)
            else ""
        )
    return f"{host}, unlike the others" if host and host not in hosts else ""


def _host(source: str) -> str:
    address = re.sub(r"^(?:registry|sparse|git)\+", "", source)
    try:
        return (urlsplit(address).hostname or "") if "://" in address else address.partition(":")[0].rpartition("@")[2]
    except ValueError:
        return source


def _usual(packages: Sequence[Locked]) -> set[str]:
    """Where most of them come from: a project may move to a mirror as a whole."""
    count = Counter(_host(package.source) for package in packages)
    return {host for host, packages_there in count.items() if 2 * packages_there > len(packages) > 2}


def _is_other_package(package: Locked) -> bool:
    """An address of npm's form names the package."""
    named = re.match(r"https?://[^/]+/(?:[^?#]*?/)??((?:@|%40)[^/]+(?:/|%2[fF])[^/]+|[^/@]+)/-/", package.source)
    return named is not None and _plain(named[1]) != _plain(package.name)


def _plain(name: str) -> str:
    return name.lower().replace("%40", "@").replace("%2f", "/")


def _is_older(now: str, before: str) -> bool:
    new, old = _VERSION.match(now), _VERSION.match(before)
    if new is None or old is None:
        return False
    return [*map(int, new[1].split("."))] < [*map(int, old[1].split("."))]


def _single(packages: Sequence[Locked]) -> dict[str, Locked]:
    """Those of which there is one version."""
    count = Counter(package.name for package in packages)
    return {package.name: package for package in packages if count[package.name] == 1}


def _npm(**entry: str) -> str:
    fields = {
        "version": "1.2.0",
        "resolved": "https://registry.npmjs.org/left/-/left-1.2.0.tgz",
        "integrity": "sha512-A",
    }
    given = {name: value for name, value in (fields | entry).items() if value}
    return json.dumps({"packages": {"": {}, "node_modules/left": given}}, indent=2)


def _changed(**entry: str) -> Edited:
    return Edited({"package-lock.json": _npm()}, {"package-lock.json": _npm(**entry)})


_UV = (
    '[[package]]\nname = "left"\nversion = "1.2.0"\nsource = {{ registry = "https://pypi.org/simple" }}\n'
    'sdist = {{ hash = "sha256:{}" }}\n'
)

changed_locks = ChangeCheck(
    "locks",
    (LOCK_INTEGRITY, LOCK_SOURCE, INSTALL_SCRIPT, LOCK_DOWNGRADED),
    find,
    bad=(
        (LOCK_INTEGRITY, _changed(integrity="sha512-B")),
        (LOCK_INTEGRITY, _changed(integrity="")),
        (LOCK_INTEGRITY, Edited({"uv.lock": _UV.format("a")}, {"uv.lock": _UV.format("b")})),
        (LOCK_INTEGRITY, Edited({"go.sum": "a.org/b v1.0.0 h1:x=\n"}, {"go.sum": "a.org/b v1.0.0 h1:y=\n"})),
        (LOCK_SOURCE, _changed(resolved="http://registry.npmjs.org/left/-/left-1.2.0.tgz")),
        (LOCK_SOURCE, _changed(resolved="https://files.example.org/left/-/left-1.2.0.tgz")),
        (LOCK_SOURCE, _changed(resolved="https://registry.npmjs.org/lefft/-/lefft-1.2.0.tgz")),
        (LOCK_SOURCE, _changed(resolved="git+ssh://git@example.org/left.git#main")),
        (INSTALL_SCRIPT, _changed(version="1.2.1", integrity="sha512-C", hasInstallScript="true")),
        (LOCK_DOWNGRADED, _changed(version="1.1.0", integrity="sha512-D")),
    ),
    good=(
        _changed(version="1.3.0", integrity="sha512-E", resolved="https://registry.npmjs.org/left/-/left-1.3.0.tgz"),
        _changed(integrity="sha1-A"),
        Edited({"go.sum": "a.org/b v1.0.0 h1:x=\n"}, {"go.sum": "a.org/b v1.0.0 h1:x=\na.org/b v1.1.0 h1:y=\n"}),
        Edited({"uv.lock": _UV.format("a")}, {"uv.lock": _UV.format("b").replace("1.2.0", "1.3.0")}),
        Edited({}, {"package-lock.json": _npm(integrity="")}),
    ),
)

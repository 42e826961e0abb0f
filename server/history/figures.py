"""What a repository's history comes to, in the field's terms. Pure.

- Churn: lines added and lines deleted, whoever did it and however often.
- Hotspot: a file that changes often and is large; its score is changes times lines at the head (A. Tornhill, "Your Code
  as a Crime Scene"). Large files are a good stand-in for complex ones.
- Ownership of a directory: who changed how much of all lines changed there since then.
- Bus factor: the fewest people who together changed more than half of those lines.
- Lead time for changes: from the first commit of a change until it is merged; DORA counts until it runs in production,
  https://dora.dev/guides/dora-metrics-four-keys/, of which git knows nothing. From merge commits alone: of changes that
  were squashed or rebased, only pull requests tell (`pulls.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from server.history.commits import MAX_COMMITS, Commit

MAX_SHOWN = 20
"""Of hotspots, and of directories."""
DIRECTORY_DEPTH = 2
ROOT = "."

WRITTEN_BY_TOOLS = (".lock", "-lock.json", "-lock.yaml", "go.sum", ".min.js", ".min.css", ".snap", ".svg")
"""Ends of names of files in which nobody works, however often they change: no hotspots."""


class Spread(msgspec.Struct, frozen=True):
    """Of durations. *p90_seconds*: nine of ten take no longer."""

    count: int
    median_seconds: float
    p90_seconds: float


class Hotspot(msgspec.Struct, frozen=True):
    """*changes*: commits that touched the file. *lines*: at the head. *score*: their product."""

    path: str
    changes: int
    lines: int
    added: int
    deleted: int
    score: int


class Owner(msgspec.Struct, frozen=True):
    """*share*: of all lines changed there, 0 to 1."""

    name: str
    share: float


class Directory(msgspec.Struct, frozen=True):
    """*owners*: those with the largest shares, at most three."""

    path: str
    changes: int
    added: int
    deleted: int
    authors: int
    bus_factor: int
    owners: tuple[Owner, ...]


class History(msgspec.Struct, frozen=True):
    """Of the commits since *since* that *head_sha* holds.

    *lead_time* None: no change came by a merge commit. *cut_off*: commits whose changes a shallow clone hides.
    *is_capped*: there are more commits than are read.
    """

    head_sha: str
    since: datetime
    commits: int
    merges: int
    authors: int
    added: int
    deleted: int
    bus_factor: int
    hotspots: tuple[Hotspot, ...]
    directories: tuple[Directory, ...]
    lead_time: Spread | None
    cut_off: int = 0
    is_capped: bool = False


def figures(
    head_sha: str, since: datetime, commits: Sequence[Commit], lines: Mapping[str, int], cut_off: int
) -> History:
    """*commits*: the head first, none before what was built on it. *lines*: of every file at the head."""
    changes = list(_changes(commits))
    people = {commit.email for commit in commits if not commit.is_merge}
    return History(
        head_sha=head_sha,
        since=since,
        commits=len(commits),
        merges=sum(commit.is_merge for commit in commits),
        authors=len(people),
        added=sum(change.added for change in changes),
        deleted=sum(change.deleted for change in changes),
        bus_factor=_bus_factor(_by_author(changes)),
        hotspots=_hotspots(changes, lines),
        directories=_directories(changes, {commit.email: commit.author for commit in reversed(commits)}),
        lead_time=spread(_lead_times(commits)),
        cut_off=cut_off,
        is_capped=len(commits) >= MAX_COMMITS,
    )


def spread(seconds: Iterable[float]) -> Spread | None:
    """None of nothing. By nearest rank: each figure is one that occurred."""
    found = sorted(seconds)
    if not found:
        return None
    return Spread(len(found), found[(len(found) - 1) // 2], found[-(-len(found) * 9 // 10) - 1])


class _Change(msgspec.Struct, frozen=True):
    """Of a file, under the name that it has at the head."""

    path: str
    email: str
    added: int
    deleted: int

    @property
    def churn(self) -> int:
        return self.added + self.deleted


def _changes(commits: Sequence[Commit]) -> Iterable[_Change]:
    names: dict[str, str] = {}
    for commit in commits:
        for file in commit.files:
            path = names.get(file.path, file.path)
            if file.old_path:
                names[file.old_path] = path
            yield _Change(path, commit.email, file.added, file.deleted)


def _hotspots(changes: Sequence[_Change], lines: Mapping[str, int]) -> tuple[Hotspot, ...]:
    """What changed only once is none, nor what tools write."""
    by_path: dict[str, list[_Change]] = defaultdict(list)
    for change in changes:
        by_path[change.path].append(change)
    found = [
        Hotspot(
            path,
            len(theirs),
            lines[path],
            sum(change.added for change in theirs),
            sum(change.deleted for change in theirs),
            len(theirs) * lines[path],
        )
        for path, theirs in by_path.items()
        if len(theirs) > 1 and path in lines and not path.endswith(WRITTEN_BY_TOOLS)
    ]
    return tuple(sorted(found, key=lambda hotspot: (-hotspot.score, hotspot.path))[:MAX_SHOWN])


def _directories(changes: Sequence[_Change], names: Mapping[str, str]) -> tuple[Directory, ...]:
    """The most changed first. *names*: by address."""
    by_directory: dict[str, list[_Change]] = defaultdict(list)
    for change in changes:
        by_directory[_directory(change.path)].append(change)
    found = [_directory_of(path, theirs, names) for path, theirs in by_directory.items()]
    return tuple(sorted(found, key=lambda d: (-(d.added + d.deleted), d.path))[:MAX_SHOWN])


def _directory_of(path: str, changes: Sequence[_Change], names: Mapping[str, str]) -> Directory:
    churn = _by_author(changes)
    total = churn.total() or 1
    owners = tuple(Owner(names.get(email, email), round(n / total, 3)) for email, n in churn.most_common(3) if n)
    added, deleted = (sum(getattr(change, side) for change in changes) for side in ("added", "deleted"))
    return Directory(path, len(changes), added, deleted, len(churn), _bus_factor(churn), owners)


def _directory(path: str) -> str:
    parts = PurePosixPath(path).parts[:-1]
    return "/".join(parts[:DIRECTORY_DEPTH]) or ROOT


def _by_author(changes: Iterable[_Change]) -> Counter[str]:
    churn: Counter[str] = Counter()
    for change in changes:
        churn[change.email] += change.churn
    return churn


def _bus_factor(churn: Counter[str]) -> int:
    """0 where nothing changed."""
    half, sum_, people = churn.total() / 2, 0, 0
    for _, lines in churn.most_common():
        if sum_ > half or not lines:
            break
        sum_ += lines
        people += 1
    return people


def _lead_times(commits: Sequence[Commit]) -> Iterable[float]:
    """Of each merge into the head's own line: since the first commit that it brings, of those that were read."""
    known = {commit.sha: commit for commit in commits}
    line = []
    at: Commit | None = commits[0] if commits else None
    while at is not None:
        line.append(at)
        at = known.get(at.parents[0]) if at.parents else None
    seen = {commit.sha for commit in line}
    for merge in reversed(line):
        brought = _brought(merge, known, seen)
        if brought:
            first = min(commit.authored_at for commit in brought)
            yield max(0.0, (merge.committed_at - first).total_seconds())


def _brought(merge: Commit, known: Mapping[str, Commit], seen: set[str]) -> list[Commit]:
    """Reached from its other parents, and from no earlier merge."""
    brought, waiting = [], list(merge.parents[1:])
    while waiting:
        sha = waiting.pop()
        if sha in known and sha not in seen:
            seen.add(sha)
            brought.append(known[sha])
            waiting += known[sha].parents
    return brought

"""What git tells of a repository's history, asked for by plumbing commands and read into values. Pure.

Whoever runs git here runs the four commands and hands in what they printed: `server.reviews.git` in somebody's working
copy, `server.effects.partial_clone` where the hub fetched it. A merge changes nothing of its own here: what it brings
was counted where it was written. A file that was renamed is one file.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

MAX_COMMITS = 50_000

FORMAT = "%H%x00%P%x00%at%x00%ct%x00%aE%x00%aN"


class FileChange(NamedTuple):
    """*path*: as it was after the commit; *old_path* if it had another before. Binary files have no lines."""

    path: str
    added: int
    deleted: int
    old_path: str = ""


class Commit(NamedTuple):
    """*author*: a name and an address that tell one person, as the repository's `.mailmap` has them."""

    sha: str
    parents: tuple[str, ...]
    authored_at: datetime
    committed_at: datetime
    author: str
    email: str
    files: tuple[FileChange, ...] = ()

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1


def list_command(head: str, since: datetime) -> tuple[str, ...]:
    """What lists the commits that `read_commits` reads, none before what was built on it."""
    limits = (f"--since={since.isoformat()}", f"--max-count={MAX_COMMITS}")
    return ("rev-list", "--topo-order", f"--format={FORMAT}", *limits, head)


PARENTS_COMMAND = ("cat-file", "--batch")
CHANGES_COMMAND = ("diff-tree", "--stdin", "-r", "--root", "--numstat", "-z", "-M", "--no-ext-diff", "--no-textconv")
"""Both take SHAs, a line each: the first those of `parentless`, the second those of `changing`."""

EMPTY_TREE_COMMAND = ("hash-object", "-t", "tree", "--stdin")


def sizes_command(empty_tree: str, head: str) -> tuple[str, ...]:
    """What counts the lines of every file at the head."""
    return ("diff-tree", "-r", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", empty_tree, head)


def read_commits(listed: bytes) -> list[Commit]:
    commits = []
    for line in listed.decode("utf-8", "replace").split("\n"):
        fields = line.split("\0")
        if len(fields) == 6:
            sha, parents, authored, committed, email, name = fields
            commits.append(
                Commit(sha, tuple(parents.split()), _moment(authored), _moment(committed), name, email.lower())
            )
    return commits


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def parentless(commits: Sequence[Commit]) -> bytes:
    """Roots, and where a shallow clone was cut off."""
    return _lines([commit.sha for commit in commits if not commit.parents])


def read_cut_off(commits: Sequence[Commit], shown: bytes) -> frozenset[str]:
    """Of the `parentless` those that have parents which are not here: what they changed cannot be known.

    *shown*: what `PARENTS_COMMAND` printed.
    """
    cut, at = set(), 0
    for sha in [commit.sha for commit in commits if not commit.parents]:
        end = shown.index(b"\n", at)
        size = int(shown[at:end].split()[2])
        header, _, _ = shown[end + 1 : end + 1 + size].partition(b"\n\n")
        if b"\nparent " in header:
            cut.add(sha)
        at = end + 2 + size
    return frozenset(cut)


def changing(commits: Sequence[Commit], cut_off: frozenset[str]) -> bytes:
    return _lines([commit.sha for commit in commits if not commit.is_merge and commit.sha not in cut_off])


def with_changes(commits: Sequence[Commit], shown: bytes) -> list[Commit]:
    """*shown*: what `CHANGES_COMMAND` printed."""
    files: dict[str, list[FileChange]] = {}
    current: list[FileChange] = []
    fields = iter(shown.decode("utf-8", "replace").split("\0")[:-1])
    for field in fields:
        if "\t" not in field:
            current = files.setdefault(field.strip(), [])
        else:
            current.append(_change(field.lstrip("\n"), fields))
    return [commit._replace(files=tuple(files.get(commit.sha, ()))) for commit in commits]


def read_sizes(shown: bytes) -> dict[str, int]:
    """Lines of each text file, by its path."""
    changes = (_change(field, iter(())) for field in shown.decode("utf-8", "replace").split("\0")[:-1])
    return {change.path: change.added for change in changes if change.added}


def _change(field: str, fields: Iterator[str]) -> FileChange:
    """A rename has its two names in the fields that follow."""
    added, deleted, path = field.split("\t", 2)
    lines = (int(added), int(deleted)) if added != "-" else (0, 0)
    if path:
        return FileChange(path, *lines)
    old_path, path = next(fields), next(fields)
    return FileChange(path, *lines, old_path)


def _lines(shas: Sequence[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()

"""All files of a pull request's head, for who runs its tests: a review needs only what is near the change. Pure."""

from typing import NamedTuple

import msgspec

from server.reviews.rounds import UNLISTED
from server.reviews.snapshot import Snapshot, SourceFile


class WholeTree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of `tree.fetch`. *files*: every text but for the changed ones, or none. *note*: why none, "" else."""

    files: tuple[SourceFile, ...] = ()
    note: str = ""


class Testable(NamedTuple):
    """*untested*: why tests cannot be run on it, "" when they can."""

    snapshot: Snapshot
    untested: str = ""


def within(tree: WholeTree, snapshot: Snapshot) -> Testable:
    """The *snapshot* with all that is around its files."""
    if any(file.path == UNLISTED for file in snapshot.skipped):
        return Testable(snapshot, "GitHub does not say of all files whether they were changed")
    if tree.note:
        return Testable(snapshot, tree.note)
    changed = {file.path for file in snapshot.files}
    around = tuple(file for file in tree.files if file.path not in changed)
    return Testable(msgspec.structs.replace(snapshot, context=around))

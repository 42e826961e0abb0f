"""Pick commits onto a branch by git alone: no working tree, so no hook, filter or attribute of the repository is run.

The commits are made the same each time they are made from the same, so that pushing them again changes nothing.
"""

from collections.abc import Sequence

from server.chores.backporting import Conflict, Merged, Pick, message_of
from server.effects.chores.writing_clone import WritingClone

COMMITTER = "Agent Hive <agent-hive@users.noreply.github.com>"


async def pick_onto(
    clone: WritingClone, tip_sha: str, picks: Sequence[Pick], *, number: int, title: str
) -> str | Conflict:
    """The last commit's SHA, *tip_sha* when the branch holds all of it already, or what conflicts."""
    commits = [sha for pick in picks for sha in (pick.commit.parents[0], pick.commit.sha)]
    await clone.fetch_commits(*dict.fromkeys([tip_sha, *commits]))
    await _fetch_files(clone, tip_sha, picks)
    head = tip_sha
    for pick in picks:
        merged = await clone.merge(pick.commit.parents[0], head, pick.commit.sha)
        if merged.conflicts:
            return Conflict(pick.commit.sha, merged.conflicts)
        if merged.tree != await clone.tree_of(head):
            head = await clone.write_commit(_commit(merged.tree, head, pick, message_of(pick, number, title)))
    return head


async def _fetch_files(clone: WritingClone, tip_sha: str, picks: Sequence[Pick]) -> None:
    """Only files that a pick changes can have to be merged: as they were, as they are, and as the branch has them."""
    wanted: set[str] = set()
    for pick in picks:
        parent = pick.commit.parents[0]
        changed = await clone.changes(parent, pick.commit.sha)
        paths = {change.path for change in changed}
        theirs = [change for change in await clone.changes(parent, tip_sha) if change.path in paths]
        for change in (*changed, *theirs):
            wanted |= {sha for sha in (change.old_sha, change.sha) if sha.strip("0") and change.mode != "160000"}
    await clone.fetch_blobs(wanted)


def _commit(tree: str, parent: str, pick: Pick, message: str) -> str:
    at = f"{int(pick.commit.at.timestamp())} +0000"
    return (
        f"tree {tree}\nparent {parent}\nauthor {_person(pick.commit)} {at}\ncommitter {COMMITTER} {at}\n\n{message}"
    ).replace("\0", "")


def _person(commit: Merged) -> str:
    return " ".join(commit.author.split())

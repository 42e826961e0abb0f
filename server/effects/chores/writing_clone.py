"""A clone in which commits are made and from which a branch is pushed. As hostile, and as walled in, as any other."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from server.effects.partial_clone import GitUnavailable, PartialClone
from server.jobs.children import Children


class TreeMerge(NamedTuple):
    """*conflicts*: the paths that only a person can bring together; then *tree* is no good."""

    tree: str
    conflicts: tuple[str, ...] = ()


class WritingClone(PartialClone):
    async def merge(self, base_sha: str, ours_sha: str, theirs_sha: str) -> TreeMerge:
        """What *theirs* changes since *base*, in *ours*. A file that was renamed on one side is a conflict."""
        # As commits without history, from which git finds the base: naming it takes git 2.40.
        base = await self._bare_commit(base_sha)
        ours, theirs = await self._bare_commit(ours_sha, base), await self._bare_commit(theirs_sha, base)
        # git ends with 1 for a conflict, which is no failure of its own: it is told apart by what it says.
        said = await self._run(
            *("-c", "merge.renames=false", "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"),
            *(ours, theirs),
            most_code=1,
        )
        tree, *conflicts = [part.decode("utf-8", "replace") for part in said.split(b"\0")[:-1]]
        return TreeMerge(tree, tuple(dict.fromkeys(conflicts)))

    async def _bare_commit(self, sha: str, parent: str = "") -> str:
        """With the tree of *sha*, and nothing else of it."""
        who = "nobody <nobody@localhost> 0 +0000"
        lineage = f"parent {parent}\n" if parent else ""
        return await self.write_commit(f"tree {await self.tree_of(sha)}\n{lineage}author {who}\ncommitter {who}\n\n-\n")

    async def tree_of(self, commit_sha: str) -> str:
        return (await self._run("rev-parse", f"{commit_sha}^{{tree}}")).decode().strip()

    async def write_commit(self, text: str) -> str:
        """*text*: as git keeps it."""
        return (await self._run("hash-object", "-t", "commit", "-w", "--stdin", given=text.encode())).decode().strip()

    async def push(self, sha: str, branch: str) -> None:
        """A branch that is not there yet, or is there with this commit."""
        await self._speak("push", "--quiet", "--no-verify", "origin", f"{sha}:refs/heads/{branch}")


@asynccontextmanager
async def writing_clone(children: Children, address: str, token: str, sha: str) -> AsyncIterator[WritingClone]:
    """In a folder of its own that goes with it. Raises GitUnavailable, as all that it does."""
    with tempfile.TemporaryDirectory(prefix="hive-git-", ignore_cleanup_errors=True) as directory:
        clone = WritingClone(children, Path(directory), address, token)
        await clone.prepare(sha)
        yield clone


__all__ = ["GitUnavailable", "TreeMerge", "WritingClone", "writing_clone"]

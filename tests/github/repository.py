"""A repository as GitHub shows it, read from a real git directory by git itself.

Shares no code with what is tested: patches are cut from git's own output.
"""

import asyncio
import base64
import itertools
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_PATCH_BYTES = 500_000
MAX_PATCH_LINES = 20_000
"""A larger patch is left out of the answer.
https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits"""

STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


class NoSuchObject(Exception):
    """GitHub answers 404."""


class Repository:
    """*full_name* is `owner/name`."""

    def __init__(self, git_dir: Path, full_name: str, number: int) -> None:
        self.git_dir = git_dir
        self.full_name = full_name
        self.id = 1_296_000 + number
        self.merge_methods = {"merge", "squash", "rebase"}
        self.labels: list[str] = []
        self.merges_by_itself = False
        """Auto-merge is switched on."""
        self._said: dict[tuple[str, ...], bytes] = {}
        """What git said of objects, which never change: half of it is asked again, and git is a process each time."""

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    async def commit(self, revision: str) -> str:
        """The SHA of a commit. Raises NoSuchObject."""
        return (
            await self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        ).strip()

    async def merge_base(self, base: str, head: str) -> str:
        return (await self._git("merge-base", base, head)).strip()

    async def is_ancestor(self, older: str, newer: str) -> bool:
        try:
            await self._git("merge-base", "--is-ancestor", older, newer)
        except NoSuchObject:
            return False
        return True

    async def tree_of(self, commit: str) -> str:
        return (await self._git("rev-parse", f"{commit}^{{tree}}")).strip()

    async def commits(self, base: str, head: str) -> list[str]:
        return (await self._git("rev-list", "--reverse", f"{base}..{head}")).split()

    async def history(self, revision: str, path: str | None = None) -> list[str]:
        """The commits, or those that changed a file, the newest first."""
        return (await self._git("rev-list", revision, *(["--", path] if path else []))).split()

    async def parents(self, commit: str) -> list[str]:
        return (await self._git("rev-list", "--parents", "-1", commit)).split()[1:]

    async def moments(self, commit: str) -> list[str]:
        """When it was written, and when it was committed."""
        return (await self._git("log", "-1", "--format=%aI %cI", commit)).split()

    async def message(self, commit: str) -> str:
        return (await self._git("log", "-1", "--format=%B", commit)).strip()

    async def tree(self, sha: str, *, recursive: bool) -> list[dict[str, Any]]:
        """The entries as `GET /git/trees` lists them, without addresses."""
        options = ["-r", "-t"] if recursive else []
        listing = await self._git("ls-tree", "-z", "--long", "--full-tree", *options, sha)
        entries = []
        for line in listing.split("\0")[:-1]:
            facts, path = line.split("\t", 1)
            mode, kind, object_sha, size = facts.split()
            entry = {"path": path, "mode": mode, "type": kind, "sha": object_sha}
            entries.append(entry | ({"size": int(size)} if size != "-" else {}))
        return entries

    async def blob(self, sha: str) -> bytes:
        return await self._git_bytes("cat-file", "blob", sha)

    async def changed_files(self, base: str, head: str) -> list[dict[str, Any]]:
        """The files between two commits as GitHub lists them, with patches, without addresses."""
        raw = await self._git("diff", "--raw", "-z", "--no-abbrev", "-M", base, head)
        fields = iter(raw.split("\0")[:-1])
        files = []
        for facts in fields:
            _, _, old_sha, new_sha, status = facts.removeprefix(":").split()
            previous = next(fields)
            path = next(fields) if status[0] in "RC" else previous
            patch = await self._patch(base, head, previous, path)
            additions, deletions = _count(patch)
            file: dict[str, Any] = {
                "sha": old_sha if status[0] == "D" else new_sha,
                "filename": path,
                "status": STATUSES[status[0]],
                "additions": additions,
                "deletions": deletions,
                "changes": additions + deletions,
            }
            if previous != path:
                file["previous_filename"] = previous
            if patch and len(patch.encode()) <= MAX_PATCH_BYTES and patch.count("\n") <= MAX_PATCH_LINES:
                file["patch"] = patch
            files.append(file)
        return files

    async def _patch(self, base: str, head: str, previous: str, path: str) -> str:
        """From the first `@@` on, as GitHub shows it; "" for a binary file or a mere rename."""
        diff = await self._git(
            "diff", "-M", "--no-color", "--no-ext-diff", "--no-textconv", base, head, "--", previous, path
        )
        start = re.search(r"^@@ ", diff, re.M)
        return diff[start.start() :].removesuffix("\n") if start else ""

    async def author(self, commit: str) -> str:
        return (await self._git("log", "-1", "--format=%an", commit)).strip()

    async def make_tree(self, base: str, entries: list[dict[str, Any]]) -> str:
        """As `POST /git/trees` does, of entries with their content."""
        with tempfile.TemporaryDirectory() as directory:
            index = {"GIT_INDEX_FILE": f"{directory}/index"}
            run_git(self.git_dir, "read-tree", base, env=index)
            for entry in entries:
                blob = run_git(self.git_dir, "hash-object", "-w", "--stdin", given=entry["content"].encode())
                info = f"{entry['mode']},{blob.decode().strip()},{entry['path']}"
                run_git(self.git_dir, "update-index", "--add", "--cacheinfo", info, env=index)
            return run_git(self.git_dir, "write-tree", env=index).decode().strip()

    async def make_commit(self, tree: str, parents: list[str], message: str, *, author: str) -> str:
        options = [option for parent in parents for option in ("-p", parent)]
        env = {"GIT_AUTHOR_NAME": author}
        return run_git(self.git_dir, "commit-tree", tree, *options, env=env, given=message.encode()).decode().strip()

    async def advance(self, branch: str, commit: str) -> bool:
        """Whether it was a fast forward; then it was made."""
        if not await self.is_ancestor(await self.commit(branch), commit):
            return False
        await self._git("update-ref", f"refs/heads/{branch}", commit)
        return True

    async def merge(self, branch: str, head: str, method: str, message: str) -> str:
        """Of *head* into *branch*, which moves; the SHA of the last commit. Raises NoSuchObject for a conflict."""
        base = await self.commit(branch)
        if method == "rebase":
            picked = base
            for commit in await self.commits(await self.merge_base(base, head), head):
                before = await self._commit_tree(await self.tree_of(f"{commit}^"), "-")
                sides = [await self._commit_tree(await self.tree_of(side), "-", before) for side in (picked, commit)]
                tree = await self._git("merge-tree", "--write-tree", *sides)
                picked = await self._commit_tree(tree, await self.message(commit), picked)
        else:
            tree = await self._git("merge-tree", "--write-tree", base, head)
            picked = await self._commit_tree(tree, message, base, *([head] if method == "merge" else []))
        await self._git("update-ref", f"refs/heads/{branch}", picked, base)
        return picked

    async def _commit_tree(self, tree: str, message: str, *parents: str) -> str:
        options = [option for parent in parents for option in ("-p", parent)]
        return (await self._git("commit-tree", tree.split()[0], *options, "-m", message)).strip()

    async def _git(self, *arguments: str) -> str:
        return (await self._git_bytes(*arguments)).decode("utf-8", "replace")

    async def _git_bytes(self, *arguments: str) -> bytes:
        if arguments in self._said:
            return self._said[arguments]
        said = await asyncio.to_thread(run_git, self.git_dir, *arguments)
        if _asks_of_objects_alone(*arguments):
            self._said[arguments] = said
        return said


READING = {"cat-file", "diff", "log", "ls-tree", "merge-base", "rev-list", "rev-parse"}
OF_OBJECTS = re.compile(r"-.*|blob|[0-9a-f]{40}(\.\.[0-9a-f]{40}|\^\{\w+\})?")


def _asks_of_objects_alone(command: str, *arguments: str) -> bool:
    """Of no branch, which moves."""
    names = itertools.takewhile(lambda argument: argument != "--", arguments)
    return command in READING and all(map(OF_OBJECTS.fullmatch, names))


def run_git(directory: Path, *arguments: str, env: Mapping[str, str] | None = None, given: bytes = b"") -> bytes:
    """Git's output, whatever the machine's own settings of git are. Raises NoSuchObject when it fails."""
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_LITERAL_PATHSPECS": "1"}
    people = {f"GIT_{role}_{part}": v for role in ("AUTHOR", "COMMITTER") for part, v in _PERSON.items()}
    done = subprocess.run(
        ["git", *_OPTIONS, *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **settings, **people, **(env or {})},
        input=given,
        capture_output=True,
    )
    if done.returncode != 0:
        raise NoSuchObject(done.stderr.decode("utf-8", "replace"))
    return done.stdout


_SETTINGS = ("core.quotepath=off", "safe.directory=*", "maintenance.auto=false")
"""No commit is followed by a process that looks whether there is anything to tidy up."""

_OPTIONS = [option for setting in _SETTINGS for option in ("-c", setting)]

_PERSON = {"NAME": "Mona", "EMAIL": "mona@example.com", "DATE": "2026-01-02T03:04:05Z"}


def _count(patch: str) -> tuple[int, int]:
    """Added and deleted lines."""
    lines = [line for line in patch.split("\n") if not line.startswith("@@")]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def commentable_lines(patch: str) -> list[tuple[set[int], set[int]]]:
    """For every hunk the old (LEFT) and the new (RIGHT) lines that it shows: where GitHub takes a comment."""
    hunks: list[tuple[set[int], set[int]]] = []
    old = new = 0
    for line in patch.split("\n") if patch else []:
        header = re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", line)
        if header:
            old, new = int(header[1]), int(header[2])
            hunks.append((set(), set()))
        elif line.startswith("\\"):
            continue
        else:
            if not line.startswith("+"):
                hunks[-1][0].add(old)
                old += 1
            if not line.startswith("-"):
                hunks[-1][1].add(new)
                new += 1
    return hunks


def base64_lines(content: bytes) -> str:
    """Base64 in lines of 60, as GitHub writes blobs."""
    text = base64.b64encode(content).decode()
    return "".join(text[at : at + 60] + "\n" for at in range(0, len(text), 60))

"""git in somebody else's repository, without running what its files ask for.

A repository's config may name programs - for filters, diffs, hooks, fsmonitor, transports. Here none of them runs and
nothing is fetched or written. Which files and lines matter is `working_tree.py`'s business.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from server.errors import HiveError

TIMEOUT_SECONDS = 120.0

OVERRIDES = {
    "core.bigFileThreshold": "4m",  # larger ones count as binary: no patch of a file that is not reviewed
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "diff.ignoreSubmodules": "dirty",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}

DIFF_OPTIONS = (
    "-r",
    "--no-ext-diff",  # diff.external, diff.<driver>.command
    "--no-textconv",  # diff.<driver>.textconv
    "--no-color",
    "--no-renames",
    "--ignore-submodules=dirty",  # else git runs git in the submodule, with that one's config
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


class CannotCollect(HiveError):
    """What was asked for cannot be reviewed, as it was asked."""


class GitFailed(CannotCollect):
    """git said no; the message is its own."""


class RevisionNotFound(CannotCollect):
    """The repository has no such commit."""


class NoCommits(CannotCollect):
    """The repository has no commit yet."""


class Git:
    """Commands in the repository whose working tree is *root* (absolute, without symbolic links)."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root = root
        self._program = _installed_git(env)
        self._env = {name: value for name, value in env.items() if not name.startswith("GIT_")} | {
            "GIT_WORK_TREE": str(root),  # core.worktree could point anywhere
            "GIT_CEILING_DIRECTORIES": str(root.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        self._override(OVERRIDES)
        self._override(dict.fromkeys(self._filter_settings(), ""))

    def output(self, *argv: str, stdin: bytes = b"") -> bytes:
        """What the command printed. Raises `GitFailed`."""
        done = self._run(*argv, stdin=stdin)
        if done.returncode != 0:
            raise _failure(argv[0], done.stderr)
        return done.stdout

    def records(self, *argv: str) -> list[str]:
        """The output of a command with `-z`. Names that are not UTF-8 keep their bytes as surrogates."""
        return [os.fsdecode(record) for record in self.output(*argv).split(b"\0") if record]

    def commit(self, revision: str) -> str:
        """The SHA of the commit that *revision* names. Raises `RevisionNotFound` or `NoCommits`."""
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise RevisionNotFound(f"{revision!r} is not a revision", hint="name a branch, a tag or a commit")
        sha = self._sha(revision)
        if sha is None and self._sha("HEAD") is None:
            raise NoCommits(
                "the repository has no commits yet", hint="without --base and --head all files are reviewed"
            )
        if sha is None:
            near = f"origin/{revision}"
            hint = f"did you mean {near}?" if self._sha(near) else "git branch --all lists the branches"
            raise RevisionNotFound(f"there is no commit {revision!r} in {self._root}", hint=hint)
        return sha

    def parent(self, sha: str) -> str | None:
        """The commit's first parent."""
        return self._sha(f"{sha}^1")

    def merge_base(self, one: str, other: str) -> str:
        try:
            return self.output("merge-base", one, other).decode().split()[0]
        except GitFailed as error:
            hint = "a shallow clone lacks history: git fetch --unshallow"
            raise RevisionNotFound(f"{one[:12]} and {other[:12]} have no common ancestor", hint=hint) from error

    def subject(self, sha: str) -> str:
        """The first line of the commit's message. (`git log` could be made to run gpg.)"""
        _, _, message = self.output("cat-file", "commit", sha).partition(b"\n\n")
        return message.strip().split(b"\n")[0].decode("utf-8", "replace")

    def empty_tree(self) -> str:
        return self.output("hash-object", "-t", "tree", "--stdin").decode().strip()

    def blobs(self, shas: list[str]) -> Iterator[bytes]:
        """The content of each blob, in order."""
        data = self.output("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in shas).encode())
        at = 0
        for _ in shas:
            header_end = data.index(b"\n", at)
            size = int(data[at:header_end].split()[2])
            yield data[header_end + 1 : header_end + 1 + size]
            at = header_end + 2 + size

    def content_at(self, sha: str, path: str, most_bytes: int) -> bytes | None:
        """Of a file in a commit; None where it is no file there. Raises `GitFailed` when it is larger."""
        entry = self.output("ls-tree", sha, "--", path).decode("utf-8", "replace").split()
        if len(entry) < 3 or entry[1] != "blob" or entry[0] == "120000":
            return None
        (size,) = self.blob_sizes([entry[2]])
        if size is None or size > most_bytes:
            raise GitFailed(f"{path} is larger than {most_bytes // 1024} KiB in {sha[:12]}, or missing there")
        return next(self.blobs([entry[2]]))

    def blob_sizes(self, shas: list[str]) -> list[int | None]:
        """Bytes of each blob; None for one that is missing (a partial clone)."""
        lines = self.output("cat-file", "--batch-check", stdin="".join(f"{sha}\n" for sha in shas).encode())
        fields = [line.split() for line in lines.splitlines()]
        return [int(field[2]) if field[1] == b"blob" else None for field in fields]

    def hashes(self, paths: list[str]) -> list[str]:
        """The SHA that each file of the working tree has as a blob. Raises `GitFailed` when one cannot be read."""
        lines = "".join(f"{path}\n" for path in paths)
        return self.output("hash-object", "--stdin-paths", stdin=os.fsencode(lines)).decode().split()

    def _run(self, *argv: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [self._program, *argv],
                cwd=self._root,
                env=self._env,
                input=stdin,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GitFailed(f"git {argv[0]} took more than {TIMEOUT_SECONDS:.0f} seconds") from error

    def _sha(self, revision: str) -> str | None:
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.returncode != 0 and done.stderr:
            raise _failure("rev-parse", done.stderr)
        sha = done.stdout.decode().strip()
        return sha if re.fullmatch(r"[0-9a-f]{40,64}", sha) else None

    def _filter_settings(self) -> list[str]:
        """The settings that make git run a program over file contents (`filter.<name>.clean` and its like)."""
        names = self.records("config", "--list", "--name-only", "-z")
        return [name for name in names if re.fullmatch(r"filter\..*\.(clean|smudge|process|required)", name, re.S)]

    def _override(self, settings: Mapping[str, str]) -> None:
        """As `git -c`, which could not name a key that holds a `=`."""
        count = int(self._env.get("GIT_CONFIG_COUNT", "0"))
        for number, (name, value) in enumerate(settings.items(), count):
            self._env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        self._env["GIT_CONFIG_COUNT"] = str(count + len(settings))


def _installed_git(env: Mapping[str, str]) -> str:
    """A relative entry of PATH would find a program of the repository's."""
    folders = [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    program = shutil.which("git", path=os.pathsep.join(folders))
    if program is None:
        raise GitFailed("git is not installed", hint="it is needed for anything but a single file or a plain folder")
    return program


def _failure(command: str, stderr: bytes) -> GitFailed:
    said = stderr.decode("utf-8", "replace").strip() or "failed without a word"
    if "dubious ownership" in said:
        hint = "if you trust it: git config --global --add safe.directory <the repository>"
        return GitFailed("the repository belongs to another user, so git will not read it", hint=hint)
    return GitFailed(f"git {command}: {said.splitlines()[0].removeprefix('fatal: ')}")

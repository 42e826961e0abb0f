"""Ask GitHub's git for what its API does not show: commits without history, trees without files, then single files.

Everything that comes is a stranger's. So git runs without hooks, filters, submodules or a working tree, speaks one
protocol to one address, follows no redirect, and each of its processes has its time, its memory and its disk. The token
is read from a pipe by the one helper that git asks for it: it stands in no argument, environment, address or file.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from server.errors import HiveError
from server.jobs.children import Children

FETCH_SECONDS = 180.0
COMMAND_SECONDS = 60.0
MAX_FILE_BLOCKS = 1024 * 1024
"""Of 512 bytes: what a pack may be."""
MAX_MEMORY_KIB = 1024 * 1024
MAX_OUTPUT_BYTES = 64 * 1024 * 1024

SETTINGS = """
[core]
    repositoryformatversion = 1
    hooksPath = /dev/null
    fsmonitor = false
    bigFileThreshold = 4m
    packedGitLimit = 128m
    deltaBaseCacheLimit = 32m
[extensions]
    partialClone = origin
[remote "origin"]
    promisor = true
    partialclonefilter = blob:none
[fetch]
    recurseSubmodules = false
    negotiationAlgorithm = noop
[pack]
    threads = 1
[gc]
    auto = 0
[maintenance]
    auto = false
[submodule]
    recurse = false
[diff]
    renames = false
    external =
[http]
    followRedirects = false
    lowSpeedLimit = 1000
    lowSpeedTime = 30
[protocol]
    version = 2
"""

LIMITED = 'ulimit -f "$1" && ulimit -v "$2" 2>/dev/null; shift 2; exec "$@"'
"""https://pubs.opengroup.org/onlinepubs/9699919799/utilities/ulimit.html; not every system can limit memory."""


class GitUnavailable(HiveError):
    """git did not do it; the message is its own, or why it was ended."""


class TreeChange(NamedTuple):
    """Between two commits. *status* is git's letter. *old_sha* of a new file is all zeros, *sha* of one that went."""

    path: str
    status: str
    mode: str
    old_sha: str
    sha: str


class PartialClone:
    """Made by `partial_clone`. *token* "" for a repository that asks for none. *most_blocks*: of a file on the disk."""

    def __init__(
        self, children: Children, directory: Path, address: str, token: str, *, most_blocks: int = MAX_FILE_BLOCKS
    ) -> None:
        self._children = children
        self.directory = directory
        self._address = address
        self._token = token
        self._most_blocks = most_blocks
        self._program = _installed_git()

    async def prepare(self, sha: str) -> None:
        """*sha*: one of the commits that will be asked for; it tells how this repository names things."""
        objects = "sha256" if len(sha) == 64 else "sha1"
        await self._run("init", "--quiet", "--bare", "--template=", f"--object-format={objects}")
        with (self.directory / "config").open("a", encoding="utf-8") as config:
            config.write(f'{SETTINGS}[remote "origin"]\n    url = "{self._address}"\n')

    async def fetch_commits(self, *shas: str) -> None:
        """With their trees; without history, and without any file."""
        await self._fetch(shas, "--depth=1", "--filter=blob:none")

    async def fetch_history(self, sha: str, since: datetime) -> None:
        """All commits since then that it holds, with their files; and what they changed, one step further back."""
        await self._fetch([sha], f"--shallow-since={since.isoformat()}", "--no-filter")
        await self._fetch([sha], "--deepen=1", "--no-filter")

    async def answer(self, *argv: str, given: bytes = b"") -> bytes:
        """What a command prints that only reads what was fetched."""
        return await self._run(*argv, given=given, seconds=FETCH_SECONDS)

    async def changes(self, base_sha: str, head_sha: str) -> list[TreeChange]:
        """Of every file; a rename is one that went and one that came. Names that are not UTF-8 are left out."""
        listing = await self._run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", base_sha, head_sha)
        fields = iter(listing.split(b"\0")[:-1])
        changes = []
        for facts, path in zip(fields, fields, strict=False):
            _, mode, old_sha, sha, status = facts.decode().removeprefix(":").split()
            with contextlib.suppress(UnicodeDecodeError):
                changes.append(TreeChange(path.decode(), status[:1], mode, old_sha, sha))
        return changes

    async def fetch_blobs(self, shas: Iterable[str]) -> None:
        if wanted := sorted(set(shas)):
            await self._fetch(wanted, "--filter=blob:none")

    async def blobs(self, shas: Sequence[str], most_bytes: int) -> AsyncIterator[tuple[str, bytes | None]]:
        """Each with its content, one at a time; None for one that is larger, or is not there."""
        sizes = await self._run("cat-file", "--batch-check", given=_lines(shas))
        told = {fields[0]: fields for line in sizes.decode().splitlines() if (fields := line.split())}
        wanted = [sha for sha in shas if told.get(sha, [""])[1:2] == ["blob"] and int(told[sha][2]) <= most_bytes]
        for sha in set(shas).difference(wanted):
            yield sha, None
        async with self._started("cat-file", "--batch", given=_lines(wanted)) as process:
            assert process.stdout is not None
            for sha in wanted:
                size = int((await process.stdout.readline()).split()[2])
                yield sha, (await process.stdout.readexactly(size + 1))[:-1]

    async def patches(self, pairs: Sequence[tuple[str, str]], most_bytes: int) -> AsyncIterator[tuple[int, str]]:
        """Of blobs, before and after, by their place in *pairs*, from the first hunk on, as GitHub shows a patch.

        Left out is what is no UTF-8 text, and what is larger. The blobs stand in two trees under numbers for names, so
        that no name of a stranger's is part of what is read here.
        """
        before = await self._tree_of(old for old, _ in pairs)
        after = await self._tree_of(new for _, new in pairs)
        lines: list[bytes] = []
        place, size = -1, 0
        async with self._started("diff-tree", "-p", "-U3", "--no-ext-diff", "--no-textconv", before, after) as process:
            assert process.stdout is not None
            async for line in _lines_of(process.stdout):
                if begun := _FILE.match(line):
                    if shown := _patch(lines, size, most_bytes):
                        yield place, shown
                    lines, place, size = [], int(begun[1]), 0
                elif lines or line.startswith(b"@@ "):
                    size += len(line)
                    lines.append(line if size <= most_bytes else b"")
        if shown := _patch(lines, size, most_bytes):
            yield place, shown

    async def _tree_of(self, shas: Iterable[str]) -> str:
        entries = "".join(f"100644 blob {sha}\t{number:06}\n" for number, sha in enumerate(shas))
        return (await self._run("mktree", "--missing", given=entries.encode())).decode().strip()

    async def _fetch(self, shas: Iterable[str], *how: str) -> None:
        await self._speak(
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", *how),
            *("--stdin", "origin"),
            given=_lines(shas),
        )

    async def _speak(self, *argv: str, given: bytes = b"") -> None:
        """With the repository's host: the only commands that are given the token."""
        reading, writing = os.pipe()
        try:
            os.write(writing, f"username=x-access-token\npassword={self._token}\n".encode() if self._token else b"")
            os.close(writing)
            helper = f'!f() {{ test "$1" != get || cat /dev/fd/{reading}; }}; f'
            await self._run(
                *("-c", f"credential.helper={helper}", *argv),
                given=given,
                seconds=FETCH_SECONDS,
                protocol=urlsplit(self._address).scheme,
                pass_fds=(reading,),
            )
        finally:
            os.close(reading)

    async def _run(self, *argv: str, seconds: float = COMMAND_SECONDS, **options: object) -> bytes:
        output = bytearray()
        async with self._started(*argv, seconds=seconds, **options) as process:  # type: ignore[arg-type]
            assert process.stdout is not None
            while chunk := await process.stdout.read(1 << 16):
                output += chunk
                if len(output) > MAX_OUTPUT_BYTES:
                    raise GitUnavailable(f"git {_named(argv)} says more than {MAX_OUTPUT_BYTES >> 20} MiB")
        return bytes(output)

    @asynccontextmanager
    async def _started(
        self,
        *argv: str,
        given: bytes = b"",
        seconds: float = COMMAND_SECONDS,
        most_code: int = 0,
        protocol: str = "none",
        pass_fds: tuple[int, ...] = (),
    ) -> AsyncIterator[Process]:
        """For whoever reads its output to the end. Raises GitUnavailable when it says no, or takes too long.

        *most_code*: with which it may end.
        """
        told, asked = self.directory / "errors", self.directory / "given"
        asked.write_bytes(given)
        with told.open("wb") as errors, asked.open("rb") as stdin:
            process = await self._children.start(
                *("/bin/sh", "-c", LIMITED, "sh", str(self._most_blocks), str(MAX_MEMORY_KIB), self._program, *argv),
                stdin=stdin.fileno(),
                stdout=PIPE,
                stderr=errors.fileno(),
                cwd=str(self.directory),
                environment=self._environment(protocol),
                pass_fds=pass_fds,
            )
        try:
            async with asyncio.timeout(seconds):
                yield process
                code = await process.wait()
        except TimeoutError:
            raise GitUnavailable(f"git {_named(argv)} took more than {seconds:.0f} seconds") from None
        except asyncio.IncompleteReadError:
            code = 1
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if not 0 <= code <= most_code:
            said = told.read_bytes()[:2_000].decode("utf-8", "replace").strip().splitlines()
            raise GitUnavailable(f"git {_named(argv)}: {said[-1][:300] if said else f'ended with {code}'}")

    def _environment(self, protocol: str) -> Mapping[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.directory),
            "LC_ALL": "C",
            "GIT_DIR": str(self.directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": protocol,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }


@asynccontextmanager
async def partial_clone(
    children: Children, address: str, token: str, sha: str, *, most_blocks: int = MAX_FILE_BLOCKS
) -> AsyncIterator[PartialClone]:
    """In a folder of its own that goes with it. Raises GitUnavailable, as all that it does."""
    with tempfile.TemporaryDirectory(prefix="hive-git-", ignore_cleanup_errors=True) as directory:
        clone = PartialClone(children, Path(directory), address, token, most_blocks=most_blocks)
        await clone.prepare(sha)
        yield clone


_FILE = re.compile(rb"diff --git a/(\d{6}) ")


def _patch(lines: Sequence[bytes], size: int, most_bytes: int) -> str:
    if size > most_bytes:
        return ""
    try:
        return b"".join(lines).decode().removesuffix("\n")
    except UnicodeDecodeError:
        return ""


async def _lines_of(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """However long they are; with their line feeds."""
    rest = b""
    while chunk := await stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _named(argv: Sequence[str]) -> str:
    return next((command for command in ("fetch", "push") if command in argv), argv[0])


def _installed_git() -> str:
    program = shutil.which("git", path=os.defpath + os.pathsep + "/usr/local/bin")
    if program is None:
        raise GitUnavailable("git is not installed where the hub runs")
    return program

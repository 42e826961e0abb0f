"""What a process and all that it started hold: its environment, its arguments, its open files and its memory."""

import contextlib
import os
import pwd
import re
from collections.abc import Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path

PROC = Path("/proc")
_WRITABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw")
PAGE_BYTES = 16 * 1024 * 1024
LONGEST_SECRET = 4096


def tree_of(pid: int) -> list[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found


def holds(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """Which of the *secrets*, by name, can be found anywhere in the process."""
    found: set[str] = set()
    for text in (*_files(pid), *memory_of(pid)):
        found |= {name for name, secret in secrets.items() if name not in found and secret in text}
    return found


def open_files(pid: int) -> set[str]:
    names: set[str] = set()
    for descriptor in (PROC / str(pid) / "fd").iterdir():
        with contextlib.suppress(OSError):
            names.add(os.readlink(descriptor))
    return names


def environment_of(pid: int) -> bytes:
    return (PROC / str(pid) / "environ").read_bytes()


def user_of(pid: int) -> str:
    return pwd.getpwuid((PROC / str(pid)).stat().st_uid).pw_name


def _files(pid: int) -> Iterable[bytes]:
    for name in ("environ", "cmdline"):
        yield (PROC / str(pid) / name).read_bytes()


def memory_of(pid: int) -> Iterator[bytes]:
    """Everything that it could have written, in pages that overlap by as much as a secret may be long."""
    maps = (PROC / str(pid) / "maps").read_text().splitlines()
    with (PROC / str(pid) / "mem").open("rb", buffering=0) as memory:
        for line in maps:
            if found := _WRITABLE.match(line):
                start, end = (int(edge, 16) for edge in found.groups())
                yield from _pages(memory, start, end)


def _pages(memory: FileIO, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, PAGE_BYTES):
        with contextlib.suppress(OSError, ValueError, OverflowError):  # the kernel's own pages
            memory.seek(at)
            yield memory.read(min(PAGE_BYTES + LONGEST_SECRET, end - at))

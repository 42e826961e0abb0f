"""Read a file of a folder of this machine as text, or say in a phrase for people why it is not read.

A folder's content is hostile: nothing is followed out of it, and nothing that never ends is waited for.
"""

import os
import stat
from pathlib import Path

from server.reviews.snapshot import MAX_FILE_BYTES

TOO_LARGE = f"larger than {MAX_FILE_BYTES // 1024 // 1024} MiB"

_KINDS = {stat.S_IFLNK: "symbolic link", stat.S_IFDIR: "a repository of its own"}


Stamp = tuple[int, int, int]
"""By which one sees that a file changed: its time, size and inode."""


class Skip(Exception):
    """Not reviewed, for this reason."""


class WorkingFiles:
    """Reads below *root*, and nothing that leads out of it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def stamp(self, path: str) -> Stamp:
        """Another one once the file was written to. Raises `Skip` where it is not to be read."""
        try:
            status = os.lstat(self._root / path)
        except OSError as error:
            raise Skip(why_unreadable(error)) from error
        if not stat.S_ISREG(status.st_mode):
            raise Skip(_KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file"))
        if status.st_size > MAX_FILE_BYTES:
            raise Skip(TOO_LARGE)
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self, path: str) -> bytes:
        """Raises `Skip`."""
        self.stamp(path)
        file = self._root / path
        try:
            if not Path(os.path.realpath(file)).is_relative_to(self._root):
                raise Skip("outside of the project")
            return _content(file)
        except OSError as error:
            raise Skip(why_unreadable(error)) from error


def _content(file: Path) -> bytes:
    """Whatever the size that was announced: files of /proc say 0, and some would never end or never begin."""
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as opened:
        content = bytearray()
        while chunk := opened.read(MAX_FILE_BYTES + 1 - len(content)):
            content += chunk
        if chunk is None:
            raise Skip("its end has to be waited for")
    if len(content) > MAX_FILE_BYTES:
        raise Skip(TOO_LARGE)
    return bytes(content)


def text_of(content: bytes) -> str:
    """Raises `Skip`."""
    if b"\0" in content:
        raise Skip("binary")
    try:
        return content.decode("utf-8-sig")  # editors hide the byte order mark too: columns agree
    except UnicodeDecodeError as error:
        raise Skip("not UTF-8 text") from error


def printable(path: str) -> str:
    """The path with bytes that are not UTF-8 written out, so that it can be sent."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def why_unreadable(error: OSError) -> str:
    return "deleted" if isinstance(error, FileNotFoundError | NotADirectoryError) else f"not readable: {error.strerror}"

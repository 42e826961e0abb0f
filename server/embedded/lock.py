"""One hub for one data directory.

The kernel holds the lock and gives it back when the hub dies, however it dies.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from server.embedded.account import DirectoryUnusable
from server.errors import HiveError


class DataDirectoryInUse(HiveError):
    """Another hub works in this data directory."""


class DataDirectoryLock:
    """`with DataDirectoryLock(data_dir):` holds `hub.lock`. Its text is the holder's process id, for people to read."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `DataDirectoryInUse`, naming the process that holds it."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DataDirectoryInUse(
                f"a hub works in {self._data_dir} already: process {holder or 'unknown'}",
                hint="use that one, stop it, or set HIVE_DATA to another directory",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def _open(self) -> int:
        try:
            return os.open(self._data_dir / "hub.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise DirectoryUnusable(
                f"the data directory {self._data_dir} belongs to another user",
                hint="run as that user, or set HIVE_DATA to a directory of your own",
            ) from error

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

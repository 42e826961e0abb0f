"""Whose processes the engines are, and where they and we may put files.

Postgres refuses to run as root, so root runs both engines as `daemon`: an account that every Unix has, and not the one
of agents (`nobody`), who must not read the engines' files. Nothing is made with useradd, and no directory of another
owner is changed.
"""

import hashlib
import os
import pwd
import stat
from pathlib import Path
from typing import Any, NamedTuple

from server.errors import HiveError

RUNTIME_ROOT = Path("/tmp")  # noqa: S108  not TMPDIR: that may be private to root; what we make in it is checked


class DirectoryUnusable(HiveError):
    """A directory that we need cannot be made, entered or trusted."""


class Account(NamedTuple):
    name: str
    uid: int
    gid: int

    @property
    def process_options(self) -> dict[str, Any]:
        """For subprocess: become this account and no other group's member."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}


def engine_account(directory: Path) -> Account:
    """Ourselves; for root the owner of *directory* if it exists and is somebody else's, else `daemon`."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        owner = directory.stat().st_uid if directory.exists() else 0
        record = pwd.getpwuid(owner) if owner else pwd.getpwnam("daemon")
        return Account(record.pw_name, record.pw_uid, record.pw_gid)
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, gid)
    except KeyError:
        return Account(str(uid), uid, gid)


def prepare_data_directory(data_dir: Path) -> None:
    """Make it: ours alone, but for root to be passed through, since engines and agents are other accounts."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=mode)
        if data_dir.stat().st_uid == os.geteuid():
            data_dir.chmod(mode)
    except OSError as error:
        raise DirectoryUnusable(
            f"the data directory {data_dir} cannot be used: {error.strerror}",
            hint="set HIVE_DATA to a directory that you may write to",
        ) from error


def give_directory(directory: Path, account: Account, mode: int = 0o700) -> None:
    """Make *directory* the account's. Raises `DirectoryUnusable` when the account cannot get to it."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        _refuse_closed_ancestor(directory, account)
        os.chown(directory, account.uid, account.gid)
    directory.chmod(mode)


def runtime_directory(directory: Path) -> Path:
    """Where the sockets of the engine in *directory* are: short, since a socket's path has room for 107 bytes.

    Named by a digest of the data's path.
    """
    return RUNTIME_ROOT / f"agent-hive-{hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:12]}"


def make_runtime_directory(directory: Path, account: Account, mode: int = 0o700) -> Path:
    """Make it and return it. Raises `DirectoryUnusable` when somebody else made it before us."""
    runtime = runtime_directory(directory)
    runtime.mkdir(mode=0o700, exist_ok=True)
    found = runtime.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
        raise DirectoryUnusable(f"{runtime} belongs to somebody else", hint=f"find out why, then remove {runtime}")
    give_directory(runtime, account, mode)
    return runtime


def closed_ancestor(path: Path, account: Account) -> Path | None:
    """The first directory on the way to *path* that the account may not pass through."""
    for ancestor in reversed(path.resolve().parents):
        found = ancestor.stat()
        if found.st_uid == account.uid:
            may_pass = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.gid:
            may_pass = found.st_mode & stat.S_IXGRP
        else:
            may_pass = found.st_mode & stat.S_IXOTH
        if not may_pass:
            return ancestor
    return None


def _refuse_closed_ancestor(directory: Path, account: Account) -> None:
    closed = closed_ancestor(directory, account)
    if closed is not None:
        raise DirectoryUnusable(
            f"the account {account.name}, which runs the database for root, may not pass through {closed}",
            hint="set HIVE_DATA to a directory outside it, such as /var/lib/agent-hive",
        )

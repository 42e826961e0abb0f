"""The walls: bubblewrap, started with an empty environment by an account without rights.

Inside there are the system's programs (read-only), a tree that is gone afterwards, and nothing else: no network, no
other process, no file of this machine's, no way to a namespace of one's own. bubblewrap itself is started without any
variable, because it stays as process 1, whose environment everybody inside can read.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from server.agents.sandbox.system_calls import FilterUnavailable, write_filter
from server.errors import HiveError

HINT = "to let agents run a repository's tests: apt-get install bubblewrap libseccomp2"

NAMESPACES_HINT = (
    "allow user namespaces to accounts without rights (sysctl kernel.unprivileged_userns_clone, "
    "kernel.apparmor_restrict_unprivileged_userns; in a container: its seccomp and AppArmor profiles)"
)
TRIED_BYTES = 1024 * 1024
TRIED_SECONDS = 10.0

NOBODY = 65534
INSIDE = 1000
"""The account inside: no name, no other."""
TREE = "/work"
VARIABLES = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108 - the sandbox's own
    "TMPDIR": "/tmp",  # noqa: S108 - the same
    "LANG": "C.UTF-8",
    "CI": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/certs")
"""Of this machine's /etc what programs do not start without: nothing that names an account or a host."""


class SandboxUnavailable(HiveError):
    """Nothing can be run apart from the rest here; the hint says how that is mended."""


class Sizes(NamedTuple):
    """Bytes of what can be written: the tree, and all else."""

    tree: int
    scratch: int


class Sandbox(NamedTuple):
    """The programs that it is made of. *more*: folders seen read-only beside those of the system, whose `bin` counts
    before theirs.
    """

    bubblewrap: str
    setpriv: str
    env: str
    more: tuple[Path, ...] = ()

    @classmethod
    def find(cls, more: Sequence[Path] = ()) -> "Sandbox":
        """Tries it too. Raises SandboxUnavailable. Blocks: once, when a process starts, while it has all its rights."""
        found = {name: shutil.which(name) for name in ("bwrap", "setpriv", "env", "prlimit", "tar", "sh")}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            names = ", ".join("bubblewrap" if name == "bwrap" else name for name in missing)
            raise SandboxUnavailable(f"{names} not found", hint=HINT)
        absent = [str(path) for path in more if not path.is_dir()]
        if absent:
            raise SandboxUnavailable(f"{', '.join(absent)} not found", hint="check HIVE_SANDBOX_PATHS")
        sandbox = cls(str(found["bwrap"]), str(found["setpriv"]), str(found["env"]), tuple(more))
        sandbox._try()
        return sandbox

    def _try(self) -> None:
        try:
            system_calls = write_filter()
        except FilterUnavailable as error:
            raise SandboxUnavailable(str(error), hint=HINT) from error
        try:
            argv = self.around(["true"], Sizes(TRIED_BYTES, TRIED_BYTES), system_calls)
            subprocess.run(
                argv, env={}, cwd="/", pass_fds=(system_calls,), capture_output=True, check=True, timeout=TRIED_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            reason = said.decode("utf-8", "replace").strip()[:200]
            raise SandboxUnavailable(f"bubblewrap does not work here: {reason}", hint=NAMESPACES_HINT) from error
        finally:
            os.close(system_calls)

    def around(self, command: Sequence[str], sizes: Sizes, system_calls: int) -> list[str]:
        """The argv that runs *command* inside; *system_calls*: the file with the filter, to be inherited."""
        return [
            self.env,
            "-i",
            *self._without_rights(),
            self.bubblewrap,
            *self._walls(sizes, system_calls),
            "--",
            *command,
        ]

    def _without_rights(self) -> list[str]:
        """Root inside a namespace of root's is still root outside, where it owns the files that it was given."""
        if os.geteuid() != 0:
            return []
        account = f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"
        return [self.setpriv, *account, "--no-new-privs", "--inh-caps=-all", "--pdeathsig=KILL"]

    def _walls(self, sizes: Sizes, system_calls: int) -> list[str]:
        walls = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
        walls += ["--cap-drop", "ALL", "--hostname", "sandbox", "--uid", str(INSIDE), "--gid", str(INSIDE)]
        for path in _SYSTEM:
            walls += _as_it_is(path)
        for path in (*_SETTINGS, *map(str, self.more)):
            walls += ["--ro-bind-try", path, path]
        walls += ["--proc", "/proc", "--dev", "/dev"]
        for path, size in (("/dev/shm", sizes.scratch), ("/tmp", sizes.scratch), (TREE, sizes.tree)):  # noqa: S108
            walls += ["--size", str(size), "--tmpfs", path]
        walls += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", TREE, "--seccomp", str(system_calls)]
        programs = ":".join((*(f"{path}/bin" for path in self.more), VARIABLES["PATH"]))
        for name, value in (VARIABLES | {"PATH": programs}).items():
            walls += ["--setenv", name, value]
        return walls


def _as_it_is(path: str) -> list[str]:
    """A folder of programs, or the link to one that merged systems have."""
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind-try", path, path]

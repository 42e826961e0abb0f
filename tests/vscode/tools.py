"""What the journeys need of the machine, and what is made of it once: the editor, the extension, the browser's driver.

Everything made lies in `build/`, outside version control, and is reused by the next run.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
BUILD = REPOSITORY / "build"
EXTENSION = REPOSITORY / "vscode-extension"
SCREENSHOTS = BUILD / "screenshots"

DEBIAN_PACKAGES = {
    "chromium": Path("/usr/bin/chromium"),
    "ripgrep": Path("/usr/bin/rg"),
    "libkrb5-dev": Path("/usr/include/gssapi.h"),
    "g++": Path("/usr/bin/g++"),
    "make": Path("/usr/bin/make"),
}
"""Each with a file by which to know that it is there."""


def what_is_missing() -> str | None:
    """For people: what to install; None when all is there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node 20 with npm is needed"
    missing = [name for name, file in DEBIAN_PACKAGES.items() if not file.exists()]
    if not missing:
        return None
    return f"to run it: apt-get install -y --no-install-recommends {' '.join(missing)}"


def install_code_server() -> Path:
    """The directory of an installed code-server."""
    directory = BUILD / "code-server"
    with _alone("code-server"):
        _run([HERE / "install_code_server.sh", directory], cwd=HERE)
    return directory


def package_extension() -> Path:
    """The .vsix, built from what the repository holds now."""
    with _alone("vscode-extension"):
        _install_packages(EXTENSION)
        _run(["npm", "run", "package"], cwd=EXTENSION)
    return BUILD / "agent-hive.vsix"


def install_driver() -> None:
    with _alone("vscode-journeys"):
        _install_packages(HERE)


def _install_packages(directory: Path) -> None:
    """`npm ci`, unless what is installed is at least as new as the lock."""
    lock, installed = directory / "package-lock.json", directory / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run(["npm", "ci", "--loglevel=error"], cwd=directory)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Two test runs on one checkout wait for each other."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str | Path], *, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"

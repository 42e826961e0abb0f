"""Find an engine's programs in the wheel that brings them, where its account can run them.

The wheel's Python is never imported.
"""

import importlib.util
import os
import shutil
import stat
from pathlib import Path

from server.embedded.account import Account, closed_ancestor


def find_in_wheel(package: str, tree: str, program: str, account: Account, copies: Path) -> Path | None:
    """*program* below the *tree* of an installed *package*; None when the platform's wheel has none.

    Installed files may lie below a closed home, as a root's own Python does; then it is the program of a copy of the
    tree, made once below *copies*.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    site = Path(spec.submodule_search_locations[0]).parent.resolve()  # the path that `may_run` looks at
    installed = site / package / tree / program
    if not installed.exists():
        return None
    if may_run(installed, account):
        return installed
    made = installed.stat()
    copy = copies / f"{package}-{made.st_size:x}-{int(made.st_mtime):x}"  # an upgraded engine is another copy
    if not copy.exists():
        _copy_for_all(site, [f"{package}/{tree}", f"{package}.libs"], copy)
    return copy / package / tree / program


def may_run(program: Path, account: Account) -> bool:
    """Whether the account can get to it and run it."""
    if os.geteuid() != 0:
        return True
    return closed_ancestor(program, account) is None and bool(program.stat().st_mode & stat.S_IXOTH)


def _copy_for_all(site: Path, parts: list[str], copy: Path) -> None:
    """In their places to each other: programs find the libraries that a wheel bundles by relative paths."""
    copy.parent.mkdir(exist_ok=True)
    copy.parent.chmod(0o755)
    draft = copy.with_name(f"{copy.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for part in parts:
        if (site / part).exists():
            shutil.copytree(site / part, draft / part, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    draft.replace(copy)

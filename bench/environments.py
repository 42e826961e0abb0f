"""Environments of other people's programs, below `build/bench-peers`: what we are measured against stands in its own.

Each is installed once, at the versions that its section gives. `PeerFailed` where that is impossible, because no index
is reachable: the section then leaves it out and says so.
"""

import asyncio
import os
import shutil
from asyncio import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.machine import REPOSITORY

ENVIRONMENTS = REPOSITORY / "build" / "bench-peers"
UV = REPOSITORY / "build" / "tools" / "bin" / "uv"

PATIENCE_SECONDS = 300.0


class PeerFailed(Exception):
    """It could not be installed, or its program failed."""


def program(environment: str, name: str) -> Path:
    return ENVIRONMENTS / environment / "bin" / name


async def install(environment: str, requirements: Sequence[str]) -> None:
    """Again only when its requirements changed. Raises `PeerFailed`."""
    wanted = "\n".join(requirements)
    mark = ENVIRONMENTS / environment / "requirements.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    uv = str(UV) if UV.exists() else shutil.which("uv")
    if uv is None:
        raise PeerFailed("there is no uv; make setup installs it")
    await run(uv, "venv", "--quiet", "--clear", str(ENVIRONMENTS / environment))
    await run(uv, "pip", "install", "--quiet", "--python", str(program(environment, "python")), *requirements)
    mark.write_text(wanted, encoding="utf-8")


async def run(
    *argv: str, environment: dict[str, str] | None = None, patience_seconds: float = PATIENCE_SECONDS
) -> bytes:
    """What it says. Raises `PeerFailed`."""
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=REPOSITORY, env=environment or dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        async with asyncio.timeout(patience_seconds):
            said, complained = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise PeerFailed(f"{Path(argv[0]).name} took more than {patience_seconds:.0f} s") from None
    if process.returncode:
        lines = complained.decode(errors="replace").strip().splitlines() or [f"status {process.returncode}"]
        raise PeerFailed(lines[-1])
    return said

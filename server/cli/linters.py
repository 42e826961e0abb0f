"""Run the linters that a project's configuration names, because somebody asked for it, and read their reports.

They are programs of the project and do what they like, as its tests do. They get no secret of ours, no terminal, and
only so much time and room.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from server.analysis.external.imported import MAX_REPORT_BYTES, Imported, ReportInvalid
from server.analysis.external.report import read_report
from server.reviews.configuration import Linter
from server.reviews.git import CannotCollect
from server.reviews.working_files import Skip, WorkingFiles, text_of

MAX_COMPLAINT_BYTES = 2_000
"""Of what a linter says on stderr; the end of it is what people need."""

_SECRETS = ("HIVE_", "ANTHROPIC_")


class LinterFailed(CannotCollect):
    """It could not be run, or said nothing that can be read."""


def run_linter(linter: Linter, root: Path, env: Mapping[str, str]) -> list[Imported]:
    """What it found. Its exit code says nothing: linters leave with 1 when they found something.

    Raises `LinterFailed`.
    """
    clean = {name: value for name, value in env.items() if not name.startswith(_SECRETS)}
    printed, complaint, code = _output_of(linter, root, clean)
    text = _written(linter, root) if linter.report else printed.decode("utf-8", "replace")
    if not text.strip():
        if code == 0:
            return []
        raise _failure(linter, f"left with {code} and reported nothing", complaint)
    try:
        return read_report(text)
    except ReportInvalid as error:
        raise _failure(linter, f"reported what cannot be read: {error}", complaint) from error


def _written(linter: Linter, root: Path) -> str:
    try:
        return text_of(WorkingFiles(root).read(linter.report))
    except Skip as skip:
        raise LinterFailed(f"the report of {linter.name}, {linter.report!r}, cannot be read: {skip}") from skip


def _output_of(linter: Linter, root: Path, env: Mapping[str, str]) -> tuple[bytes, bytes, int]:
    try:
        process = subprocess.Popen(
            linter.command,
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        hint = f"its command is {' '.join(linter.command)}"
        raise LinterFailed(f"{linter.name} cannot be started: {error}", hint=hint) from error
    try:
        printed, complaint = _read(process, linter)
        return printed, complaint, process.wait(timeout=5.0)
    except subprocess.TimeoutExpired as error:
        raise LinterFailed(f"{linter.name} closed its output and does not end") from error
    finally:
        _end(process)


def _read(process: subprocess.Popen[bytes], linter: Linter) -> tuple[bytes, bytes]:
    """Both at once: who fills one pipe and waits would never close the other."""
    assert process.stdout is not None
    assert process.stderr is not None
    printed, complaint = bytearray(), bytearray()
    ends = time.monotonic() + linter.timeout_seconds
    with selectors.DefaultSelector() as open_pipes:
        open_pipes.register(process.stdout, selectors.EVENT_READ, printed)
        open_pipes.register(process.stderr, selectors.EVENT_READ, complaint)
        while open_pipes.get_map():
            ready = open_pipes.select(max(0.0, ends - time.monotonic()))
            if not ready:
                raise _failure(linter, f"took more than {linter.timeout_seconds:g} s", complaint)
            for key, _ in ready:
                chunk = os.read(key.fd, 65_536)
                key.data.extend(chunk)
                if not chunk:
                    open_pipes.unregister(key.fileobj)
            del complaint[:-MAX_COMPLAINT_BYTES]
            if len(printed) > MAX_REPORT_BYTES:
                raise _failure(linter, f"printed more than {MAX_REPORT_BYTES // 1024 // 1024} MiB", complaint)
    return bytes(printed), bytes(complaint)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started, unless it ended by itself: then its number may be another's by now."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _failure(linter: Linter, what: str, complaint: bytes | bytearray) -> LinterFailed:
    said = " ".join(complaint.decode("utf-8", "replace").split())[-300:]
    return LinterFailed(
        f"{linter.name} {what}", hint=f"it says: {said}" if said else f"run it: {' '.join(linter.command)}"
    )

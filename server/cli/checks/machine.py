"""Checks of this machine: what is installed, what is free, whose files they are."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from server.agents.ruff import Program, RuffUnavailable
from server.agents.sandbox import Sandbox, SandboxUnavailable
from server.cli.checks import Check, failed, ok, skipped, warning
from server.config import Address, Settings
from server.errors import HiveError
from server.launch import Hub
from server.messaging import Keyring

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 512 * 1024 * 1024


def python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return failed("python", version, hint="install Python 3.11 or newer")
    return ok("python", version)


def data_directory(data_dir: Path) -> Check:
    name = "data directory"
    if data_dir.exists() and not data_dir.is_dir():
        return failed(name, f"{data_dir} is a file", hint="set HIVE_DATA to a directory")
    if not data_dir.exists():
        return skipped(name, f"{data_dir} is not there yet", hint="the first hive up makes it")
    if not os.access(data_dir, os.W_OK | os.X_OK):
        owner = data_dir.stat().st_uid
        hint = "run as that user, or set HIVE_DATA to a directory of your own"
        return failed(name, f"{data_dir} belongs to the user with number {owner}", hint=hint)
    free_bytes = shutil.disk_usage(data_dir).free
    if free_bytes < LEAST_FREE_BYTES:
        return warning(
            name, f"{data_dir}: only {_mebibytes(free_bytes)} free", hint="make room: a full disk stops Postgres"
        )
    return ok(name, f"{data_dir}, {_mebibytes(free_bytes)} free")


def keys(directory: Path) -> Check:
    """The keys that seal messages."""
    if not directory.exists():
        return skipped("keys", "none yet", hint="the first hive up makes them")
    if not os.access(directory, os.R_OK | os.X_OK):
        return skipped("keys", f"{directory} belongs to another user", hint="run as that user")
    try:
        Keyring.open(directory)
    except HiveError as error:
        return failed("keys", error)
    return ok("keys", f"{directory}, signed by their root key")


def ports(settings: Settings, hub: Hub | None) -> list[Check]:
    return [_port(name, address, hub) for name, address in (("http port", settings.http), ("lsp port", settings.lsp))]


def _port(name: str, address: Address, hub: Hub | None) -> Check:
    if hub is not None and str(address) in (hub.http, hub.lsp):
        return ok(name, f"{address}, used by the running hub")
    try:
        with socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        variable = "HIVE_HTTP" if name == "http port" else "HIVE_LSP"
        hint = f"stop what uses it, or set {variable} to another address"
        return failed(name, f"{address} cannot be used: {error.strerror or error}", hint=hint)
    return ok(name, f"{address} is free")


def ruff() -> Check:
    try:
        return ok("ruff", _version(str(Program.find().path)))
    except RuffUnavailable as error:
        return failed("ruff", error)


def git() -> Check:
    program = shutil.which("git")
    if program is None:
        return warning(
            "git", "not found", hint="install git: without it hive review sees whole folders, but no changes"
        )
    return ok("git", _version(program))


def sandbox(more: Sequence[Path] = ()) -> Check:
    """Where the tests of repositories run."""
    try:
        Sandbox.find(more)
    except SandboxUnavailable as error:
        return warning("sandbox", f"{error}: agents do not run tests", hint=error.hint)
    beside = f"; with {', '.join(map(str, more))}" if more else ""
    return ok("sandbox", f"bubblewrap, without network and rights{beside}")


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    found = re.search(r"\d+\.[\w.]+", said)
    return f"{found.group() if found else 'unknown version'} ({program})"


def _mebibytes(number: int) -> str:
    return f"{number // 2**20:,} MiB"

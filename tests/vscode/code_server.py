"""A running VS Code, served to a browser: one for each scene, with settings, extensions and data of its own."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 60.0

_LISTENING = re.compile(rb"HTTP server listening on (http://\S+?)/?\s")

USER_SETTINGS = {
    "editor.autoClosingBrackets": "never",
    "editor.autoIndent": "none",
    "editor.minimap.enabled": False,
    "editor.quickSuggestions": {"other": "off"},
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
}
"""What is typed is what stands there."""


class CodeServer:
    """Its files lie below *directory*; nothing of the person who runs the tests is read or written."""

    def __init__(self, installed: Path, directory: Path, environment: Mapping[str, str]) -> None:
        self._command = ["node", str(installed / "node_modules/code-server/out/node/entry.js")]
        self._command += ["--user-data-dir", str(directory / "data"), "--extensions-dir", str(directory / "extensions")]
        self._directory = directory
        self._environment = {
            **os.environ,
            **environment,
            "EXTENSIONS_GALLERY": "{}",  # no marketplace: nothing is asked of other machines
            "XDG_CONFIG_HOME": str(directory / "config"),
            "XDG_DATA_HOME": str(directory / "share"),
        }

    def install(self, vsix: Path) -> None:
        subprocess.run(
            [*self._command, "--install-extension", str(vsix)],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
        )

    def configure(self, machine_settings: Mapping[str, Any]) -> None:
        """Settings of machine scope belong to the machine that the extension host runs on, not to the browser's."""
        for scope, settings in (("User", USER_SETTINGS), ("Machine", machine_settings)):
            file = self._directory / "data" / scope / "settings.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))

    @contextmanager
    def running(self, *, trusts_all: bool = True, **environment: str) -> Iterator[str]:
        """Yields the URL. Ends with all its processes, whatever happened."""
        options = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check"]
        options += ["--disable-getting-started-override"]
        options += ["--disable-workspace-trust"] if trusts_all else []
        log = self._directory / "code-server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._command, *options],
                env={**self._environment, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield _url(process, log)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=10)

    def said(self) -> str:
        """The end of the extension's logs, for the report of a failure."""
        logs = sorted((self._directory / "data" / "logs").glob("*/exthost*/agent-hive.agent-hive/*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := _LISTENING.search(log.read_bytes()):
            return found[1].decode()
        time.sleep(0.05)  # code-server tells its port nowhere but in its log
    raise AssertionError(f"code-server did not start:\n{log.read_text(errors='replace')}")

"""`hive doctor` on a healthy machine and on broken ones; `hive migrate` beside it."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.cli import hive
from server.db import known_migrations
from server.launch import Hub, write_run_file
from server.messaging import Keyring

FREE = {"HIVE_HTTP": "127.0.0.1:0", "HIVE_LSP": "127.0.0.1:0"}
MIGRATIONS = [migration.name for migration in known_migrations()]


def run(*arguments: str, data_dir: Path, **env: str) -> tuple[int, Any]:
    """The exit code, and what it printed as JSON."""
    result = CliRunner().invoke(
        hive, [*arguments, "--json"], env={"HIVE_DATA": str(data_dir), **FREE, **env}, standalone_mode=False
    )
    assert result.exception is None, result.exception
    return result.return_value, json.loads(result.stdout)


def examine(data_dir: Path, *arguments: str, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
    code, said = run("doctor", *arguments, data_dir=data_dir, **env)
    assert said["well"] == (code == 0)
    return code, {check["name"]: check for check in said["checks"]}


def failed(checks: dict[str, dict[str, str]]) -> set[str]:
    failures = {name: check for name, check in checks.items() if check["state"] == "failed"}
    assert all(check["hint"] for check in failures.values()), "a failure without advice helps nobody"
    return set(failures)


def test_before_the_first_start_the_engines_are_tried_and_nothing_is_left(tmp_path: Path) -> None:
    code, checks = examine(tmp_path / "data")

    assert code == 0
    assert {name for name, check in checks.items() if check["state"] == "ok"} >= {
        "python",
        "database",
        "pgvector",
        "redis",
        "redis durability",
        "redis users",
        "ruff",
    }
    assert checks["data directory"]["state"] == "skipped"
    assert not (tmp_path / "data").exists()


def test_a_data_directory_in_order_is_well_and_one_behind_is_told_to_migrate(data_dir: Path) -> None:
    Keyring.create(data_dir / "keys")
    code, checks = examine(data_dir)
    assert (code, checks["schema"]["state"]) == (0, "warning")
    assert "hive migrate" in checks["schema"]["hint"]

    assert run("migrate", "--dry-run", data_dir=data_dir)[0] == 1
    assert run("migrate", data_dir=data_dir) == (0, {"applied": MIGRATIONS})
    assert run("migrate", data_dir=data_dir) == (0, {"applied": []})
    code, shown = run("migrate", "--dry-run", data_dir=data_dir)
    assert (code, {state["state"] for state in shown["migrations"]}) == (0, {"applied"})

    code, checks = examine(data_dir)
    assert code == 0
    assert [checks[name]["state"] for name in ("data directory", "schema", "keys")] == ["ok"] * 3


def test_wrong_settings_are_listed_and_the_rest_is_examined_all_the_same(tmp_path: Path) -> None:
    code, checks = examine(tmp_path, HIVE_LOG="xml", DATABASE_URL="mysql://db")

    assert code == 1
    assert failed(checks) == {"settings"}
    assert "HIVE_LOG" in checks["settings"]["detail"]
    assert "DATABASE_URL" in checks["settings"]["detail"]
    assert checks["ruff"]["state"] == "ok"


def test_a_database_and_a_redis_that_are_away_are_named_without_their_passwords(tmp_path: Path) -> None:
    code, checks = examine(
        tmp_path,
        DATABASE_URL="postgresql://user:hidden@127.0.0.1:1/hive",
        REDIS_URL="redis://user:hidden@127.0.0.1:1",
    )

    assert code == 1
    assert failed(checks) == {
        "database",
        "redis as door",
        "redis as orchestrator",
        "redis as agent",
        "redis as effects",
    }
    assert "hidden" not in json.dumps(checks)


def test_real_servers_with_a_user_for_each_role_are_well(
    tmp_path: Path, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    code, checks = examine(
        tmp_path,
        DATABASE_URL=postgres_url,
        **{f"REDIS_URL_{role.upper()}": redis_urls[role] for role in ("door", "orchestrator", "agent", "effects")},
    )

    assert code == 0
    assert checks["schema"]["detail"] == f"up to date, {len(MIGRATIONS)} migrations"
    assert checks["redis users"]["state"] == "ok"


def test_one_redis_user_for_all_roles_is_a_warning(
    tmp_path: Path, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    code, checks = examine(tmp_path, DATABASE_URL=postgres_url, REDIS_URL=redis_urls["admin"])

    assert (code, checks["redis users"]["state"]) == (0, "warning")
    assert "REDIS_URL_AGENT" in checks["redis users"]["hint"]


def test_an_edited_migration_is_found(tmp_path: Path, postgres_url: str, redis_urls: dict[str, str]) -> None:
    edit = (
        "import asyncio, sys; from server.db import connect\n"
        "async def edit():\n"
        "    async with connect(sys.argv[1]) as database:\n"
        "        await database.execute(\"UPDATE schema_migrations SET checksum = 'other'\")\n"
        "asyncio.run(edit())"
    )
    subprocess.run([sys.executable, "-c", edit, postgres_url], check=True)

    code, checks = examine(tmp_path, DATABASE_URL=postgres_url, REDIS_URL=redis_urls["admin"])

    assert (code, failed(checks)) == (1, {"schema"})


def test_a_file_in_place_of_the_data_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    code, checks = examine(tmp_path / "data")

    assert (code, checks["data directory"]["state"]) == (1, "failed")
    assert checks["settings"]["state"] == "ok"


def test_a_port_in_use_is_found(tmp_path: Path, postgres_url: str, redis_urls: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, checks = examine(tmp_path, DATABASE_URL=postgres_url, REDIS_URL=redis_urls["admin"], HIVE_LSP=address)

    assert (code, failed(checks)) == (1, {"lsp port"})
    assert "HIVE_LSP" in checks["lsp port"]["hint"]


def test_keys_that_others_may_read_are_found(data_dir: Path, postgres_url: str, redis_urls: dict[str, str]) -> None:
    Keyring.create(data_dir / "keys")
    (data_dir / "keys" / "registry.json").write_bytes(b"not signed")

    code, checks = examine(data_dir, DATABASE_URL=postgres_url, REDIS_URL=redis_urls["admin"])

    assert (code, failed(checks)) == (1, {"keys"})


def test_a_github_key_that_cannot_sign_and_a_missing_webhook_secret_are_found(
    tmp_path: Path, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIkey\n-----END RSA PRIVATE KEY-----"

    code, checks = examine(
        tmp_path,
        DATABASE_URL=postgres_url,
        REDIS_URL=redis_urls["admin"],
        GITHUB_APP_ID="7",
        GITHUB_PRIVATE_KEY=pem,
    )

    assert (code, failed(checks)) == (1, {"github app", "webhook secret"})


ILL = {"ready": False, "parts": {"postgres": {"ready": False, "note": "no answer"}, "lsp": {"ready": True}}}
ANSWERS = {"/app": (200, {"slug": "agent-hive"}), "/v1/messages/count_tokens": (401, {}), "/ready": (503, ILL)}


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing: pytest's output is for tests."""


@pytest.fixture
def provider() -> Iterator[str]:
    """`host:port` of a server that stands for GitHub, for a model that refuses the key, for a hub that is ill."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_online_the_keys_are_tried(
    tmp_path: Path, provider: str, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    code, checks = examine(
        tmp_path,
        "--online",
        DATABASE_URL=postgres_url,
        REDIS_URL=redis_urls["admin"],
        GITHUB_APP_ID="7",
        GITHUB_PRIVATE_KEY=pem,
        GITHUB_WEBHOOK_SECRET="secret",
        GITHUB_API_URL=f"http://{provider}",
        ANTHROPIC_API_KEY="wrong",
        ANTHROPIC_BASE_URL=f"http://{provider}",
    )

    assert "agent-hive[bot]" in checks["github app"]["detail"]
    assert (code, failed(checks)) == (1, {"model"})
    assert checks["model"]["detail"].startswith("the key is not accepted")
    assert "ANTHROPIC_API_KEY" in checks["model"]["hint"]


def test_a_running_hub_is_asked_how_it_is(
    data_dir: Path, provider: str, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    write_run_file(data_dir, Hub(os.getpid(), provider, "127.0.0.1:1", "token"))

    code, checks = examine(data_dir, DATABASE_URL=postgres_url, REDIS_URL=redis_urls["admin"])

    assert (code, failed(checks)) == (1, {"hub"})
    assert "postgres (no answer)" in checks["hub"]["detail"]
    assert "lsp" not in checks["hub"]["detail"]


@pytest.mark.journey
def test_the_engines_of_a_running_hub_are_looked_at_and_left_alone(set_up: Path) -> None:
    with _owner(set_up) as said:
        code, checks = examine(set_up)

        assert code == 0
        assert "running hub" in checks["database"]["detail"]
        assert "refuses strangers" in checks["redis"]["detail"]
        assert run("migrate", data_dir=set_up) == (0, {"applied": MIGRATIONS})
        for pid in said["engines"]:
            os.kill(pid, 0)


def test_people_see_marks_and_a_verdict(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        hive, ["doctor"], env={"HIVE_DATA": str(tmp_path), **FREE, "HIVE_LOG": "xml"}, standalone_mode=False
    )

    assert "✗ settings" in result.stdout
    assert "→ settings come from the environment" in result.stdout
    assert "1 of" in result.stdout.splitlines()[-1]


@contextmanager
def _owner(data_dir: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.ground.owner", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        try:
            yield json.loads(owner.stdout.readline())
        finally:
            owner.send_signal(signal.SIGINT)
            owner.wait()

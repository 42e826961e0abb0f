"""Whatever is done with keys is written down once, with who did it, and stays as it was written."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from server.db import connect, open_pool
from server.messaging import Keyring, Role
from server.messaging.key_events import KeyEvent, KeyEvents, Operation
from server.security.api_keys import ApiKeys
from server.security.principal import Permission
from tests.cli.hive import Hive


@pytest_asyncio.fixture
async def database(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with connect(postgres_url) as connection:
        yield connection


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


def of_agents(events: list[KeyEvent], purpose: str = "signing") -> list[Operation]:
    return [event.operation for event in events if (event.role, event.purpose) == ("agent", purpose)]


async def test_new_keys_are_made_and_begun(database: asyncpg.Connection, keyring: Keyring) -> None:
    events = KeyEvents(database)

    recorded = await events.record(keyring.registry(), actor="hub")

    found = await events.list()
    assert recorded == len(found) == len(Role) * 2 * 3, "the current one was made and began, the next one was made"
    assert sorted(of_agents(found)) == [Operation.BEGAN, Operation.MADE, Operation.MADE]
    assert {(event.actor, event.generation) for event in found} == {("hub", 1)}


async def test_what_is_written_down_already_is_not_written_again(
    database: asyncpg.Connection, keyring: Keyring
) -> None:
    await KeyEvents(database).record(keyring.registry(), actor="hub")

    assert await KeyEvents(database).record(keyring.registry(), actor="another hub") == 0


async def test_a_rotation_is_told_key_by_key(database: asyncpg.Connection, keyring: Keyring) -> None:
    events = KeyEvents(database)
    await events.record(keyring.registry(), actor="hub")
    before, first = await events.last(), keyring.identity(Role.AGENT)

    keyring.rotate(Role.AGENT)
    await events.record(keyring.registry(), actor="alice")

    found = await events.list(after=before)
    assert sorted(of_agents(found)) == sorted(of_agents(found, "opening"))
    assert sorted(of_agents(found)) == [Operation.BEGAN, Operation.FOLLOWED, Operation.MADE]
    [followed] = [e.key_id for e in found if (e.operation, e.purpose) == (Operation.FOLLOWED, "signing")]
    assert followed == first.signing_key_id.hex()
    assert {(event.role, event.actor, event.generation) for event in found} == {("agent", "alice", 2)}


async def test_a_revocation_is_told_and_stays_told(database: asyncpg.Connection, keyring: Keyring) -> None:
    events = KeyEvents(database)
    await events.record(keyring.registry(), actor="hub")
    before, revoked = await events.last(), keyring.identity(Role.DOOR).signing_key_id

    keyring.revoke_key(revoked)
    await events.record(keyring.registry(), actor="alice")
    keyring.rotate()
    await events.record(keyring.registry(), actor="bob")

    told = [
        (event.operation, event.actor) for event in await events.list(after=before) if event.key_id == revoked.hex()
    ]
    assert told == [(Operation.REVOKED, "alice")]


@pytest.mark.parametrize(
    "statement",
    ["update key_events set actor = 'nobody'", "delete from key_events", "truncate key_events"],
    ids=lambda statement: statement.split()[0],
)
async def test_what_is_written_down_cannot_be_changed(
    database: asyncpg.Connection, keyring: Keyring, statement: str
) -> None:
    await KeyEvents(database).record(keyring.registry(), actor="hub")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await database.execute(statement)


async def test_a_failed_change_is_not_written_down(database: asyncpg.Connection, keyring: Keyring) -> None:
    events = KeyEvents(database)

    with suppress(RuntimeError):
        async with events.alone():
            await events.record(keyring.registry(), actor="alice")
            raise RuntimeError("the disk is full")

    assert await events.last() == 0


async def test_keys_of_the_api_write_their_events_themselves(postgres_url: str) -> None:
    pool = await open_pool(postgres_url)
    try:
        keys = ApiKeys(pool)
        key, _ = await keys.create("ci", [Permission.READ], by="alice")
        await keys.authenticate("hive_nonsense")
        await keys.revoke(key.id, by="bob")
        async with pool.acquire() as connection:
            found = await KeyEvents(connection).list()
    finally:
        await pool.close()

    told = [(event.operation, event.actor, event.purpose, event.key_id) for event in found]
    assert told == [(Operation.MADE, "alice", "api", key.id), (Operation.REVOKED, "bob", "api", key.id)]


@pytest.mark.slow
def test_a_person_rotates_and_revokes_by_commands(data_dir: Path) -> None:
    keyring = Keyring.create(data_dir / "keys")
    hive, thief = Hive(data_dir), keyring.identity(Role.AGENT).signing_key_id.hex()

    rotated = hive.json("keys", "rotate", "agent")["events"]
    revoked = hive.json("keys", "revoke", thief)["events"]
    everything = hive.json("keys", "events")["events"]
    listed = hive.json("keys", "list", "--messages")

    assert {event["operation"] for event in rotated} == {"made", "began", "followed"}
    assert [(event["operation"], event["key_id"]) for event in revoked] == [("revoked", thief)]
    assert everything[-1] == revoked[-1]
    assert listed["revoked"] == [thief]
    states = [key["state"] for key in listed["keys"] if (key["role"], key["purpose"]) == ("agent", "signing")]
    assert states == ["current", "next"]
    assert "revoked" in hive.run("keys", "events").stdout
    assert thief in hive.run("keys", "list", "--messages").stdout
    refused = hive.run("keys", "revoke", "0" * 16)
    assert refused.returncode != 0
    assert "there is no key 0000000000000000" in refused.stderr
    assert hive.json("keys", "events")["events"] == everything

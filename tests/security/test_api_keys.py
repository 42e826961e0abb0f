"""API keys against a real Postgres: made, shown, expired, revoked."""

import asyncpg
import pytest

from server.security.api_keys import ApiKeyNotFound, ApiKeyRefused, ApiKeys
from server.security.principal import Permission, Principal
from server.security.tokens import new_token


@pytest.fixture
def keys(pool: asyncpg.Pool) -> ApiKeys:
    return ApiKeys(pool)


async def later(pool: asyncpg.Pool, seconds: float) -> None:
    await pool.execute("insert into clock (ahead) values (make_interval(secs => $1))", seconds)


async def test_a_key_says_who_asks_and_what_they_may(keys: ApiKeys) -> None:
    key, text = await keys.create("ci", [Permission.READ, Permission.WRITE], by="ada", project="github.com/octo/app")

    principal = await keys.authenticate(text)

    assert principal == Principal("ci", frozenset({Permission.READ, Permission.WRITE}), "github.com/octo/app", key.id)


async def test_only_a_hash_of_it_is_kept(keys: ApiKeys, pool: asyncpg.Pool) -> None:
    _, text = await keys.create("ci", [Permission.READ], by="ada")

    kept = await pool.fetchval("select string_agg(k::text, ' ') from api_keys k")

    secret = text.rpartition("_")[2]
    assert secret not in kept
    assert secret[:12] not in kept


async def test_a_wrong_secret_of_a_known_key_is_refused(keys: ApiKeys) -> None:
    key, _ = await keys.create("ci", [Permission.READ], by="ada")
    stranger = new_token()
    forged = stranger.text.replace(stranger.id, key.id)

    assert await keys.authenticate(forged) is None
    assert await keys.authenticate(stranger.text) is None
    assert await keys.authenticate("") is None


async def test_a_revoked_key_is_refused_at_once(keys: ApiKeys) -> None:
    key, text = await keys.create("ci", [Permission.READ], by="ada")

    revoked = await keys.revoke(key.id, by="bob")
    await keys.revoke(key.id, by="eve")

    assert await keys.authenticate(text) is None
    assert revoked.revoked_by == "bob"
    assert [(kept.id, kept.revoked_by) for kept in await keys.list()] == [(key.id, "bob")]


async def test_a_key_expires_by_the_clock_of_the_database(keys: ApiKeys, pool: asyncpg.Pool) -> None:
    _, text = await keys.create("ci", [Permission.READ], by="ada", lifetime_seconds=60)
    assert await keys.authenticate(text) is not None

    await later(pool, 61)

    assert await keys.authenticate(text) is None


async def test_its_use_is_noted_at_most_once_a_minute(keys: ApiKeys, pool: asyncpg.Pool) -> None:
    _, text = await keys.create("ci", [Permission.READ], by="ada")
    await keys.authenticate(text)
    first = (await keys.list())[0].last_used_at
    await keys.authenticate(text)
    assert (await keys.list())[0].last_used_at == first
    assert first is not None

    await later(pool, 61)
    await keys.authenticate(text)

    last = (await keys.list())[0].last_used_at
    assert last is not None
    assert last > first


async def test_revoking_what_is_not_there_says_so(keys: ApiKeys) -> None:
    with pytest.raises(ApiKeyNotFound):
        await keys.revoke("nothing0", by="ada")


async def test_the_very_first_start_makes_one_admin_key(keys: ApiKeys) -> None:
    first = await keys.create_first()
    second = await keys.create_first()

    assert first is not None
    assert second is None
    principal = await keys.authenticate(first)
    assert principal is not None
    assert principal.may(Permission.ADMIN)


async def test_the_local_key_of_this_start_needs_no_database(pool: asyncpg.Pool) -> None:
    local = new_token()
    keys = ApiKeys(pool, local=local)
    await pool.close()

    principal = await keys.authenticate(local.text)

    assert principal == Principal("local", frozenset({Permission.ADMIN}), key_id=local.id, is_local=True)


@pytest.mark.parametrize(
    "wish",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "line\nbreak"},
        {"name": "n" * 101},
        {"scopes": []},
        {"project": ""},
        {"project": "nonsense"},
        {"project": "github.com/octo/app\n"},
        {"project": "github.com/octo/" + "a" * 300},
        {"project": "github.com/octo/app", "scopes": [Permission.ADMIN]},
        {"lifetime_seconds": 0},
        {"lifetime_seconds": -1.0},
        {"lifetime_seconds": 1e12},
        {"lifetime_seconds": float("nan")},
    ],
    ids=str,
)
async def test_an_odd_key_is_not_made(keys: ApiKeys, wish: dict[str, object]) -> None:
    with pytest.raises(ApiKeyRefused):
        await keys.create(**{"name": "ci", "scopes": [Permission.READ], "by": "ada", **wish})  # type: ignore[arg-type]

    assert await keys.list() == []


PERMISSIONS = {
    "read": (Permission.READ, {"read"}),
    "write": (Permission.WRITE, {"read", "write"}),
    "admin": (Permission.ADMIN, {"read", "write", "admin"}),
}


@pytest.mark.parametrize(("scope", "allowed"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_a_scope_includes_the_lesser_ones(scope: Permission, allowed: set[str]) -> None:
    principal = Principal("ci", frozenset({scope}))

    assert {permission.value for permission in Permission if principal.may(permission)} == allowed

"""API keys by HTTP."""

from tests.api.conftest import PROJECT, Hub


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/keys", json={"name": "ci", "scopes": ["read"], "project": PROJECT})
    made = await answer.json()
    assert answer.status == 201
    hub.keys["new"] = made["token"]
    assert (await hub.ask("GET", "/api/v1/jobs", role="new")).status == 200

    listed = await (await hub.ask("GET", "/api/v1/keys")).text()
    revoked = await (await hub.ask("POST", f"/api/v1/keys/{made['key']['id']}/revoke")).json()

    assert made["key"]["id"] in listed
    assert made["token"].rpartition("_")[2] not in listed
    assert revoked["revoked_by"] == "admin"
    assert (await hub.ask("GET", "/api/v1/jobs", role="new")).status == 401


async def test_a_key_may_expire(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/keys", json={"name": "ci", "scopes": ["read"], "lifetime_seconds": 60})
    hub.keys["new"] = (await answer.json())["token"]
    assert (await hub.ask("GET", "/api/v1/jobs", role="new")).status == 200

    await hub.pool.execute("insert into clock (ahead) values (interval '61 seconds')")

    assert (await hub.ask("GET", "/api/v1/jobs", role="new")).status == 401

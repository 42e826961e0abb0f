"""Devices log in (RFC 8628), by HTTP and a real Postgres whose clock the test moves."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.cli.client import HubRefused
from server.cli.devices import Answered, Given, wait_for_key
from server.security.limits import Limits, Rate
from tests.api.conftest import OTHER, PROJECT, Hub

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


async def begin(hub: Hub, **form: str) -> dict[str, Any]:
    answer = await hub.ask("POST", "/api/v1/device/code", role=None, data={"client_id": "Ada's laptop", **form})
    assert answer.status == 200, await answer.text()
    given: dict[str, Any] = await answer.json()
    return given


async def poll(hub: Hub, given: dict[str, Any], **form: str) -> dict[str, Any]:
    wish = {"grant_type": GRANT_TYPE, "device_code": given["device_code"], "client_id": "Ada's laptop", **form}
    answer = await hub.ask("POST", "/api/v1/device/token", role=None, data=wish)
    told: dict[str, Any] = await answer.json()
    assert answer.status == (200 if "access_token" in told else 400)
    assert answer.headers["Cache-Control"] == "no-store"
    return told


async def pass_seconds(hub: Hub, seconds: float) -> None:
    await hub.pool.execute(
        "insert into clock (ahead) values (make_interval(secs => $1)) "
        "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
        seconds,
    )


async def decide(hub: Hub, what: str, code: str, **wish: Any) -> int:
    return (await hub.ask("POST", f"/api/v1/device/{what}", json={"user_code": code, **wish})).status


async def test_a_device_gets_a_key_of_its_own_once_when_an_operator_read_its_code(hub: Hub) -> None:
    given = await begin(hub, scope=PROJECT)
    assert (given["expires_in"], given["interval"], len(given["user_code"])) == (900, 5, 9)
    assert urlsplit(given["verification_uri"])[1:3] == (f"127.0.0.1:{hub.client.port}", "/device")
    assert given["verification_uri_complete"] == f"{given['verification_uri']}?user_code={given['user_code']}"
    assert await poll(hub, given) == {"error": "authorization_pending"}
    listed = await hub.get("/api/v1/device")
    assert [(one["name"], one["project"]) for one in listed["waiting"]] == [("Ada's laptop", PROJECT)]

    assert await decide(hub, "approve", given["user_code"].lower().replace("-", " ")) == 200
    await pass_seconds(hub, 6)
    told = await poll(hub, given)

    assert told["token_type"] == "Bearer"
    hub.keys["laptop"] = told["access_token"]
    assert (await hub.ask("GET", f"/api/v1/jobs?project={PROJECT}", role="laptop")).status == 200
    assert (await hub.ask("GET", f"/api/v1/jobs?project={OTHER}", role="laptop")).status == 403
    assert (await hub.ask("GET", "/api/v1/keys", role="laptop")).status == 403
    await pass_seconds(hub, 60)
    assert await poll(hub, given) == {"error": "expired_token"}, "once"


async def test_who_asks_too_often_waits_longer_each_time_and_gets_nothing_for_it(hub: Hub) -> None:
    given = await begin(hub)
    await poll(hub, given)
    assert await decide(hub, "approve", given["user_code"]) == 200

    assert await poll(hub, given) == {"error": "slow_down"}
    await pass_seconds(hub, 6)
    assert await poll(hub, given) == {"error": "slow_down"}, "by now it is to wait for 10 s"
    await pass_seconds(hub, 16)
    assert "access_token" in await poll(hub, given)


async def test_what_is_denied_or_too_old_is_nothing(hub: Hub) -> None:
    denied, late, unknown = await begin(hub), await begin(hub), {"device_code": "x" * 43}
    assert await decide(hub, "deny", denied["user_code"]) == 200

    assert await poll(hub, denied) == {"error": "access_denied"}
    assert await poll(hub, unknown) == {"error": "expired_token"}
    assert await decide(hub, "approve", denied["user_code"]) == 404
    assert await decide(hub, "approve", "BCDFGHJK") == 404
    await pass_seconds(hub, 901)
    assert await poll(hub, late) == {"error": "expired_token"}
    assert await decide(hub, "approve", late["user_code"]) == 404
    assert (await hub.get("/api/v1/device"))["waiting"] == []


async def test_an_operator_may_give_less_than_was_asked_for(hub: Hub) -> None:
    given = await begin(hub)
    assert await decide(hub, "approve", given["user_code"], project="nonsense") == 400
    assert await decide(hub, "approve", given["user_code"], project=PROJECT) == 200

    hub.keys["laptop"] = (await poll(hub, given))["access_token"]

    assert (await hub.ask("GET", f"/api/v1/jobs?project={OTHER}", role="laptop")).status == 403


async def test_an_operator_sees_who_asks_before_deciding_and_looking_decides_nothing(hub: Hub) -> None:
    given = await begin(hub, scope=PROJECT)
    wish = {"user_code": given["user_code"]}

    found = await hub.ask("POST", "/api/v1/device/look", json=wish)

    seen = await found.json()
    assert (seen["name"], seen["project"]) == ("Ada's laptop", PROJECT)
    assert await poll(hub, given) == {"error": "authorization_pending"}
    assert (await hub.ask("POST", "/api/v1/device/look", json={"user_code": "BCDFGHJK"})).status == 404
    assert (await hub.ask("POST", "/api/v1/device/look", role="write", json=wish)).status == 403


async def test_the_page_on_which_it_is_decided_is_open_holds_nothing_and_does_nothing_by_its_address(hub: Hub) -> None:
    given = await begin(hub)

    page = await hub.ask("GET", f"/device?user_code={given['user_code']}", role=None)

    html = await page.text()
    assert page.status == 200
    for private in (given["user_code"], "laptop", *hub.keys.values()):
        assert private not in html
    policy = page.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', html))
    assert f"script-src 'nonce-{nonce}'" in policy
    assert "form-action 'none'" in policy, "the key never gets into an address"
    assert await poll(hub, given) == {"error": "authorization_pending"}
    assert (await hub.ask("GET", "/device?next=https://evil.example", role=None)).status == 400


async def test_codes_lie_in_the_database_as_hashes(hub: Hub) -> None:
    given = await begin(hub)

    row = str(dict(await hub.pool.fetchrow("select * from device_logins")))

    assert given["device_code"] not in row
    assert given["user_code"] not in row
    assert given["user_code"].replace("-", "") not in row


NO_WISHES: dict[str, tuple[dict[str, Any], int]] = {
    "a line end": ({"data": {"client_id": "a\nb"}}, 400),
    "no name": ({"data": {"client_id": ""}}, 400),
    "no project": ({"data": {"client_id": "x", "scope": "nonsense"}}, 400),
    "twice": (
        {"data": "client_id=a&client_id=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        400,
    ),
    "too large": ({"data": {"client_id": "x", "pad": "y" * 5000}}, 413),
    "no form": ({"json": {"client_id": "x"}}, 415),
}


async def test_what_is_no_wish_for_a_code_is_refused(hub: Hub) -> None:
    answers = {
        name: (await hub.ask("POST", "/api/v1/device/code", role=None, **form)).status
        for name, (form, _) in NO_WISHES.items()
    }

    assert answers == {name: status for name, (_, status) in NO_WISHES.items()}


async def test_another_grant_is_not_given(hub: Hub) -> None:
    assert await poll(hub, await begin(hub), grant_type="password") == {"error": "unsupported_grant_type"}


class TestOneAddress:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(logins=Rate(per_second=0.001, burst=2))

    async def test_begins_few_logins(self, hub: Hub) -> None:
        await begin(hub)
        await begin(hub)

        answer = await hub.ask("POST", "/api/v1/device/code", role=None, data={"client_id": "x"})

        assert (answer.status, "Retry-After" in answer.headers) == (429, True)


class ScriptedDoor:
    """Of a hub elsewhere, at which a person decides in time or not."""

    page = "https://hive.example.com/device"

    def __init__(self, *answers: Answered) -> None:
        self._answers = iter(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def ask(self, what: str, form: dict[str, str], shape: type[Any]) -> Any:
        self.asked.append((what, form))
        return Given("secret", "BCDF-GHJK", 60) if what == "code" else next(self._answers)


def test_hive_devices_login_asks_as_often_as_it_may_until_it_has_the_key() -> None:
    pending, slower = Answered(error="authorization_pending"), Answered(error="slow_down")
    slept: list[float] = []
    told: list[str] = []

    key = wait_for_key(
        ScriptedDoor(pending, slower, Answered("hive_key")), "laptop", PROJECT, tell=told.append, sleep=slept.append
    )

    assert (key, slept) == ("hive_key", [5.0, 5.0, 10.0])
    assert (
        "enters BCDF-GHJK at https://hive.example.com/device, or runs there: hive devices approve BCDF-GHJK" in told[0]
    )


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "anything else"])
def test_hive_devices_login_says_when_there_will_be_no_key(error: str) -> None:
    with pytest.raises(HubRefused):
        wait_for_key(ScriptedDoor(Answered(error=error)), "laptop", "", tell=lambda _: None, sleep=lambda _: None)

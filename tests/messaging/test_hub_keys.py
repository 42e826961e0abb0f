"""Keys change under a running hub with its agents: no review is lost, and whoever was revoked is not heard."""

import asyncio
from pathlib import Path

import pytest

from server.messaging import INTAKE, OUTCOMES, Keyring, Message, Role, Route, connect
from server.messaging.dead_letters import list_dead_letters
from server.messaging.sealing import Sealer
from server.messaging.writer import ENVELOPE_FIELD
from tests.cli.hive import HIVE
from tests.hub import HubProcess, hub_process

pytestmark = pytest.mark.journey


async def reviewed(hub: HubProcess, name: str) -> str:
    asked = {"project": "local/x", "files": [{"path": f"{name}.py", "text": "print(1)\n"}]}
    _, accepted = await hub.call("POST", "/api/v1/reviews", asked)
    _, job = await hub.call("GET", f"/api/v1/jobs/{accepted['job']}?wait=60")
    return str(job["state"])


async def all_reviewed(hub: HubProcess, name: str, count: int) -> None:
    states = await asyncio.gather(*(reviewed(hub, f"{name}{number}") for number in range(count)))
    assert states == ["succeeded"] * count


async def command(hub: HubProcess, *argv: str) -> str:
    process = await asyncio.create_subprocess_exec(
        HIVE, *argv, env=hub.env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return said.decode()


async def until_in_use(hub: HubProcess, generation: int) -> None:
    """Return when hub and agent have said that they go by the keys of *generation*."""
    async with asyncio.timeout(30):
        while True:
            if hub.log.count(f'"generation": {generation}') >= 2:
                return
            await asyncio.sleep(0.05)


async def test_reviews_go_on_while_all_keys_rotate_again_and_again(data_dir: Path) -> None:
    async with hub_process(data_dir) as hub:
        for turn in range(4):
            reviewing = asyncio.create_task(all_reviewed(hub, f"turn{turn}", 25))
            await command(hub, "keys", "rotate")
            await reviewing
            await until_in_use(hub, turn + 2)
        await all_reviewed(hub, "after", 25)

        assert hub.errors == []
        assert "dead_letter" not in hub.log
        events = await command(hub, "keys", "events", "--json")
    assert events.count('"followed"') == 4 * len(Role) * 2


@pytest.mark.parametrize(("role", "route"), [(Role.DOOR, INTAKE), (Role.AGENT, OUTCOMES)], ids=["door", "agent"])
async def test_a_revoked_sender_is_heard_with_its_new_keys_only(
    redis_urls: dict[str, str], data_dir: Path, role: Role, route: Route
) -> None:
    urls = {f"REDIS_URL_{each.upper()}": redis_urls[each] for each in Role}
    async with hub_process(data_dir, urls) as hub, connect(redis_urls["admin"]) as redis:
        await all_reviewed(hub, "before", 5)
        thief = Keyring.open(data_dir / "keys").identity(role)

        await command(hub, "keys", "revoke", role.value)
        await until_in_use(hub, 2)
        stolen = Sealer(thief).seal(route, Message("stolen", b"{}"))
        await redis.xadd(route.key, {ENVELOPE_FIELD: stolen})
        await all_reviewed(hub, "after", 5)

        dead = await list_dead_letters(redis, route)
    assert stolen in [letter.envelope for letter in dead]
    assert {letter.reason for letter in dead} == {"sender's key was revoked"}  # a beat on its way may be among them

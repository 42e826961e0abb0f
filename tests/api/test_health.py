"""What operators and monitors see."""

import pytest

from server.api.app import PartState
from tests.api.conftest import Hub


async def test_health_asks_nobody(hub: Hub) -> None:
    await hub.pool.close()

    assert await hub.get("/health", role=None) == {"status": "ok"}


async def test_ready_tells_the_state_of_each_part(hub: Hub) -> None:
    ready = await hub.get("/ready", role=None)

    assert ready["ready"] is True
    assert set(ready["parts"]) == {"postgres", "redis", "orchestrator", "agents", "effects"}


async def test_one_part_that_is_not_ready_makes_it_503(hub: Hub) -> None:
    hub.ready["redis"] = PartState(False, "no answer for 5 s")

    answer = await hub.ask("GET", "/ready", role=None)

    assert answer.status == 503
    assert (await answer.json())["parts"]["redis"] == {"ready": False, "note": "no answer for 5 s"}


async def test_strangers_get_no_notes(hub: Hub) -> None:
    hub.ready["redis"] = PartState(False, "no answer for 5 s")

    answer = await hub.ask("GET", "/ready", role=None, headers={"X-Forwarded-For": "203.0.113.7"})

    assert (await answer.json())["parts"]["redis"] == {"ready": False, "note": ""}


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/metrics"])
async def test_a_monitor_may_ask_for_the_head_alone(hub: Hub, path: str) -> None:
    whole, head = [await hub.ask(method, path, role=None) for method in ("GET", "HEAD")]

    assert (head.status, head.content_type) == (whole.status, whole.content_type)
    assert await head.read() == b""


async def test_metrics_are_for_prometheus(hub: Hub) -> None:
    answer = await hub.ask("GET", "/metrics", role=None)

    assert answer.content_type == "text/plain"
    assert "hive_things_total 1.0" in await answer.text()

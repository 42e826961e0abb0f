"""The whole hive in one answer."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.jobs.job import EventType
from tests.api.conftest import Hub


async def test_it_tells_of_queues_agents_rates_durations_and_failures(hub: Hub) -> None:
    await hub.dead_job()
    hub.may_finish.clear()
    job = await hub.review()
    await hub.get(f"/api/v1/jobs/{job}?wait=20&until=started")

    overview = await hub.get("/api/v1/overview")

    load = overview["load"]
    (queue,) = load["queues"]
    (agent,) = load["agents"]
    (failure,) = load["failures"]
    assert overview["ready"] is True
    assert (queue["queue"], queue["running"], queue["capacity"]) == ("review", 1, 8)
    assert queue["waited"]["count"] == 2
    assert queue["ran"]["count"] == queue["through"]["count"] == 1
    assert (agent["queues"], agent["running"], agent["state"]) == (["review"], 1, "awake")
    assert (failure["type"], failure["message"]) == ("dead", "nothing can be done")
    assert load["dead"] == {"jobs": 1, "messages": 0}
    assert len(overview["rates"]["succeeded"]) == 60


async def test_without_postgres_it_says_what_is_known(hub: Hub) -> None:
    await hub.views.close()

    overview = await hub.get("/api/v1/overview")

    assert (overview["load"], len(overview["rates"]["failed"])) == (None, 60)


async def test_every_stage_of_a_jobs_way_is_measured(hub: Hub) -> None:
    job = await hub.reviewed()

    families = text_string_to_metric_families(generate_latest(hub.metrics.registry).decode())
    counts = {
        sample.name: sample.value
        for family in families
        for sample in family.samples
        if sample.name.endswith("_seconds_count") and sample.labels.get("kind") == "review"
    }

    assert counts == dict.fromkeys(
        (f"hive_job_{stage}_seconds_count" for stage in ("accept", "wait", "run", "door")), 1.0
    )
    assert [event["type"] for event in (await hub.get(f"/api/v1/jobs/{job}/history"))["events"]] == [
        EventType.ACCEPTED,
        EventType.STARTED,
        EventType.SUCCEEDED,
    ]

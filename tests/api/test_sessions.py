"""Sessions by HTTP."""

from typing import Any

from tests.api.conftest import OTHER, PROJECT, Hub


async def sessions(hub: Hub, query: str = "", **options: Any) -> list[Any]:
    await hub.parts.sessions.gather(await hub.pool.fetchval("select max(seq) from job_events"))
    found: list[Any] = (await hub.get(f"/api/v1/sessions{query}", **options))["sessions"]
    return found


async def test_a_persons_session_has_the_jobs_and_the_findings(hub: Hub) -> None:
    first, second = await hub.reviewed("a.py"), await hub.reviewed("b.py", "a.py")

    [session] = await sessions(hub, "?kind=person")

    assert (session["owner"], session["project"], session["ended_at"]) == ("admin", PROJECT, None)
    shown = await hub.get(f"/api/v1/sessions/{session['id']}")
    assert [job["id"] for job in shown["jobs"]] == [second, first]
    assert shown["totals"] == {"accepted": 2, "succeeded": 2}
    assert shown["counts"] == {"review": shown["totals"]}
    assert shown["findings"] == {"open": 2}


async def test_an_agents_session_is_of_all_that_it_did(hub: Hub) -> None:
    await hub.reviewed()
    await hub.reviewed(project=OTHER)

    [session] = await sessions(hub, "?kind=agent")

    shown = await hub.get(f"/api/v1/sessions/{session['id']}")
    assert (session["owner"], session["project"]) == ("the test's", "")
    assert {job["project"] for job in shown["jobs"]} == {PROJECT, OTHER}


async def test_a_key_of_one_project_sees_the_sessions_of_its_project_only(hub: Hub) -> None:
    await hub.reviewed()
    await hub.reviewed(project=OTHER)

    seen = await sessions(hub, role="project read")
    everything = await sessions(hub)
    answers = [
        (await hub.ask("GET", f"/api/v1/sessions/{session['id']}", role="project read")).status
        for session in everything
        if session["project"] != PROJECT
    ]

    assert [session["project"] for session in seen] == [PROJECT]
    assert answers == [404, 404]
    assert (await hub.ask("GET", f"/api/v1/sessions?project={OTHER}", role="project read")).status == 403


async def test_pages_of_sessions_follow_each_other(hub: Hub) -> None:
    for project in (PROJECT, OTHER, "local/third"):
        await hub.reviewed(project=project)
    await sessions(hub)

    page = await hub.get("/api/v1/sessions?limit=3")
    rest = await hub.get(f"/api/v1/sessions?limit=3&cursor={page['next']}")

    assert len({session["id"] for session in (*page["sessions"], *rest["sessions"])}) == 4
    assert rest["next"] is None


async def test_what_is_no_sessions_id_is_not_found(hub: Hub) -> None:
    assert (await hub.ask("GET", "/api/v1/sessions/yesterday")).status == 404

"""What jobs asked of a model, over the API."""

from typing import Any
from uuid import UUID

import msgspec

from server.agents.call import CallTold, Shorthand
from server.agents.model import Ask, Reply, Text, Turn, Usage
from server.jobs.job import new_job_id
from server.messaging import Role
from tests.api.conftest import OTHER, PROJECT, Hub
from tests.jobs.job_rows import Rows


async def a_job(hub: Hub, project: str = PROJECT) -> UUID:
    return await Rows(hub.pool).job("succeeded", id=new_job_id(), kind="ask", project=project, queue="think", attempt=1)


async def talk(hub: Hub, job_id: UUID, *words: str) -> None:
    shorthand, turns = Shorthand(), [Turn("user", (Text("why?"),))]
    for number, word in enumerate(words, 1):
        ask = Ask("strong", "You answer.", tuple(turns))
        reply = Reply((Text(word),), "end_turn", Usage(10, 5), "claude-opus-5-5", 1500)
        record = shorthand.model(number, ask, reply)
        told = CallTold(job_id, 1, number, "model", reply.model, 2.5, reply.usage, 1500, record)
        await hub.parts.transcripts.hear_calls(Role.AGENT, [msgspec.json.encode(told)])
        turns += [reply.turn, Turn("user", (Text("and?"),))]


async def answer_of(hub: Hub, path: str, *, role: str = "admin") -> tuple[int, Any]:
    answer = await hub.ask("GET", path, role=role)
    return answer.status, await answer.json()


async def test_a_transcript_says_what_was_said_and_what_it_cost(hub: Hub) -> None:
    job_id = await a_job(hub)
    await talk(hub, job_id, "Because.", "That is all.")

    status, transcript = await answer_of(hub, f"/api/v1/jobs/{job_id}/transcript", role="project read")

    assert status == 200
    assert [call["name"] for call in transcript["calls"]] == ["claude-opus-5-5"] * 2
    assert transcript["totals"]["cost_microdollars"] == 3000
    assert transcript["records"]["1"]["reply"]["content"][0]["text"] == "Because."
    assert (transcript["records"]["2"]["base"], transcript["records"]["2"]["shared"]) == (1, 1)


async def test_a_job_that_asked_nobody_has_an_empty_transcript(hub: Hub) -> None:
    status, transcript = await answer_of(hub, f"/api/v1/jobs/{await a_job(hub)}/transcript")

    assert (status, transcript["calls"], transcript["attempt"]) == (200, [], None)


async def test_another_projects_talk_is_nobodys(hub: Hub) -> None:
    job_id = await a_job(hub, OTHER)
    await talk(hub, job_id, "secret")

    assert (await answer_of(hub, f"/api/v1/jobs/{job_id}/transcript", role="project read"))[0] == 404
    assert (await answer_of(hub, "/api/v1/usage", role="project read"))[1]["rows"] == []
    assert (await answer_of(hub, f"/api/v1/usage?project={OTHER}", role="project read"))[0] == 403


async def test_usage_tells_tokens_cost_and_budgets(hub: Hub) -> None:
    await talk(hub, await a_job(hub), "a", "b")
    await talk(hub, await a_job(hub, OTHER), "c")

    _, usage = await answer_of(hub, "/api/v1/usage?days=1")

    assert [(row["project"], row["cost_microdollars"], row["calls"]) for row in usage["rows"]] == [
        (PROJECT, 3000, 2),
        (OTHER, 1500, 1),
    ]
    assert list(usage["by_day"].values()) == [4500]
    assert usage["totals"]["output_tokens"] == 15
    assert usage["limits"] == {"job": 1, "project_day": 2, "day": 3}
    assert (await answer_of(hub, "/api/v1/usage?days=0"))[0] == 400

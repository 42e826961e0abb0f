"""What reviewers decide together, by HTTP: each under the name of its own key."""

from typing import Any
from uuid import uuid4

from tests.api.conftest import OTHER, PROJECT, Hub

VOTERS = ["write", "admin", "project write"]


async def opened(hub: Hub, *, role: str = "write", **fields: Any) -> Any:
    answer = await hub.ask("POST", "/api/v1/decisions", role=role, json=a_question(**fields))
    assert answer.status == 201, await answer.text()
    decision = await answer.json()
    assert answer.headers["Location"] == f"/api/v1/decisions/{decision['id']}"
    return decision


def a_question(**fields: Any) -> dict[str, Any]:
    question = {"question": "Real?", "project": PROJECT, "subject": "pull_request:octo/app#7", "voters": VOTERS, "k": 2}
    return {**question, **fields}


async def vote(hub: Hub, id_: str, role: str, verdict: str = "real") -> tuple[int, Any]:
    body = {"verdict": verdict, "why": "I looked"}
    answer = await hub.ask("POST", f"/api/v1/decisions/{id_}/votes", role=role, json=body)
    return answer.status, await answer.json()


async def test_keys_vote_under_their_own_names_until_enough_agree(hub: Hub) -> None:
    decision = await opened(hub)
    assert (decision["state"], decision["opened_by"], decision["n"]) == ("open", "write", 3)

    assert (await vote(hub, decision["id"], "admin"))[1]["state"] == "open"
    status, decision = await vote(hub, decision["id"], "project write")

    assert (status, decision["state"], decision["verdict"]) == (200, "agreed", "real")
    assert [(given["voter"], given["why"]) for given in decision["votes"]] == [
        ("admin", "I looked"),
        ("project write", "I looked"),
    ]
    assert await hub.get(f"/api/v1/decisions/{decision['id']}", role="read") == decision


async def test_votes_that_do_not_count_are_refused_with_the_reason(hub: Hub) -> None:
    id_ = (await opened(hub, voters=["write", "admin"], k=1))["id"]

    assert (await vote(hub, id_, "project write"))[0] == 403
    assert (await vote(hub, id_, "write"))[0] == 200
    assert (await vote(hub, id_, "write"))[0] == 200  # the same once more
    assert (await vote(hub, id_, "write", "false-alarm"))[0] == 409
    assert (await vote(hub, id_, "admin"))[0] == 409
    assert (await vote(hub, str(uuid4()), "write"))[0] == 404
    assert (await vote(hub, "seven", "write"))[0] == 404
    assert (await vote(hub, id_, "write", "Not a word"))[0] == 400


async def test_what_cannot_be_decided_is_not_opened(hub: Hub) -> None:
    odd: dict[str, dict[str, Any]] = {
        "too many": {"k": 4},
        "nobody need agree": {"k": 0},
        "no voters": {"voters": []},
        "one twice": {"voters": ["ann", "ann"]},
        "no time": {"closes_in_seconds": 0},
        "no question": {"question": " "},
    }

    answers = {
        name: (await hub.ask("POST", "/api/v1/decisions", json=a_question(**fields))).status
        for name, fields in odd.items()
    }

    assert answers == dict.fromkeys(odd, 400)
    assert (await hub.get("/api/v1/decisions"))["decisions"] == []


async def test_sent_again_under_its_id_it_is_opened_once(hub: Hub) -> None:
    id_ = str(uuid4())

    assert await opened(hub, id=id_) == await opened(hub, id=id_)
    other = await hub.ask("POST", "/api/v1/decisions", json=a_question(id=id_, subject="something else"))

    assert other.status == 400
    assert len((await hub.get("/api/v1/decisions"))["decisions"]) == 1


async def test_lists_have_pages_and_filters(hub: Hub) -> None:
    ids = [(await opened(hub, subject=f"pull_request:octo/app#{number}"))["id"] for number in range(3)]
    await vote(hub, ids[0], "write")
    await vote(hub, ids[0], "admin")

    page = await hub.get("/api/v1/decisions?limit=2")
    rest = await hub.get(f"/api/v1/decisions?limit=2&cursor={page['next']}")

    assert [decision["id"] for decision in page["decisions"] + rest["decisions"]] == ids[::-1]
    assert rest["next"] is None
    agreed = await hub.get("/api/v1/decisions?state=agreed")
    assert [decision["id"] for decision in agreed["decisions"]] == ids[:1]
    about = await hub.get("/api/v1/decisions", params={"subject": "pull_request:octo/app#1"})
    assert [decision["id"] for decision in about["decisions"]] == ids[1:2]


async def test_a_key_of_one_project_has_no_part_in_anothers_decisions(hub: Hub) -> None:
    id_ = (await opened(hub, project=OTHER))["id"]
    mine = await opened(hub, role="project write")

    assert (await hub.ask("GET", f"/api/v1/decisions/{id_}", role="project read")).status == 404
    assert (await vote(hub, id_, "project write"))[0] == 404
    listed = await hub.get("/api/v1/decisions", role="project read")
    assert [decision["id"] for decision in listed["decisions"]] == [mine["id"]]
    opening = await hub.ask("POST", "/api/v1/decisions", role="project write", json=a_question(project=OTHER))
    assert opening.status == 403
    assert (await hub.ask("GET", f"/api/v1/decisions?project={OTHER}", role="project read")).status == 403

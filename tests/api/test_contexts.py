"""`/api/v1/contexts`: files sent along become what a project remembers; notes are kept, found and forgotten."""

from typing import Any

import pytest

from tests.api.conftest import OTHER, PROJECT, Hub

CART = "class Cart:\n    def remove_item(self, name):\n        self.items = [i for i in self.items if i.name != name]\n"


async def index(hub: Hub, files: dict[str, str], *, gone: tuple[str, ...] = (), role: str = "write") -> Any:
    """The finished job's result."""
    body = {"project": PROJECT, "files": [{"path": p, "text": t} for p, t in files.items()], "gone": gone}
    answer = await hub.ask("POST", "/api/v1/contexts/index", json=body, role=role)
    assert answer.status == 202, await answer.text()
    job = (await answer.json())["job"]
    assert (await hub.get(f"/api/v1/jobs/{job}?wait=20"))["state"] == "succeeded"
    return await hub.get(f"/api/v1/jobs/{job}/result")


async def note(hub: Hub, text: str, *, role: str = "write", **more: Any) -> Any:
    answer = await hub.ask("POST", "/api/v1/contexts", json={"project": PROJECT, "text": text, **more}, role=role)
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def search(hub: Hub, q: str, **more: Any) -> list[Any]:
    answer = await hub.ask("GET", "/api/v1/contexts/search", params={"project": PROJECT, "q": q, **more})
    assert answer.status == 200, await answer.text()
    return list((await answer.json())["contexts"])


async def test_files_that_were_sent_are_found_by_what_they_do(hub: Hub) -> None:
    recorded = await index(hub, {"shop/cart.py": CART})

    assert recorded == {"files": 1, "written": 1, "unchanged": 0, "forgotten": 0, "left_out": {}}
    found = await search(hub, "delete an item from the cart")
    assert (found[0]["symbol"], found[0]["path"], found[0]["start_line"]) == ("Cart.remove_item", "shop/cart.py", 2)
    assert (await index(hub, {"shop/cart.py": CART}))["written"] == 0


async def test_the_record_of_a_job_keeps_no_vectors(hub: Hub) -> None:
    await index(hub, {"shop/cart.py": CART})

    (kept,) = await hub.pool.fetch("select event::text from job_events e, to_jsonb(e) event where e.type = 'succeeded'")

    assert len(kept["event"]) < 3_000


async def test_who_indexes_learns_which_files_are_known_and_says_what_is_gone(hub: Hub) -> None:
    await index(hub, {"a.py": CART, "b.py": CART})
    known = (await hub.get(f"/api/v1/contexts/files?project={PROJECT}"))["files"]

    recorded = await index(hub, {}, gone=("a.py",))

    assert sorted(known) == ["a.py", "b.py"]
    assert recorded["forgotten"] == 1
    sizes = (await hub.get("/api/v1/contexts"))["sizes"]
    assert [(size["project"], size["kind"], size["contexts"]) for size in sizes] == [(PROJECT, "code", 1)]


async def test_a_note_is_kept_with_who_left_it_found_and_forgotten(hub: Hub) -> None:
    kept = await note(hub, "releases are tagged on Mondays", about="releases", importance=0.9)

    assert (kept["kind"], kept["owner"], kept["importance"]) == ("note", "write", pytest.approx(0.9))
    assert [c["id"] for c in await search(hub, "when is a release tagged", kind="note")] == [kept["id"]]
    assert (await hub.get(f"/api/v1/contexts/{kept['id']}"))["uses"] == 1

    answer = await hub.ask("POST", f"/api/v1/contexts/{kept['id']}/forget", json={"why": "wrong"}, role="write")

    assert (answer.status, await answer.json()) == (200, {"forgotten": 1})
    assert (await hub.ask("GET", f"/api/v1/contexts/{kept['id']}")).status == 404
    assert await hub.pool.fetchval("select by || ': ' || why from context_events") == "write: wrong"


async def test_a_whole_project_is_forgotten_by_who_may_administer(hub: Hub) -> None:
    await note(hub, "one")
    await note(hub, "two")

    answer = await hub.ask("POST", "/api/v1/contexts/forget", json={"project": PROJECT})

    assert await answer.json() == {"forgotten": 2}


async def test_a_key_of_one_project_learns_nothing_of_another(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/contexts", json={"project": OTHER, "text": "theirs"})
    theirs = (await answer.json())["id"]
    at, role = f"/api/v1/contexts/{theirs}", "project write"

    assert (await hub.ask("GET", at, role=role)).status == 404
    assert (await hub.ask("POST", f"{at}/forget", role=role)).status == 404
    for path in ("search?q=theirs&", "files?", "?"):
        listed = await hub.ask("GET", f"/api/v1/contexts/{path}project={OTHER}".replace("/?", "?"), role=role)
        assert listed.status == 403
    for path, body in (("", {"text": "a"}), ("/index", {"files": [{"path": "a.py", "text": "a"}]})):
        written = await hub.ask("POST", f"/api/v1/contexts{path}", json={"project": OTHER, **body}, role=role)
        assert written.status == 403
    assert (await hub.get("/api/v1/contexts", role=role))["sizes"] == []


UNFIT: dict[str, tuple[str, Any, str]] = {
    "empty": ("", {"project": PROJECT, "text": ""}, "text"),
    "nul": ("", {"project": PROJECT, "text": "a\0b"}, "text"),
    "long": ("", {"project": PROJECT, "text": "x" * 17_000}, "text"),
    "blank": ("", {"project": PROJECT, "text": "  "}, "nothing to remember"),
    "importance": ("", {"project": PROJECT, "text": "a", "importance": 2}, "importance"),
    "owner": ("", {"project": PROJECT, "text": "a", "owner": "ann"}, "owner"),
    "parent": ("", {"project": PROJECT, "text": "a", "parent": "00000000-0000-0000-0000-000000000000"}, "parent"),
    "no files": ("/index", {"project": PROJECT}, "1 to"),
    "project": ("/index", {"project": "a\nb", "gone": ["a"]}, "project"),
    "outside": ("/index", {"project": PROJECT, "files": [{"path": "../a", "text": ""}]}, "leaves"),
    "twice": ("/index", {"project": PROJECT, "files": [{"path": "a", "text": ""}], "gone": ["a"]}, "twice"),
}


async def test_what_does_not_fit_is_refused(hub: Hub, subtests: pytest.Subtests) -> None:
    for name, (path, body, says) in UNFIT.items():
        with subtests.test(name):
            answer = await hub.ask("POST", f"/api/v1/contexts{path}", json=body)

            assert answer.status == 400
            assert says in await answer.text()


async def test_too_much_text_at_once_is_refused(hub: Hub) -> None:
    files = [{"path": f"{n}.py", "text": "x" * 600_000} for n in range(2)]

    answer = await hub.ask("POST", "/api/v1/contexts/index", json={"project": PROJECT, "files": files})

    assert answer.status == 413

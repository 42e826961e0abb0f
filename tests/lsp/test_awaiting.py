"""Results of long work come to who asked for it, though its editor was closed, or the hub restarted."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from lsp.overview import Records
from lsp.server import LspDoor
from server.config import Address
from server.errors import HiveError
from server.jobs.awaited import Awaited, AwaitedResults
from server.jobs.job import EventType, Job, JobRequest, JobState, encode
from server.reviews.asks import Bill, FileFix, FixOffer, Told
from server.reviews.finding import Edit, Fix
from server.reviews.snapshot import Coverage, Report
from tests.lsp.conftest import NEVER
from tests.lsp.scripted import NAMESAKE_TOKEN, TOKEN, ScriptedDoor, ScriptedFindings, a_finding, authenticate, flag_each
from tests.lsp.test_overview import RUNNING, ScriptedAgents, ScriptedJobs
from tests.lsp.wire import VSCODE_LIKE, Editor

TEXT = "one\nbad two\nthree\n"
QUIET: dict[str, Any] = {**VSCODE_LIKE, "window": {}}
TOLD = encode(Told("It is bad.", (), Bill("claude-x", 0)))


class KeptJobs(ScriptedJobs):
    """As Postgres has them after the hub took them in. *results* of those that ended."""

    def __init__(self) -> None:
        self.results: dict[UUID, bytes] = {}
        self.states: dict[UUID, JobState] = {}

    async def get(self, job_id: UUID) -> Job:
        if job_id not in self.states:
            raise HiveError("there is no such job")
        return msgspec.structs.replace(RUNNING, id=job_id, state=self.states[job_id], error="out of money")

    async def result(self, job_id: UUID) -> bytes | None:
        return self.results.get(job_id)


class Scene:
    """A hub that can be asked by several connections of one editor."""

    def __init__(self, port: int, inside: ScriptedDoor, jobs: KeptJobs, folder: Path) -> None:
        self.port, self.inside, self.jobs, self.folder = port, inside, jobs, folder
        self.uri = (folder / "a.py").as_uri()
        self.editors: list[Editor] = []

    async def connect(self, name: str | None = "window 1", token: str = TOKEN) -> Editor:
        editor = await Editor.connect(self.port)
        self.editors.append(editor)
        await editor.start(token, self.folder, QUIET, {"editor": name} if name else None)
        return editor

    async def opened(self, editor: Editor, text: str = TEXT) -> Editor:
        self.inside.reviewer = flag_each("bad")
        editor.open(self.uri, text)
        await editor.status(self.uri, "analysed")
        self.inside.reviewer = None
        while not self.inside.requests.empty():
            self.inside.requests.get_nowait()
        return editor

    async def asked_and_left(self, command: str, *arguments: str, name: str | None = "window 1") -> JobRequest:
        """Somebody asks for it and closes the editor."""
        editor = await self.opened(await self.connect(name))
        editor.request("workspace/executeCommand", {"command": command, "arguments": [self.uri, *arguments]})
        request = await self.inside.requests.get()
        self.jobs.states[request.id] = JobState.RUNNING
        editor.tell("exit", None)
        await editor.end()
        return request

    def ends(self, request: JobRequest, result: bytes | None) -> None:
        if result is None:
            self.jobs.states[request.id] = JobState.DEAD
        else:
            self.jobs.states[request.id] = JobState.SUCCEEDED
            self.jobs.results[request.id] = result
        self.inside.end(request, EventType.SUCCEEDED if result else EventType.DEAD, data=msgspec.Raw(result or b"{}"))


@pytest.fixture
async def scene(
    pool: asyncpg.Pool, inside: ScriptedDoor, findings: ScriptedFindings, folder: Path
) -> AsyncIterator[Scene]:
    jobs = KeptJobs()
    door = LspDoor(
        inside, findings, authenticate, rest_seconds=NEVER, thinks=True,
        records=Records(jobs, ScriptedAgents()), awaited=AwaitedResults(pool),
    )  # fmt: skip
    scene = Scene((await door.start(Address("127.0.0.1", 0))).port, inside, jobs, folder)
    yield scene
    for editor in scene.editors:
        await editor.close()
    await door.stop()


async def waiting(pool: asyncpg.Pool) -> Sequence[Awaited]:
    return await AwaitedResults(pool).of(principal="local", editor="window 1")


@pytest.mark.parametrize("ended", ["before", "after"])
async def test_an_answer_is_shown_when_its_editor_is_back(scene: Scene, pool: asyncpg.Pool, ended: str) -> None:
    request = await scene.asked_and_left("hive.ask", "What is it?")
    assert scene.inside.cancelled.empty(), "it goes on"
    if ended == "before":
        scene.ends(request, TOLD)

    editor = await scene.connect()
    if ended == "after":
        await editor.until(lambda m: "result" in m)
        scene.ends(request, TOLD)

    assert (await editor.message()).startswith("It is bad.")
    again = await scene.connect()
    await again.ask("hive/findings", {})
    assert not [m for m in again.heard if m.get("method") == "window/showMessage"]


async def test_what_a_model_found_waits_for_its_document(scene: Scene) -> None:
    request = await scene.asked_and_left("hive.reviewThoroughly")
    found = a_finding("a.py", 3, 1, 5, "f" * 32)
    scene.ends(request, encode(Report((msgspec.structs.replace(found, rule="model.x"),), Coverage(("a.py",)))))

    editor = await scene.opened(await scene.connect())

    await editor.until(
        lambda m: (
            m.get("method") == "textDocument/publishDiagnostics"
            and "model.x" in [d["code"] for d in m["params"]["diagnostics"]]
        )
    )


async def test_a_fix_is_not_offered_for_code_that_was_edited_since(scene: Scene) -> None:
    request = await scene.asked_and_left("hive.fixAll")
    fix = FileFix("a.py", Fix("Say good", (Edit(2, 1, 2, 4, "good"),)), "diff")
    scene.ends(request, encode(FixOffer((fix,), "why", (), (), (), "passed", Bill())))

    editor = await scene.opened(await scene.connect(), "edited\nbad\n")

    assert await editor.message() == "a.py was edited since the model read it: ask again."


async def test_work_that_failed_meanwhile_is_told(scene: Scene, pool: asyncpg.Pool) -> None:
    request = await scene.asked_and_left("hive.ask", "What?")
    scene.ends(request, None)

    assert await (await scene.connect()).message() == "a.py: out of money"


async def test_nobody_else_is_shown_it(scene: Scene, pool: asyncpg.Pool) -> None:
    request = await scene.asked_and_left("hive.ask", "What?")
    scene.ends(request, TOLD)

    for name, token in (("window 2", TOKEN), ("window 1", NAMESAKE_TOKEN)):
        other = await scene.connect(name, token)
        await other.ask("hive/findings", {})
        assert not [m for m in other.heard if m.get("method") == "window/showMessage"]
    assert len(await waiting(pool)) == 1


async def test_an_editor_without_a_name_takes_its_work_along(scene: Scene) -> None:
    request = await scene.asked_and_left("hive.ask", "What?", name=None)

    assert await scene.inside.cancelled.get() == (request.id, "ada")


async def test_what_was_shown_or_cancelled_waits_no_more(scene: Scene, pool: asyncpg.Pool) -> None:
    editor = await scene.opened(await scene.connect())
    for how in ("shown", "cancelled"):
        command = {"command": "hive.ask", "arguments": [scene.uri, "What?"]}
        number = editor.request("workspace/executeCommand", command)
        request = await scene.inside.requests.get()
        assert [one.job_id for one in await waiting(pool)] == [request.id]
        if how == "shown":
            scene.inside.end(request, EventType.SUCCEEDED, data=TOLD)
            await editor.answer(number)
        else:
            editor.tell("$/cancelRequest", {"id": number})
            await editor.until(lambda m, number=number: m.get("id") == number)
            await scene.inside.cancelled.get()

    await editor.ask("hive/findings", {})
    assert await waiting(pool) == []

"""What the views beside the code are told: findings, jobs and agents, by requests of our own."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lsp.overview import MAX_FINDINGS, Records
from lsp.server import LspDoor
from server.config import Address
from server.jobs.job import EventType, Job, JobRequest, JobState, Priority, Progress, encode
from server.jobs.views import RecordedEvent
from server.reviews.finding import FindingStatus, Fix
from server.team.members import Member
from tests.jobs.job_rows import NOON
from tests.lsp.conftest import NEVER
from tests.lsp.scripted import SCOPED_TOKEN, TOKEN, ScriptedDoor, ScriptedFindings, a_finding, authenticate, report_of
from tests.lsp.wire import Editor, ErrorAnswer

RUNNING = Job(
    id=UUID(int=7),
    kind="review.pull_request",
    project="github.com/owner/repo",
    queue="review",
    state=JobState.RUNNING,
    priority=Priority.PULL_REQUEST,
    attempt=1,
    key=None,
    requested_by="ada",
    workflow_id=None,
    step=None,
    error=None,
    error_class=None,
    agent_id=None,
    failures=0,
    crashes=0,
    expires_at=None,
    deadline_at=None,
    created_at=NOON,
    run_at=NOON,
    started_at=NOON,
    finished_at=None,
)


class ScriptedJobs:
    async def notable(self, project: str | None, *, ended: int) -> Sequence[Job]:
        return [RUNNING]

    async def get(self, job_id: UUID) -> Job:
        return msgspec.structs.replace(RUNNING, id=job_id, error="it *broke*")

    async def result(self, job_id: UUID) -> bytes | None:
        return None

    async def events(self, job_id: UUID) -> Sequence[RecordedEvent]:
        return [RecordedEvent(1, "failed", 1, "a | b\nc", NOON, "", None, None)]


class ScriptedAgents:
    async def list(self) -> Sequence[Member]:
        return [msgspec.convert(AWAKE, Member)]


AWAKE = {
    "name": "reviewer", "id": None, "role": "agent", "queues": ["review"], "capacity": 2, "state": "awake", "note": "",
    "wanted": "work", "held": 1, "silent_seconds": 0.5, "started_at": None, "seen_at": None, "announced_by": None,
    "announced_at": None,
}  # fmt: skip


@pytest.fixture
async def editor(inside: ScriptedDoor, findings: ScriptedFindings, folder: Path) -> AsyncIterator[Editor]:
    """Connected to a hub that has records."""
    records = Records(ScriptedJobs(), ScriptedAgents())
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, records=records)
    editor = await Editor.connect((await door.start(Address("127.0.0.1", 0))).port)
    await editor.start(TOKEN, folder)
    yield editor
    await editor.close()
    await door.stop()


async def test_the_hub_names_what_it_answers_beyond_lsp(editor: Editor) -> None:
    promised = editor.capabilities["experimental"]["hive"]

    assert {"hive/agents", "hive/cancelJob", "hive/findings", "hive/jobs"} <= set(promised)


async def test_a_key_of_one_project_does_not_see_who_works_for_the_hub(
    inside: ScriptedDoor, findings: ScriptedFindings, folder: Path
) -> None:
    records = Records(ScriptedJobs(), ScriptedAgents())
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, records=records)
    editor = await Editor.connect((await door.start(Address("127.0.0.1", 0))).port)
    await editor.start(SCOPED_TOKEN, folder)

    assert {"hive/jobs", "hive/agents"} & set(editor.capabilities["experimental"]["hive"]) == {"hive/jobs"}
    await editor.close()
    await door.stop()


async def test_a_hub_without_records_promises_no_jobs(connect: Any) -> None:
    editor = await connect()

    promised = editor.capabilities["experimental"]["hive"]

    assert "hive/findings" in promised
    assert "hive/jobs" not in promised
    with pytest.raises(ErrorAnswer, match="-32601"):
        await editor.ask("hive/jobs", {})


async def test_all_findings_are_listed_the_dismissed_too(editor: Editor, inside: ScriptedDoor, folder: Path) -> None:
    uri = (folder / "a.py").as_uri()
    dismissed = a_finding("a.py", 2, 1, 3, "1" * 32, status=FindingStatus.DISMISSED)
    editor.open(uri, "bad\nbad\n", version=4)
    inside.answer(
        await inside.requests.get(),
        report_of("a.py", a_finding("a.py", 1, 1, 3, fix=Fix("Make it good", (), safe=False), cwe=95), dismissed),
    )
    await editor.status(uri, "analysed")

    (document,) = (await editor.ask("hive/findings", {}))["documents"]

    assert (document["uri"], document["version"]) == (uri, 4)
    first, second = document["findings"]
    assert first["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    assert (first["origin"], first["severity"], first["cwe"], first["status"]) == ("test", "medium", 95, "open")
    assert (first["fix"], first["is_safe"]) == ("Make it good", False)
    assert (second["status"], second["fix"]) == ("dismissed", None)


async def test_no_more_findings_are_listed_than_hold_up_nobody(
    editor: Editor, inside: ScriptedDoor, folder: Path
) -> None:
    for name in ("a.py", "b.py", "c.py"):
        uri = (folder / name).as_uri()
        editor.open(uri, "bad\n")
        many = (a_finding(name, 1, 1, 3, f"{number:032x}") for number in range(MAX_FINDINGS // 2))
        inside.answer(await inside.requests.get(), report_of(name, *many))
        await editor.status(uri, "analysed")

    listed = await editor.ask("hive/findings", {})

    assert sum(len(document["findings"]) for document in listed["documents"]) == MAX_FINDINGS
    assert listed["omitted"] == MAX_FINDINGS // 2


async def test_jobs_and_agents_are_listed(editor: Editor) -> None:
    (job,) = (await editor.ask("hive/jobs", {}))["jobs"]
    (agent,) = (await editor.ask("hive/agents", {}))["agents"]

    assert (job["id"], job["kind"], job["state"]) == (str(RUNNING.id), "review.pull_request", "running")
    assert (agent["name"], agent["state"], agent["running"], agent["capacity"]) == ("reviewer", "awake", 1, 2)


async def test_what_happens_to_jobs_is_told_to_who_watches_but_no_quick_review(
    editor: Editor, inside: ScriptedDoor
) -> None:
    asked = JobRequest("review.pull_request", RUNNING.project, encode(None), id=RUNNING.id)
    inside.end(asked, EventType.STARTED)  # nobody watches yet
    await editor.ask("hive/jobs", {})

    inside.end(JobRequest("review", RUNNING.project, encode(None)), EventType.STARTED)
    inside.progress(asked, Progress(1, 4, "reading"))

    news = await editor.until(lambda m: m.get("method") == "$/hive/job")
    assert news["params"]["id"] == str(RUNNING.id)
    assert (news["params"]["type"], news["params"]["progress"]) == (
        "progress",
        {"done": 1, "total": 4, "note": "reading"},
    )


async def test_a_listed_job_can_be_stopped_and_no_other(editor: Editor, inside: ScriptedDoor) -> None:
    await editor.ask("hive/jobs", {})

    await editor.ask("hive/cancelJob", {"id": str(RUNNING.id)})
    assert await inside.cancelled.get() == (RUNNING.id, "ada")

    with pytest.raises(ErrorAnswer, match="not among those"):
        await editor.ask("hive/cancelJob", {"id": str(UUID(int=8))})
    with pytest.raises(ErrorAnswer, match="-32602"):
        await editor.ask("hive/cancelJob", {"id": "../8"})


async def test_a_jobs_log_is_a_document(editor: Editor) -> None:
    page = (await editor.ask("hive/content", {"uri": f"hive:/job.md?id={UUID(int=7)}"}))["text"]

    assert page.startswith("# review.pull\\_request\n\n")
    assert "running, attempt 1, asked for by ada." in page
    assert "it \\*broke\\*" in page
    assert "| failed | a \\| b c |" in page

"""An issue is sorted by what is known around it: labels and an assignee once, one comment that is edited."""

from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from server.analysis.redaction import redact
from server.chores.issues import IssueRead
from server.jobs.job import JobRequest, new_job_id
from server.memory.contexts import Contexts
from server.memory.indexing import Indexer
from server.memory.recording import Remembering
from server.reviews.asks import Bill, Triage
from tests.github.doing import Doing, notes
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn
from tests.github.world import Issue
from webhooks.chores import chores_of

RULES = """\
[issues]
enabled = true
assign = true
labels = { bug = ["crash"] }
"""


class Scene(Doing):
    repository: Repository
    project: GitProject

    def issue(self, number: int) -> Issue:
        return self.standin.issues["octo/demo", number]

    async def open(self, title: str, body: str = "", triage: Triage | None = None) -> int:
        payload = self.standin.open_issue(self.repository, title, body)
        await self.sort(payload, triage)
        return int(payload["issue"]["number"])

    async def edit(self, number: int, title: str) -> None:
        self.issue(number).title = title
        await self.sort(self.standin.issue_payload(self.repository, number, "edited"))

    async def sort(self, payload: dict[str, Any], triage: Triage | None = None) -> None:
        """The steps of the workflow, in turn."""
        [request] = chores_of("issues", payload)
        read: IssueRead = await self._step("issue.read", request, {})
        for part in read.parts:
            indexed = msgspec.json.encode(Indexer(redact).index(part))
            async with self.pool.acquire() as connection, connection.transaction():
                job: Any = {"project": request.project, "args": msgspec.json.encode(part).decode()}
                await Remembering(Contexts(self.pool, redact=redact))(connection, job, indexed)
        thought = {"think": msgspec.json.encode([triage])} if triage and read.told else {}
        self.results.append(await self._step("issue.sort", request, {"read": msgspec.json.encode(read), **thought}))

    async def _step(self, kind: str, request: JobRequest, inputs: dict[str, bytes]) -> Any:
        return await self.attempt(kind, request.project, bytes(request.args), new_job_id(), inputs)

    def told(self, number: int) -> list[str]:
        [*said] = self.issue(number).conversation
        return [comment["body"].partition("\n\n")[2] for comment in said]


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    standin.permissions |= {"issues": "write"}
    standin.collaborators |= {"bo": "write"}
    project.commit({".hive.toml": RULES, "CODEOWNERS": "*.py @bo\n", "app.py": "x = 1\n"})
    scene = Scene(standin, pool, session)
    scene.project = project
    scene.repository = await standin.create_repository(project.directory)
    scene.repository.labels = ["bug", "docs"]
    return scene


async def test_an_issue_gets_labels_an_assignee_and_no_word_where_there_is_nothing_to_say(scene: Scene) -> None:
    number = await scene.open("Crash at start", "It is in app.py, I think")

    assert scene.issue(number).labels == ["bug"]
    assert scene.issue(number).assignees == ["bo"]
    assert scene.told(number) == []


async def test_a_likely_duplicate_is_told_in_one_comment_that_edits_change(scene: Scene) -> None:
    await scene.open("Crash when the config file is empty", "KeyError")
    number = await scene.open("Crash when config file is empty", "KeyError!")
    assert scene.told(number) == ["This may be the same as #1."]
    assert scene.issue(number).state == "open"

    await scene.edit(number, "Something else entirely")

    assert scene.told(number) == ["Nothing like this is known any more."]


async def test_an_old_duplicate_is_found_by_memory(scene: Scene) -> None:
    await scene.open("Crash when the config file is empty", "KeyError")
    for unrelated in range(4):
        scene.standin.open_issue(scene.repository, f"Unrelated matter {unrelated}")
    scene.standin.page_size_limit = 3  # so that the newest issues do not reach back so far

    number = await scene.open("Crash when the config file is empty", "KeyError")

    assert scene.told(number) == ["This may be the same as #1."]


async def test_what_a_person_took_off_stays_off(scene: Scene) -> None:
    number = await scene.open("Crash at start")
    scene.issue(number).labels.clear()

    await scene.edit(number, "Crash at start, again")

    assert scene.issue(number).labels == []


async def test_a_models_suggestion_adds_labels_and_its_words(scene: Scene) -> None:
    thought = Triage(("docs",), None, (1,), "Both miss a page.", Bill())
    await scene.open("Where is the page?")

    number = await scene.open("Manual lacks something", triage=thought)

    assert scene.issue(number).labels == ["docs"]
    assert scene.told(number) == ["This may be the same as #1.\n\nBoth miss a page."]


async def test_one_that_says_the_same_is_closed_only_where_the_project_wants_it(scene: Scene) -> None:
    scene.project.commit({".hive.toml": f"{RULES}close_duplicates = true\n"})
    await scene.open("Crash at start", "with a KeyError")

    number = await scene.open("Crash at start", "with a KeyError")

    assert (scene.issue(number).state, scene.issue(number).state_reason) == ("closed", "duplicate")
    scene.issue(number).state = "open"
    await scene.sort(scene.standin.issue_payload(scene.repository, number, "reopened"))
    assert scene.issue(number).state == "open"


async def test_nothing_is_done_where_the_project_does_not_ask_for_it(scene: Scene) -> None:
    scene.project.commit({".hive.toml": ""})

    number = await scene.open("Crash at start")

    assert scene.issue(number).labels == []
    assert "not switched on" in scene.results[-1].note
    assert notes(scene.standin, number, "issue") == []

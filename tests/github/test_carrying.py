"""A push that changes nothing of the change costs next to nothing: its review is carried over. With real git."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import msgspec
import pytest

from server.db import open_pool
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.reviews.findings import FindingStore
from server.reviews.snapshot import Coverage, Report
from server.reviews.summary import summary_marker
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_commands import PROJECT
from tests.github.test_publishing import CODE, Scene, a_finding
from tests.github.test_snapshot import ref_of

FETCHES = ("git/get-blob", "pulls/list-files", "pulls/create-review")


class StoredScene(Scene):
    """Also keeps findings, as a hub does."""

    def start_process(self) -> None:
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, self.standin.private_key_pem)
        self.handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool), pool=self.pool)

    async def reviewed(self) -> None:
        snapshot = await self.snapshot()
        assert snapshot.declined == ""
        await self.publish(snapshot)
        async with self.pool.acquire() as connection, connection.transaction():
            report = Report(tuple(self.findings), Coverage(full=("app.py",)))
            await self.store.record(connection, PROJECT, None, report, place=f"pull_request:{self.ref.name}")

    @property
    def store(self) -> FindingStore:
        async def announce(event: object) -> None:
            """No door is open."""

        return FindingStore(self.pool, announce)

    async def pushed(self) -> None:
        """The branch as it is now."""
        self.ref = ref_of(await self.standin.push(self.repository, self.ref.number))

    def fetched(self) -> list[int]:
        return [self.standin.requests[operation] for operation in FETCHES]


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[StoredScene]:
    project.commit({"README": "a demo\n", "other.py": CODE, "app.py": "".join(CODE.splitlines(True)[::-1])})
    project.branch("feature")
    project.commit({"app.py": CODE, "picture": b"\0\1"})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    pool = await open_pool(postgres_url)
    scene = StoredScene(standin, project, pool, session, repository, ref, [a_finding(line) for line in (1, 2, 60)])
    await scene.reviewed()
    yield scene
    await pool.close()


def update_base(project: GitProject, files: dict[str, str | bytes | None]) -> None:
    project.git("checkout", "--quiet", "main")
    project.commit(files)
    project.git("checkout", "--quiet", "feature")


def merge(project: GitProject) -> None:
    project.git("merge", "--quiet", "--no-edit", "main")


def rebase(project: GitProject) -> None:
    project.git("rebase", "--quiet", "main")


@pytest.mark.parametrize("update", [merge, rebase])
async def test_a_branch_that_was_only_updated_gets_the_verdict_that_it_had(
    scene: StoredScene, update: Callable[[GitProject], None]
) -> None:
    before, fetched = scene.ref.head_sha, scene.fetched()
    for number in (1, 2):
        update_base(scene.project, {"other.py": f"another = {number}\n"})
        update(scene.project)
        await scene.pushed()

        snapshot = await scene.snapshot()
        published = await scene.publish(snapshot)
        assert await scene.publish(snapshot) == published

    assert scene.fetched() == fetched
    [run] = scene.check_runs()
    [earlier] = scene.standin.check_runs(scene.repository, before)
    told = ("conclusion", "annotations", "actions")
    assert [run[name] for name in told] == [earlier[name] for name in told]
    assert run["output"]["title"] == earlier["output"]["title"]
    assert (
        f"Reviewed head {scene.ref.head_sha} against base {scene.ref.base_sha}. The change is"
        in (run["output"]["summary"])
    )
    [summary] = scene.summaries()
    assert summary["body"].startswith(summary_marker(scene.ref.head_sha))
    assert before not in summary["body"]
    assert published.summary_url == summary["html_url"]


async def moves_lines(scene: StoredScene) -> None:
    update_base(scene.project, {"app.py": "".join(("new = 0\n", *CODE.splitlines(True)[::-1]))})
    scene.project.git("merge", "--quiet", "--no-edit", "-X", "ours", "main")


async def changes_the_rules(scene: StoredScene) -> None:
    update_base(scene.project, {".hive.toml": "[review]\nmax_findings = 7\n"})
    merge(scene.project)


async def adds_to_the_change(scene: StoredScene) -> None:
    update_base(scene.project, {"other.py": "another = 1\n"})
    merge(scene.project)
    scene.project.commit({"more.py": "more = 1\n"})


async def is_dismissed_meanwhile(scene: StoredScene) -> None:
    await scene.store.dismiss(PROJECT, scene.findings[0].fingerprint, by="ada", why="ours")
    update_base(scene.project, {"other.py": "another = 1\n"})
    merge(scene.project)


async def goes_to_another_base(scene: StoredScene) -> None:
    scene.project.git("checkout", "--quiet", "-b", "release", "main~0")
    scene.project.commit({"other.py": "another = 1\n"})
    scene.project.git("checkout", "--quiet", "feature")
    scene.project.git("merge", "--quiet", "--no-edit", "release")
    await scene.pushed()
    scene.standin.pull_requests["octo/demo", 1].base_branch = "release"
    scene.project.git("commit", "--quiet", "--allow-empty", "-m", "Nothing")


OTHERWISE = [moves_lines, changes_the_rules, adds_to_the_change, is_dismissed_meanwhile, goes_to_another_base]


@pytest.mark.parametrize("act", OTHERWISE)
async def test_whatever_may_read_otherwise_is_reviewed(
    scene: StoredScene, act: Callable[[StoredScene], Awaitable[None]]
) -> None:
    await act(scene)
    await scene.pushed()

    snapshot = await scene.snapshot()

    assert (snapshot.declined, snapshot.carried_from) == ("", "")
    assert "app.py" in {file.path for file in snapshot.files}


async def test_what_somebody_asks_for_is_reviewed_in_any_case(scene: StoredScene) -> None:
    update_base(scene.project, {"other.py": "another = 1\n"})
    merge(scene.project)
    await scene.pushed()
    scene.ref = msgspec.structs.replace(scene.ref, automatic=False)

    assert (await scene.snapshot()).declined == ""


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("operation", ["checks/get", "issues/update-comment", "checks/create"])
async def test_whatever_goes_wrong_it_is_carried_over_once(scene: StoredScene, operation: str, after: bool) -> None:
    update_base(scene.project, {"other.py": "another = 1\n"})
    merge(scene.project)
    await scene.pushed()
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption(operation, after=after, drop=True))

    await scene.publish_until_done(snapshot)

    assert len(scene.check_runs()) == len(scene.summaries()) == len(scene.reviews()) == 1


async def test_findings_stay_present_when_nothing_was_looked_at(scene: StoredScene) -> None:
    place = f"pull_request:{scene.ref.name}"
    async with scene.pool.acquire() as connection, connection.transaction():
        report = Report((), Coverage(), declined="paused")
        await scene.store.record(connection, PROJECT, None, report, place=place)

    assert await scene.store.count_open(PROJECT, place) == 3

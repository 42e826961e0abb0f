"""`.hive.toml` of the base decides how a pull request is reviewed: a real repository through GitHub's API."""

from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import msgspec
import pytest

from server.effects.configured import ON_THE_BASE
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.publishing import Published
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.jobs.worker import Work
from server.reviews.configuration import FILE_NAME, LEFT_OUT
from server.reviews.finding import Confidence, Finding, Severity, fingerprint
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Coverage, Report, SkippedFile, Snapshot
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn
from tests.github.test_snapshot import ref_of

LENIENT = '[severities]\n"hive.test" = "off"\n'


class Scene:
    """A project whose base says *toml*, and a pull request that changes `a.py` and `made/b.py`."""

    def __init__(
        self, standin: GitHubStandIn, session: aiohttp.ClientSession, project: GitProject, pool: asyncpg.Pool
    ) -> None:
        self.standin = standin
        self.project = project
        settings = EffectsSettings("", standin.url, standin.app_id, standin.private_key_pem)
        self._handlers = make_handlers(settings, session, Ledger(pool), Locks(pool))
        self.repository: Repository | None = None
        self.ref: PullRequestRef | None = None

    async def opened(self, *base: str, head: str | None = None, **choices: Any) -> "Scene":
        """*base*: each version of the file in turn; *head*: what the pull request makes of it."""
        self.project.commit({"a.py": "a = 1\n"})
        for toml in base:
            self.project.commit({FILE_NAME: toml})
        self.project.branch("feature")
        changed: dict[str, str | bytes | None] = {"a.py": "a = 2\n", "made/b.py": "b = 1\n"}
        self.project.commit(changed | ({FILE_NAME: head} if head is not None else {}))
        self.repository = await self.standin.create_repository(self.project.directory)
        self.ref = ref_of(await self.standin.open_pull_request(self.repository, head="feature", **choices))
        return self

    async def run(self, kind: str, **inputs: Any) -> Any:
        given = {step: msgspec.json.encode(result) for step, result in inputs.items()}
        args = msgspec.json.encode(self.ref)
        return await self._handlers[kind](Work(uuid4(), "", "github.com/octo/demo", 1, args, given, lambda *_: None))

    async def snapshot(self) -> Snapshot:
        snapshot: Snapshot = await self.run("snapshot.fetch")
        return snapshot

    async def publish(self, snapshot: Snapshot, *findings: Finding) -> Published:
        report = Report(findings, Coverage(skipped=snapshot.skipped))
        published: Published = await self.run("review.publish", snapshot=snapshot, review=report)
        return published

    def reviews(self) -> list[dict[str, Any]]:
        assert self.repository is not None
        return self.standin.reviews(self.repository, 1)


@pytest.fixture
def scene(standin: GitHubStandIn, session: aiohttp.ClientSession, project: GitProject, pool: asyncpg.Pool) -> Scene:
    return Scene(standin, session, project, pool)


def a_finding() -> Finding:
    return Finding(
        fingerprint=fingerprint("hive.test", "a.py", "a = 2", 0),
        rule="hive.test",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path="a.py",
        start_line=1,
        end_line=1,
        start_column=1,
        end_column=1,
        message="Something is wrong",
        why="Because it is.",
        evidence="a = 2",
    )


async def test_the_base_leaves_out_files_and_switches_rules_off(scene: Scene) -> None:
    await scene.opened('[review]\nleave_out = ["made/"]\n' + LENIENT)

    snapshot = await scene.snapshot()
    published = await scene.publish(snapshot, a_finding())

    assert [file.path for file in snapshot.files] == ["a.py"]
    assert snapshot.skipped == (SkippedFile("made/b.py", LEFT_OUT),)
    assert published.comments == 0
    assert scene.reviews() == []


async def test_what_the_head_says_of_its_own_review_counts_for_nothing(scene: Scene) -> None:
    await scene.opened(head='[auto_review]\nenabled = false\n[review]\nleave_out = ["a.py"]\n' + LENIENT)

    snapshot = await scene.snapshot()
    published = await scene.publish(snapshot, a_finding())

    assert {"a.py", "made/b.py"} <= {file.path for file in snapshot.files}
    assert published.comments == 1


async def test_a_file_that_is_wrong_is_told_of_and_the_last_one_that_was_right_holds(scene: Scene) -> None:
    right = '[review]\nleave_out = ["made/"]\n'
    await scene.opened(right, "review = 7\n", "[review\n")
    held = scene.project.git("rev-list", "main", "--", FILE_NAME).split()[-1]

    snapshot = await scene.snapshot()
    published = await scene.publish(snapshot)
    await scene.publish(snapshot)

    assert scene.repository is not None
    assert [file.path for file in snapshot.files] == ["a.py"]
    assert snapshot.configuration == right
    bodies = [said["body"] for said in scene.standin.conversation(scene.repository, 1)]
    told = [body for body in bodies if "hive:configuration" in body]
    assert len(told) == 1
    assert "cannot be used" in told[0]
    [problem] = [skipped.reason for skipped in snapshot.skipped if skipped.path == ON_THE_BASE]
    assert problem.startswith(f"that of {held[:12]} holds, because .hive.toml is not TOML")
    [run] = scene.standin.check_runs(scene.repository)
    assert run["html_url"] == published.check_run_url
    assert run["conclusion"] == "neutral"
    assert f"that of {held[:12]} holds" in run["output"]["summary"]


async def test_where_no_version_was_ever_right_the_defaults_hold(scene: Scene) -> None:
    await scene.opened("[review\n")

    snapshot = await scene.snapshot()

    assert [file.path for file in snapshot.files] == ["a.py", "made/b.py"]
    assert snapshot.configuration == ""
    assert "the defaults hold" in snapshot.skipped[-1].reason


async def test_a_file_that_is_too_large_does_not_hold(scene: Scene) -> None:
    await scene.opened("#" * 70_000)

    assert "larger than 64 KiB" in (await scene.snapshot()).skipped[-1].reason


async def test_a_pull_request_that_the_rules_decline_is_neither_read_nor_spoken_of(scene: Scene) -> None:
    await scene.opened('[auto_review]\nskip_labels = ["wip"]\n')
    assert scene.repository is not None
    scene.standin.label(scene.repository, 1, "wip")

    snapshot = await scene.snapshot()
    published = await scene.publish(snapshot)

    assert (snapshot.files, snapshot.declined) == ((), "it is labelled wip")
    assert published == Published(note="not reviewed: it is labelled wip")
    assert scene.standin.requests["repos/compare-commits-with-basehead"] == 0
    assert (scene.reviews(), scene.standin.check_runs(scene.repository)) == ([], [])


async def test_whoever_asks_for_a_review_is_not_held_against_the_rules(scene: Scene) -> None:
    await scene.opened("[auto_review]\nenabled = false\n")
    assert scene.ref is not None
    scene.ref = msgspec.structs.replace(scene.ref, automatic=False)

    assert len((await scene.snapshot()).files) == 2


@pytest.mark.parametrize("drafts", [False, True], ids=["by default", "where drafts are reviewed"])
async def test_a_draft_is_reviewed_only_where_the_project_wants_it(scene: Scene, drafts: bool) -> None:
    await scene.opened(f"[auto_review]\ndrafts = {str(drafts).lower()}\n", draft=True)

    snapshot = await scene.snapshot()

    assert bool(snapshot.files) is drafts
    assert bool(snapshot.declined) is not drafts


LABELLED = {
    "where labels count": ("""[auto_review]\nrequire_labels = ["ready"]\n""", ["ready"], ""),
    "without the label": ("""[auto_review]\nrequire_labels = ["ready"]\n""", ["other"], "none of the labels"),
    "where they do not": ("", ["ready"], "labels say nothing"),
}


@pytest.mark.parametrize(("toml", "labels", "declined"), LABELLED.values(), ids=LABELLED)
async def test_a_label_lets_the_rules_decide_anew(scene: Scene, toml: str, labels: list[str], declined: str) -> None:
    await scene.opened(toml)
    assert scene.repository is not None
    assert scene.ref is not None
    scene.standin.label(scene.repository, 1, *labels)
    scene.ref = msgspec.structs.replace(scene.ref, relabelled=True)

    snapshot = await scene.snapshot()

    assert declined in snapshot.declined
    assert bool(snapshot.files) is not bool(declined)


async def test_a_label_on_a_head_that_was_reviewed_begins_nothing(scene: Scene) -> None:
    await scene.opened("""[auto_review]\nskip_labels = ["wip"]\n""")
    assert scene.ref is not None
    await scene.publish(await scene.snapshot(), a_finding())

    scene.ref = msgspec.structs.replace(scene.ref, relabelled=True)

    assert "reviewed already" in (await scene.snapshot()).declined

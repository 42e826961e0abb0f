"""What is too large for GitHub's API is read by git: through git's own server, with the installation's token."""

import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from server.effects.app import GitHubApp
from server.effects.github import github_for
from server.effects.hosts import git_address, site_of
from server.effects.partial_clone import GitUnavailable, partial_clone
from server.effects.snapshot import MAX_SNAPSHOT_BYTES, TOO_MUCH, fetch_snapshot
from server.effects.whole_tree import fetch_tree
from server.jobs.children import Children
from server.jobs.wire import MAX_RESULT_BYTES
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import UNLISTED
from server.reviews.snapshot import LineRange, SkippedFile, Snapshot, SourceFile
from server.reviews.whole_tree import WholeTree, within
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn
from tests.github.test_snapshot import a_pull_request

LONG = "".join(f"line {number}\n" for number in range(25_000))


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    children = Children(uuid4())
    yield children
    await children.end()


async def fetch(app: GitHubApp, ref: PullRequestRef, children: Children) -> Snapshot:
    return await fetch_snapshot(await github_for(app, ref), ref, lambda done, total, note: None, children=children)


async def test_a_diff_that_github_does_not_show_is_read_by_git(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    project.commit({"long.py": LONG, 'ünïcode "name.py': "a = 1\n", "gone.py": "x\n"})
    project.branch("feature")
    every_other = "".join(f"line {number}{' changed' * (number % 2)}\n" for number in range(25_000))
    project.commit({"long.py": every_other, 'ünïcode "name.py': "a = 2\n", "gone.py": None, "new.py": "n = 1\n"})
    _, ref = await a_pull_request(standin, project)

    snapshot = await fetch(app, ref, children)

    files = {file.path: file for file in snapshot.files}
    assert snapshot.skipped == (SkippedFile("gone.py", "deleted"),)
    assert files.keys() == {"long.py", 'ünïcode "name.py', "new.py"}
    long = files["long.py"]
    assert (long.text, long.base, len(long.changed or ())) == (every_other, LONG, 12_500)
    assert long.hunks == (), "GitHub shows no line of it, so that no comment can stand there"
    assert files['ünïcode "name.py'].hunks == (LineRange(1, 1),)
    assert standin.requests["git/get-blob"] == 0


async def test_files_beyond_githubs_list_are_read_by_git(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    standin.listed_files_limit = 300
    project.commit({"z.py": "a = 1\nb = 1\n"})
    project.branch("feature")
    project.commit({"z.py": "a = 1\nb = 2\n", **{f"many/{n:03}.py": f"n = {n}\n" for n in range(310)}})
    _, ref = await a_pull_request(standin, project)

    snapshot = await fetch(app, ref, children)

    files = {file.path: file for file in snapshot.files}
    assert (len(files), snapshot.skipped) == (311, ())
    assert (files["z.py"].changed, files["z.py"].hunks) == ((LineRange(2, 2),), ())
    assert files["many/309.py"].changed == (LineRange(1, 1),)


@pytest.mark.slow
async def test_where_git_says_no_the_api_tells_what_it_can_and_the_rest_is_named(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    standin.listed_files_limit = 300
    (project.directory / ".git/config").open("a").write("[http]\n    uploadpack = false\n")
    project.commit({"a.py": "a\n"})
    project.branch("feature")
    project.commit({f"many/{n:03}.py": f"n = {n}\n" for n in range(310)})
    _, ref = await a_pull_request(standin, project)

    snapshot = await fetch(app, ref, children)

    (unlisted,) = snapshot.skipped
    assert len(snapshot.files) == 300
    assert unlisted.reason.startswith("10 more: GitHub lists only the first 3,000 files, and git fetch: ")


async def test_what_is_too_much_for_one_message_is_told_file_by_file(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    quotes = '"' * 99 + "\n"  # each is two characters when it is sent
    project.commit({"a.py": "a\n", "big/0.txt": quotes * 10_000})
    project.branch("feature")
    project.commit({f"big/{n}.txt": quotes * 10_000 + f"{n}\n" for n in range(12)} | {"small.py": "s = 1\n"})
    _, ref = await a_pull_request(standin, project)

    snapshot = await fetch(app, ref, children)

    read, left_out = {file.path for file in snapshot.files}, {file.path for file in snapshot.skipped}
    assert len(msgspec.json.encode(snapshot)) < MAX_RESULT_BYTES
    assert "small.py" in read
    assert read | left_out == {f"big/{n}.txt" for n in range(12)} | {"small.py"}
    assert {file.reason for file in snapshot.skipped} == {TOO_MUCH}
    assert MAX_SNAPSHOT_BYTES < MAX_RESULT_BYTES


async def test_for_tests_all_of_the_head_is_read_but_for_what_was_read_before(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    project.commit({"a.py": "a = 1\n", "tests/__init__.py": "", "tests/data.csv": "1,2\n", "ünïcode.txt": "ü\n"})
    project.branch("feature")
    project.commit({"a.py": "a = 2\n", "new.py": "n = 1\n"})
    _, ref = await a_pull_request(standin, project)
    snapshot = await fetch(app, ref, children)

    tree = await fetch_tree(await github_for(app, ref), snapshot, lambda done, total, note: None, children)

    whole, untested = within(tree, snapshot)
    assert {file.path: file.text for file in tree.files} == {
        "tests/__init__.py": "",
        "tests/data.csv": "1,2\n",
        "ünïcode.txt": "ü\n",
    }
    assert (whole.files, whole.context, untested) == (snapshot.files, tree.files, "")
    assert standin.requests["git/get-blob"] == len(snapshot.files) + len(snapshot.context)


async def test_a_head_that_git_does_not_give_is_not_tested_and_says_why(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    project.commit({"a.py": "a = 1\n", "b.txt": "b\n"})
    project.branch("feature")
    project.commit({"a.py": "a = 2\n"})
    _, ref = await a_pull_request(standin, project)
    snapshot = await fetch(app, ref, children)
    (project.directory / ".git/config").open("a").write("[http]\n    uploadpack = false\n")

    tree = await fetch_tree(await github_for(app, ref), snapshot, lambda done, total, note: None, children)

    kept, untested = within(tree, snapshot)
    assert kept == snapshot
    assert untested.startswith("the project was not fetched whole: git fetch")


def test_where_github_does_not_say_what_was_changed_nothing_is_tested() -> None:
    snapshot = Snapshot("p", (), (SkippedFile(UNLISTED, "9 more"),))

    assert within(WholeTree((SourceFile(".hive.toml", ""),)), snapshot).snapshot == snapshot
    assert within(WholeTree(), snapshot).untested


class WatchedChildren(Children):
    """Keeps what each process was started with."""

    def __init__(self) -> None:
        super().__init__(uuid4())
        self.started: list[object] = []

    async def start(self, program: str, *arguments: str, **options: Any) -> Process:
        self.started.append((program, arguments, options.get("environment")))
        return await super().start(program, *arguments, **options)


async def test_the_token_is_in_no_argument_environment_or_file_of_git(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject
) -> None:
    base, head = project.commit({"a.py": "a = 1\n"}), project.commit({"a.py": "a = 2\n"})
    await standin.create_repository(project.directory)
    token = await app.token(await app.installation_id("octo", "demo"))
    children = WatchedChildren()

    async with partial_clone(children, git_address(standin.url, "octo/demo"), token, head) as clone:
        await clone.fetch_commits(base, head)
        (change,) = await clone.changes(base, head)
        await clone.fetch_blobs([change.old_sha, change.sha])
        contents = [content async for _, content in clone.blobs([change.old_sha, change.sha], 100)]
        written = b"".join(file.read_bytes() for file in clone.directory.rglob("*") if file.is_file())

    assert contents == [b"a = 1\n", b"a = 2\n"]
    assert len(children.started) >= 4
    assert token not in repr(children.started)
    assert token.encode() not in written
    assert not clone.directory.exists()


async def test_a_wrong_token_is_refused_without_a_question(
    standin: GitHubStandIn, project: GitProject, children: Children
) -> None:
    head = project.commit({"a.py": "a\n"})
    await standin.create_repository(project.directory)

    with pytest.raises(GitUnavailable, match="fetch") as refused:
        async with partial_clone(children, git_address(standin.url, "octo/demo"), "ghs_wrong", head) as clone:
            await clone.fetch_commits(head)

    assert "ghs_wrong" not in str(refused.value)


async def test_a_pack_larger_than_its_room_ends_git(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject, children: Children
) -> None:
    head = project.commit({"noise.bin": os.urandom(300_000)})
    await standin.create_repository(project.directory)
    token = await app.token(await app.installation_id("octo", "demo"))
    blob = project.git("rev-parse", f"{head}:noise.bin")
    address = git_address(standin.url, "octo/demo")

    with pytest.raises(GitUnavailable, match="fetch"):
        async with partial_clone(children, address, token, head, most_blocks=100) as clone:
            await clone.fetch_blobs([blob])


HOSTS = {
    "github.com": ("https://api.github.com", "https://github.com"),
    "a tenant of ghe.com": ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
    "a company's own server": ("https://git.example.com/api/v3", "https://git.example.com"),
    "on a port of its own": ("https://git.example.com:8443/api/v3", "https://git.example.com:8443"),
}


@pytest.mark.parametrize(("api", "site"), HOSTS.values(), ids=HOSTS)
def test_a_site_is_told_by_the_address_of_its_api(api: str, site: str) -> None:
    assert site_of(api) == site
    assert git_address(api, "octo/demo") == f"{site}/octo/demo.git"

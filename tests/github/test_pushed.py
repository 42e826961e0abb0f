"""What is fetched of a push to the default branch, from a real repository through GitHub's API."""

from server.analysis.redaction import redact
from server.effects.app import GitHubApp
from server.effects.github import github_for
from server.effects.pushed import Pushed, fetch_pushed
from server.memory.indexing import Indexer
from server.reviews.push import PushRef
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn

PROJECT = "github.com/octo/demo"


async def pushed(app: GitHubApp, before: str, after: str) -> Pushed:
    ref = PushRef(PROJECT, "octo/demo", before, after)
    return await fetch_pushed(await github_for(app, ref), ref, lambda done, total, note: None)


async def test_a_push_brings_what_it_changed_and_names_what_is_gone(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject
) -> None:
    before = project.commit({"a.py": "a = 1\n", "old.py": "def old(): pass\n", "same.py": "s = 1\n"})
    (project.directory / "old.py").unlink()
    after = project.commit({"a.py": "a = 2\n", "new.py": "def new(value):\n    return value\n"})
    await standin.create_repository(project.directory)

    gone, changed = (await pushed(app, before, after)).parts

    assert gone.gone == ("old.py",)
    assert {file.path: file.text for file in changed.files} == {
        "a.py": "a = 2\n",
        "new.py": "def new(value):\n    return value\n",
    }
    (_, new) = Indexer(redact).index(changed).files
    assert [piece.symbol for piece in new.pieces] == ["new"]


async def test_what_is_no_text_or_too_large_is_left_out(
    standin: GitHubStandIn, app: GitHubApp, project: GitProject
) -> None:
    before = project.commit({"a.py": "a = 1\n"})
    after = project.commit({"large.py": "x = 1\n" * 200_000, "picture.png": "\0\0", "a.py": "a = 2\n"})
    await standin.create_repository(project.directory)

    found = await pushed(app, before, after)

    assert [file.path for part in found.parts for file in part.files] == ["a.py"]
    assert found.left_out == 1

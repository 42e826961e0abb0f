"""Editors of other machines: they and their keys say what their documents are called, not the hub's disk."""

from pathlib import Path

import pytest

from lsp.messages import CheckoutTold
from lsp.workspace import Place, Workspace
from server.security.principal import Principal
from tests.lsp.conftest import Connect
from tests.lsp.scripted import (
    REMOTE,
    REMOTE_TOKEN,
    SCOPED,
    SCOPED_TOKEN,
    ScriptedDoor,
    ScriptedFindings,
    flag_each,
    report_of,
    snapshot_of,
    source_of,
)

OURS = "github.com/owner/repo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """At the same place this machine has a repository of its own, which is nobody else's business."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n\turl = https://github.com/secret/other.git\n')
    (tmp_path / "src").mkdir()
    return tmp_path


async def test_a_document_of_another_machine_belongs_to_the_checkout_that_its_editor_tells(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, folder: Path
) -> None:
    editor = await connect(token=SCOPED_TOKEN)
    editor.tell("hive/checkouts", {"checkouts": [checkout(folder)]})
    uri = (folder / "src" / "a.py").as_uri()
    editor.open(uri, "bad\n")

    request = await inside.requests.get()
    inside.answer(request, flag_each("bad")(source_of(request)))
    (shown,) = await editor.diagnostics(uri, 1)
    await editor.ask("workspace/executeCommand", {"command": "hive.dismiss", "arguments": [uri, "f" * 32]})

    assert (snapshot_of(request).project, source_of(request).path) == (OURS, "src/a.py")
    assert findings.decisions[0][:2] == (OURS, "f" * 32), "the same finding as on the pull request"
    assert shown["message"]


async def test_an_open_document_moves_to_the_checkout_of_which_its_editor_tells_later(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    editor = await connect(token=REMOTE_TOKEN)
    uri = (folder / "src" / "a.py").as_uri()
    editor.open(uri, "fine\n")
    before = await inside.requests.get()
    inside.answer(before, report_of("src/a.py"))
    await editor.status(uri, "analysed")

    editor.tell("hive/checkouts", {"checkouts": [checkout(folder)]})

    after = await inside.requests.get()
    assert snapshot_of(before).project.startswith("local/")
    assert (snapshot_of(after).project, source_of(after).path) == (OURS, "src/a.py")


@pytest.mark.parametrize(
    ("whose", "told", "project", "path"),
    [
        (SCOPED, False, OURS, "src/a.py"),
        (SCOPED, True, OURS, "src/a.py"),
        (REMOTE, True, OURS, "src/a.py"),
        (REMOTE, False, "local/", "src/a.py"),
    ],
    ids=["its key names the project", "both name it", "its editor names the project", "nobody does"],
)
async def test_a_place_on_another_machine(whose: Principal, told: bool, project: str, path: str, folder: Path) -> None:
    workspace = Workspace([folder.as_uri()], whose)
    if told:
        workspace.hear([CheckoutTold(folder.as_uri(), "git@github.com:Owner/Repo.git", "main")])

    place = await workspace.locate((folder / "src" / "a.py").as_uri(), "python")

    assert place.project.startswith(project)
    assert (place.path, place.root_uri) == (path, folder.as_uri())
    assert "secret" not in place.project


async def test_the_same_folder_on_two_machines_is_two_projects(folder: Path) -> None:
    uri = (folder / "a.py").as_uri()
    places: list[Place] = [
        await Workspace([folder.as_uri()], Principal("ada", frozenset(), key_id=key)).locate(uri, "")
        for key in ("one", "two")
    ]

    assert places[0].project != places[1].project


def checkout(folder: Path) -> dict[str, str]:
    return {"root_uri": folder.as_uri(), "remote": "git@github.com:Owner/Repo.git", "branch": "main"}

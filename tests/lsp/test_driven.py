"""A connected editor as programs drive it: both kinds of editors, over the wire."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from lsp.driven import Driven
from lsp.server import LspDoor
from server.config import Address
from server.ide.consents import Consent, ConsentKind, ConsentNotFound
from server.ide.driving import Change, CommandRun, FileEdit, NotDone
from server.security.principal import Principal
from tests.lsp.conftest import NEVER, Connect
from tests.lsp.scripted import PERSON, REMOTE_TOKEN, TOKEN, ScriptedDoor, ScriptedFindings, authenticate
from tests.lsp.wire import Editor, ErrorAnswer

CODE = "one\nt𝄞wo\nthree\n"
SPEAKS = {"programs": True, "trusted": True}


@pytest.fixture
def folder(folder: Path) -> Path:
    (folder / "a.py").write_text(CODE)
    (folder / "link.py").symlink_to(folder / "a.py")
    (folder / "out").symlink_to("/etc")
    return folder


def a_change(old_text: str = "𝄞", new_text: str = "TW", line: int = 2, column: int = 2) -> Change:
    return Change(line, column, line, column + len(old_text), old_text, new_text)


def an_edit(driven: Driven, *changes: Change, path: str = "a.py", **fields: Any) -> FileEdit:
    return FileEdit(driven.id, path, changes or (a_change(),), **fields)


async def driven_by(connect: Connect, door: LspDoor, **how: Any) -> tuple[Editor, Driven]:
    editor = await connect(**how)
    editor.answers_requests = False
    (driven,) = door.connected()
    return editor, driven


async def all_is_heard(editor: Editor) -> None:
    """What was sent before is done: messages are handled in order."""
    await editor.ask("hive/findings", {})


async def answer(editor: Editor, method: str, result: Any) -> Any:
    """Of the next request of that method; its params."""
    asked = await editor.until(lambda m: m.get("method") == method)
    editor.send({"id": asked["id"], "result": result})
    return asked["params"]


async def test_our_extension_is_asked_in_our_words_and_answers_in_ours(connect: Connect, door: LspDoor) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)

    asking = asyncio.create_task(driven.ask("robot", ConsentKind.EDIT, "May it?"))
    assert await answer(editor, "hive/consent", {"allowed": True}) == {
        "asker": "robot",
        "kind": "edit",
        "text": "May it?",
    }
    assert await asking is True

    editing = asyncio.create_task(driven.edit("robot", an_edit(driven)))
    asked = await answer(editor, "hive/editFile", {"applied": False, "reason": "no"})
    assert asked["uri"].endswith("/a.py")
    (part,) = asked["edits"]
    assert (part["start_line"], part["start_character"], part["end_character"]) == (1, 1, 3), "UTF-16"
    assert (await editing).reason == "no"

    running = asyncio.create_task(driven.run("robot", CommandRun(driven.id, ("make",)), 5))
    asked = await answer(editor, "hive/runCommand", {"exit_code": 0, "stdout": "123456789", "stderr": ""})
    assert (asked["argv"], asked["cwd_uri"], asked["max_output_bytes"]) == (["make"], driven.see().folders[0], 5)
    assert (await running).stdout == "12345"


async def test_what_an_editor_answers_is_not_believed_to_be_an_answer(connect: Connect, door: LspDoor) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)

    running = asyncio.create_task(driven.run("robot", CommandRun(driven.id, ("make",)), 5))
    await answer(editor, "hive/runCommand", {"exit_code": "all is well"})

    with pytest.raises(NotDone, match="answer is none"):
        await running


async def test_an_editor_hears_that_nobody_waits_for_what_it_was_asked_to_do(connect: Connect, door: LspDoor) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)
    running = asyncio.create_task(driven.run("robot", CommandRun(driven.id, ("make",)), 5))
    asked = await editor.until(lambda m: m.get("method") == "hive/runCommand")

    running.cancel()

    taken_back = await editor.until(lambda m: m.get("method") == "$/cancelRequest")
    assert taken_back["params"]["id"] == asked["id"]
    editor.send({"id": asked["id"], "error": {"code": -32800, "message": "cancelled"}})
    await all_is_heard(editor)


async def test_any_other_editor_is_asked_by_message_and_edited_by_versioned_edits(
    connect: Connect, door: LspDoor, folder: Path
) -> None:
    editor, driven = await driven_by(connect, door, options={"trusted": True})
    uri = (folder / "a.py").as_uri()
    editor.open(uri, CODE, version=4)

    asking = asyncio.create_task(driven.ask("robot", ConsentKind.EDIT, "May it?"))
    asked = await answer(editor, "window/showMessageRequest", {"title": "Deny"})
    assert [action["title"] for action in asked["actions"]] == ["Allow", "Deny"]
    assert await asking is False

    editing = asyncio.create_task(driven.edit("robot", an_edit(driven, version=4)))
    asked = await answer(editor, "workspace/applyEdit", {"applied": True})
    (change,) = asked["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 4}
    assert change["edits"][0]["newText"] == "TW"
    assert (await editing).applied
    assert not driven.see().can_run


@pytest.mark.parametrize(
    ("fields", "changes", "why"),
    [
        ({"path": "missing.py"}, [], "there is no such file"),
        ({"path": "link.py"}, [], "symbolic link"),
        ({"path": "out/passwd"}, [], "symbolic link"),
        ({"path": "a.py", "folder": "file:///etc"}, [], "no folder of the editor"),
        ({"version": 3}, [], "not open any more"),
        ({}, [a_change("two")], "old_text is not what stands"),
        ({}, [a_change("x", line=9)], "is not in the file"),
        ({}, [a_change("x", column=50)], "is not in the file"),
        ({}, [a_change("𝄞"), a_change("𝄞w")], "overlap"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_an_edit_that_does_not_fit_reaches_no_editor(
    connect: Connect, door: LspDoor, fields: dict[str, Any], changes: list[Change], why: str
) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)

    with pytest.raises(NotDone, match=why):
        await driven.edit("robot", an_edit(driven, *changes, **fields))

    assert not [m for m in editor.heard if m.get("method") == "hive/editFile"]


async def test_an_edit_of_an_older_version_is_refused(connect: Connect, door: LspDoor, folder: Path) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)
    uri = (folder / "a.py").as_uri()
    editor.open(uri, CODE, version=1)
    editor.change(uri, 2, ((0, 0), (0, 0), "zero\n"))
    await all_is_heard(editor)

    with pytest.raises(NotDone, match="version 2 by now"):
        await driven.edit("robot", an_edit(driven, version=1))


async def test_edits_of_one_file_wait_for_each_other(connect: Connect, door: LspDoor) -> None:
    editor, driven = await driven_by(connect, door, options=SPEAKS)

    both = [asyncio.create_task(driven.edit("robot", an_edit(driven))) for _ in range(2)]
    await editor.until(lambda m: m.get("method") == "hive/editFile")
    await all_is_heard(editor)
    (only,) = [m for m in editor.heard if m.get("method") == "hive/editFile"]
    editor.send({"id": only["id"], "result": {"applied": True}})
    second = await editor.until(lambda m: m.get("method") == "hive/editFile" and m["id"] != only["id"])
    editor.send({"id": second["id"], "result": {"applied": True}})

    assert [edited.applied for edited in await asyncio.gather(*both)] == [True, True]


async def test_without_a_word_of_it_a_workspace_is_not_trusted_and_of_a_machine_elsewhere_no_disk_is_read(
    connect: Connect, door: LspDoor
) -> None:
    editor, driven = await driven_by(connect, door, token=REMOTE_TOKEN)

    assert not driven.is_trusted
    with pytest.raises(NotDone, match="reads none of that machine"):
        await driven.edit("robot", an_edit(driven))
    editor.tell("hive/trust", {"trusted": True})
    await all_is_heard(editor)
    assert driven.is_trusted
    editor.tell("hive/trust", "yes")
    await all_is_heard(editor)
    assert not driven.is_trusted


class ScriptedConsents:
    def __init__(self) -> None:
        at = datetime(2026, 11, 23, tzinfo=UTC)
        kinds = [("robot", ConsentKind.EDIT, True), ("robot", ConsentKind.RUN, False), ("other", ConsentKind.SEE, True)]
        self.kept = [Consent(uuid4(), "local", "R", name, kind, allowed, at) for name, kind, allowed in kinds]

    async def list(self, owner: Principal) -> list[Consent]:
        assert owner == PERSON
        return self.kept

    async def revoke(self, consent_id: UUID, owner: Principal, *, by: Principal) -> Consent:
        assert owner == by == PERSON
        for one in self.kept:
            if one.id == consent_id:
                self.kept = [other for other in self.kept if other is not one]
                return one
        raise ConsentNotFound("there is none")

    async def revoke_all(self, owner: Principal) -> int:
        gone, self.kept = len(self.kept), []
        return gone


@pytest.fixture
async def consents() -> ScriptedConsents:
    return ScriptedConsents()


@pytest.fixture
async def consulted(
    inside: ScriptedDoor, findings: ScriptedFindings, consents: ScriptedConsents
) -> AsyncIterator[Editor]:
    """An editor of a hub that keeps *consents*."""
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, consents=consents)
    editor = await Editor.connect((await door.start(Address("127.0.0.1", 0))).port)
    await editor.start(TOKEN)
    yield editor
    await editor.close()
    await door.stop()


async def execute(editor: Editor, command: str, *arguments: Any) -> Any:
    return await editor.ask("workspace/executeCommand", {"command": command, "arguments": arguments})


async def test_a_person_sees_and_takes_back_what_programs_may_do_one_by_one_or_all(
    consulted: Editor, consents: ScriptedConsents
) -> None:
    first, second, third = await execute(consulted, "hive.consents")

    assert (first["asker"], first["kind"], first["is_allowed"]) == ("robot", "edit", True)
    assert (second["kind"], second["is_allowed"], second["decided_at"]) == ("run", False, "2026-11-23T00:00:00Z")
    assert await execute(consulted, "hive.revokeConsents", second["id"]) == 1
    assert await execute(consulted, "hive.revokeConsents", second["id"]) == 0
    assert await execute(consulted, "hive.consents") == [first, third]
    assert await execute(consulted, "hive.revokeConsents") == 2
    assert await execute(consulted, "hive.consents") == []
    with pytest.raises(ErrorAnswer, match="-32602"):
        await execute(consulted, "hive.revokeConsents", "all")


async def test_an_editor_without_a_list_of_its_own_is_asked_which_answer_to_take_back(
    consulted: Editor, consents: ScriptedConsents
) -> None:
    consulted.answers_requests = False

    number = consulted.request("workspace/executeCommand", {"command": "hive.revokeConsent", "arguments": []})
    asked = await answer(consulted, "window/showMessageRequest", {"title": "robot may not run commands"})

    assert [one["title"] for one in asked["actions"]] == [
        "robot may edit", "robot may not run commands", "other may see what is open",
    ]  # fmt: skip
    assert await consulted.answer(number) == 1
    assert [one.kind for one in consents.kept] == [ConsentKind.EDIT, ConsentKind.SEE]
    consents.kept.clear()
    assert await execute(consulted, "hive.revokeConsent") == 0
    assert "No program was allowed" in await consulted.message()

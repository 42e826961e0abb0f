"""Who may drive an editor, and what is written down of it: a real Postgres, an editor that keeps what it is asked."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from server.errors import HiveError
from server.hubs.wakeups import Wakeups
from server.ide import driving as driving_module
from server.ide.consents import ConsentKind, Consents
from server.ide.driving import (
    Change,
    CommandRun,
    Driving,
    Edited,
    EditorNotFound,
    FileEdit,
    NotAllowed,
    NotDone,
    NotTrusted,
    Ran,
    SeenEditor,
)
from server.security.principal import Permission, Principal

ADA = Principal("ada", frozenset({Permission.WRITE}), key_id="ADA")
ROBOT = Principal("robot", frozenset({Permission.WRITE}), key_id="ROBOT")
PROJECT = "github.com/octo/demo"
CHANGE = Change(1, 1, 1, 2, "a", "b")
NEVER = 86_400.0


@dataclass
class ScriptedEditor:
    """*answer*: what the person says."""

    answer: bool | None = True
    is_trusted: bool = True
    can_run: bool = True
    id: str = "e1"
    name: str = "Code"
    owner: Principal = ADA
    questions: list[ConsentKind] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self) -> SeenEditor:
        return SeenEditor(self.id, self.name, self.owner.name, self.is_trusted, self.can_run, ("file:///w",), ())

    async def projects(self) -> frozenset[str]:
        return frozenset({PROJECT})

    async def ask(self, asker: str, kind: ConsentKind, text: str) -> bool | None:
        assert f"“{asker}”" in text
        self.questions.append(kind)
        return self.answer

    async def edit(self, asker: str, edit: FileEdit) -> Edited:
        self.asked.append(edit)
        return Edited(True)

    async def run(self, asker: str, run: CommandRun, max_output_bytes: int) -> Ran:
        self.asked.append(run)
        return Ran(1, "out", "err")


@pytest.fixture
def editor() -> ScriptedEditor:
    return ScriptedEditor()


Drive = Callable[..., Driving]


@pytest.fixture
def drive(pool: asyncpg.Pool) -> Drive:
    return lambda *editors: Driving(lambda: editors, Consents(pool), (("make", "test"),), Wakeups(pool))


def an_edit(path: str = "a.py", editor: str = "e1") -> FileEdit:
    return FileEdit(editor, path, (CHANGE,))


def a_run(*argv: str) -> CommandRun:
    return CommandRun("e1", argv or ("make", "test"))


async def written(driving: Driving) -> list[tuple[str, str, str]]:
    return [
        (one.act.value, one.target, one.outcome.value) for one in await driving.consents.audit(before=None, limit=50)
    ]


async def test_a_person_is_asked_once_for_each_program_and_kind_also_across_hubs_and_many_calls_at_once(
    drive: Drive, editor: ScriptedEditor
) -> None:
    driving = drive(editor)
    await driving.connect(ROBOT, None, "to mend things")
    await asyncio.gather(*(driving.edit(ROBOT, an_edit()) for _ in range(5)))
    ran = await drive(editor).run(ROBOT, a_run())
    await drive(editor).see(ROBOT, "e1")

    assert editor.questions == [ConsentKind.SEE, ConsentKind.EDIT, ConsentKind.RUN]
    assert (ran.exit_code, len(editor.asked)) == (1, 6)

    await drive(editor).see(ADA, "e1")
    assert editor.questions[3:] == [ConsentKind.SEE], "the same person's own key is another program"


async def test_a_no_holds_until_it_is_taken_back(drive: Drive, editor: ScriptedEditor) -> None:
    editor.answer = False
    driving = drive(editor)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="did not allow"):
            await driving.edit(ROBOT, an_edit())
    assert editor.questions == [ConsentKind.EDIT]

    assert await driving.consents.revoke_all(ADA) == 1
    editor.answer = True
    assert (await driving.edit(ROBOT, an_edit())).applied

    (consent,) = await driving.consents.list(ADA)
    await driving.consents.revoke(consent.id, ADA, by=ADA)
    assert await driving.consents.list(None) == []


async def test_a_question_that_is_closed_is_no_yes_and_does_not_come_again_at_once(
    drive: Drive, editor: ScriptedEditor
) -> None:
    editor.answer = None
    driving = drive(editor)

    for _ in range(3):
        with pytest.raises(NotAllowed, match="closed without an answer"):
            await driving.see(ROBOT, "e1")

    assert editor.questions == [ConsentKind.SEE]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda driving: driving.edit(ROBOT, an_edit("../a.py")), NotAllowed),
        (lambda driving: driving.run(ROBOT, a_run("rm", "-rf", "/")), NotAllowed),
        (lambda driving: driving.see(ROBOT, "e2"), EditorNotFound),
        (lambda driving: driving.edit(ROBOT, an_edit(editor="e2")), EditorNotFound),
    ],
    ids=["a path outside", "another command", "another editor", "an edit in another editor"],
)
async def test_what_may_not_be_is_refused_before_anybody_is_asked(
    drive: Drive, editor: ScriptedEditor, act: Any, error: type[HiveError]
) -> None:
    with pytest.raises(error):
        await act(drive(editor))

    assert (editor.questions, editor.asked) == ([], [])


async def test_in_a_workspace_that_is_not_trusted_nothing_is_edited_or_run(
    drive: Drive, editor: ScriptedEditor
) -> None:
    editor.is_trusted = False

    for act in (drive(editor).edit(ROBOT, an_edit()), drive(editor).run(ROBOT, a_run())):
        with pytest.raises(NotTrusted):
            await act

    assert (editor.questions, editor.asked) == ([], [])
    assert not (await drive(editor).see(ROBOT, "e1")).trusted


async def test_an_editor_without_our_extension_says_that_it_cannot_run(drive: Drive, editor: ScriptedEditor) -> None:
    editor.can_run = False

    with pytest.raises(NotDone, match="cannot run commands"):
        await drive(editor).run(ROBOT, a_run())


async def test_a_key_of_another_project_sees_no_editor_and_of_several_one_is_to_be_named(drive: Drive) -> None:
    stranger = Principal("eve", frozenset({Permission.WRITE}), "github.com/other/repo", "EVE")
    insider = Principal("bob", frozenset({Permission.WRITE}), PROJECT, "BOB")
    driving = drive(ScriptedEditor(), ScriptedEditor(id="e2"))

    with pytest.raises(EditorNotFound):
        await driving.connect(stranger, "e1", "why")
    with pytest.raises(NotDone, match="several editors"):
        await driving.connect(insider, None, "why")
    assert (await driving.connect(insider, "e2", "why")).id == "e2"


class StuckEditor(ScriptedEditor):
    """What it is asked to do takes long; *ended* when it is told to stop."""

    async def run(self, asker: str, run: CommandRun, max_output_bytes: int) -> Ran:
        await self._never()
        return Ran(0)

    async def edit(self, asker: str, edit: FileEdit) -> Edited:
        await self._never()
        return Edited(True)

    async def _never(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


@pytest.mark.parametrize("act", ["run", "edit"])
async def test_an_answer_that_is_taken_back_ends_what_it_allowed_at_once(
    drive: Drive, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving_module, "LOOK_AGAIN_SECONDS", NEVER)
    editor = StuckEditor()
    driving = drive(editor)
    under_way = asyncio.create_task(driving.run(ROBOT, a_run()) if act == "run" else driving.edit(ROBOT, an_edit()))
    await editor.begun.wait()

    await drive().consents.revoke_all(ADA)

    with pytest.raises(NotAllowed, match="took the answer back"):
        await under_way
    await editor.ended.wait()
    assert (await written(driving))[0][::2] == (act, "refused")


async def test_who_asks_for_an_editor_that_is_not_theirs_is_written_down(drive: Drive) -> None:
    stranger = Principal("eve", frozenset({Permission.WRITE}), "github.com/other/repo", "EVE")
    driving = drive(ScriptedEditor(), ScriptedEditor(id="e2"))
    asked = (
        driving.connect(stranger, "e1", "to help"),
        driving.connect(ROBOT, None, "to help"),
        driving.see(ROBOT, "e9"),
        driving.edit(ROBOT, an_edit(editor="e9")),
        driving.run(stranger, a_run("make", "a b")),
    )
    for act in asked:
        with pytest.raises((EditorNotFound, NotDone)):
            await act

    assert await written(driving) == [
        ("run", "make 'a b'", "refused"),
        ("edit", "a.py", "refused"),
        ("see", "", "refused"),
        ("connect", "to help", "refused"),
        ("connect", "to help", "refused"),
    ]


async def test_everything_is_written_down_and_stays(drive: Drive, editor: ScriptedEditor, pool: asyncpg.Pool) -> None:
    driving = drive(editor)
    await driving.run(ROBOT, a_run())
    with pytest.raises(NotAllowed):
        await driving.edit(ROBOT, an_edit(".git/config"))
    await driving.consents.revoke_all(ADA)

    assert await written(driving) == [
        ("revoke", "all 1", "done"),
        ("edit", ".git/config", "refused"),
        ("run", "make test", "done"),
        ("consent", "run", "done"),
    ]
    for statement in ("update ide_audit set note = ''", "delete from ide_audit", "truncate ide_audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)

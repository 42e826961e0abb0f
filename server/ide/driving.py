"""Let a program see, edit and run in an editor that is connected to this hub, as far as the person there agreed.

Every way in goes through `_admit`: the editor is known, its workspace trusted, the person was asked. What is asked for
and what became of it is written down, also when it is refused; what an answer allowed ends when it is taken back.
`lsp/driven.py` is the editor.
"""

import asyncio
import contextlib
import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Protocol, TypeVar

import msgspec

from server.db import DATABASE_AWAY
from server.errors import HiveError
from server.hubs.wakeups import Wakeup, Wakeups
from server.ide.allowed import Command, is_allowed, refusal_of_path
from server.ide.consents import REVOKED, Act, ConsentKind, Consents, Outcome, identity_of
from server.security.principal import Principal

ANSWER_SECONDS = 120.0
"""For a person to answer the question, or to look at an edit."""

QUIET_SECONDS = 60.0
"""After a question that was closed without an answer, before it is asked again."""

LOOK_AGAIN_SECONDS = 0.5
"""Whether the answer still holds, while something that it allowed is under way: where a hint that it went was lost."""

MAX_RUN_SECONDS = 600.0
RUN_GRACE_SECONDS = 10.0
"""For the editor to end what ran too long, and to say so."""

MAX_OUTPUT_BYTES = 256 * 1024

Text = Annotated[str, msgspec.Meta(max_length=1_000_000, pattern=r"^[^\x00]*\Z")]
Word = Annotated[str, msgspec.Meta(max_length=4_000, pattern=r"^[^\x00]*\Z")]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[0-9a-f]+\Z")]
Place = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]

T = TypeVar("T")


class EditorNotFound(HiveError):
    """No such editor is connected to this hub, or it is not for this key."""


class NotAllowed(HiveError):
    """The person said no, or nobody may."""


class NotTrusted(HiveError):
    """The person has not said that the workspace can be trusted."""


class NotDone(HiveError):
    """The editor could not, or the file is not as the program thinks."""


class NoAnswer(HiveError):
    """The editor did not answer in time; what was asked may or may not be done."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """1-based lines and code-point columns; the end is exclusive. *old_text* must stand there."""

    start_line: Place
    start_column: Place
    end_line: Place
    end_column: Place
    old_text: Text
    new_text: Text


class FileEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*path*: relative to *folder*, one of the editor's (its URI; None: the only one).

    *version*: of the open document as `workspace` showed it; None for a file that is not open.
    """

    editor: Id
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    changes: Annotated[tuple[Change, ...], msgspec.Meta(min_length=1, max_length=1_000)]
    folder: Word | None = None
    version: int | None = None
    label: Annotated[str, msgspec.Meta(max_length=200)] = ""


class CommandRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*argv* is run as it is, without a shell, in *folder*."""

    editor: Id
    argv: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=100)]
    folder: Word | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=MAX_RUN_SECONDS)] = 60.0


class SeenDocument(msgspec.Struct, frozen=True):
    uri: str
    version: int | None
    language: str


class SeenEditor(msgspec.Struct, frozen=True):
    """*can_run*: it has our extension. *folders*: URIs."""

    id: str
    name: str
    owner: str
    trusted: bool
    can_run: bool
    folders: tuple[str, ...]
    documents: tuple[SeenDocument, ...]


class Edited(msgspec.Struct, frozen=True):
    applied: bool
    reason: str = ""


class Ran(msgspec.Struct, frozen=True):
    """*exit_code* None: it was ended, or never began; *reason* says why. *is_cut*: there was more output."""

    exit_code: int | None
    stdout: str = ""
    stderr: str = ""
    is_cut: bool = False
    reason: str = ""


class Editor(Protocol):
    """One that is connected."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def owner(self) -> Principal: ...

    @property
    def is_trusted(self) -> bool: ...

    def see(self) -> SeenEditor: ...

    async def projects(self) -> frozenset[str]:
        """Of its folders."""

    async def ask(self, asker: str, kind: ConsentKind, text: str) -> bool | None:
        """None: the question was closed."""

    async def edit(self, asker: str, edit: FileEdit) -> Edited:
        """Raises `NotDone`."""

    async def run(self, asker: str, run: CommandRun, max_output_bytes: int) -> Ran:
        """Raises `NotDone`."""


class Driving:
    """*editors*: those that are connected now. *commands*: what may be run at all."""

    def __init__(
        self,
        editors: Callable[[], Sequence[Editor]],
        consents: Consents,
        commands: Sequence[Command],
        wakeups: Wakeups,
    ) -> None:
        self.consents = consents
        self._wakeups = wakeups
        self._editors = editors
        self._commands = commands
        self._asking: dict[tuple[str, str, str], asyncio.Lock] = {}
        self._closed_at: dict[tuple[str, str, str], float] = {}

    async def connect(self, asker: Principal, editor_id: str | None, why: str) -> SeenEditor:
        """The editor that is named, else the only one that there is for this key."""
        editor = await self._find(asker, editor_id, Act.CONNECT, why)
        await self._guarded(asker, editor, Act.CONNECT, why, self._admit(asker, editor, ConsentKind.SEE, why))
        return editor.see()

    async def see(self, asker: Principal, editor_id: str) -> SeenEditor:
        editor = await self._find(asker, editor_id, Act.SEE, "")
        await self._guarded(asker, editor, Act.SEE, "", self._admit(asker, editor, ConsentKind.SEE, ""))
        return editor.see()

    async def edit(self, asker: Principal, edit: FileEdit) -> Edited:
        editor = await self._find(asker, edit.editor, Act.EDIT, edit.path)
        return await self._guarded(asker, editor, Act.EDIT, edit.path, self._edit(asker, editor, edit))

    async def run(self, asker: Principal, run: CommandRun) -> Ran:
        command = shlex.join(run.argv)
        editor = await self._find(asker, run.editor, Act.RUN, command)
        return await self._guarded(asker, editor, Act.RUN, command, self._run(asker, editor, run))

    async def _edit(self, asker: Principal, editor: Editor, edit: FileEdit) -> Edited:
        if refusal := refusal_of_path(edit.path):
            raise NotAllowed(refusal)
        _refuse_untrusted(editor)
        await self._admit(asker, editor, ConsentKind.EDIT, edit.label)
        editing = self._while_allowed(asker, editor, ConsentKind.EDIT, editor.edit(asker.name, edit))
        return await _answered(editing, ANSWER_SECONDS)

    async def _run(self, asker: Principal, editor: Editor, run: CommandRun) -> Ran:
        if not is_allowed(run.argv, self._commands):
            hint = "HIVE_IDE_COMMANDS names the commands that programs may run in editors"
            raise NotAllowed("this command is not among those that may be run", hint=hint)
        _refuse_untrusted(editor)
        if not editor.see().can_run:
            hint = "commands are run by the VS Code extension"
            raise NotDone("this editor cannot run commands for programs", hint=hint)
        await self._admit(asker, editor, ConsentKind.RUN, "")
        running = self._while_allowed(asker, editor, ConsentKind.RUN, editor.run(asker.name, run, MAX_OUTPUT_BYTES))
        return await _answered(running, run.timeout_seconds + RUN_GRACE_SECONDS)

    async def _find(self, asker: Principal, editor_id: str | None, act: Act, target: str) -> Editor:
        try:
            return await self._the_one(asker, editor_id)
        except HiveError as error:
            refused, named = Outcome.REFUSED, editor_id or ""
            await self.consents.note(act, target, refused, asker=asker, editor=named, note=str(error))
            raise

    async def _the_one(self, asker: Principal, editor_id: str | None) -> Editor:
        """Another project's editor is as good as none."""
        hint = "an editor appears when it connects to this hub; GET its workspace after connect"
        found = [e for e in self._editors() if editor_id in (None, e.id) and await _is_for(asker, e)]
        if not found:
            raise EditorNotFound("no such editor is connected to this hub", hint=hint)
        if len(found) > 1:
            names = ", ".join(f"{editor.id} ({editor.name})" for editor in found[:20])
            raise NotDone("several editors are connected", hint=f"name one as `editor`: {names}")
        return found[0]

    async def _admit(self, asker: Principal, editor: Editor, kind: ConsentKind, why: str) -> None:
        """Once a person was asked, the answer holds until it is taken back. Raises `NotAllowed`."""
        key = identity_of(editor.owner), identity_of(asker), kind.value
        async with self._asking.setdefault(key, asyncio.Lock()):
            allowed = await self.consents.decided(editor.owner, asker, kind)
            if allowed is None:
                allowed = await self._ask(key, asker, editor, kind, why)
        if not allowed:
            hint = "the person can take the answer back with the command Hive: Revoke What Programs May Do"
            raise NotAllowed(f"{editor.owner.name} did not allow {_WHAT[kind]}", hint=hint)

    async def _while_allowed(self, asker: Principal, editor: Editor, kind: ConsentKind, doing: Awaitable[T]) -> T:
        """Ends at once when the answer is taken back, also in another editor, on another hub."""
        task = asyncio.ensure_future(doing)
        try:
            async with self._wakeups.on(REVOKED) as revoked:
                while not await _ends_before(task, revoked):
                    with contextlib.suppress(*DATABASE_AWAY):
                        if not await self.consents.decided(editor.owner, asker, kind):
                            raise NotAllowed(f"{editor.owner.name} took the answer back meanwhile")
            return task.result()
        finally:
            task.cancel()

    async def _ask(
        self, key: tuple[str, str, str], asker: Principal, editor: Editor, kind: ConsentKind, why: str
    ) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._closed_at.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            raise NotAllowed("the question was closed without an answer", hint="it can be asked again in a minute")
        text = f"May the program “{asker.name}” {_QUESTIONS[kind]}?" + (f" It says: {why}" if why else "")
        allowed = await _answered(editor.ask(asker.name, kind, text), ANSWER_SECONDS)
        if allowed is None:
            self._closed_at[key] = now
            raise NotAllowed("the question was closed without an answer", hint="it can be asked again in a minute")
        await self.consents.keep(editor.owner, asker, kind, is_allowed=allowed)
        outcome = Outcome.DONE if allowed else Outcome.REFUSED
        await self.consents.note(Act.CONSENT, kind.value, outcome, asker=asker, owner=editor.owner, editor=editor.name)
        return allowed

    async def _guarded(self, asker: Principal, editor: Editor, act: Act, target: str, doing: Awaitable[T]) -> T:
        """What came of it is written down before it is told."""
        outcome, note = Outcome.FAILED, "ended early"
        try:
            done = await doing
            outcome, note = Outcome.DONE, _note(done)
            return done
        except (NotAllowed, NotTrusted) as refused:
            outcome, note = Outcome.REFUSED, str(refused)
            raise
        except HiveError as failed:
            note = str(failed)
            raise
        finally:
            noting = self.consents.note(
                act, target, outcome, asker=asker, owner=editor.owner, editor=editor.name, note=note
            )
            await asyncio.shield(asyncio.ensure_future(noting))


_WHAT = {
    ConsentKind.SEE: "it to see the workspace",
    ConsentKind.EDIT: "it to edit",
    ConsentKind.RUN: "it to run commands",
}
_QUESTIONS = {
    ConsentKind.SEE: "see which folders and files are open in your editors",
    ConsentKind.EDIT: "edit files in workspaces that you trust, in any of your editors",
    ConsentKind.RUN: "run the commands that hub and editor allow, in workspaces that you trust",
}


def _refuse_untrusted(editor: Editor) -> None:
    if not editor.is_trusted:
        hint = "trust the workspace in the editor; others than VS Code say so with initializationOptions.trusted"
        raise NotTrusted("the workspace of this editor is not trusted", hint=hint)


async def _ends_before(task: "asyncio.Future[T]", revoked: Wakeup) -> bool:
    """False: it is time to look whether it may go on."""
    hint = asyncio.ensure_future(revoked.wait(LOOK_AGAIN_SECONDS))
    try:
        either: set[asyncio.Future[Any]] = {task, hint}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return task.done()
    finally:
        hint.cancel()


async def _is_for(asker: Principal, editor: Editor) -> bool:
    if asker.project is None:
        return True
    return await editor.projects() == {asker.project}


async def _answered(answer: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise NoAnswer(f"the editor did not answer within {seconds:.0f} s") from None


def _note(done: object) -> str:
    match done:
        case Edited(applied, reason):
            return "applied" if applied else f"not applied: {reason}"
        case Ran(exit_code, reason=reason):
            return reason or f"exit code {exit_code}"
    return ""

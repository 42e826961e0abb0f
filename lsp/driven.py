"""One connected editor as programs drive it: what it shows, what it is asked, what is edited and run in it.

`server/ide/driving.py` has decided that it may be. What stands here holds whoever asks: paths stay in the folders, and
edits are of the text that is there now, one at a time for each file. With our extension the editor checks it all again.
"""

import asyncio
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.client import Client
from lsp.convert import Point, end_of, split_lines, to_position
from lsp.messages import (
    CONSENT,
    EDIT_FILE,
    RUN_COMMAND,
    ConsentAsked,
    ConsentGiven,
    EditAsked,
    EditDone,
    EditPart,
    HiveAbilities,
    RunAsked,
    RunDone,
    Trust,
)
from lsp.protocol import HiveLanguageServer
from lsp.reviewing import Reviewing
from lsp.screen import EditorScreen
from lsp.workspace import NotInWorkspace, Workspace, file_path
from server.ide.consents import ConsentKind
from server.ide.driving import Change, CommandRun, Edited, FileEdit, NotDone, Ran, SeenDocument, SeenEditor
from server.reviews.snapshot import MAX_FILE_BYTES
from server.security.principal import Principal

ALLOW, DENY = "Allow", "Deny"

T = TypeVar("T")


class Driven:
    """One client's (`server.ide.driving.Editor`)."""

    def __init__(
        self,
        server: HiveLanguageServer,
        client: Client,
        abilities: HiveAbilities,
        *,
        name: str,
        workspace: Workspace,
        documents: Mapping[str, Reviewing],
        screen: EditorScreen,
    ) -> None:
        self.id = client.session_id
        self.name = name
        self.owner: Principal = client.principal
        self.is_trusted = abilities.trusted
        self._server = server
        self._client = client
        self._speaks = abilities.programs
        self._workspace = workspace
        self._documents = documents
        self._screen = screen

    def trust(self, params: Any) -> None:
        """The person changed it (`messages.TRUST`)."""
        try:
            self.is_trusted = msgspec.convert(params, Trust).trusted
        except msgspec.ValidationError:
            self.is_trusted = False

    def see(self) -> SeenEditor:
        documents = [reviewing.document for reviewing in self._documents.values()]
        return SeenEditor(
            id=self.id,
            name=self.name,
            owner=self.owner.name,
            trusted=self.is_trusted,
            can_run=self._speaks,
            folders=self._workspace.folder_uris(),
            documents=tuple(SeenDocument(d.uri, d.version, d.language) for d in documents),
        )

    async def projects(self) -> frozenset[str]:
        return await self._workspace.projects()

    async def ask(self, asker: str, kind: ConsentKind, text: str) -> bool | None:
        if self._speaks:
            given = await self._request(CONSENT, ConsentAsked(asker, kind, text), ConsentGiven)
            return given.allowed
        chosen = await self._screen.choose(text, ALLOW, DENY)
        return None if chosen is None else chosen == ALLOW

    async def edit(self, asker: str, edit: FileEdit) -> Edited:
        uri = self._uri_in_folder(edit.folder, edit.path)
        async with self._screen.editing(uri):
            lines = await self._lines_of(uri, edit.version)
            spans = _spans(edit.changes, lines)
            if self._speaks:
                asked = EditAsked(
                    asker, uri, edit.version, edit.label, tuple(self._part(lines, c) for c in edit.changes)
                )
                done = await self._request(EDIT_FILE, asked, EditDone)
                return Edited(done.applied, done.reason)
            text_edits = [self._text_edit(lines, start, end, new) for start, end, new in spans]
            label = edit.label or f"Edit by {asker}"
            applied = await self._screen.edit(label, self._workspace_edit(uri, edit.version, text_edits))
            return Edited(applied, "" if applied else "the editor did not apply it")

    async def run(self, asker: str, run: CommandRun, max_output_bytes: int) -> Ran:
        asked = RunAsked(asker, run.argv, self._folder(run.folder), run.timeout_seconds, max_output_bytes)
        done = await self._request(RUN_COMMAND, asked, RunDone)
        stdout, stderr = done.stdout[:max_output_bytes], done.stderr[:max_output_bytes]
        return Ran(done.exit_code, stdout, stderr, done.is_cut, done.reason)

    def _folder(self, wanted: str | None) -> str:
        """One of the editor's folders, as a URI."""
        folders = self._workspace.folder_uris()
        if wanted is None and len(folders) == 1:
            return folders[0]
        if wanted is None or wanted not in folders:
            raise NotDone("this is no folder of the editor", hint=f"name one as `folder`: {', '.join(folders)}")
        return wanted

    def _uri_in_folder(self, folder: str | None, path: str) -> str:
        uri = f"{self._folder(folder).rstrip('/')}/{quote(path)}"
        try:
            self._workspace.path_of(uri)
        except NotInWorkspace as error:
            raise NotDone(str(error)) from error
        return uri

    async def _lines_of(self, uri: str, version: int | None) -> list[str]:
        """The text as it is now: of the open document, else on the disk, if this hub may read it."""
        if self._owner_is_here:
            await asyncio.to_thread(self._refuse_links, uri)
        reviewing = next((r for u, r in self._documents.items() if file_path(u) == file_path(uri)), None)
        if reviewing is not None:
            if reviewing.document.version != version:
                found = reviewing.document.version
                raise NotDone(f"the document has version {found} by now", hint="look again, then send the edit anew")
            return reviewing.document.lines
        if version is not None:
            raise NotDone("the document is not open any more", hint="send the edit without `version`")
        if not self._owner_is_here:
            raise NotDone("the file is not open, and this hub reads none of that machine", hint="open it there first")
        return await asyncio.to_thread(self._read, uri)

    @property
    def _owner_is_here(self) -> bool:
        return self.owner.is_local

    def _refuse_links(self, uri: str) -> None:
        """A symbolic link anywhere below the folder may lead elsewhere, now or in a moment. Blocks."""
        path = self._workspace.path_of(uri)
        folders = [folder for folder in self._workspace.folders() if path.is_relative_to(folder)]
        real = Path(os.path.realpath(path))
        if not any(real == Path(os.path.realpath(folder)) / path.relative_to(folder) for folder in folders):
            raise NotDone("there is a symbolic link in the path: such files are not edited for programs")

    def _read(self, uri: str) -> list[str]:
        try:
            with self._workspace.path_of(uri).open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            raise NotDone("there is no such file", hint="a program edits files that are there") from None
        except OSError as error:
            raise NotDone(f"the file cannot be read: {error.strerror}") from error
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise NotDone("the file is not UTF-8 text") from None
        if len(content) > MAX_FILE_BYTES or "\0" in text:
            raise NotDone("the file is too large, or no text")
        return split_lines(text)

    def _part(self, lines: list[str], change: Change) -> EditPart:
        """VS Code counts UTF-16."""
        start, end, _ = _span(change)
        first, last = (to_position(lines, point, types.PositionEncodingKind.Utf16) for point in (start, end))
        return EditPart(first.line, first.character, last.line, last.character, change.old_text, change.new_text)

    def _text_edit(self, lines: list[str], start: Point, end: Point, new_text: str) -> types.TextEdit:
        first, last = (to_position(lines, point, self._client.encoding) for point in (start, end))
        return types.TextEdit(types.Range(first, last), new_text)

    def _workspace_edit(self, uri: str, version: int | None, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
        if not self._client.abilities.document_changes:
            return types.WorkspaceEdit(changes={uri: edits})
        document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])

    async def _request(self, method: str, asked: Any, shape: type[T]) -> T:
        """What the editor answers is as hostile as anything from outside. It hears when nobody waits any more."""
        number = str(uuid4())
        protocol = self._server.protocol
        try:
            answer = await protocol.send_request_async(method, msgspec.to_builtins(asked), msg_id=number)
        except asyncio.CancelledError:
            protocol.notify(types.CANCEL_REQUEST, types.CancelParams(number))
            raise
        except JsonRpcException as error:
            raise NotDone(f"the editor refused: {error.message}"[:500]) from error
        try:
            return msgspec.convert(answer, shape)
        except msgspec.ValidationError as error:
            raise NotDone(f"the editor's answer is none: {error}") from error


def _span(change: Change) -> tuple[Point, Point, str]:
    return Point(change.start_line, change.start_column), Point(change.end_line, change.end_column), change.new_text


def _spans(changes: tuple[Change, ...], lines: list[str]) -> list[tuple[Point, Point, str]]:
    """Each within the text, over what the program thinks is there, and none over another. Raises `NotDone`."""
    spans = sorted((_span(change) for change in changes), key=lambda span: span[:2])
    last = end_of(lines)
    for change in changes:
        start, end, _ = _span(change)
        if not start <= end <= last or start.column > len(lines[start.line - 1]) + 1:
            raise NotDone(f"line {start.line}, column {start.column} is not in the file")
        if _text_between(lines, start, end) != change.old_text:
            raise NotDone(f"old_text is not what stands at line {start.line}", hint="look again, then send it anew")
    if any(one[1] > other[0] for one, other in itertools.pairwise(spans)):
        raise NotDone("two changes overlap")
    return spans


def _text_between(lines: list[str], start: Point, end: Point) -> str:
    if start.line == end.line:
        return lines[start.line - 1][start.column - 1 : end.column - 1]
    middle = lines[start.line : end.line - 1]
    return "".join([lines[start.line - 1][start.column - 1 :], *middle, lines[end.line - 1][: end.column - 1]])

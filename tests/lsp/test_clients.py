"""Whole journeys through a real hub: `hive lsp`, door, sealed streams, Postgres, the reviewing agent, and back.

With the capabilities of real editors as pytest-lsp knows them; it also checks what we answer against these.
"""

import asyncio
import os
import select
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from server.launch import running_hub
from tests.hub import HubProcess

pytestmark = pytest.mark.journey

CODE = """\
def total(prices, seen=[]):
    seen.append(prices)
    return sum(prices)


def answer(question):
    return eval(question)
"""

Connect = Callable[[str], Awaitable[LanguageClient]]


@pytest.fixture
def file(folder: Path) -> Path:
    (folder / "shop.py").write_text(CODE)
    return folder / "shop.py"


@pytest.fixture
async def connect(hub: HubProcess, folder: Path) -> AsyncIterator[Connect]:
    clients: list[LanguageClient] = []

    async def connect(editor: str) -> LanguageClient:
        config = ClientServerConfig([sys.executable, "-m", "server", "lsp"], server_env=hub.env)
        client = await config.start()
        assert isinstance(client, LanguageClient)
        clients.append(client)
        workspace = [types.WorkspaceFolder(folder.as_uri(), "shop")]
        capabilities = client_capabilities(editor)
        await client.initialize_session(types.InitializeParams(capabilities, workspace_folders=workspace))
        return client

    yield connect
    for client in clients:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]


def open_file(client: LanguageClient, file: Path) -> str:
    item = types.TextDocumentItem(file.as_uri(), "python", 1, file.read_text())
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return item.uri


async def rules(client: LanguageClient, uri: str, expected: set[str]) -> list[types.Diagnostic]:
    """Wait until exactly these rules are shown."""
    async with asyncio.timeout(30):
        while {d.code for d in client.diagnostics.get(uri, ())} != expected or uri not in client.diagnostics:
            await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return list(client.diagnostics[uri])


async def fix_of(client: LanguageClient, uri: str, diagnostic: types.Diagnostic) -> types.CodeAction:
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(uri), diagnostic.range, types.CodeActionContext([diagnostic])
    )
    # lsprotocol takes an action with a command, such as Dismiss, for the command itself.
    fixes = await client.text_document_code_action_async(params)
    (fix,) = (action for action in fixes or () if isinstance(action, types.CodeAction))
    return fix if fix.edit else await client.code_action_resolve_async(fix)


MUTABLE_DEFAULT, CODE_FROM_TEXT = "hive.mutable-default", "hive.code-from-text"


@pytest.mark.parametrize("editor", ["visual_studio_code", "neovim", "emacs"])
async def test_an_editor_sees_a_finding_and_fixes_it(connect: Connect, file: Path, editor: str) -> None:
    client = await connect(editor)
    uri = open_file(client, file)
    found = {d.code: d for d in await rules(client, uri, {MUTABLE_DEFAULT, CODE_FROM_TEXT})}

    fix = await fix_of(client, uri, found[MUTABLE_DEFAULT])
    assert fix.edit is not None
    edits = edits_of(fix.edit, uri)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version=2, uri=uri),
            [types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text) for edit in reversed(edits)],
        )
    )

    await rules(client, uri, {CODE_FROM_TEXT})
    assert fix.is_preferred is False


def edits_of(edit: types.WorkspaceEdit, uri: str) -> list[types.TextEdit | types.AnnotatedTextEdit]:
    """By their place in the file."""
    if edit.changes is not None:
        return sorted(edit.changes[uri], key=lambda part: part.range.start)
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(uri, 1)
    parts = [part for part in change.edits if not isinstance(part, types.SnippetTextEdit)]
    return sorted(parts, key=lambda part: part.range.start)


async def test_a_dismissal_reaches_every_editor_and_the_api_and_is_taken_back(
    connect: Connect, hub: HubProcess, file: Path
) -> None:
    one, other = await connect("visual_studio_code"), await connect("neovim")
    uri = open_file(one, file)
    open_file(other, file)
    both = {MUTABLE_DEFAULT, CODE_FROM_TEXT}
    found = {d.code: d for d in await rules(one, uri, both)}
    await rules(other, uri, both)

    data = found[CODE_FROM_TEXT].data
    assert isinstance(data, dict)
    fingerprint = data["fingerprint"]
    arguments = [uri, fingerprint, "our own input"]
    await one.workspace_execute_command_async(types.ExecuteCommandParams("hive.dismiss", arguments))

    await rules(one, uri, {MUTABLE_DEFAULT})
    await rules(other, uri, {MUTABLE_DEFAULT})
    _, page = await hub.call("GET", "/api/v1/findings?status=dismissed")
    assert fingerprint in str(page)
    other.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await rules(other, uri, {MUTABLE_DEFAULT})

    await other.workspace_execute_command_async(types.ExecuteCommandParams("hive.reopen", [uri, fingerprint]))
    await rules(one, uri, both)


async def test_a_review_by_command_reports_progress(connect: Connect, file: Path) -> None:
    client = await connect("visual_studio_code")

    answer: object = await client.workspace_execute_command_async(
        types.ExecuteCommandParams("hive.review", [file.as_uri()])
    )

    assert "'analysed'" in str(answer)
    await rules(client, file.as_uri(), {MUTABLE_DEFAULT, CODE_FROM_TEXT})
    (reports,) = client.progress_reports.values()
    assert isinstance(reports[0], types.WorkDoneProgressBegin)
    assert isinstance(reports[-1], types.WorkDoneProgressEnd)


SOURCE = """\
from flask import Flask, request
from store import remove

app = Flask(__name__)


@app.route("/items")
def items():
    remove(request.args["name"])
    return ""
"""
SINK = """\
import os


def remove(name):
    os.remove(f"/srv/items/{name}")
"""
FLOW = "hive.path-from-request"


async def test_a_flow_from_another_file_shows_and_stays_while_somebody_types(connect: Connect, folder: Path) -> None:
    (folder / "app.py").write_text(SOURCE)
    (folder / "store.py").write_text(SINK)
    client = await connect("visual_studio_code")
    uri = open_file(client, folder / "store.py")
    (diagnostic,) = await rules(client, uri, {FLOW})
    assert diagnostic.related_information
    assert {place.location.uri for place in diagnostic.related_information} >= {(folder / "app.py").as_uri()}

    insert_line(client, uri, 2)
    client.diagnostics.pop(uri)
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    (moved,) = client.diagnostics[uri]
    assert (moved.code, moved.range.start.line) == (FLOW, diagnostic.range.start.line + 1)

    other = open_file(client, folder / "app.py")
    whole = types.TextDocumentContentChangeWholeDocument(SOURCE.replace('request.args["name"]', '"all"'))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version=2, uri=other), [whole])
    )
    await rules(client, uri, set())


def insert_line(client: LanguageClient, uri: str, version: int) -> None:
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version=version, uri=uri),
            [types.TextDocumentContentChangePartial(range=top, text="import sys\n")],
        )
    )


async def test_the_first_editor_starts_the_hub(data_dir: Path, folder: Path, file: Path) -> None:
    env = HubProcess(data_dir).env
    config = ClientServerConfig([sys.executable, "-m", "server", "lsp"], server_env=env)
    client = await config.start()
    assert isinstance(client, LanguageClient)
    try:
        params = types.InitializeParams(client_capabilities("neovim"), root_uri=folder.as_uri())
        result = await client.initialize_session(params)
        assert result.server_info is not None
        uri = open_file(client, file)
        await rules(client, uri, {MUTABLE_DEFAULT, CODE_FROM_TEXT})
        await client.shutdown_session()
    finally:
        hub = running_hub(data_dir)
        assert hub is not None, "the hub outlives the editor that started it"
        ended = os.pidfd_open(hub.pid)
        os.kill(hub.pid, signal.SIGINT)
        assert await asyncio.to_thread(select.select, [ended], [], [], 30.0) != ([], [], [])
        os.close(ended)
        await client.stop()  # type: ignore[no-untyped-call]

"""What a person can do in a review thread from the editor: reply, resolve, open again, dismiss, take a suggestion.

Acts on GitHub are jobs, done once; their results come with the threads as they are then. A dismissal is the one that
counts everywhere: the thread follows it by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
from lsprotocol import types

from lsp.client import Client
from lsp.convert import content, reviewable, to_workspace_edit
from lsp.jobs import NotPermitted
from lsp.protocol import ContentModified, RequestFailed
from lsp.pull_requests import PullRequests, Shown, newest_suggestion
from lsp.reviewing import Reviewing
from lsp.running import Running, arguments_of
from server.jobs.job import EventType
from server.reviews.finding import Edit, Fix
from server.reviews.open_pull_request import MAX_REPLY, Acted, ReviewThread, ThreadAct, Verb, act_request, repository_of
from server.security.principal import Permission

REPLY = "hive.replyToThread"
RESOLVE = "hive.resolveThread"
UNRESOLVE = "hive.unresolveThread"
DISMISS_THREAD = "hive.dismissThread"
APPLY_SUGGESTION = "hive.applySuggestion"
REFRESH = "hive.refreshPullRequest"

TITLES = {Verb.REPLY: "Replying", Verb.RESOLVE: "Resolving the thread", Verb.UNRESOLVE: "Opening the thread again"}


class Findings(Protocol):
    async def dismiss(self, project: str, fingerprint: str, *, by: str, why: str) -> Any: ...


class Editor(Protocol):
    """`lsp.thinking.Editor`, as far as suggestions need it."""

    def editing(self, uri: str) -> asyncio.Lock: ...

    async def edit(self, label: str, edit: types.WorkspaceEdit) -> bool: ...


class ThreadResult(msgspec.Struct, frozen=True):
    """The answer to each of these commands, mirrored in `vscode-extension/src/protocol.ts`."""

    done: bool
    note: str = ""


class ThreadCommands:
    """One client's. The names stand in `table`: none where the hub is no GitHub App."""

    def __init__(
        self,
        client: Client,
        pull_requests: PullRequests,
        *,
        documents: Mapping[str, Reviewing],
        findings: Findings,
        running: Running,
        editor: Editor,
        offered: bool,
    ) -> None:
        every: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {
            REPLY: self.reply,
            RESOLVE: self.resolve,
            UNRESOLVE: self.unresolve,
            DISMISS_THREAD: self.dismiss,
            APPLY_SUGGESTION: self.apply,
            REFRESH: self.refresh,
        }
        self.table = every if offered else {}
        self._client = client
        self._pull_requests = pull_requests
        self._documents = documents
        self._findings = findings
        self._running = running
        self._editor = editor

    async def reply(self, params: types.ExecuteCommandParams) -> Any:
        """[thread id, text]"""
        thread_id, text = arguments_of(params, tuple[str, str])
        if not text.strip() or len(text) > MAX_REPLY:
            raise RequestFailed(f"a reply has 1 to {MAX_REPLY:,} characters")
        return await self._act(Verb.REPLY, params, thread_id, text)

    async def resolve(self, params: types.ExecuteCommandParams) -> Any:
        """[thread id]"""
        return await self._act(Verb.RESOLVE, params, *arguments_of(params, tuple[str]))

    async def unresolve(self, params: types.ExecuteCommandParams) -> Any:
        """[thread id]"""
        return await self._act(Verb.UNRESOLVE, params, *arguments_of(params, tuple[str]))

    async def dismiss(self, params: types.ExecuteCommandParams) -> Any:
        """[thread id, why?]: its finding is no problem, in every place."""
        target = arguments_of(params, _Dismissal)
        shown, thread = self._find(target.thread_id)
        if not thread.fingerprint:
            raise RequestFailed("no finding of Agent Hive began this thread: it can be resolved, not dismissed")
        by = self._client.principal.name
        await self._findings.dismiss(shown.checkout.project, thread.fingerprint, by=by, why=target.why)
        return msgspec.to_builtins(ThreadResult(True))

    async def apply(self, params: types.ExecuteCommandParams) -> Any:
        """[thread id]: shows the edit, which the person confirms."""
        shown, thread = self._find(*arguments_of(params, tuple[str]), to_write=False)
        edit = self._suggested_edit(shown, thread)
        editing = self._editor.editing(shown.uri_of(thread.path))
        if editing.locked():
            raise RequestFailed("another edit of this file waits for an answer in the editor: make or discard it first")
        async with editing:
            applied = await self._editor.edit(_title(thread), edit)
        return msgspec.to_builtins(ThreadResult(applied, "" if applied else "the edit was not applied"))

    async def refresh(self, params: types.ExecuteCommandParams) -> Any:
        """[]"""
        self._pull_requests.look()
        asked = await self._pull_requests.ask()
        return msgspec.to_builtins(ThreadResult(True, "" if asked else "no branch with a GitHub remote is checked out"))

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Quick fixes for threads that are shown as diagnostics."""
        only = params.context.only
        if only is not None and not {types.CodeActionKind.QuickFix, types.CodeActionKind.Empty} & set(only):
            return []
        actions = []
        for diagnostic in params.context.diagnostics:
            thread_id = diagnostic.data.get("thread") if isinstance(diagnostic.data, dict) else None
            found = self._pull_requests.find(thread_id) if isinstance(thread_id, str) and self.table else None
            if found is not None:
                actions += [
                    types.CodeAction(
                        title,
                        kind=types.CodeActionKind.QuickFix,
                        diagnostics=[diagnostic],
                        command=types.Command(title, command, arguments=[thread_id]),
                    )
                    for title, command in _offers(found[1])
                ]
        return actions

    async def _act(self, verb: Verb, params: types.ExecuteCommandParams, thread_id: str, body: str = "") -> Any:
        shown, _ = self._find(thread_id)
        project, number = shown.checkout.project, shown.known.number
        repository = repository_of(project)
        assert repository is not None
        assert number is not None
        act = ThreadAct(project, repository, number, verb, self._client.principal.name, thread_id, body)
        event = await self._running.run(act_request(act), TITLES[verb], params.work_done_token)
        if event is None:
            return msgspec.to_builtins(ThreadResult(False, "cancelled: GitHub may have been asked already"))
        if event.type is not EventType.SUCCEEDED:
            raise RequestFailed(event.message or f"the job is {event.type.value}")
        acted = msgspec.json.decode(event.data, type=Acted)
        return msgspec.to_builtins(ThreadResult(acted.done, acted.note))

    def _find(self, thread_id: str, *, to_write: bool = True) -> tuple[Shown, ReviewThread]:
        found = self._pull_requests.find(thread_id)
        if found is None:
            raise ContentModified("this thread is not of a pull request that is checked out here any more")
        if to_write and not self._client.principal.may(Permission.WRITE):
            raise NotPermitted("this key may only read", hint="use a key with the scope write")
        return found

    def _suggested_edit(self, shown: Shown, thread: ReviewThread) -> types.WorkspaceEdit:
        suggested, spot = newest_suggestion(thread), shown.spots.get(thread.id)
        if suggested is None or spot is None or spot.where is None:
            raise RequestFailed("nothing is suggested in this thread")
        if not spot.where.is_exact:
            raise ContentModified("the lines were changed since, so the suggestion does not fit any more")
        uri = shown.uri_of(thread.path)
        reviewing = self._documents.get(uri)
        lines = reviewing.document.lines if reviewing else spot.lines
        start, end = spot.where.start, spot.where.end
        if [content(line) for line in lines[start - 1 : end]] != [
            content(line) for line in spot.lines[start - 1 : end]
        ]:
            raise ContentModified("the lines are being edited: try again in a moment")
        fix = Fix(_title(thread), (_whole_lines(lines, start, end, suggested),), safe=False)
        version = reviewing.document.version if reviewing else None
        return to_workspace_edit(fix, uri, version, lines, self._client.encoding, self._client.abilities)


class _Dismissal(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    thread_id: str
    why: str = ""


def _whole_lines(lines: list[str], start: int, end: int, suggested: tuple[str, ...]) -> Edit:
    """With the line ends that the file has."""
    ending = "\r\n" if lines[start - 1].endswith("\r\n") else "\n"
    text = "".join(f"{reviewable(line)}{ending}" for line in suggested)
    if end < len(lines):
        return Edit(start, 1, end + 1, 1, text)
    return Edit(start, 1, end, len(lines[end - 1]) + 1, text.removesuffix(ending))


def _title(thread: ReviewThread) -> str:
    author = thread.comments[0].author if thread.comments else "?"
    return f"Apply the suggestion of {author[:60]}"


def _offers(thread: ReviewThread) -> list[tuple[str, str]]:
    return [
        *([(_title(thread), APPLY_SUGGESTION)] if newest_suggestion(thread) is not None else []),
        *([("Dismiss on the pull request too", DISMISS_THREAD)] if thread.fingerprint else []),
        ("Open the thread again", UNRESOLVE) if thread.is_resolved else ("Resolve the thread", RESOLVE),
    ]

"""What comes next where somebody types (textDocument/inlineCompletion): a job for who thinks, one at a time per editor.

Only where the hub has a model. Who types on is not asked for at every letter: a pause comes first, and whatever is
newer stops what is older, down to the model's own request. Which place is meant, and what was suggested there before,
`suggestions.py` knows.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from lsprotocol import types

from lsp.asked import TypedIn
from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.jobs import EditorJobs, completion_request
from lsp.protocol import HiveProtocol, RequestFailed
from lsp.reviewing import Reviewing, refuse_left_out
from lsp.suggestions import Gap, Suggestions, gap_at
from lsp.workspace import Place
from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY
from server.errors import HiveError
from server.jobs.job import Event, EventType
from server.memory.contexts import Contexts
from server.memory.recall import code_like
from server.reviews.asks import MAX_ALIKE, Bill, Completion, CompletionWish
from server.reviews.snapshot import Memory

METHOD = types.TEXT_DOCUMENT_INLINE_COMPLETION
REGISTRATION_ID = "hive.inlineCompletion"

PAUSE_SECONDS = 0.25
"""Somebody who types on is not interrupted, and costs nothing."""

PATIENCE_SECONDS = 10.0
RECALL_SECONDS = 0.3

NOTHING = Completion("", Bill())
LATE = Completion("", Bill(), "no model answered in time")


class InlineCompletion:
    """One client's. `handlers` are empty where it is not offered; `close` ends what is under way."""

    def __init__(
        self,
        client: Client,
        *,
        documents: Mapping[str, Reviewing],
        cells: Callable[[str], TypedIn | None],
        choices: ProjectChoices,
        jobs: EditorJobs,
        contexts: Contexts | None,
        tell: Callable[[str], None],
        thinks: bool,
    ) -> None:
        """*cells*: of notebooks, by URI. *contexts*: the memory of projects. *tell* shows something to the person."""
        is_offered = thinks and client.completes_inline
        self.handlers: dict[str, Callable[..., Any]] = {METHOD: self.complete} if is_offered else {}
        is_static = is_offered and not client.registers_inline_completion
        self.options: dict[str, Any] = {METHOD: types.InlineCompletionOptions()} if is_static else {}
        self._client = client
        self._documents = documents
        self._cells = cells
        self._choices = choices
        self._jobs = jobs
        self._contexts = contexts
        self._tell = tell
        self._suggestions = Suggestions()
        self._under_way: asyncio.Task[Completion] | None = None
        self._quiet_until = 0.0

    def register(self, protocol: HiveProtocol, *, is_known: bool) -> None:
        """With editors that let us. *is_known*: it may have been registered by the hub before, which had a model."""
        if not self._client.registers_inline_completion:
            return
        if is_known:
            gone = types.UnregistrationParams([types.Unregistration(REGISTRATION_ID, METHOD)])
            protocol.send_request(types.CLIENT_UNREGISTER_CAPABILITY, gone)
        if self.handlers:
            options = types.InlineCompletionRegistrationOptions()
            here = types.RegistrationParams([types.Registration(REGISTRATION_ID, METHOD, options)])
            protocol.send_request(types.CLIENT_REGISTER_CAPABILITY, here)

    def close(self) -> None:
        self._stop()

    async def complete(self, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        is_invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        self._stop()
        typed, gap = self._gap_at(params)
        if typed is None or gap is None or not (is_invoked or gap.is_promising):
            return []
        known = self._suggestions.find(gap)
        if known or (known is not None and not is_invoked):
            return [gap.item(known)] if known else []
        if not is_invoked and asyncio.get_running_loop().time() < self._quiet_until:
            return []
        try:
            completion = await self._newest(self._suggest(typed, gap, 0.0 if is_invoked else PAUSE_SECONDS))
        except HiveError as error:
            if not is_invoked:  # nobody asked
                return []
            raise RequestFailed(f"{error}. {error.hint}" if error.hint else str(error)) from error
        if is_invoked and completion.note:
            self._tell(f"No completion: {completion.note}.")
        is_there = not typed.reviewing.is_closed and self._gap_at(params)[1] == gap
        return [gap.item(completion.text)] if completion.text and is_there else []

    def _gap_at(self, params: types.InlineCompletionParams) -> tuple[TypedIn | None, Gap | None]:
        uri = params.text_document.uri
        reviewing = self._documents.get(uri)
        typed = TypedIn(reviewing.document, reviewing) if reviewing is not None else self._cells(uri)
        return typed, gap_at(typed.document, params, typed.above) if typed is not None else None

    def _stop(self) -> None:
        """Not twice: the second time would interrupt how the job is cancelled."""
        task = self._under_way
        if task is not None and not task.done() and not task.cancelling():
            task.cancel()

    async def _newest(self, work: Any) -> Completion:
        """What comes of it; nothing when something newer was asked for."""
        task = self._under_way = asyncio.create_task(work)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            if not task.cancelling():
                task.cancel()
            raise
        return NOTHING if task.cancelled() else task.result()

    async def _suggest(self, typed: TypedIn, gap: Gap, pause_seconds: float) -> Completion:
        await asyncio.sleep(pause_seconds)
        place = typed.reviewing.place
        if place is None or typed.document.refusal(gap.before + gap.after) is not None:
            return NOTHING
        refuse_left_out(place, await self._choices.of(place))
        alike = await self._alike(place, gap)
        completion = await self._ask(place, CompletionWish(place.path, gap.before, gap.after, alike))
        self._quiet_until = asyncio.get_running_loop().time() + completion.pause_seconds
        if not completion.note:
            self._suggestions.keep(gap, completion.text)
        return completion

    async def _alike(self, place: Place, gap: Gap) -> tuple[Memory, ...]:
        """A help, and no more: who types waits for no search."""
        if self._contexts is None:
            return ()
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                return await code_like(self._contexts, place.project, gap.query, not_in=place.path, limit=MAX_ALIKE)
        except TimeoutError:
            stop_if_cancelled()
        except DATABASE_AWAY:
            pass
        return ()

    async def _ask(self, place: Place, wish: CompletionWish) -> Completion:
        principal = self._client.principal
        group = f"{self._client.session_id}:{METHOD}"
        job = await self._jobs.submit(completion_request(place.project, wish, group=group, principal=principal))
        try:
            await asyncio.wait({job.final}, timeout=PATIENCE_SECONDS)
            return _completion(job.final.result()) if job.final.done() else LATE
        finally:
            job.forget()
            if not job.final.done():
                with contextlib.suppress(HiveError):  # then its time runs out
                    await self._jobs.cancel(job.id, by=principal.name)


def _completion(event: Event) -> Completion:
    if event.type is EventType.SUCCEEDED:
        return msgspec.json.decode(event.data, type=Completion)
    return Completion("", Bill(), event.message or f"the job is {event.type.value}")

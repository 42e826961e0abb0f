"""What an editor asks about its open documents: actions, explanations, links, lenses.

Pure but for what all places know of findings (`history.py`); each answer is of the document as it is when it is given.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from lsprotocol import types

from lsp.actions import KINDS, code_actions, fix_target, resolved
from lsp.client import Client
from lsp.history import Histories
from lsp.hover import hover, links
from lsp.lenses import lenses
from lsp.lenses import resolved as resolved_lens
from lsp.protocol import ContentModified
from lsp.reviewing import Reviewing

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(resolve_provider=True),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: types.DocumentLinkOptions(resolve_provider=False),
}
"""Of the methods that take any."""


class Answers:
    """One client's. `handlers` by method. *offered*: the commands that there are."""

    def __init__(
        self,
        client: Client,
        *,
        documents: Mapping[str, Reviewing],
        histories: Histories,
        offered: Collection[str],
        thread_actions: Callable[[types.CodeActionParams], list[types.CodeAction]],
        threads: Callable[[], Mapping[str, str]],
    ) -> None:
        """*thread_actions*: what can be done about threads of the pull request, beside findings.

        *threads*: their URLs, by the fingerprint of the finding with which each began.
        """
        self.handlers: dict[str, Callable[..., Any]] = {
            types.TEXT_DOCUMENT_CODE_ACTION: self._code_actions,
            types.CODE_ACTION_RESOLVE: self._resolve_action,
            types.TEXT_DOCUMENT_HOVER: self._hover,
            types.TEXT_DOCUMENT_DOCUMENT_LINK: self._links,
        }
        if client.wants_lenses:
            self.handlers[types.TEXT_DOCUMENT_CODE_LENS] = self._lenses
            self.handlers[types.CODE_LENS_RESOLVE] = resolved_lens
        self._client = client
        self._documents = documents
        self._histories = histories
        self._offered = offered
        self._thread_actions = thread_actions
        self._threads = threads

    def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return []
        actions = code_actions(reviewing.document, reviewing.findings, params, self._client, self._offered)
        return [*actions, *self._thread_actions(params)]

    def _resolve_action(self, action: types.CodeAction) -> types.CodeAction:
        target = fix_target(action)
        if target is None:
            return action
        reviewing = self._documents.get(target.uri)
        if reviewing is None:
            raise ContentModified("the document is closed")
        return resolved(action, target, reviewing.document, reviewing.findings, self._client)

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return None
        known = await self._histories.of(reviewing.place)
        document, findings, kind = reviewing.document, reviewing.findings, self._client.hover_kind
        return hover(document, findings, params.position, known, self._threads(), kind)

    async def _links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return []
        known = await self._histories.of(reviewing.place)
        return links(reviewing.document, reviewing.findings, known, self._threads())

    def _lenses(self, params: types.CodeLensParams) -> list[types.CodeLens]:
        reviewing = self._documents.get(params.text_document.uri)
        return lenses(reviewing.document, reviewing.findings, self._offered) if reviewing is not None else []

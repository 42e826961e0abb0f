"""What an editor asks about its open documents and cells: actions, explanations, links, lenses.

Pure but for what all places know of findings (`history.py`); each answer is of the document as it is when it is given.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from lsprotocol import types

from lsp.actions import code_actions, fix_target, kinds, resolved
from lsp.asked import Asked, about_document
from lsp.client import Client
from lsp.history import Histories
from lsp.hover import hover, links
from lsp.lenses import lenses
from lsp.lenses import resolved as resolved_lens
from lsp.protocol import ContentModified
from lsp.reviewing import Reviewing


class Answers:
    """One client's. `handlers` by method, `options` of those that take any. *offered*: the commands that there are."""

    def __init__(
        self,
        client: Client,
        *,
        documents: Mapping[str, Reviewing],
        cells: Callable[[str, Collection[str]], Asked | None],
        histories: Histories,
        offered: Collection[str],
        thread_actions: Callable[[types.CodeActionParams], list[types.CodeAction]],
        threads: Callable[[], Mapping[str, str]],
    ) -> None:
        """*thread_actions*: what can be done about threads of the pull request, beside findings.

        *threads*: their URLs, by the fingerprint of the finding with which each began.
        *cells*: a notebook's cell by its URI, with the commands that are offered.
        """
        self.handlers: dict[str, Callable[..., Any]] = {
            types.TEXT_DOCUMENT_CODE_ACTION: self._code_actions,
            types.CODE_ACTION_RESOLVE: self._resolve_action,
            types.TEXT_DOCUMENT_HOVER: self._hover,
            types.TEXT_DOCUMENT_DOCUMENT_LINK: self._links,
        }
        if client.wants_lenses:
            self.handlers[types.TEXT_DOCUMENT_CODE_LENS] = self._lenses
            self.handlers[types.CODE_LENS_RESOLVE] = self._resolve_lens
        self.options: dict[str, Any] = {
            types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
                code_action_kinds=kinds(client, offered), resolve_provider=True
            ),
            types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(resolve_provider=True),
            types.TEXT_DOCUMENT_DOCUMENT_LINK: types.DocumentLinkOptions(resolve_provider=False),
        }
        self._client = client
        self._documents = documents
        self._cells = cells
        self._histories = histories
        self._offered = offered
        self._thread_actions = thread_actions
        self._threads = threads

    def _asked(self, uri: str) -> Asked | None:
        reviewing = self._documents.get(uri)
        if reviewing is not None:
            return about_document(reviewing, self._offered, self._client.abilities)
        return self._cells(uri, self._offered)

    def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        asked = self._asked(params.text_document.uri)
        if asked is None:
            return []
        return [*code_actions(asked, params, self._client), *self._thread_actions(params)]

    def _resolve_action(self, action: types.CodeAction) -> types.CodeAction:
        target = fix_target(action)
        if target is None:
            return action
        asked = self._asked(target.uri)
        if asked is None:
            raise ContentModified("the document is closed")
        return resolved(action, target, asked)

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        asked = self._asked(params.text_document.uri)
        if asked is None:
            return None
        known = await self._histories.of(asked.place)
        return hover(asked, params.position, known, self._threads(), self._client.hover_kind)

    async def _links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        asked = self._asked(params.text_document.uri)
        if asked is None:
            return []
        return links(asked, await self._histories.of(asked.place), self._threads())

    def _lenses(self, params: types.CodeLensParams) -> list[types.CodeLens]:
        reviewing = self._documents.get(params.text_document.uri)
        return lenses(reviewing, self._offered) if reviewing is not None else []

    def _resolve_lens(self, lens: types.CodeLens) -> types.CodeLens:
        return resolved_lens(lens, self._documents)

"""Who sits at the other end of a connection: the principal, and what its editor can do."""

from typing import NamedTuple
from uuid import uuid4

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from lsp.convert import Abilities, Encoding
from server.security.principal import Permission, Principal

MAX_NAME_CHARACTERS = 100
"""Of an editor."""


class Client(NamedTuple):
    """*session_id* is new for each connection; *editor* is the name by which it is known again, "" for none.

    *takes_instructions*: it asks the person for the instruction that a command lacks.
    """

    principal: Principal
    session_id: str
    encoding: Encoding
    abilities: Abilities
    shows_progress: bool
    resolves_edits: bool
    pulls: bool
    hover_kind: types.MarkupKind
    wants_lenses: bool
    wants_callers: bool
    refreshes_lenses: bool
    opens_documents: bool
    editor: str
    watches_files: bool
    reads_virtual_documents: bool
    takes_instructions: bool
    completes_inline: bool
    registers_inline_completion: bool

    @classmethod
    def of(cls, principal: Principal, params: types.InitializeParams) -> "Client":
        capabilities = params.capabilities
        inline = capabilities.text_document.inline_completion if capabilities.text_document else None
        options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
        return cls(
            principal=principal,
            session_id=uuid4().hex,
            encoding=ServerCapabilitiesBuilder.choose_position_encoding(capabilities),
            abilities=Abilities.of(capabilities),
            shows_progress=bool(capabilities.window and capabilities.window.work_done_progress),
            resolves_edits=_resolves_edits(capabilities),
            pulls=_pulls(capabilities),
            hover_kind=_hover_kind(capabilities),
            reads_virtual_documents=bool(capabilities.workspace and capabilities.workspace.text_document_content),
            refreshes_lenses=_refreshes_lenses(capabilities),
            wants_lenses=options.get("code_lenses") is not False,
            wants_callers=_wants_callers(capabilities, options),
            opens_documents=_opens_documents(capabilities),
            watches_files=_watches_files(capabilities),
            editor=_name(options.get("editor")),
            takes_instructions=options.get("instructions") is True,
            completes_inline=(
                inline is not None and options.get("inline_completion") is not False and principal.may(Permission.WRITE)
            ),
            registers_inline_completion=bool(inline and inline.dynamic_registration),
        )


def _resolves_edits(capabilities: types.ClientCapabilities) -> bool:
    action = capabilities.text_document.code_action if capabilities.text_document else None
    return bool(
        action and action.data_support and action.resolve_support and "edit" in action.resolve_support.properties
    )


def _pulls(capabilities: types.ClientCapabilities) -> bool:
    """Whether it asks for diagnostics, and asks again when it is told: much of what we know comes by itself."""
    told = capabilities.workspace.diagnostics if capabilities.workspace else None
    asks = capabilities.text_document.diagnostic if capabilities.text_document else None
    return bool(asks and told and told.refresh_support)


def _hover_kind(capabilities: types.ClientCapabilities) -> types.MarkupKind:
    hover = capabilities.text_document.hover if capabilities.text_document else None
    formats = (hover.content_format if hover else None) or ()
    return types.MarkupKind.Markdown if types.MarkupKind.Markdown in formats else types.MarkupKind.PlainText


def _refreshes_lenses(capabilities: types.ClientCapabilities) -> bool:
    lens = capabilities.workspace.code_lens if capabilities.workspace else None
    return bool(lens and lens.refresh_support)


def _wants_callers(capabilities: types.ClientCapabilities, options: dict[str, object]) -> bool:
    """Unless it says so, only who can show them: they have to be looked for."""
    lens = capabilities.text_document.code_lens if capabilities.text_document else None
    return options.get("code_lenses") is not False and options.get("callers_lenses", lens is not None) is not False


def _opens_documents(capabilities: types.ClientCapabilities) -> bool:
    show = capabilities.window.show_document if capabilities.window else None
    return bool(show and show.support)


def _watches_files(capabilities: types.ClientCapabilities) -> bool:
    watched = capabilities.workspace.did_change_watched_files if capabilities.workspace else None
    return bool(watched and watched.dynamic_registration)


def _name(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_NAME_CHARACTERS and value.isprintable() else ""

"""Who calls a function: what the code lens above it shows when somebody clicks it.

An editor that can shows the places itself (`HiveAbilities.callers`); any other is asked which of them to open.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
from lsprotocol import types

from lsp.convert import at_place
from lsp.messages import CallersTold, HiveAbilities
from lsp.protocol import RequestFailed, shared_converter
from lsp.reviewing import Reviewing
from lsp.running import arguments_of
from server.reviews.snapshot import Called, Caller

SHOW_CALLERS = "hive.showCallers"

MAX_CHOICES = 10
"""Places among which somebody can choose in a message."""


class Editor(Protocol):
    """`lsp.screen.EditorScreen`."""

    def tell(self, text: str) -> None: ...

    async def choose(self, text: str, *choices: str) -> str | None: ...

    async def open(self, place: types.Location) -> bool: ...


class AboutFunction(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments. *line*: 1-based."""

    uri: str
    name: str
    line: int


class CallerCommands:
    """One client's. `table` is empty where it wants no lenses about callers."""

    def __init__(
        self, documents: Mapping[str, Reviewing], editor: Editor, abilities: HiveAbilities, *, wanted: bool
    ) -> None:
        every: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {SHOW_CALLERS: self.show}
        self.table = every if wanted else {}
        self._documents = documents
        self._editor = editor
        self._abilities = abilities

    async def show(self, params: types.ExecuteCommandParams) -> Any:
        """[uri, name, line]"""
        about = arguments_of(params, AboutFunction)
        reviewing = self._documents.get(about.uri)
        called = reviewing.called.find(about.name, about.line) if reviewing is not None else None
        if reviewing is None or called is None:
            raise RequestFailed(f"{about.name} is not there any more")
        root = reviewing.place.root_uri if reviewing.place is not None else None
        places = {f"{one.path}:{one.line}": self._location(one, called, about.uri, root) for one in called.callers}
        if not self._abilities.callers:
            await self._open_one(f"{callers_of(called)} of {called.name} {within(reviewing.called.files)}", places)
        locations = shared_converter().unstructure([*places.values()])
        return msgspec.to_builtins(CallersTold(about.uri, called.line - 1, tuple(locations)))

    async def _open_one(self, told: str, places: Mapping[str, types.Location]) -> None:
        names = [*places][:MAX_CHOICES]
        more = f" The first {len(names)}:" if len(names) < len(places) else ""
        chosen = await self._editor.choose(f"{told}.{more}", *names) if names else None
        if not names:
            self._editor.tell(f"{told}.")
        elif chosen is not None and chosen in places and not await self._editor.open(places[chosen]):
            self._editor.tell(f"This editor opens no files for others: {chosen}")

    def _location(self, caller: Caller, called: Called, uri: str, root: str | None) -> types.Location:
        return at_place(
            uri if caller.path == called.path else None, root or "", caller.path, caller.line, caller.column
        )


def callers_of(called: Called) -> str:
    return {0: "no callers known", 1: "1 caller"}.get(called.count, f"{called.count} callers")


def within(files: int) -> str:
    """Of which files that is true: more may lie elsewhere."""
    return "in the one file that was read" if files == 1 else f"in the {files} files that were read"

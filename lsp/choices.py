"""What each project's `.hive.toml` on the disk chooses, for the documents that are open in it.

It is the folder's owner who edits there, so the file counts as it lies on the disk, as it does for `hive review`; of a
pull request only the base's counts. Of an invalid one the last good one holds.
"""

import asyncio
import os
from collections.abc import Callable

from lsp.client import Client
from lsp.workspace import Place, Workspace
from server.errors import HiveError
from server.reviews.configuration import DEFAULT, FILE_NAME, Configuration
from server.reviews.project import identify_project
from server.reviews.project_configuration import configuration_of

MAX_PROJECTS = 50


class ProjectChoices:
    """One client's. For who sits elsewhere, whose disk the hub does not read, the defaults."""

    def __init__(self, client: Client, workspace: Workspace, tell: Callable[[str], None]) -> None:
        """*tell* shows a person what is wrong with the file."""
        self._reads_disk = client.principal.is_local
        self._workspace = workspace
        self._tell = tell
        self._known: dict[str, Configuration] = {}
        self._last_good: dict[str, Configuration] = {}

    async def of(self, place: Place) -> Configuration:
        if place.root_uri is None or not self._reads_disk:
            return DEFAULT
        known = self._known.get(place.root_uri)
        return known if known is not None else await self._read(place, place.root_uri)

    def forget(self) -> None:
        """A file came, changed or went."""
        self._known.clear()

    async def _read(self, place: Place, root_uri: str) -> Configuration:
        root = self._workspace.root_of(place)
        assert root is not None
        if len(self._last_good) > MAX_PROJECTS:
            self._last_good.clear()
        try:
            found = await asyncio.to_thread(lambda: configuration_of(identify_project(root), "", "", os.environ))
            self._last_good[root_uri] = found
        except HiveError as error:
            found = self._last_good.get(root_uri, DEFAULT)
            self._tell(f"Agent Hive does not understand {FILE_NAME}: {error}. What it said before holds.")
        self._known[root_uri] = found
        return found

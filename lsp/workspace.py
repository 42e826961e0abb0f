"""Where a document lies: its project and its path there, the same that a pull request gives it.

Trusts no URI: what lies outside the folders that the editor opened is refused. Reads a few of git's files, in a thread;
for an editor of another machine nothing, since what lies at the same place here is something else.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pygls.uris import to_fs_path

from lsp.messages import CheckoutTold
from server.errors import HiveError
from server.reviews.project import Project, identify_project, name_from_remote, project_elsewhere
from server.security.principal import Principal

UNTITLED_SUFFIXES = {
    "python": ".py",
    "javascript": ".js",
    "javascriptreact": ".jsx",
    "typescript": ".ts",
    "typescriptreact": ".tsx",
    "go": ".go",
}
"""By LSP language identifier: a buffer that was never saved has no name to tell its language by."""


class Place(NamedTuple):
    """*path* is as findings carry it. *root_uri* is the project's, without a slash at its end; None when on no disk."""

    project: str
    path: str
    root_uri: str | None


class NotInWorkspace(HiveError):
    """The document is no file, or lies outside the folders that the editor opened."""


class Workspace:
    """The folders that one editor has open. With none (a single file was opened), every file counts as inside."""

    def __init__(self, folder_uris: list[str], principal: Principal) -> None:
        self._folders = {uri: folder for uri in folder_uris if (folder := file_path(uri)) is not None}
        self._principal = principal
        self._told: dict[Path, str] = {}
        """Projects by their roots on the editor's machine, where that is another one."""

    def hear(self, checkouts: Iterable[CheckoutTold]) -> bool:
        """What the editor says of its folders. True when documents may belong elsewhere by it."""
        if self._principal.is_local:
            return False
        named = ((file_path(told.root_uri), name_from_remote(told.remote)) for told in checkouts)
        before, self._told = self._told, {root: name for root, name in named if root and name}
        return self._told != before

    def change(self, *, added: list[str], removed: list[str]) -> None:
        for uri in removed:
            self._folders.pop(uri, None)
        self._folders |= {uri: folder for uri in added if (folder := file_path(uri)) is not None}

    def folders(self) -> list[Path]:
        return list(self._folders.values())

    @property
    def first_folder(self) -> str | None:
        """Its URI."""
        return next(iter(self._folders), None)

    def folder_uris(self) -> tuple[str, ...]:
        return tuple(self._folders)

    async def projects(self) -> frozenset[str]:
        """Of the folders."""
        return await asyncio.to_thread(lambda: frozenset(self._project_at(folder).name for folder in self.folders()))

    async def locate(self, uri: str, language: str) -> Place:
        """Raises `NotInWorkspace`."""
        scheme = urlsplit(uri).scheme
        if scheme == "untitled":
            return await asyncio.to_thread(self._locate_untitled, uri, language)
        if scheme != "file":
            raise NotInWorkspace(f"documents of the kind {scheme or 'without scheme'} are not reviewed")
        place = await asyncio.to_thread(self._locate_file, self.path_of(uri))
        if place.path.endswith(".ipynb"):  # a notebook's cells, as one file of their language
            return place._replace(path=place.path + UNTITLED_SUFFIXES.get(language, ""))
        return place

    def path_of(self, uri: str) -> Path:
        """The file's path, without `..`. Raises `NotInWorkspace`."""
        path = file_path(uri)
        if path is None:
            raise NotInWorkspace(f"{uri} is not a file")
        if self._folders and not any(path.is_relative_to(folder) for folder in self._folders.values()):
            raise NotInWorkspace(f"{path.name} lies outside the workspace folders")
        return path

    def real_path_of(self, uri: str) -> Path:
        """As `path_of`, also past symbolic links: for what is read from disk. Blocks."""
        path = Path(os.path.realpath(self.path_of(uri)))
        folders = [Path(os.path.realpath(folder)) for folder in self._folders.values()]
        if folders and not any(path.is_relative_to(folder) for folder in folders):
            raise NotInWorkspace(f"{path.name} lies outside the workspace folders")
        return path

    def as_opened(self, path: Path) -> Path:
        """A real *path* as the editor calls it, of which a folder may be a symbolic link. Blocks."""
        for folder in self._folders.values():
            real = Path(os.path.realpath(folder))
            if path.is_relative_to(real):
                return folder / path.relative_to(real)
        return path

    def root_of(self, place: Place) -> Path | None:
        """Where its project lies on this machine."""
        return file_path(place.root_uri) if place.root_uri is not None else None

    def folders_within(self, root: Path) -> list[str]:
        """The folders that are open in the project at *root*, relative to it. Blocks."""
        real = [Path(os.path.realpath(folder)) for folder in self._folders.values()]
        if any(root.is_relative_to(folder) for folder in real):
            return ["."]
        return [folder.relative_to(root).as_posix() for folder in real if folder.is_relative_to(root)] or ["."]

    def _locate_file(self, path: Path) -> Place:
        try:
            project = self._project_at(path.parent)
            is_here = self._principal.is_local
            relative = project.path_of(path) if is_here else path.relative_to(project.root).as_posix()
        except (OSError, ValueError) as error:
            raise NotInWorkspace(f"{path.name} cannot be found: {error}") from error
        if relative is None:
            raise NotInWorkspace(f"{path.name} lies outside its project")
        return Place(project.name, relative, project.root.as_uri())

    def _locate_untitled(self, uri: str, language: str) -> Place:
        name = f"untitled/{unquote(urlsplit(uri).path).strip('/') or 'buffer'}"
        suffix = UNTITLED_SUFFIXES.get(language, "")
        folder = next(iter(self._folders.values()), None)
        project = self._project_at(folder).name if folder else self._principal.project or "local/untitled"
        return Place(project, name if name.endswith(suffix) else name + suffix, None)

    def _project_at(self, folder: Path) -> Project:
        """Blocks. On another machine: the checkout of which the editor told, else the folder that is open, for whose
        name a key of one project stands.
        """
        if self._principal.is_local:
            return identify_project(folder)
        told = [root for root in self._told if folder.is_relative_to(root)]
        around = told or [root for root in self._folders.values() if folder.is_relative_to(root)]
        root = max(around, key=_depth, default=folder)
        name = self._told.get(root) or self._principal.project
        return Project(name, root) if name else project_elsewhere(root, self._principal.key_id)


def _depth(path: Path) -> int:
    return len(path.parts)


def file_path(uri: str) -> Path | None:
    path = to_fs_path(uri)
    if not path or "\0" in path or not os.path.isabs(path):
        return None
    return Path(os.path.normpath(path))

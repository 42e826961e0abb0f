"""Which files around a change are worth reading for what they tell about it. Pure."""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

MAX_CONTEXT_BYTES = 2 * 1024 * 1024
"""Of all together: some fifty thousand lines, which take a few seconds at first and nothing as long as they stay."""

CONTEXT_SUFFIXES = {".py", ".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".go", ".java", ".rb", ".php", ".html", ".j2"}
"""Code from which values flow into other files."""

VENDORED = {"node_modules", "bower_components", "vendor", "third_party", "site-packages", ".venv", "__pycache__"}
"""Folders of other people's code, or of none."""


def nearest(paths: Iterable[str], changed: Collection[str], limit: int) -> list[str]:
    """Code of the project itself, that in the folders of the *changed* files first, then that in those above."""
    folders: dict[PurePosixPath, int] = {}
    for path in changed:
        for depth, folder in enumerate(PurePosixPath(path).parents):
            folders[folder] = min(depth, folders.get(folder, depth))
    far = max(folders.values(), default=0) + 1

    def distance(path: str) -> int:
        parents = PurePosixPath(path).parents
        return min(depth + folders.get(folder, far) for depth, folder in enumerate(parents))

    code = (path for path in paths if PurePosixPath(path).suffix in CONTEXT_SUFFIXES and path not in changed)
    return sorted((path for path in code if not vendored_folder(path)), key=distance)[:limit]


def vendored_folder(path: str) -> str:
    """The outermost folder of other people's code around the file, "" when it is the project's own."""
    parts = path.split("/")[:-1]
    for depth, part in enumerate(parts, 1):
        if part in VENDORED:
            return "/".join(parts[:depth])
    return ""

"""Which files around a change are worth reading for what they tell about it. Pure."""

from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from os.path import splitext

MAX_CONTEXT_BYTES = 2 * 1024 * 1024
"""Of all together: some fifty thousand lines, which take a few seconds at first and nothing as long as they stay."""

CONTEXT_SUFFIXES = {".py", ".js", ".cjs", ".mjs", ".jsx", ".ts", ".tsx", ".go", ".java", ".rb", ".php", ".html", ".j2"}
"""Code from which values flow into other files."""

DESCRIBING = {
    *(".hive.toml", "pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini"),
    *("package.json", "go.mod", "Makefile"),
}
"""At the root: what says how the project is built and tested."""

VENDORED = {"node_modules", "bower_components", "vendor", "third_party", "site-packages", ".venv", "__pycache__"}
"""Folders of other people's code, or of none."""


def nearest(paths: Iterable[str], changed: Collection[str], limit: int) -> list[str]:
    """What describes the project, then its own code: that in the folders of the *changed* files first, then that in
    those above.
    """
    steps: dict[str, int] = {}
    for path in changed:
        for depth, folder in enumerate(_folders(path)):
            steps[folder] = min(depth, steps.get(folder, depth))
    far = max(steps.values(), default=0) + 1
    distances: dict[str, int | None] = {}  # by folder, of which there are few; None: other people's code

    def distance(path: str) -> int | None:
        folder = path.rpartition("/")[0]
        if folder not in distances:
            ways = (depth + steps.get(above, far) for depth, above in enumerate(_folders(path)))
            distances[folder] = None if vendored_folder(path) else min(ways)
        return distances[folder]

    others = [path for path in paths if path not in changed]
    describing = sorted(path for path in others if path in DESCRIBING)
    code = (path for path in others if splitext(path)[1] in CONTEXT_SUFFIXES)
    near = [(away, path) for path in code if (away := distance(path)) is not None]
    return [*describing, *(path for _, path in sorted(near, key=itemgetter(0)))][:limit]


def _folders(path: str) -> Iterator[str]:
    """Those around it, the innermost first; "" is the project's root."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def vendored_folder(path: str) -> str:
    """The outermost folder of other people's code around the file, "" when it is the project's own."""
    parts = path.split("/")[:-1]
    for depth, part in enumerate(parts, 1):
        if part in VENDORED:
            return "/".join(parts[:depth])
    return ""

"""How modules of a JavaScript project are named: dotted paths without suffix, as `program.Import` says.

Pure text. Which exports a module has is the business of `modules.py`.
"""

from pathlib import PurePosixPath

_SUFFIXES = (
    ".d.ts",
    *(f".{letter}{kind}" for kind in ("ts", "js") for letter in "cm"),
    ".tsx",
    ".jsx",
    ".ts",
    ".js",
    ".vue",
    ".svelte",
    ".json",
)

_ROOTS = frozenset(
    {"src", "app", "pages", "lib", "components", "server", "api", "routes", "client", "utils", "services", "actions"}
)
"""Directories at the top of a package, below which `@/` paths are found."""


def module_name(path: str) -> str:
    """`src.db` for `src/db.ts`; `src.routes` for `src/routes/index.js`."""
    return _dotted([part for part in path.split("/") if part not in ("", ".")])


def imported_name(path: str, specifier: str) -> str:
    """What an import of *specifier* in the file at *path* means; of a package, its own name: `fs.promises`."""
    if specifier.startswith("."):
        return _dotted(_joined(list(PurePosixPath(path).parent.parts), specifier))
    if specifier.startswith(("@/", "~/")):
        return _dotted([*_package_root(path), *specifier[2:].split("/")])
    return specifier.removeprefix("node:").replace("/", ".")


def _joined(parts: list[str], specifier: str) -> list[str]:
    for part in specifier.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _package_root(path: str) -> tuple[str, ...]:
    """`@/x` is below `src`, where there is one, or beside the directories that frameworks want at the top."""
    parts = PurePosixPath(path).parent.parts
    for index, part in enumerate(parts):
        if part == "src":
            return parts[: index + 1]
    for index, part in enumerate(parts):
        if part in _ROOTS:
            return parts[:index]
    return ()


def _dotted(parts: list[str]) -> str:
    if not parts:
        return "index"
    *directories, last = parts
    stem = next((last[: -len(suffix)] for suffix in _SUFFIXES if last.endswith(suffix)), last)
    return ".".join((*directories, stem) if stem != "index" or not directories else directories)

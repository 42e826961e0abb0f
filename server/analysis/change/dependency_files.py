"""The packages that a project asks for, from the files in which it says so. Reads text; judges nothing."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, NamedTuple


class Registry(StrEnum):
    PYPI = "PyPI"
    NPM = "npm"
    GO = "Go"


class Dependency(NamedTuple):
    """*wants*: the versions asked for as they are written, "" for any; or the address to take it from."""

    registry: Registry
    name: str
    wants: str
    line: int

    @property
    def is_from_address(self) -> bool:
        return "://" in self.wants or self.wants.startswith(("git@", "github:"))


def dependencies_of(path: str, text: str) -> list[Dependency]:
    """[] of other files, and of what cannot be read."""
    read = _reader(PurePosixPath(path).name)
    if read is None:
        return []
    try:
        return list(read(text))
    except (ValueError, RecursionError, TypeError, AttributeError):
        return []


def _reader(name: str) -> Callable[[str], Iterator[Dependency]] | None:
    if name == "pyproject.toml":
        return _of_pyproject
    if name == "package.json":
        return _of_package_json
    if name == "go.mod":
        return _of_go_mod
    return _of_requirements if _REQUIREMENTS.fullmatch(name) else None


_REQUIREMENTS = re.compile(r"(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)")
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]\n]*\])?\s*(?P<wants>@\s*\S+|[^;#\n]*)"
)
_ADDRESS = re.compile(r"\s*(?:-e\s+|--editable\s+)?(?P<address>(?:git|hg|svn|bzr)\+\S+|https?://\S+)")


def _of_requirements(text: str) -> Iterator[Dependency]:
    for number, line in enumerate(text.split("\n"), 1):
        address = _ADDRESS.match(line)
        if address is not None:
            yield Dependency(Registry.PYPI, _name_in(address["address"]), address["address"], number)
        elif line.strip() and not line.lstrip().startswith(("#", "-")):
            dependency = _requirement(line, number)
            if dependency is not None:
                yield dependency


def _name_in(address: str) -> str:
    """`git+https://host/owner/name.git@v1#egg=name` -> `name`."""
    egg = re.search(r"[#&]egg=([\w.-]+)", address)
    if egg is not None:
        return egg[1]
    last = address.split("#")[0].rstrip("/").rpartition("/")[2]
    return last.partition("@")[0].removesuffix(".git")


def _requirement(text: str, line: int) -> Dependency | None:
    match = _REQUIREMENT.match(text)
    if match is None:
        return None
    wants = match["wants"].replace("\\", "").partition("--hash")[0].strip(" \t\r()").removeprefix("@").strip()
    return Dependency(Registry.PYPI, match["name"], wants, line)


def _of_pyproject(text: str) -> Iterator[Dependency]:
    known = tomllib.loads(text)
    project = known.get("project", {})
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lists += known.get("dependency-groups", {}).values()
    for requirement in (one for some in lists for one in some if isinstance(one, str)):
        dependency = _requirement(requirement, _line_of(text, requirement.partition(";")[0].strip()))
        if dependency is not None:
            yield dependency
    poetry = known.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for name, wanted in (item for table in tables for item in table.items()):
        if name != "python":
            yield Dependency(Registry.PYPI, name, _poetry_wants(wanted), _line_of(text, name))


def _poetry_wants(wanted: Any) -> str:
    if isinstance(wanted, str):
        return "" if wanted == "*" else wanted
    if not isinstance(wanted, dict):
        return "?"
    if "git" in wanted:
        pin = wanted.get("rev") or wanted.get("tag")
        return f"{wanted['git']}@{pin}" if pin else str(wanted["git"])
    return str(wanted.get("url") or wanted.get("version") or wanted.get("path", "?"))


def _line_of(text: str, word: str) -> int:
    at = text.find(word)
    return text.count("\n", 0, at) + 1 if at >= 0 else 1


_NPM_TABLES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def _of_package_json(text: str) -> Iterator[Dependency]:
    known = json.loads(text)
    for table in _NPM_TABLES:
        start = max(0, text.find(f'"{table}"'))
        for name, wants in known.get(table, {}).items():
            at = text.find(json.dumps(name), start)
            yield Dependency(Registry.NPM, name, str(wants), text.count("\n", 0, max(at, 0)) + 1)


_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<name>[\w.-]+\.[a-z]+/\S+)\s+(?P<wants>v\S+)", re.MULTILINE)


def _of_go_mod(text: str) -> Iterator[Dependency]:
    for match in _GO_REQUIRE.finditer(text):
        if "// indirect" not in text[match.end() : match.end() + 20]:
            yield Dependency(Registry.GO, match["name"], match["wants"], text.count("\n", 0, match.start("name")) + 1)

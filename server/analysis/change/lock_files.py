"""The packages that a lock file pins: where each comes from, and by what it is known. Reads text; judges nothing."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple


class Locked(NamedTuple):
    """*key*: its place in the lock file, the same in both versions of it. *source*: the address that it comes from, ""
    where the lock file does not say. *digests*: of its content. *runs*: whether it runs a script when it is installed.
    """

    key: str
    name: str
    version: str
    source: str = ""
    digests: frozenset[str] = frozenset()
    runs: bool = False
    line: int = 1


def locked_in(path: str, text: str) -> list[Locked]:
    """[] of other files, and of what cannot be read."""
    read = _READERS.get(PurePosixPath(path).name)
    if read is None:
        return []
    try:
        return list(read(text))
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return []


class _Lines:
    """Where things stand, asked in the order of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._line = 0, 1

    def of(self, words: str) -> int:
        found = self._text.find(words, self._at)
        if found < 0:
            return self._line
        self._line += self._text.count("\n", self._at, found)
        self._at = found
        return self._line


def _of_npm(text: str) -> Iterator[Locked]:
    known, lines = json.loads(text), _Lines(text)
    packages: Mapping[str, Any] = known.get("packages") or known.get("dependencies") or {}
    for place, entry in packages.items():
        if place and isinstance(entry, dict) and not entry.get("link"):
            yield Locked(
                key=place,
                name=str(entry.get("name") or place.rpartition("node_modules/")[2]),
                version=str(entry.get("version", "")),
                source=str(entry.get("resolved", "")),
                digests=_set(entry.get("integrity")),
                runs=bool(entry.get("hasInstallScript")),
                line=lines.of(json.dumps(place) + ":"),
            )


_YARN = re.compile(r"^(?P<head>\"?[^\s#][^\n]*):\n(?P<body>(?:[ \t]+[^\n]*\n?)+)", re.MULTILINE)
_YARN_NAME = re.compile(r"\"?(?P<name>@?[^@\"\s,]+)@")
_YARN_FIELD = re.compile(
    r"^ {2}(?P<name>version|resolved|integrity|resolution|checksum):? \"?(?P<value>[^\"\n]+)", re.MULTILINE
)


def _of_yarn(text: str) -> Iterator[Locked]:
    for found in _YARN.finditer(text):
        name = _YARN_NAME.match(found["head"])
        fields = {field["name"]: field["value"] for field in _YARN_FIELD.finditer(found["body"])}
        if name is not None and "version" in fields and "@workspace:" not in found["head"]:
            source = fields.get("resolved", "")
            if not source and "@npm:" not in fields.get("resolution", "@npm:"):
                source = (
                    fields["resolution"].partition("@")[2] if fields["resolution"][0] != "@" else fields["resolution"]
                )
            yield Locked(
                key=found["head"].strip('"'),
                name=name["name"],
                version=fields["version"],
                source=source,
                digests=_set(fields.get("integrity") or fields.get("checksum")),
                line=text.count("\n", 0, found.start()) + 1,
            )


_PNPM = re.compile(
    r"^ {2}'?/?(?P<name>@?[^@\s'/]+(?:/[^@\s'/]+)?)[@/](?P<version>[^\s'():]+)[^\n]*:\n(?P<body>(?: {4,}[^\n]*\n)+)",
    re.MULTILINE,
)


def _of_pnpm(text: str) -> Iterator[Locked]:
    begin = max(text.find("\npackages:"), 0)
    end = text.find("\nsnapshots:", begin)
    for found in _PNPM.finditer(text, begin, end if end > 0 else len(text)):
        resolution = re.search(r"resolution: \{([^}\n]*)\}", found["body"])
        fields = dict(re.findall(r"(integrity|tarball|repo): ([^,}\s]+)", resolution[1])) if resolution else {}
        yield Locked(
            key=f"{found['name']}@{found['version']}",
            name=found["name"],
            version=found["version"],
            source=fields.get("tarball") or fields.get("repo", ""),
            digests=_set(fields.get("integrity")),
            runs="requiresBuild: true" in found["body"],
            line=text.count("\n", 0, found.start()) + 1,
        )


def _of_toml(text: str) -> Iterator[Locked]:
    """Those of Poetry, uv and Cargo."""
    known, lines = tomllib.loads(text), _Lines(text)
    for entry in known.get("package", []):
        digests = {str(entry["checksum"])} if "checksum" in entry else set[str]()
        files = [*entry.get("files", []), *entry.get("wheels", []), entry.get("sdist", {})]
        digests |= {str(file["hash"]) for file in files if isinstance(file, dict) and "hash" in file}
        source = entry.get("source", "")
        if isinstance(source, dict):
            if not {"virtual", "editable", "directory", "path"}.isdisjoint(source):
                continue
            source = next((str(source[kind]) for kind in ("git", "url", "registry") if kind in source), "")
        name, version = str(entry["name"]), str(entry.get("version", ""))
        yield Locked(name, name, version, str(source), frozenset(digests), line=lines.of(f'name = "{name}"'))


_GO_SUM = re.compile(r"^(?P<name>\S+) (?P<version>v\S+) (?P<digest>h1:\S+)$", re.MULTILINE)


def _of_go_sum(text: str) -> Iterator[Locked]:
    for number, line in enumerate(text.split("\n"), 1):
        found = _GO_SUM.match(line)
        if found is not None:
            key = f"{found['name']} {found['version']}"
            yield Locked(key, found["name"], found["version"], digests=_set(found["digest"]), line=number)


_GO_REPLACE = re.compile(
    r"^\s*(?:replace\s+)?(?P<name>[\w.-]+\.[a-z]+/\S+)(?:\s+v\S+)?\s+=>\s+(?P<to>[\w.-]+\.[a-z]+/\S+)"
)


def _of_go_mod(text: str) -> Iterator[Locked]:
    """What another module takes the place of."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _GO_REPLACE.match(line)
        if found is not None:
            yield Locked(found["name"], found["name"], "", f"git+https://{found['to']}", line=number)


_GEM_SECTION = re.compile(r"^(?P<kind>GEM|GIT)\n(?P<body>(?:[ ][^\n]*\n)+)", re.MULTILINE)


def _of_bundler(text: str) -> Iterator[Locked]:
    digests = dict(re.findall(r"^  ([\w.-]+) \([^)]+\) sha256=(\w+)$", text, re.MULTILINE))
    for section in _GEM_SECTION.finditer(text):
        remote = re.search(r"^  remote: (\S+)$", section["body"], re.MULTILINE)
        for gem in re.finditer(r"^    ([\w.-]+) \(([^)]+)\)$", section["body"], re.MULTILINE):
            line = text.count("\n", 0, section.start("body") + gem.start()) + 1
            source = f"{'git+' if section['kind'] == 'GIT' else ''}{remote[1]}" if remote else ""
            yield Locked(gem[1], gem[1], gem[2], source, _set(digests.get(gem[1])), line=line)


def _of_composer(text: str) -> Iterator[Locked]:
    known, lines = json.loads(text), _Lines(text)
    for entry in (*known.get("packages", []), *known.get("packages-dev", [])):
        source = (entry.get("dist") or entry.get("source") or {}).get("url", "")
        digests = _set((entry.get("dist") or {}).get("shasum"), (entry.get("source") or {}).get("reference"))
        name = str(entry["name"])
        yield Locked(name, name, str(entry["version"]), str(source), digests, line=lines.of(json.dumps(name)))


def _set(*values: object) -> frozenset[str]:
    return frozenset(str(value) for value in values if value)


_READERS: dict[str, Callable[[str], Iterator[Locked]]] = {
    "package-lock.json": _of_npm,
    "npm-shrinkwrap.json": _of_npm,
    "yarn.lock": _of_yarn,
    "pnpm-lock.yaml": _of_pnpm,
    "poetry.lock": _of_toml,
    "uv.lock": _of_toml,
    "Cargo.lock": _of_toml,
    "go.sum": _of_go_sum,
    "go.mod": _of_go_mod,
    "Gemfile.lock": _of_bundler,
    "composer.lock": _of_composer,
}

"""Which project a folder belongs to: one name wherever a person meets it - editor, terminal, pull request.

Reads a few of git's own files and runs nothing: a folder comes from outside, and git would obey its config. Includes,
`insteadOf` and host aliases of ~/.ssh/config are therefore not followed. `working_tree.py` collects the content.
"""

import hashlib
import io
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

MAX_CONFIG_BYTES = 1024 * 1024
MAX_POINTER_BYTES = 4096
MAX_URL_LENGTH = 2048
MAX_NAME_LENGTH = 200

SSH_OVER_HTTPS_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "www.github.com": "github.com",
}
"""Second names of the same forge."""


class Project(NamedTuple):
    """*name* is the identity that findings are kept under; *root* is absolute, without symbolic links."""

    name: str
    root: Path
    is_repository: bool = False

    def path_of(self, file: Path) -> str | None:
        """The file's path as findings carry it: relative to the root, with `/`. None when it lies outside."""
        absolute = Path(os.path.realpath(file.parent), file.name)
        if not absolute.is_relative_to(self.root) or file.name == "..":
            return None
        return absolute.relative_to(self.root).as_posix()


def identify_project(folder: Path) -> Project:
    """The project around *folder* (or around a file): named by its `origin`, else by where it lies.

    All worktrees of a repository are one project; a submodule is a project of its own.
    """
    start = Path(os.path.realpath(folder))
    if os.path.isfile(start):
        start = start.parent
    for root in (start, *start.parents):
        git_dir = _git_dir(root)
        if git_dir is not None:
            common_dir = _common_dir(git_dir)
            name = name_from_remote(_origin_url(_read(common_dir / "config", MAX_CONFIG_BYTES)) or "")
            return Project(name or _local_name(_home(root, git_dir, common_dir)), root, is_repository=True)
    return Project(_local_name(start), start)


def project_elsewhere(root: Path, owner: str) -> Project:
    """The project at *root* of another machine, of which nothing else is known. *owner*: whose machine that is."""
    return Project(_local_name(root, owner), root)


class Branch(NamedTuple):
    """*project*: where a pull request of it is opened. *name*: at its remote; `owner:name` when that is a fork."""

    project: str
    name: str


def checked_out_branch(root: Path) -> Branch | None:
    """Of the working tree at *root*; None where none is checked out, or no remote tells the project.

    With a remote `upstream`, as forks have it, pull requests go there, unless `gh repo set-default` says otherwise.
    """
    git_dir = _git_dir(root)
    name = _branch_at_remote(git_dir) if git_dir is not None else None
    if git_dir is None or name is None:
        return None
    config = _read(_common_dir(git_dir) / "config", MAX_CONFIG_BYTES)
    origin, upstream = (name_from_remote(_remote_url(config, remote) or "") for remote in ("origin", "upstream"))
    if origin is None:
        return None
    stays = ('remote "origin"', "gh-resolved", "base") in _config_values(config)
    if upstream is None or upstream == origin or stays:
        return Branch(origin, name)
    _, owner, *_ = origin.split("/")
    return Branch(upstream, f"{owner}:{name}")


def _branch_at_remote(git_dir: Path) -> str | None:
    head = _read(git_dir / "HEAD", MAX_POINTER_BYTES).strip()
    if not head.startswith(f"ref: {_BRANCHES}"):
        return None  # a commit is checked out, not a branch
    name = head.removeprefix(f"ref: {_BRANCHES}")
    merged = [
        value.removeprefix(_BRANCHES)
        for section, key, value in _config_values(_read(_common_dir(git_dir) / "config", MAX_CONFIG_BYTES))
        if section == f'branch "{name}"' and key == "merge" and value.startswith(_BRANCHES)
    ]
    return merged[-1] if merged else name


_BRANCHES = "refs/heads/"


def name_from_remote(url: str) -> str | None:
    """`github.com/owner/repo` for any way to write that remote. None when it names no host (a path, a bundle).

    Credentials, ports and letter case go: forges serve one repository under all of them.
    """
    if len(url) > MAX_URL_LENGTH or _WINDOWS_PATH.match(url):
        return None
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None:
        return None
    host = match["host"].lower().rstrip(".")
    path = unquote(match["path"]).strip("/").removesuffix(".git")
    parts = [part for part in path.split("/") if part]
    name = "/".join([SSH_OVER_HTTPS_HOSTS.get(host, host), *parts]).lower()
    if not host or not parts or {".", ".."} & set(parts):
        return None
    return name if name.isprintable() and len(name) <= MAX_NAME_LENGTH else None


_HOST = r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
_SCHEMES = r"(?:https?|ssh|git|git\+ssh|ssh\+git|ftps?)"
_URL = re.compile(rf"{_SCHEMES}://(?:[^/]*@)?{_HOST}(?::\d*)?/(?P<path>[^?#]*).*", re.I | re.S)
_SCP = re.compile(rf"(?:[^/@:]*@)?{_HOST}:(?!//|:)(?P<path>.*)", re.S)
_WINDOWS_PATH = re.compile(r"[A-Za-z]:")


def is_git_directory(folder: Path) -> bool:
    """Whether git keeps a repository in this very folder: a bare one, or the inside of a `.git`."""
    return os.path.isfile(folder / "HEAD") and all(os.path.isdir(folder / name) for name in ("objects", "refs"))


def _git_dir(root: Path) -> Path | None:
    """The repository's own directory: `.git`, or where a `.git` file of a worktree or submodule points."""
    dot_git = root / ".git"
    if os.path.isfile(dot_git):
        pointer = _read(dot_git, MAX_POINTER_BYTES)
        if not pointer.startswith("gitdir:"):
            return None
        dot_git = root / pointer.removeprefix("gitdir:").strip()
    return dot_git if os.path.lexists(dot_git / "HEAD") else None


def _common_dir(git_dir: Path) -> Path:
    """Where the config of all worktrees is."""
    pointer = _read(git_dir / "commondir", MAX_POINTER_BYTES).strip()
    return Path(os.path.realpath(git_dir / pointer)) if pointer else git_dir


def _home(root: Path, git_dir: Path, common_dir: Path) -> Path:
    """The folder that names a repository without remote: the main worktree's, whichever one we are in."""
    return common_dir.parent if common_dir != git_dir and common_dir.name == ".git" else root


def _local_name(home: Path, owner: str = "") -> str:
    digest = hashlib.sha256(os.fsencode(home) + owner.encode()).hexdigest()[:8]
    readable = "".join(c if c.isprintable() and c != " " else "-" for c in home.name) or "root"
    return f"local/{readable}-{digest}"


def _read(path: Path, limit: int) -> str:
    """Up to *limit* bytes of a regular file, "" when there is none: no pipe, no device, no surprise."""
    if not os.path.isfile(path):
        return ""
    try:
        with path.open("rb") as file:
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""


def _origin_url(config: str) -> str | None:
    return _remote_url(config, "origin")


def _remote_url(config: str, remote: str) -> str | None:
    """The first `url` of a remote, as `git remote get-url` takes it; an empty one starts over."""
    found: str | None = None
    for section, key, value in _config_values(config):
        if section == f'remote "{remote}"' and key == "url":
            found = (found or value) if value else None
    return found


_SECTION = re.compile(r'\s*\[\s*(?P<name>[A-Za-z0-9.-]+)(?:\s+"(?P<subsection>(?:[^"\\\n]|\\.)*)")?\s*\]')
_KEY = re.compile(r"\s*(?P<key>[A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(?P<value>.*))?", re.S)
_VALUE_TOKEN = re.compile(r'\\(?P<escaped>.)|(?P<quote>")|(?P<comment>[#;])|(?P<plain>[^\\"#;]+)', re.S)
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}


def _config_values(config: str) -> list[tuple[str, str, str]]:
    """(section, key, value) in order, by git-config(1)'s syntax. A line that git would refuse is passed over."""
    values = []
    section = ""
    for line in _logical_lines(config):
        header = _SECTION.match(line)
        if header:
            section = _section_name(header)
            line = line[header.end() :]
        pair = _KEY.fullmatch(line)
        if pair:
            values.append((section, pair["key"].lower(), _unquote_value(pair["value"] or "")))
    return values


def _logical_lines(config: str) -> list[str]:
    """Lines, those that end in an odd number of backslashes joined with the next."""
    unix = config.removeprefix("\ufeff").replace("\r\n", "\n")
    return re.sub(r"(?<!\\)((?:\\\\)*)\\\n", r"\1", unix).split("\n")


def _section_name(header: re.Match[str]) -> str:
    if header["subsection"] is not None:
        subsection = re.sub(r"\\(.)", r"\1", header["subsection"])
        return f'{header["name"].lower()} "{subsection}"'
    name, dot, subsection = header["name"].lower().partition(".")
    return f'{name} "{subsection}"' if dot else name


def _unquote_value(raw: str) -> str:
    """The value without quotes, escapes, comment and the white space before it."""
    value = io.StringIO()
    quoted = False
    kept = 0
    for token in _VALUE_TOKEN.finditer(raw):
        if token["quote"]:
            quoted = not quoted
        elif token["comment"] and not quoted:
            break
        elif token["escaped"]:
            value.write(_ESCAPES.get(token["escaped"], token["escaped"]))
        else:
            value.write(token[0])
        if quoted or token["quote"] or token["escaped"]:
            kept = value.tell()
    text = value.getvalue()
    return text[:kept] + text[kept:].rstrip()

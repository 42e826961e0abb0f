"""One name for a repository, however its remote is written and however hostile its files are."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reviews.project import identify_project, name_from_remote

REMOTES = [
    ("https", "https://github.com/octo/hive", "github.com/octo/hive"),
    ("https with .git", "https://github.com/octo/hive.git", "github.com/octo/hive"),
    ("trailing slash", "https://github.com/octo/hive.git/", "github.com/octo/hive"),
    ("token in the URL", "https://x-access-token:ghs_secret@github.com/octo/hive.git", "github.com/octo/hive"),
    ("@ in the password", "https://me:p@ss@git.example.org/octo/hive", "git.example.org/octo/hive"),
    ("port", "https://git.example.org:8443/octo/hive.git", "git.example.org/octo/hive"),
    ("query", "https://git.example.org/octo/hive.git?x=1#y", "git.example.org/octo/hive"),
    ("scp", "git@github.com:octo/hive.git", "github.com/octo/hive"),
    ("scp without user", "github.com:octo/hive", "github.com/octo/hive"),
    ("scp, absolute path", "git@git.example.org:/srv/hive.git", "git.example.org/srv/hive"),
    ("ssh", "ssh://git@github.com/octo/hive.git", "github.com/octo/hive"),
    ("ssh with port", "ssh://git@git.example.org:2222/octo/hive.git", "git.example.org/octo/hive"),
    ("ssh over 443", "ssh://git@ssh.github.com:443/octo/hive.git", "github.com/octo/hive"),
    ("git+ssh", "git+ssh://git@github.com/octo/hive", "github.com/octo/hive"),
    ("git protocol", "git://github.com/octo/hive.git", "github.com/octo/hive"),
    ("letter case", "HTTPS://GitHub.com/Octo/Hive.git", "github.com/octo/hive"),
    ("subgroups", "git@gitlab.com:group/sub/hive.git", "gitlab.com/group/sub/hive"),
    ("doubled slashes", "https://github.com//octo//hive", "github.com/octo/hive"),
    ("percent", "https://git.example.org/a%2Db/hive", "git.example.org/a-b/hive"),
    ("IPv6", "ssh://git@[::1]:22/octo/hive.git", "[::1]/octo/hive"),
    ("unicode", "https://git.example.org/größe/hive", "git.example.org/größe/hive"),
    ("absolute path", "/srv/git/hive.git", None),
    ("relative path", "../hive.git", None),
    ("file URL", "file:///srv/git/hive.git", None),
    ("Windows path", "C:\\git\\hive", None),
    ("Windows path with slashes", "C:/git/hive", None),
    ("remote helper", "ext::sh -c evil", None),
    ("no path", "https://github.com/", None),
    ("no host", "https:///octo/hive", None),
    ("dots for a host", "https://../octo", None),
    ("path that climbs", "https://github.com/octo/../../etc/passwd", None),
    ("encoded path that climbs", "https://github.com/%2e%2e/hive", None),
    ("control characters", "https://github.com/octo/hive\x1b[2J", None),
    ("encoded line end", "https://github.com/octo/hive%0Aevil", None),
    ("endless", "https://github.com/" + "a" * 5000, None),
    ("empty", "", None),
]


@pytest.mark.parametrize(("url", "name"), [case[1:] for case in REMOTES], ids=[case[0] for case in REMOTES])
def test_a_remote_has_one_name_however_it_is_written(url: str, name: str | None) -> None:
    assert name_from_remote(url) == name


@given(st.text(max_size=300))
def test_any_text_gives_a_printable_name_or_none(url: str) -> None:
    name = name_from_remote(url)

    assert name is None or (name.isprintable() and "/" in name and "@" not in name.split("/")[0])


CONFIGS = [
    (
        "as git writes it",
        '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:octo/hive.git\n',
    ),
    ("one line", '[remote "origin"] url=https://github.com/octo/hive'),
    ("old subsection", "[remote.origin]\nurl = https://github.com/octo/hive"),
    ("letter case", '[REMOTE "origin"]\nURL = https://github.com/octo/hive'),
    ("quotes and comment", '[remote "origin"]\nurl = "https://github.com/octo/hive"  ; mine'),
    ("continued line", '[remote "origin"]\nurl = https://github.com/\\\nocto/hive # mine'),
    ("Windows line ends", '[remote "origin"]\r\n\turl = https://github.com/octo/hive\r\n'),
    ("byte order mark", '\ufeff[remote "origin"]\n\turl = https://github.com/octo/hive\n'),
    ("two URLs", '[remote "origin"]\nurl = https://github.com/octo/hive\nurl = https://example.org/mirror/x'),
    (
        "an empty URL starts over",
        '[remote "origin"]\nurl = https://example.org/a/b\nurl =\nurl = https://github.com/octo/hive',
    ),
    (
        "other remotes",
        '[remote "fork"]\nurl = https://github.com/me/hive\n[remote "origin"]\nurl = https://github.com/octo/hive',
    ),
    ("garbage around it", '\x00\xff]][[\n= = =\n[remote "origin"]\n!!\nurl = https://github.com/octo/hive'),
]


@pytest.mark.parametrize("config", [case[1] for case in CONFIGS], ids=[case[0] for case in CONFIGS])
def test_origin_is_read_from_the_config_by_gits_own_syntax(tmp_path: Path, config: str) -> None:
    a_repository(tmp_path, config)

    assert identify_project(tmp_path).name == "github.com/octo/hive"


NAMELESS = [
    ("no remote", "[core]\n\tbare = false\n"),
    ("origin differs in case", '[remote "Origin"]\nurl = https://github.com/octo/hive'),
    ("in a comment", '[remote "origin"]\n# url = https://github.com/octo/hive'),
    ("a path", '[remote "origin"]\nurl = /srv/git/hive.git'),
    ("a command", '[remote "origin"]\nurl = ext::sh -c "touch owned"'),
    ("included from elsewhere", "[include]\npath = ../elsewhere\n"),
    ("cleared", '[remote "origin"]\nurl = https://github.com/octo/hive\nurl ='),
    ("empty", ""),
]


@pytest.mark.parametrize("config", [case[1] for case in NAMELESS], ids=[case[0] for case in NAMELESS])
def test_without_a_usable_origin_the_project_is_named_by_its_folder(tmp_path: Path, config: str) -> None:
    (tmp_path / "elsewhere").write_text('[remote "origin"]\nurl = https://github.com/evil/other')
    root = a_repository(tmp_path / "my hive", config)

    name = identify_project(root).name

    assert name.startswith("local/my-hive-")
    assert len(name) == len("local/my-hive-") + 8


def test_a_folder_deep_inside_belongs_to_the_repository_around_it(tmp_path: Path) -> None:
    a_repository(tmp_path, ORIGIN)
    deep = tmp_path / "src" / "deep"
    deep.mkdir(parents=True)
    (deep / "a.py").touch()

    assert identify_project(deep) == identify_project(deep / "a.py") == identify_project(tmp_path)
    assert identify_project(deep / "not yet there.py").root == tmp_path
    assert identify_project(tmp_path).path_of(deep / "a.py") == "src/deep/a.py"
    assert identify_project(deep).path_of(tmp_path.parent / "b.py") is None


def test_a_plain_folder_is_its_own_project_and_equal_names_differ(tmp_path: Path) -> None:
    (tmp_path / "a" / "hive").mkdir(parents=True)
    (tmp_path / "b" / "hive").mkdir(parents=True)

    first, second = identify_project(tmp_path / "a" / "hive"), identify_project(tmp_path / "b" / "hive")

    assert first.root == tmp_path / "a" / "hive"
    assert first.name.startswith("local/hive-")
    assert first.name != second.name
    assert identify_project(Path("/")).name.startswith("local/root-")


def test_a_symbolic_link_to_a_project_is_that_project(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    linked = identify_project(tmp_path / "link")

    assert linked == identify_project(tmp_path / "real")
    assert linked.path_of(tmp_path / "link" / "a.py") == "a.py"


@pytest.mark.parametrize(
    "config", ["[core]\n", '[remote "origin"]\nurl = https://github.com/octo/hive'], ids=["local", "remote"]
)
def test_all_worktrees_are_one_project(tmp_path: Path, config: str) -> None:
    main = tmp_path / "main"
    git("init", "--quiet", str(main))
    commit(main)
    with (main / ".git" / "config").open("a") as file:
        file.write(config)
    git("-C", str(main), "worktree", "add", "--quiet", str(tmp_path / "feature"))

    in_worktree = identify_project(tmp_path / "feature")

    assert in_worktree.name == identify_project(main).name
    assert in_worktree.root == tmp_path / "feature"


def test_a_submodule_is_a_project_of_its_own(tmp_path: Path) -> None:
    part, whole = tmp_path / "part", tmp_path / "whole"
    for folder in (part, whole):
        git("init", "--quiet", str(folder))
        commit(folder)
    git("-C", str(whole), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part), "vendor/part")
    git("-C", str(whole / "vendor" / "part"), "remote", "set-url", "origin", "git@github.com:octo/part.git")

    assert identify_project(whole / "vendor" / "part").name == "github.com/octo/part"
    assert identify_project(whole / "vendor" / "part").root == whole / "vendor" / "part"
    assert identify_project(whole).name.startswith("local/whole-")


POINTERS = [
    ("to nothing", b"gitdir: /nowhere/at/all"),
    ("to a device", b"gitdir: /dev/zero"),
    ("to itself", b"gitdir: .git"),
    ("with a zero byte", b"gitdir: a\x00b"),
    ("not a pointer", b"hello"),
    ("not text", os.urandom(5000)),
    ("endless", b"gitdir: " + b"a/" * 100_000),
]


@pytest.mark.parametrize("pointer", [case[1] for case in POINTERS], ids=[case[0] for case in POINTERS])
def test_a_broken_git_file_is_no_repository(tmp_path: Path, pointer: bytes) -> None:
    root = tmp_path / "hive"
    root.mkdir()
    (root / ".git").write_bytes(pointer)

    assert identify_project(root).name.startswith("local/hive-")


def test_a_hostile_git_directory_neither_hangs_nor_names_the_project(tmp_path: Path) -> None:
    root = a_repository(tmp_path / "hive", "")
    (root / ".git" / "config").unlink()
    os.mkfifo(root / ".git" / "config")
    (root / ".git" / "commondir").symlink_to("/dev/zero")

    assert identify_project(root).name.startswith("local/hive-")


def test_a_huge_config_is_read_only_in_part(tmp_path: Path) -> None:
    hostile = '[remote "origin"]\nurl = ' + '"' * 3_000_000 + "\n" + ORIGIN
    root = a_repository(tmp_path / "hive", hostile)

    assert identify_project(root).name.startswith("local/hive-")


def test_a_name_that_is_not_text_gives_a_printable_name(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/od\xffd\n"))
    odd.mkdir()

    assert identify_project(odd).name.startswith("local/od-d--")


ORIGIN = '[remote "origin"]\nurl = https://github.com/octo/hive\n'


def a_repository(folder: Path, config: str) -> Path:
    """The files that matter, without git: so a config may hold what git would refuse."""
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "config").write_text(config, encoding="utf-8", newline="")
    return folder


def commit(folder: Path) -> None:
    git(
        "-C",
        str(folder),
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "First",
    )


def git(*argv: str) -> None:
    subprocess.run(["git", *argv], check=True, capture_output=True)

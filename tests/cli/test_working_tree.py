"""What `hive review` sends: the right files and lines of real repositories, and nothing a hostile one sneaks in."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.review_routes import MAX_REVIEW_BYTES
from server.reviews.git import CannotCollect, GitFailed, NoCommits, RevisionNotFound
from server.reviews.git_diff import changed_lines
from server.reviews.snapshot import LineRange, Snapshot
from server.reviews.working_tree import (
    MAX_FILES,
    Collected,
    NoSuchPath,
    TooManyFiles,
    collect,
)
from tests.cli.repository import Repository

ODD_NAMES = [
    "größe.py",
    "日本語/コード.py",
    "my file.py",
    'quo"te.py',
    "tab\there.py",
    "a\nb.py",
    "back\\slash.py",
    "-rf.py",
]
NOT_REVISIONS = ["--output=owned", "-h", "a\nb", "HEAD:a.py", "a..b", "^HEAD", "\x1b[2J", "x" * 5000]
TEN_LINES = "".join(f"line_{n} = {n}\n" for n in range(1, 11))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "hive")


def collected(path: Path, base: str | None = None, head: str | None = None, everything: bool = False) -> Collected:
    return collect(path, os.environ, base=base, head=head, everything=everything)


def changed(snapshot: Snapshot) -> dict[str, list[tuple[int, int]] | None]:
    return {
        file.path: None if file.changed is None else [tuple(r) for r in map(_pair, file.changed)]
        for file in snapshot.files
    }


def _pair(lines: LineRange) -> tuple[int, int]:
    return lines.start, lines.end


def skipped(snapshot: Snapshot) -> dict[str, str]:
    return {file.path: file.reason for file in snapshot.skipped}


class TestChoosing:
    def test_uncommitted_changes_staged_unstaged_and_new(self, repository: Repository) -> None:
        head = repository.commit(a=TEN_LINES, b=TEN_LINES, c=TEN_LINES)
        repository.write("a.py", TEN_LINES.replace("line_3 = 3", "three = 3\nmore = 4"))
        repository.write("b.py", TEN_LINES.replace("line_9 = 9\n", ""))
        repository.git("add", "b.py")
        repository.write("new.py", "x = 1\n")
        repository.write(".gitignore", "*.log\n")
        repository.write("noise.log", "x\n")

        what = collected(repository.root)

        assert changed(what.snapshot) == {"a.py": [(3, 4)], "b.py": [], "new.py": None, ".gitignore": None}
        assert what.what == "uncommitted changes"
        assert (what.snapshot.base_sha, what.snapshot.head_sha) == (head, "")

    def test_a_clean_tree_gives_the_last_commit(self, repository: Repository) -> None:
        base = repository.commit(a=TEN_LINES, untouched=TEN_LINES)
        head = repository.commit("Say three", a=TEN_LINES.replace("line_3", "three"), b="x = 1\n")

        what = collected(repository.root)

        assert changed(what.snapshot) == {"a.py": [(3, 3)], "b.py": None}
        assert what.what == f"commit {head[:7]} “Say three”"
        assert (what.snapshot.base_sha, what.snapshot.head_sha) == (base, head)

    def test_the_first_commit_is_all_new(self, repository: Repository) -> None:
        head = repository.commit(a=TEN_LINES)

        snapshot = collected(repository.root).snapshot

        assert changed(snapshot) == {"a.py": None}
        assert (snapshot.base_sha, snapshot.head_sha) == ("", head)

    def test_before_the_first_commit_all_that_git_would_add_is_not_committed_yet(self, repository: Repository) -> None:
        repository.write("staged.py", "a = 1\n")
        repository.git("add", "staged.py")
        repository.write("new.py", "b = 1\n")
        repository.write(".git/info/exclude", "*.log\n")
        repository.write("noise.log", "x\n")

        what = collected(repository.root)

        assert changed(what.snapshot) == {"staged.py": None, "new.py": None}
        assert what.what == "uncommitted changes"
        assert (what.snapshot.base_sha, what.snapshot.head_sha) == ("", "")

    def test_a_merge_shows_what_it_brought_to_the_branch(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        repository.git("checkout", "--quiet", "-b", "feature")
        repository.commit(b="b = 1\n")
        repository.git("checkout", "--quiet", "main")
        repository.commit(c="c = 1\n")
        repository.git("merge", "--quiet", "--no-ff", "-m", "Merge", "feature")

        assert changed(collected(repository.root).snapshot) == {"b.py": None}

    def test_base_starts_at_the_merge_base_and_includes_the_working_tree(self, repository: Repository) -> None:
        fork = repository.commit(a=TEN_LINES)
        repository.git("checkout", "--quiet", "-b", "feature")
        repository.commit(b="b = 1\n")
        repository.git("checkout", "--quiet", "main")
        repository.commit(c="only on main\n")
        repository.git("checkout", "--quiet", "feature")
        repository.write("a.py", TEN_LINES + "last = 1\n")

        what = collected(repository.root, base="main")

        assert changed(what.snapshot) == {"a.py": [(11, 11)], "b.py": None}
        assert what.snapshot.base_sha == fork

    def test_base_and_head_read_the_commit_and_not_the_working_tree(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        head = repository.commit(a=TEN_LINES.replace("line_1 ", "one "))
        repository.write("a.py", "something else\n")

        snapshot = collected(repository.root, base="HEAD~1", head="HEAD").snapshot

        assert changed(snapshot) == {"a.py": [(1, 1)]}
        assert snapshot.files[0].text.startswith("one = 1\n")
        assert snapshot.head_sha == head

    def test_head_alone_is_that_commit(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        middle = repository.commit(b="b = 1\n")
        repository.commit(c="c = 1\n")

        assert changed(collected(repository.root, head=middle[:10]).snapshot) == {"b.py": None}

    def test_everything_is_every_file_that_git_does_not_ignore(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        repository.write(".gitignore", "secret/\n")
        repository.write("secret/b.py", "b = 1\n")
        repository.write("new.py", "new = 1\n")

        assert changed(collected(repository.root, everything=True).snapshot) == {
            "a.py": None,
            ".gitignore": None,
            "new.py": None,
        }

    def test_a_folder_of_a_repository_keeps_the_repositorys_paths(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")
        repository.write("src/b.py", "b = 1\n")
        repository.write("c.py", "c = 1\n")

        what = collected(repository.root / "src")

        assert changed(what.snapshot) == {"src/b.py": None}
        assert what.project.root == repository.root

    @pytest.mark.parametrize(
        ("inside", "options", "said"),
        [
            (".", {}, "uncommitted changes"),
            ("src", {}, "uncommitted changes in src/"),
            ("src/deep", {"everything": True}, "all files in src/deep/"),
            ("src", {"base": "HEAD"}, "changes since HEAD in src/"),
            ("src/b.py", {"base": "HEAD"}, "changes since HEAD in src/b.py"),
            ("src", {"base": "HEAD", "head": "HEAD"}, "changes from HEAD to HEAD in src/"),
        ],
    )
    def test_a_part_of_a_repository_is_said_to_be_one(
        self, repository: Repository, inside: str, options: dict[str, Any], said: str
    ) -> None:
        repository.commit(a="a = 1\n")
        repository.write("src/b.py", "b = 1\n")
        repository.write("src/deep/c.py", "c = 1\n")

        assert collected(repository.root / inside, **options).what == said

    def test_a_file_is_reviewed_whole_and_with_base_only_where_it_changed(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES, b=TEN_LINES)
        repository.write("a.py", TEN_LINES.replace("line_5", "five"))

        assert changed(collected(repository.root / "a.py").snapshot) == {"a.py": None}
        assert changed(collected(repository.root / "a.py", base="HEAD").snapshot) == {"a.py": [(5, 5)]}

    def test_a_plain_folder_is_all_its_files_in_a_stable_order(self, tmp_path: Path) -> None:
        for name in ("z.py", "a/b.py", "a/node_modules/x.js", ".venv/lib/y.py", "m.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("x = 1\n")

        what = collected(tmp_path)

        assert list(changed(what.snapshot)) == ["m.py", "z.py", "a/b.py"]
        assert skipped(what.snapshot) == {".venv/": "vendored", "a/node_modules/": "vendored"}
        assert what.snapshot.project.startswith("local/")

    def test_a_worktree_shows_its_own_changes(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit(a=TEN_LINES)
        repository.git("worktree", "add", "--quiet", str(tmp_path / "other"))
        (tmp_path / "other" / "new.py").write_text("x = 1\n")

        assert changed(collected(tmp_path / "other").snapshot) == {"new.py": None}

    def test_a_mode_that_alone_changed_is_no_change(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        repository.commit(b=TEN_LINES)
        (repository.root / "a.py").chmod(0o755)
        repository.write("c.py", "c = 1\n")

        assert changed(collected(repository.root).snapshot) == {"c.py": None}

    def test_a_touched_file_is_no_change(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES)
        repository.commit("Last", b="b = 1\n")
        os.utime(repository.root / "a.py", (1, 1))

        assert changed(collected(repository.root).snapshot) == {"b.py": None}

    def test_in_a_hook_gits_own_variables_do_not_mislead(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit(a=TEN_LINES)
        repository.write("b.py", "b = 1\n")
        misleading = {**os.environ, "GIT_DIR": str(tmp_path), "GIT_INDEX_FILE": "/nowhere", "GIT_WORK_TREE": "/"}

        assert changed(collect(repository.root, misleading).snapshot) == {"b.py": None}


class TestSkipping:
    def test_every_file_that_is_not_reviewed_has_its_reason(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit(gone="x = 1\n")
        (repository.root / "gone.py").unlink()
        repository.write("image.png", b"\x89PNG\0\0")
        repository.write("latin.py", "ä = 1\n".encode("latin-1"))
        repository.write("huge.py", b"x = 1\n" * 2_000_000)
        repository.write("node_modules/left/pad.js", "x")
        repository.write("node_modules/right/pad.js", "x")
        (repository.root / "link.py").symlink_to("/etc/passwd")
        (repository.root / "loop").symlink_to("loop")
        Repository(repository.root / "inner").commit(a="a = 1\n")

        snapshot = collected(repository.root).snapshot

        assert changed(snapshot) == {}
        assert skipped(snapshot) == {
            "gone.py": "deleted",
            "image.png": "binary",
            "latin.py": "not UTF-8 text",
            "huge.py": "larger than 2 MiB",
            "link.py": "symbolic link",
            "loop": "symbolic link",
            "inner/": "a repository of its own",
            "node_modules/": "vendored (2 files)",
        }

    def test_the_same_from_a_commit(self, repository: Repository) -> None:
        repository.commit(gone="x = 1\n")
        (repository.root / "gone.py").unlink()
        repository.write("image.png", b"\x89PNG\0\0")
        repository.write("huge.py", b"x = 1\n" * 2_000_000)
        (repository.root / "link.py").symlink_to("/etc/passwd")
        repository.commit(ok="ok = 1\n")

        snapshot = collected(repository.root, head="HEAD").snapshot

        assert changed(snapshot) == {"ok.py": None}
        assert skipped(snapshot) == {
            "gone.py": "deleted",
            "image.png": "binary",
            "huge.py": "larger than 2 MiB",
            "link.py": "symbolic link",
        }

    def test_a_submodule_is_left_to_its_own_review(self, repository: Repository, tmp_path: Path) -> None:
        part = Repository(tmp_path / "part")
        part.commit(a="a = 1\n")
        repository.commit()
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.root), "part")

        assert skipped(collected(repository.root).snapshot) == {"part": "submodule"}
        repository.commit()
        assert skipped(collected(repository.root).snapshot) == {"part": "submodule"}
        assert skipped(collected(repository.root, everything=True).snapshot) == {"part": "a repository of its own"}
        assert changed(collected(repository.root / "part").snapshot) == {"a.py": None}

    def test_a_conflict_is_not_reviewed(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")
        repository.git("checkout", "--quiet", "-b", "feature")
        repository.commit(a="a = 2\n")
        repository.git("checkout", "--quiet", "main")
        repository.commit(a="a = 3\n")
        with pytest.raises(Exception, match="merge"):
            repository.git("merge", "feature")

        assert skipped(collected(repository.root).snapshot) == {"a.py": "has merge conflicts"}

    def test_loops_pipes_and_unreadable_things_in_a_plain_folder(self, tmp_path: Path) -> None:
        root = tmp_path / "plain"
        (root / "deep").mkdir(parents=True)
        (root / "deep" / "up").symlink_to("..")
        (root / "dangling.py").symlink_to("nowhere")
        os.mkfifo(root / "pipe.py")
        (root / "ok.py").write_text("x = 1\n")

        snapshot = collected(root).snapshot

        assert changed(snapshot) == {"ok.py": None}
        assert skipped(snapshot) == {
            "deep/up/": "symbolic link",
            "dangling.py": "symbolic link",
            "pipe.py": "not a regular file",
        }

    def test_what_does_not_fit_into_one_review_is_named(self, tmp_path: Path) -> None:
        for number in range(20):
            (tmp_path / f"{number:02}.txt").write_text("a" * 2_000_000)
        (tmp_path / "zz.py").write_text("a = 1\n")

        snapshot = collected(tmp_path).snapshot

        assert len(msgspec.json.encode(snapshot)) < MAX_REVIEW_BYTES
        assert len(snapshot.files) == 1 + 18
        assert snapshot.files[0].path == "zz.py"
        assert set(skipped(snapshot).values()) == {"over the 36 MiB that one review takes"}


class TestContext:
    """The code around a change comes along, the nearest first, and nothing else does."""

    def test_of_changes_in_the_working_tree(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES, b="b = 1\n")
        repository.write("deep/er/c.py", "c = 1\n")
        repository.write("README.md", "words\n")
        repository.commit()
        repository.write("a.py", "changed = 1\n")

        snapshot = collected(repository.root).snapshot

        assert [file.path for file in snapshot.files] == ["a.py"]
        assert [(file.path, file.text) for file in snapshot.context] == [
            ("b.py", "b = 1\n"),
            ("deep/er/c.py", "c = 1\n"),
        ]

    def test_of_a_commit_as_it_was_then(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n", b="b = 1\n")
        head = repository.commit(a="a = 2\n")
        repository.commit(b="b = 2\n")

        snapshot = collected(repository.root, head=head).snapshot

        assert [(file.path, file.text) for file in snapshot.context] == [("b.py", "b = 1\n")]

    def test_of_one_file(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n", b="b = 1\n")

        snapshot = collected(repository.root / "a.py").snapshot

        assert [file.path for file in snapshot.files] == ["a.py"]
        assert [file.path for file in snapshot.context] == ["b.py"]

    def test_whole_projects_have_none(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")

        assert collected(repository.root, everything=True).snapshot.context == ()


class TestBase:
    """What a changed file was before comes along; a new file was nothing."""

    def test_of_changes_in_the_working_tree(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES, b="b = 1\n")
        repository.write("a.py", "changed = 1\n")
        repository.write("new.py", "new = 1\n")

        assert bases(collected(repository.root)) == {"a.py": TEN_LINES, "new.py": None}

    def test_of_a_commit(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")
        repository.commit(a="a = 2\n", new="new = 1\n")
        repository.write("a.py", "a = 3\n")

        assert bases(collected(repository.root, head="HEAD")) == {"a.py": "a = 1\n", "new.py": None}

    def test_since_the_merge_base(self, repository: Repository) -> None:
        base = repository.commit(a="a = 1\n")
        repository.commit(a="a = 2\n")
        repository.write("a.py", "a = 3\n")

        assert bases(collected(repository.root, base=base)) == {"a.py": "a = 1\n"}

    def test_what_was_not_text_is_not_compared(self, repository: Repository) -> None:
        repository.commit(a=b"\0")
        repository.commit(a="a = 1\n")

        assert bases(collected(repository.root, head="HEAD")) == {"a.py": None}

    def test_a_large_file_is_not_compared(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n" * 100_000)
        repository.commit(a="a = 1\n")

        assert bases(collected(repository.root, head="HEAD")) == {"a.py": None}

    def test_whole_projects_have_none(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")
        repository.write("a.py", "a = 2\n")

        assert bases(collected(repository.root, everything=True)) == {"a.py": None}


def bases(what: Collected) -> dict[str, str | None]:
    return {file.path: file.base for file in what.snapshot.files}


class TestText:
    def test_windows_line_ends_and_byte_order_mark(self, repository: Repository) -> None:
        repository.commit(a=TEN_LINES.replace("\n", "\r\n"))
        repository.write("a.py", b"\xef\xbb\xbf" + TEN_LINES.replace("\n", "\r\n").replace("line_2", "two").encode())

        snapshot = collected(repository.root).snapshot

        assert changed(snapshot) == {"a.py": [(1, 2)]}
        assert snapshot.files[0].text.startswith("line_1 = 1\r\ntwo = 2\r\n")

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names_are_kept(self, repository: Repository, name: str) -> None:
        repository.write(name, TEN_LINES)
        repository.commit()
        repository.write(name, TEN_LINES.replace("line_4", "four"))

        assert changed(collected(repository.root).snapshot) == {name: [(4, 4)]}
        repository.commit()
        assert changed(collected(repository.root).snapshot) == {name: [(4, 4)]}

    def test_a_name_that_is_not_text_is_skipped_and_can_be_printed(self, repository: Repository) -> None:
        repository.commit()
        Path(os.fsdecode(os.fsencode(repository.root) + b"/od\xffd.py")).write_text("x = 1\n")

        assert skipped(collected(repository.root).snapshot) == {"od\\xffd.py": "its name is not UTF-8"}

    def test_content_that_looks_like_a_patch_is_content(self, repository: Repository) -> None:
        trap = "++ b/evil.py\n@@ -1 +1 @@\n-- a/evil.py\n\\ No newline\ndiff --git a/x b/x\n"
        repository.commit(a=TEN_LINES, b=TEN_LINES)
        repository.write("a.py", TEN_LINES + trap + "no newline at the end")
        repository.write("b.py", TEN_LINES.replace("line_1 ", "one "))

        assert changed(collected(repository.root).snapshot) == {"a.py": [(11, 16)], "b.py": [(1, 1)]}

    @given(st.lists(st.binary(max_size=30), max_size=40))
    def test_any_patch_can_be_read(self, lines: list[bytes]) -> None:
        for ranges in changed_lines(lines).values():
            assert all(r.start <= r.end for r in ranges)


class TestBadInput:
    def test_no_such_path(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="No such file or directory"):
            collected(tmp_path / "nowhere")

    def test_a_symbolic_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")

        with pytest.raises(NoSuchPath, match="symbolic links"):
            collected(tmp_path / "loop")

    def test_a_device(self) -> None:
        with pytest.raises(NoSuchPath, match="neither a file nor a folder"):
            collected(Path("/dev/zero"))

    def test_a_base_in_a_repository_without_commits(self, repository: Repository) -> None:
        repository.write("a.py", "a = 1\n")

        with pytest.raises(NoCommits) as refused:
            collected(repository.root, base="main")

        assert "without --base and --head" in refused.value.hint

    def test_nothing_at_all_to_review(self, repository: Repository) -> None:
        repository.write(".git/info/exclude", "*.log\n")
        repository.write("noise.log", "x\n")

        with pytest.raises(NoCommits, match="no commits yet, and no files to review") as refused:
            collected(repository.root)

        assert "what git ignores" in refused.value.hint

    def test_a_base_that_does_not_exist(self, repository: Repository) -> None:
        repository.commit()
        repository.git("update-ref", "refs/remotes/origin/topic", "HEAD")

        with pytest.raises(RevisionNotFound, match="there is no commit 'topic'") as refused:
            collected(repository.root, base="topic")

        assert refused.value.hint == "did you mean origin/topic?"

    @pytest.mark.parametrize("revision", NOT_REVISIONS)
    def test_a_revision_that_is_none(self, repository: Repository, revision: str) -> None:
        repository.commit(a="a = 1\n")

        with pytest.raises(RevisionNotFound):
            collected(repository.root, base=revision)
        with pytest.raises(RevisionNotFound):
            collected(repository.root, head=revision)
        assert not (repository.root / "owned").exists()

    def test_histories_that_never_met(self, repository: Repository) -> None:
        repository.commit(a="a = 1\n")
        repository.git("checkout", "--quiet", "--orphan", "other")
        repository.commit("Other", b="b = 1\n")

        with pytest.raises(RevisionNotFound, match="no common ancestor"):
            collected(repository.root, base="main")

    def test_base_without_a_repository(self, tmp_path: Path) -> None:
        with pytest.raises(CannotCollect, match="not in a git repository"):
            collected(tmp_path, base="main")

    def test_everything_and_base_contradict_each_other(self, repository: Repository) -> None:
        repository.commit()

        with pytest.raises(CannotCollect, match="--all goes with neither"):
            collected(repository.root, base="main", everything=True)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"\0\1\2", "binary"), (b"x" * 10_000_000, "larger than 2 MiB"), (b"\xff\xfe", "not UTF-8")],
    )
    def test_a_file_asked_for_by_name_that_cannot_be_reviewed(
        self, tmp_path: Path, content: bytes, reason: str
    ) -> None:
        (tmp_path / "a.py").write_bytes(content)

        with pytest.raises(CannotCollect, match=f"'a.py' cannot be reviewed: {reason}"):
            collected(tmp_path / "a.py")

    def test_a_folder_nobody_means_to_review_at_once(self, tmp_path: Path) -> None:
        for number in range(MAX_FILES + 1):
            (tmp_path / f"{number}").touch()

        with pytest.raises(TooManyFiles, match="more than 20,000 files"):
            collected(tmp_path)

    def test_a_broken_repository_says_what_git_says(self, repository: Repository) -> None:
        repository.commit()
        (repository.root / ".git" / "config").write_text("[[[nonsense")

        with pytest.raises(GitFailed, match="bad config line 1"):
            collected(repository.root)

    def test_no_git_on_the_path(self, repository: Repository) -> None:
        repository.commit()

        with pytest.raises(GitFailed, match="git is not installed"):
            collect(repository.root, {"PATH": "/nowhere:."})


class TestHostileRepository:
    """Each names a program that leaves a mark when it runs."""

    @pytest.fixture
    def owned(self, repository: Repository, tmp_path: Path) -> Path:
        mark = tmp_path / "owned"
        program = tmp_path / "evil"
        program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
        program.chmod(0o755)
        repository.commit(a=TEN_LINES, b=TEN_LINES)
        for name in ("core.fsmonitor", "diff.external", "core.sshCommand", "gpg.program", "core.editor", "core.pager"):
            repository.git("config", name, str(program))
        for name in ("clean", "smudge", "process"):
            repository.git("config", f"filter.ev=il.{name}", str(program))
        repository.git("config", "filter.ev=il.required", "true")
        repository.git("config", "diff.evil.command", str(program))
        repository.git("config", "diff.evil.textconv", str(program))
        repository.git("config", "log.showSignature", "true")
        (repository.root / ".git" / "hooks").mkdir(exist_ok=True)
        for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
            shutil.copy(program, repository.root / ".git" / "hooks" / hook)
        (repository.root / ".git" / "info").mkdir(exist_ok=True)
        (repository.root / ".git" / "info" / "attributes").write_text("*.py filter=ev=il diff=evil\n")
        return mark

    def test_nothing_it_names_is_run(self, repository: Repository, owned: Path) -> None:
        repository.write("a.py", TEN_LINES.replace("line_2", "two"))
        os.utime(repository.root / "b.py", (1, 1))

        for options in ({}, {"base": "HEAD"}, {"head": "HEAD"}, {"everything": True}):
            assert collect(repository.root, os.environ, **options).snapshot.files  # type: ignore[arg-type]

        assert not owned.exists()

    def test_the_program_would_have_run(self, repository: Repository, owned: Path) -> None:
        repository.write("a.py", "changed\n")

        with contextlib.suppress(subprocess.CalledProcessError):
            repository.git("diff")

        assert owned.exists()

    def test_its_submodules_are_not_asked(self, repository: Repository, owned: Path, tmp_path: Path) -> None:
        outer = Repository(tmp_path / "outer")
        outer.commit()
        os.rename(repository.root, outer.root / "part")
        outer.git("add", "part")
        (outer.root / "part" / "a.py").write_text("changed\n")

        collected(outer.root)

        assert not owned.exists()

    def test_its_config_cannot_point_elsewhere(self, repository: Repository, tmp_path: Path) -> None:
        (tmp_path / "private").mkdir()
        (tmp_path / "private" / "diary.py").write_text("secret = 1\n")
        repository.commit(a="a = 1\n")
        repository.git("config", "core.worktree", str(tmp_path / "private"))

        for everything in (False, True):
            assert changed(collected(repository.root, everything=everything).snapshot) == {"a.py": None}

    def test_nothing_is_fetched_for_it(self, repository: Repository, tmp_path: Path) -> None:
        mark = tmp_path / "owned"
        repository.commit(a=TEN_LINES)
        blob = repository.git("rev-parse", "HEAD:a.py")
        (repository.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        for name, value in {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "remote.origin.url": f"ext::sh -c touch% {mark}",
            "protocol.ext.allow": "always",
        }.items():
            repository.git("config", name, value)

        assert skipped(collected(repository.root).snapshot) == {"a.py": "missing in this partial clone"}
        repository.write("a.py", "changed\n")
        with pytest.raises(GitFailed):
            collected(repository.root)

        assert not mark.exists()

    @pytest.mark.parametrize("attributes", ["*.py -diff\n", "*.py binary\n", "*.py -text diff=nothing\n"])
    def test_its_attributes_cannot_hide_a_change(self, repository: Repository, attributes: str) -> None:
        repository.write(".gitattributes", attributes)
        repository.commit(a=TEN_LINES)
        repository.write("a.py", TEN_LINES.replace("line_2", "two"))

        assert "a.py" in changed(collected(repository.root).snapshot)
        repository.commit()
        assert "a.py" in changed(collected(repository.root).snapshot)

    def test_a_folder_swapped_for_a_link_leads_nowhere(self, repository: Repository, tmp_path: Path) -> None:
        repository.write("src/a.py", TEN_LINES)
        repository.commit()
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "a.py").write_text("secret = 1\n")
        shutil.rmtree(repository.root / "src")
        (repository.root / "src").symlink_to(tmp_path / "outside")

        assert changed(collected(repository.root, everything=True).snapshot) == {}
        assert changed(collected(repository.root).snapshot) == {}


def test_a_bare_repository_is_not_praised_for_files_of_git(repository: Repository, tmp_path: Path) -> None:
    repository.write("a.py", TEN_LINES)
    repository.commit()
    subprocess.run(["git", "clone", "-q", "--bare", repository.root, tmp_path / "bare.git"], check=True)

    for place in (tmp_path / "bare.git", repository.root / ".git", repository.root / ".git" / "hooks"):
        with pytest.raises(CannotCollect, match=r"bare repository|git's own"):
            collected(place)


def test_a_copied_repository_has_no_changes_though_every_file_is_new(repository: Repository) -> None:
    (repository.root / "icon.png").write_bytes(b"\x89PNG\0")
    repository.write("a.py", TEN_LINES)
    repository.commit()
    for name in ("icon.png", "a.py"):
        os.utime(repository.root / name, (0, 0))

    assert collected(repository.root).what.startswith("commit ")
    (repository.root / "icon.png").write_bytes(b"\x89PNG\1\0")
    assert collected(repository.root).what == "uncommitted changes"


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="needs Linux's /proc")
def test_a_file_that_never_ends_is_not_waited_for() -> None:
    """Reading it would wait for the kernel's next message; it is mostly root who may."""
    with pytest.raises(CannotCollect, match=r"waited for|not readable"):
        collected(Path("/proc/kmsg"))


def test_three_thousand_files_take_a_moment(repository: Repository) -> None:
    for number in range(3000):
        repository.write(f"package_{number % 50}/module_{number}.py", TEN_LINES)
    repository.commit()
    for number in range(0, 3000, 2):
        repository.write(f"package_{number % 50}/module_{number}.py", TEN_LINES.replace("line_7", "seven"))

    before = sum(os.times()[:4])  # processor time, ours and git's: how busy the machine is otherwise is not asked
    snapshot = collected(repository.root).snapshot
    seconds = sum(os.times()[:4]) - before

    assert len(snapshot.files) == 1500
    assert all(file.changed == (LineRange(7, 7),) for file in snapshot.files)
    assert seconds < 5
    assert len(collected(repository.root, everything=True).snapshot.files) == 3000

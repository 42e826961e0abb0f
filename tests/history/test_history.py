"""What a repository's history comes to: a real one, made commit by commit."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.cli.analytics import read_history
from server.cli.history_view import duration, history_lines
from server.history.figures import Spread, spread
from server.reviews.git import CannotCollect
from tests.cli.test_commands import loaded_by
from tests.github.git_project import GitProject

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HEAVY = {"aiohttp", "asyncpg", "redis", "pygls", "structlog", "cryptography", "tree_sitter", "gidgethub"}


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """Mona wrote it; Ada adds to `src`, renames a file and merges a branch that was begun a day before."""
    project = GitProject(tmp_path / "project")
    project.commit({"src/app.py": "a\nb\nc\nd\n", "docs/guide.md": "x\n", "logo.png": b"\0\1", "uv.lock": "1\n"})
    project.commit({"src/app.py": "a\nb\nc\nd\ne\n", "uv.lock": "2\n"})
    project.branch("feature")
    _commit_as(project, "Ada", {"src/app.py": None, "src/core.py": "a\nb\nc\nd\ne\nf\ng\n"}, "2026-01-01T03:04:05Z")
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--no-ff", "-m", "Merge it", "feature")
    return project


def _commit_as(project: GitProject, name: str, files: dict[str, str | bytes | None], at: str) -> None:
    project.commit(files)
    project.git("commit", "--quiet", "--amend", f"--author={name} <{name}@example.com>", f"--date={at}", "--no-edit")


def test_a_history_is_counted_as_git_counts_it(project: GitProject):
    history = read_history(project.directory, "HEAD", LONG_AGO)

    assert (history.commits, history.merges, history.authors) == (4, 1, 2)
    assert (history.added, history.deleted) == (6 + 2 + 2, 1)
    assert history.head_sha == project.git("rev-parse", "HEAD")


def test_a_renamed_file_is_one_file_and_what_tools_write_is_no_hotspot(project: GitProject):
    (hotspot,) = read_history(project.directory, "HEAD", LONG_AGO).hotspots

    assert (hotspot.path, hotspot.changes, hotspot.lines, hotspot.score) == ("src/core.py", 3, 7, 21)


def test_who_changed_most_of_a_directory_owns_it(project: GitProject):
    history = read_history(project.directory, "HEAD", LONG_AGO)

    found = {d.path: (d.bus_factor, [(o.name, o.share) for o in d.owners]) for d in history.directories}
    assert found["src"] == (1, [("Mona", 0.714), ("Ada", 0.286)])
    assert found["docs"] == (1, [("Mona", 1.0)])
    assert history.bus_factor == 1


def test_the_lead_time_is_from_the_first_commit_of_a_branch_to_its_merge(project: GitProject):
    assert read_history(project.directory, "HEAD", LONG_AGO).lead_time == Spread(1, 86_400, 86_400)


def test_what_is_older_than_the_period_does_not_count(project: GitProject):
    history = read_history(project.directory, "HEAD", datetime(2026, 6, 1, tzinfo=UTC))

    assert (history.commits, history.hotspots, history.directories, history.lead_time) == (0, (), (), None)
    assert "0 commits since 2026-06-01 by 0 people" in history_lines(history)[0]


def test_a_shallow_clone_does_not_take_all_its_files_for_new(project: GitProject, tmp_path: Path):
    project.git("clone", "--quiet", "--depth=2", f"file://{project.directory}", str(tmp_path / "shallow"))

    history = read_history(tmp_path / "shallow", "HEAD", LONG_AGO)

    assert history.cut_off > 0
    assert history.added <= 2
    assert any("git fetch --unshallow" in line for line in history_lines(history))


def test_a_folder_without_git_is_refused_with_the_reason(tmp_path: Path):
    with pytest.raises(CannotCollect, match="is no git repository"):
        read_history(tmp_path, "HEAD", LONG_AGO)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], None),
        ([5], Spread(1, 5, 5)),
        ([3, 1], Spread(2, 1, 3)),
        (range(1, 11), Spread(10, 5, 9)),
        (range(1, 21), Spread(20, 10, 18)),
    ],
    ids=str,
)
def test_a_spread_holds_figures_that_occurred(seconds: list[float], expected: Spread | None):
    assert spread(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0 s"), (59, "59 s"), (90, "1.5 min"), (7_200, "2.0 h"), (200_000, "2.3 d")]
)
def test_a_duration_is_told_in_its_own_unit(seconds: float, expected: str):
    assert duration(seconds) == expected


def test_the_command_loads_nothing_of_the_hub():
    assert not HEAVY & loaded_by("analytics", "--help")

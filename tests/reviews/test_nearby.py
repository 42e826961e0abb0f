"""The code around edited files, from folders of all kinds."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.reviews import nearby
from server.reviews.nearby import NearbyFiles, NearbyTexts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "app/main.py": "main = 1\n",
        "app/near.py": "near = 1\n",
        "lib/far.py": "far = 1\n",
        "app/readme.txt": "no code\n",
        "node_modules/x/index.js": "vendored\n",
        ".secret/hidden.py": "hidden = 1\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def files_of(folder: Path, within: Sequence[str] = (".",), **options: object) -> NearbyFiles:
    return NearbyFiles(folder, lambda: within, os.environ, **options)  # type: ignore[arg-type]


def looked(files: NearbyFiles, **unsaved: str) -> list[str]:
    return [
        file.path for file in files.look(["app/main.py"], {f"app/{name}.py": text for name, text in unsaved.items()})
    ]


def test_code_of_people_comes_along_and_the_nearest_first(folder: Path) -> None:
    assert looked(files_of(folder)) == ["app/near.py", "lib/far.py"]


def test_a_repository_says_itself_what_belongs_to_it(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("lib/\n")

    assert looked(files_of(folder)) == ["app/near.py", ".secret/hidden.py"]


def test_only_the_folders_that_are_open_are_read(folder: Path) -> None:
    assert looked(files_of(folder, ["lib"])) == ["lib/far.py"]


def test_what_is_open_counts_instead_of_the_disk(folder: Path) -> None:
    files = files_of(folder)
    (saved, _) = files.look(["app/main.py"], {})
    unsaved = {"app/near.py": "changed = 1\n", "app/new.py": "new = 1\n"}

    known = files.look(["app/main.py"], unsaved)

    assert [file.path for file in known] == ["app/near.py", "app/new.py", "lib/far.py"]
    assert known[0].digest != saved.digest
    assert {file.path: file.text for file in files.texts(["app/near.py", "lib/far.py", "gone.py"], unsaved)} == {
        "app/near.py": "changed = 1\n",
        "lib/far.py": "far = 1\n",
    }


def test_there_is_room_for_so_much_and_the_nearest_has_it(folder: Path) -> None:
    assert looked(files_of(folder, room=10)) == ["app/near.py"]


def test_what_cannot_be_read_is_not_there(folder: Path) -> None:
    (folder / "app" / "binary.py").write_bytes(b"\0\1")
    (folder / "app" / "latin.py").write_bytes(b"# \xe9\n")
    (folder / "app" / "link.py").symlink_to("/etc/passwd")
    (folder / "app" / "dangling.py").symlink_to("nowhere.py")
    (folder / "up").symlink_to("/")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "app" / "pipe.py")
    (folder / "app" / "large.py").write_bytes(b"#" * (2 * 1024 * 1024 + 1))
    (folder / "app" / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")

    assert looked(files_of(folder)) == ["app/near.py", "lib/far.py"]


def test_a_file_is_read_again_once_it_was_written(folder: Path) -> None:
    files = files_of(folder)
    before = files.look(["app/main.py"], {})
    (folder / "app" / "near.py").write_text("near = 1 + 1\n")

    after = files.look(["app/main.py"], {})

    assert [one.path for one in before] == [one.path for one in after]
    assert before[0].digest != after[0].digest
    assert before[1] == after[1]


def test_files_that_came_or_went_are_seen_when_somebody_says_so_or_after_a_while(folder: Path) -> None:
    clock = Clock()
    files = files_of(folder, clock=clock)
    looked(files)
    (folder / "app" / "new.py").write_text("new = 1\n")
    assert looked(files) == ["app/near.py", "lib/far.py"]

    files.list_anew()
    assert looked(files) == ["app/near.py", "app/new.py", "lib/far.py"]

    (folder / "app" / "newer.py").write_text("newer = 1\n")
    clock.now += nearby.LISTED_SECONDS + 1.0
    assert "app/newer.py" in looked(files)


def test_a_folder_without_end_is_looked_at_for_so_long(folder: Path) -> None:
    wide = folder / "wide"
    wide.mkdir()
    for number in range(nearby.MAX_SCANNED // 50):
        (wide / f"{number}.py").touch()

    assert len(looked(files_of(folder))) == nearby.MAX_NEARBY_FILES


def test_without_a_disk_what_is_open_is_all_there_is() -> None:
    unsaved = {"a.py": "a = 1\n", "b/c.py": "c = 1\n", "d.txt": "no code\n"}

    assert [file.path for file in NearbyTexts().look(["x.py"], unsaved)] == ["a.py", "b/c.py"]
    assert [file.path for file in NearbyTexts(room=6).look(["x.py"], unsaved)] == ["a.py"]
    assert [file.text for file in NearbyTexts().texts(["b/c.py", "gone.py"], unsaved)] == ["c = 1\n"]

"""`hive memory` against a real hub: a folder is remembered, only changes are sent again, notes come and go."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.memory.wire import PART_BYTES, IndexedFile, parts
from tests.cli.hive import Hive, a_hive
from tests.cli.test_commands import loaded_by

HEAVY = {"aiohttp", "asyncpg", "redis", "pygls", "structlog", "cryptography", "tree_sitter", "rich.progress"}

CART = "class Cart:\n    def remove_item(self, name):\n        self.items = [i for i in self.items if i.name != name]\n"


@pytest.fixture(scope="module")
def hive() -> Iterator[Hive]:
    with a_hive() as hive:
        yield hive


def test_the_command_loads_nothing_of_the_hub() -> None:
    assert not HEAVY & loaded_by("memory", "--help")


def test_files_are_sent_in_parts_and_large_ones_alone() -> None:
    texts = {"a": "a", "large": "x" * (PART_BYTES + 1), "b": "b", "c": "c"}
    files = [IndexedFile(path, text) for path, text in texts.items()]

    sent = [[file.path for file in part.files] for part in parts("p", files, ["gone"])]

    assert sent == [[], ["a"], ["large"], ["b", "c"]]


@pytest.mark.journey
def test_a_folder_is_remembered_and_only_what_changed_is_sent_again(hive: Hive, tmp_path: Path) -> None:
    (tmp_path / "cart.py").write_text(CART)
    (tmp_path / "readme.md").write_text("# Shop\n\nPrices are kept in cents everywhere.\n")
    first = hive.run("memory", "index", str(tmp_path))
    again = hive.json("memory", "index", str(tmp_path))
    (tmp_path / "readme.md").unlink()
    last = hive.json("memory", "index", str(tmp_path))

    found = hive.run("memory", "search", "delete an item of the cart", cwd=tmp_path)

    assert first.stdout == "2 files: 2 contexts written, 0 as they were, 0 forgotten\n"
    assert (again["files"], last["forgotten"]) == (0, 1)
    assert re.match(r"code  Cart\.remove_item  cart\.py:2  [0-9a-f-]{36}\n {8}def remove_item", found.stdout)


@pytest.mark.journey
def test_a_note_is_left_found_shown_and_forgotten(hive: Hive, tmp_path: Path) -> None:
    hive.run("memory", "index", str(tmp_path))
    note = hive.json("memory", "add", "releases are tagged on Mondays", "--project", "local/demo")
    asked = ("when is a release tagged", "--project", "local/demo")

    assert [context["id"] for context in hive.json("memory", "search", *asked)] == [note["id"]]
    shown = hive.run("memory", "show", note["id"]).stdout
    assert re.search(r"by +local", shown)
    assert "releases are tagged on Mondays" in shown
    assert "local/demo" in hive.run("memory", "stats").stdout
    assert hive.run("memory", "forget", note["id"]).stdout == "forgotten: 1\n"
    assert hive.run("memory", "search", *asked).stdout == "nothing is remembered of it\n"
    assert hive.run("memory", "show", note["id"]).returncode == 2
    assert hive.run("memory", "forget").returncode == 2

"""A real Neovim, headless, with the configuration that people use."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.claude.script import says, uses
from tests.claude.standin import KEY, claude_stand_in
from tests.cli.repository import Repository
from tests.hub import HubProcess, hub_process

CONFIGURATION = Path(__file__).parent.parent.parent / "lsp" / "editors" / "hive.lua"

JOURNEY = Path(__file__).parent / "neovim" / "journey.lua"

CODE = """\
def total(prices, seen=[]):
    seen.append(prices)
    return sum(prices)


def answer(question):
    return eval(question)
"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed: apt-get install neovim"),
]


OLD, NEW = "    return sum(prices)", "    return sum(prices, 0)"
EDIT = {"path": "shop.py", "start_line": 3, "end_line": 3, "old": OLD, "new": NEW}
ANSWER = "".join(f"{prices} prices are summed up by the function total.\n" for prices in range(20))
CITATION = {"path": "shop.py", "start_line": 3, "end_line": 3, "quote": OLD}
MENDED = "def total(prices, seen=None):"
MENDING = {"path": "shop.py", "start_line": 1, "end_line": 1, "old": CODE.splitlines()[0], "new": MENDED}


@pytest.fixture
async def hub(data_dir: Path) -> AsyncIterator[HubProcess]:
    """With a model, which answers a question, mends one line and rewrites another."""
    told = says(uses("answer", text=ANSWER, citations=[CITATION]))
    mended = says(uses("answer", title="Share nothing", why="The list was shared.", edits=[MENDING]))
    rewritten = says(uses("answer", title="Begin at zero", why="An empty list has a sum.", edits=[EDIT]))
    async with claude_stand_in(told, mended, rewritten) as claude:
        async with hub_process(data_dir, {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.url}) as hub:
            yield hub
        assert claude.refused == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a file that is not open, of which only a review of the folder tells."""
    repository = Repository(tmp_path / "work")
    repository.commit(shop=CODE)
    repository.write("beside.py", "def run(question):\n    return eval(question)\n")
    return repository.root


async def test_a_person_in_neovim_fixes_dismisses_asks_and_has_lines_mended_and_rewritten(
    hub: HubProcess, folder: Path
) -> None:
    seen_file = folder / "seen.json"
    env = {
        **hub.env,
        "HOME": str(folder.parent),
        "HIVE_LUA": str(CONFIGURATION),
        "HIVE_LSP_COMMAND": f"{sys.executable} -m server lsp",
        "FIX_TITLE": "Make a new one in each call",
        "SEEN": str(seen_file),
    }

    neovim = await asyncio.create_subprocess_exec(
        "nvim", "--headless", "-u", "NONE", "-S", str(JOURNEY), "shop.py", cwd=folder, env=env, stdout=-1, stderr=-1
    )
    said = await asyncio.wait_for(neovim.communicate(), 90)

    seen = json.loads(seen_file.read_text())
    assert "problem" not in seen, (seen, said)
    assert {(d["line"], d["code"]) for d in seen["found"]} == {(1, "hive.mutable-default"), (7, "hive.code-from-text")}
    assert {d["source"] for d in seen["found"]} == {"hive"}
    assert [d["code"] for d in seen["after_dismissal"]] == ["hive.mutable-default"]
    assert "def total(prices, seen=None):\n    if seen is None:\n        seen = []\n" in seen["fixed"]
    assert seen["notes"] == [
        "Hive: 1 finding(s) in this file.",
        "Hive: Fix the one problem with a safe fix: done.",
        "Hive: no finding of this file has a fix that is sure to keep its meaning.",
        "Hive: 1 finding(s) in uncommitted changes.",
        "Hive: 2 finding(s) in all files.",
    ]
    assert seen["listed"] == [["shop.py", 1], ["beside.py", 2]]
    assert seen["page"].startswith(ANSWER)
    assert seen["warned"] == "Hive: this file is not open with Hive"
    assert f"+{MENDED}\n" in seen["mending"]
    assert seen["status_line"] == "analysed"
    assert (seen["progress"][0], seen["progress"][-1]) == ("begin", "end")
    assert {"pending", "analysed"} == set(seen["statuses"])
    assert seen["offered"].startswith("Begin at zero: An empty list has a sum.\n\n")
    assert f"-{OLD}\n+{NEW}\n" in seen["offered"]
    assert seen["revoked"] == "No program was allowed or denied anything in your editors."

"""A real Neovim, headless, with the configuration that people use."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.hub import HubProcess

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


async def test_a_person_in_neovim_fixes_dismisses_and_asks_for_a_review(hub: HubProcess, folder: Path) -> None:
    (folder / "shop.py").write_text(CODE)
    seen_file = folder / "seen.json"
    env = {
        **hub.env,
        "HOME": str(folder),
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
    assert seen["notes"] == ["Hive: 1 finding(s) in this file."]
    assert seen["status_line"] == "analysed"
    assert (seen["progress"][0], seen["progress"][-1]) == ("begin", "end")
    assert {"pending", "analysed"} == set(seen["statuses"])

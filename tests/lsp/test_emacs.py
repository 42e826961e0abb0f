"""A real Emacs with eglot, in batch, with the configuration that people use."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.hub import HubProcess

CONFIGURATION = Path(__file__).parent.parent.parent / "lsp" / "editors" / "hive.el"

JOURNEY = Path(__file__).parent / "emacs" / "journey.el"

CODE = """\
def is_five(value):
    return value is 5


def answer(question):
    return eval(question)
"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        shutil.which("emacs") is None or not any(Path("/usr/share/emacs/site-lisp/elpa-src").glob("eglot-*")),
        reason="Emacs with eglot is not installed: apt-get install emacs-nox elpa-eglot",
    ),
]


async def test_a_person_in_emacs_fixes_dismisses_and_asks_for_a_review(hub: HubProcess, folder: Path) -> None:
    (folder / "shop.py").write_text(CODE)
    seen_file = folder / "seen.json"
    env = {
        **hub.env,
        "HOME": str(folder),
        "HIVE_EL": str(CONFIGURATION),
        "HIVE_LSP_COMMAND": f"{sys.executable} -m server lsp",
        "SEEN": str(seen_file),
    }

    emacs = await asyncio.create_subprocess_exec(
        "emacs", "-q", "--batch", "-l", str(JOURNEY), cwd=folder, env=env, stdout=-1, stderr=-1
    )
    said = await asyncio.wait_for(emacs.communicate(), 90)

    assert seen_file.exists(), said
    seen = json.loads(seen_file.read_text())
    assert len(seen["found"]) == 2, said
    assert "value == 5" in seen["fixed"]
    assert len(seen["after_dismissal"]) == 1
    assert (seen["review"]["state"], seen["review"]["findings"]) == ("analysed", 0)
    assert seen["status"] == "analysed"
    assert seen["told"][0] == "Hive: 0 answer(s) taken back."

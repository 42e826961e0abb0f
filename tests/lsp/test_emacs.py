"""A real Emacs with eglot, in batch, with the configuration that people use."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.repository import Repository
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a file that is not open, of which only a review of the folder tells."""
    repository = Repository(tmp_path / "work")
    repository.commit(shop=CODE)
    repository.write("beside.py", "def run(question):\n    return eval(question)\n")
    return repository.root


async def test_a_person_in_emacs_fixes_dismisses_asks_for_reviews_and_hears_what_cannot_be_asked(
    hub: HubProcess, folder: Path
) -> None:
    seen_file = folder / "seen.json"
    env = {
        **hub.env,
        "HOME": str(folder.parent),
        "HIVE_EL": str(CONFIGURATION),
        "HIVE_LSP_COMMAND": f"{sys.executable} -m server lsp",
        "SEEN": str(seen_file),
    }

    emacs = await asyncio.create_subprocess_exec(
        "emacs", "-q", "--batch", "-l", str(JOURNEY), cwd=folder, env=env, stdout=-1, stderr=-1
    )
    said = await asyncio.wait_for(emacs.communicate(), 90)

    assert seen_file.exists(), said
    pairs = json.loads(seen_file.read_text(), object_pairs_hook=list)
    seen, told = dict(pairs), [value for name, value in pairs if name == "told"]
    assert len(seen["found"]) == 2, said
    assert "value == 5" in seen["fixed"]
    assert len(seen["after_dismissal"]) == 1
    review = dict(seen["review"])
    assert (review["state"], review["findings"]) == ("analysed", 0)
    assert seen["status"] == "analysed"
    assert "value == 6" in seen["all_fixed"]
    assert seen["elsewhere"] == ["beside.py"]
    assert seen["page"].startswith("# Review of shop.py\n\n0 open findings.")
    assert told[::-1] == [
        "Hive: no finding of this file has a fix that is sure to keep its meaning.",
        "Hive: 1 finding(s) in uncommitted changes.",
        "Hive: 1 finding(s) in all files.",
        "Hive: This hub has no model: set ANTHROPIC_API_KEY where it starts, then restart it.",
        "Hive: 0 answer(s) taken back.",
    ]

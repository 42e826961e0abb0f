"""Documents that lie on no disk, as an editor of LSP 3.18 reads them and as any other does."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from lsp.virtual import asked_in
from server.reviews.finding import Edit, FindingStatus, Fix
from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, a_finding, report_of
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer

MODERN: dict[str, Any] = {**VSCODE_LIKE, "workspace": {**VSCODE_LIKE["workspace"], "textDocumentContent": {}}}
FIX = Fix("Say *good*", (Edit(2, 1, 2, 4, "good"),))


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.py").as_uri()


async def opened(editor: Editor, inside: ScriptedDoor, uri: str) -> Editor:
    editor.open(uri, "one\nbad two")
    found = (
        a_finding("src/a.py", 2, 1, 3, "a" * 32, FIX),
        a_finding("src/a.py", 1, 1, 3, "b" * 32, status=FindingStatus.DISMISSED),
    )
    inside.answer(await inside.requests.get(), report_of("src/a.py", *found))
    await editor.status(uri, "analysed")
    return editor


async def test_a_review_is_a_document(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await opened(await connect(capabilities=MODERN), inside, uri)
    virtual = f"hive:/review.md?uri={quote(uri, safe='')}"

    page = (await editor.ask("workspace/textDocumentContent", {"uri": virtual}))["text"]

    assert editor.capabilities["workspace"]["textDocumentContent"] == {"schemes": ["hive"]}
    assert page.startswith("# Review of src/a.py\n\n1 open finding.\n\n## Line 2: a word that is flagged\n")
    assert "Fix: Say \\*good\\*" in page
    assert "## Dismissed\n\n- Line 1:" in page
    assert await editor.ask("hive/content", {"uri": virtual}) == {"text": page}


async def test_an_editor_that_knows_no_such_documents_still_reads_them(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(await connect(), inside, uri)
    virtual = f"hive:/fix.diff?uri={quote(uri, safe='')}&fingerprint={'a' * 32}"

    answer = await editor.ask("hive/content", {"uri": virtual})

    assert answer["text"] == "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n one\n-bad two\n+good two\n"
    assert "textDocumentContent" not in editor.capabilities["workspace"]
    assert "hive/content" in editor.capabilities["experimental"]["hive"]


FILE = "file:///a%20b.py"


@pytest.mark.parametrize(
    "query",
    [
        f"uri={quote(FILE, safe='')}&fingerprint=1",
        quote(f"uri={FILE}&fingerprint=1", safe="/"),
        quote(f"uri={FILE}&fingerprint=1", safe=""),
    ],
    ids=["as it should be", "as VS Code writes it", "all of it encoded"],
)
def test_what_a_document_is_about_is_read_however_an_editor_writes_it(query: str) -> None:
    assert asked_in(query) == {"uri": FILE, "fingerprint": "1"}


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("hive:/review.md?uri=file:///elsewhere.py", "the document is not open"),
        ("hive:/job.md?id=7", "names no document"),
        ("hive:/job.md?id=00000000-0000-0000-0000-000000000007", "this hub tells nothing of jobs"),
        ("hive:/../etc/passwd", "names no document"),
        ("file:///etc/passwd", "names no document"),
        ("hive://[", "names no document"),
        ("hive:/review.md?" + "&".join("a=b" for _ in range(20)), "names no document"),
    ],
    ids=["not open", "no id", "no records", "dots", "a file", "no URI", "too much"],
)
async def test_what_names_no_document_is_said(connect: Connect, uri: str, said: str) -> None:
    editor = await connect()

    with pytest.raises(ErrorAnswer, match=said):
        await editor.ask("hive/content", {"uri": uri})

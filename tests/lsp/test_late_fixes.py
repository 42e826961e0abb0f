"""Where a fix goes that comes after somebody typed on."""

import pytest

from lsp.convert import split_lines
from lsp.late_fixes import as_it_is_now
from server.reviews.finding import Edit, Fix

THEN = """\
import os

def one(a):
    return bad(a)

def two(a):
    b = a
    return b

def three(a):
    return a
"""

BAD = Edit(4, 12, 4, 15, "good")
IMPORT = Edit(1, 1, 1, 1, "import re\n")
TWO = Edit(7, 5, 8, 13, "return a")

CASES = [
    pytest.param((BAD,), [("import os", "import re")], ["4"], id="edited above"),
    pytest.param((BAD,), [("import os", "import os\nimport re"), ("return a\n", "return 1\n")], ["5"], id="around it"),
    pytest.param((IMPORT, BAD), [("\ndef two", "# two\n\ndef two")], ["1", "4"], id="below all of it"),
    pytest.param((IMPORT, BAD), [("\ndef one", "X = 1\n\ndef one")], ["1", "5"], id="between its parts"),
    pytest.param((TWO,), [("def one", "# 1\ndef one"), ("def three", "def drei")], ["8"], id="two lines of it"),
    pytest.param(
        (BAD,), [("import os", "import re"), ("bad(a)", "bad(b)"), ("def three", "def drei")], None, id="in it"
    ),
    pytest.param(
        (BAD,),
        [("import os", "import re"), ("    b = a", "    return bad(a)"), ("three", "drei")],
        None,
        id="there twice",
    ),
    pytest.param(
        (Edit(11, 12, 11, 13, "b"),),
        [
            ("import os", "import re"),
            ("    b = a\n    return b", "    return a"),
            ("def three(a):\n    return a\n", ""),
        ],
        None,
        id="elsewhere",
    ),
    pytest.param(
        (BAD, TWO),
        [
            ("import os", "import re"),
            ("    return bad(a)\n", ""),
            ("    return b\n", "    return b\n    return bad(a)\n"),
            ("three", "drei"),
        ],
        None,
        id="in another order",
    ),
]


@pytest.mark.parametrize(("edits", "typed", "lines"), CASES)
def test_a_fix_is_made_where_its_old_text_stands_once(
    edits: tuple[Edit, ...], typed: list[tuple[str, str]], lines: list[str] | None
) -> None:
    now = THEN
    for old, new in typed:
        assert now.count(old) >= 1
        now = now.replace(old, new, 1)

    moved = as_it_is_now(Fix("Mend it", edits), split_lines(THEN), split_lines(now))

    assert (moved and [str(edit.start_line) for edit in moved.edits]) == lines

"""What no text file should hold: the marks of a merge left half done, characters that reorder what a person sees."""

import re
from collections.abc import Iterator

from server.analysis.bug_rules import MERGE_CONFLICT
from server.analysis.rule import Hit, check
from server.analysis.rules import HIDDEN_TEXT
from server.analysis.text.file import TextFile

_OURS = re.compile(r"^<{7} \S.*$", re.MULTILINE)
_THEIRS = re.compile(r"^>{7} \S", re.MULTILINE)
_BETWEEN = re.compile(r"^={7}\r?$", re.MULTILINE)


@check(
    MERGE_CONFLICT,
    on=(TextFile,),
    bad=("a\n" + "<" * 7 + " HEAD\nb\n" + "=" * 7 + "\nc\n" + ">" * 7 + " branch\n",),
    good=("Title\n=======\n\n<<<<<<< is the mark\n", "a << b >> c\n"),
)
def merge_conflict(file: TextFile, _: TextFile) -> Iterator[Hit]:
    text = file.source.text
    if "<<<<<<< " not in text:
        return
    for mark in _OURS.finditer(text):
        between = _BETWEEN.search(text, mark.end())
        if between is None or _THEIRS.search(text, between.end()) is None:
            return
        yield Hit(file.source.line_span(file.line_of(mark.start())), "An unresolved merge conflict")


_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LISTED = re.compile("(?:[\u202a-\u202e\u2066-\u2069]-?){3,}")
"""So many beside each other reorder nothing: a list of characters, to be found or taken out."""


@check(
    HIDDEN_TEXT,
    on=(TextFile,),
    bad=("if user != 'admin\u202e \u2066// check\u2069\u2066':\n",),
    good=("a = 'é'\n", "const MARKS = /[\u202a\u202b-\u202e\u2066-\u2069]/g;\n"),
)
def hidden_text(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """Texts in Hebrew or Arabic have good use for such marks; code has none. The first of a line speaks for it."""
    if file.source.text.isascii() or file.source.path.endswith(
        (".po", ".md", ".json", ".txt", ".html", ".xml", ".strings")
    ):
        return
    text, told = _LISTED.sub(lambda found: " " * len(found[0]), file.source.text), 0
    for mark in _REORDERING.finditer(text):
        line = file.line_of(mark.start())
        if line == told:
            continue
        told = line
        yield Hit(
            file.span(mark.start(), mark.end()),
            f"A character that reorders the text around it: U+{ord(mark[0]):04X}",
            evidence=f"U+{ord(mark[0]):04X}",
        )


CHECKS = (merge_conflict, hidden_text)

"""What an author hid in a text: told to people, kept from the model.

`clean` is for prose that is shown rendered (titles, descriptions, comments, commit messages): what a reader of the page
does not see goes. `reveal` is for code, where every character counts: it takes nothing away and makes all visible.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from server.agents.hostile.commands import commands_in
from server.agents.hostile.invisible import KIND_OF, TAGS, Kind
from server.agents.hostile.markup import ORDINARY, render

MAX_FLAGS = 50
"""Of one text; who hides more has been caught."""
MAX_EXCERPT = 200


class Flag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that people should know of. *kind* is a phrase, *excerpt* a piece of it that is safe to print.

    *commands*: it says something to a model. *origin*: in which text it stood, where that is known.
    """

    kind: str
    excerpt: str = ""
    commands: bool = False
    origin: str = ""


class Cleaned(NamedTuple):
    text: str
    flags: tuple[Flag, ...]

    @property
    def notable(self) -> tuple[Flag, ...]:
        """Without what honest authors leave behind too: the comments of a template, the text beside an image."""
        return tuple(flag for flag in self.flags if flag.commands or flag.kind not in ORDINARY)


def clean(text: str, origin: str = "") -> Cleaned:
    """The text as its readers see it, and what they do not see. Visible words to a model stay, and are flagged."""
    shown, hidden = _without_invisible(text)
    rendered = render(shown)
    flags = [_flag(kind, what, origin) for kind, what in (*hidden, *rendered.hidden)]
    flags += [Flag("words to a model", excerpt_of(said), True, origin) for said in commands_in(rendered.text)]
    return Cleaned(rendered.text, tuple(dict.fromkeys(flags))[:MAX_FLAGS])


def reveal(text: str, origin: str = "") -> Cleaned:
    """The text with every invisible character written out, as `⟨U+202E⟩`. Lines stay where they are."""
    kinds = dict.fromkeys(kind for _, _, kind in _invisible(text) if kind.is_told)
    shown = _HIDDEN.sub(lambda found: "".join(f"⟨U+{ord(c):04X}⟩" for c in found[0]), text) if kinds else text
    flags = [_flag(kind.name, _smuggled(text) if kind is TAGS else "", origin) for kind in kinds]
    flags += [Flag("words to a model", excerpt_of(said), True, origin) for said in commands_in(text)]
    return Cleaned(shown, tuple(flags)[:MAX_FLAGS])


def excerpt_of(text: str) -> str:
    """One line of it, with nothing that a terminal or a page would obey."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: MAX_EXCERPT * 4]).split())
    return line if len(line) <= MAX_EXCERPT else line[: MAX_EXCERPT - 1] + "…"


def _flag(kind: str, what: str, origin: str) -> Flag:
    return Flag(kind, excerpt_of(what), any(commands_in(what)), origin)


_HIDDEN = re.compile("[" + "".join(map(re.escape, KIND_OF)) + "]+")


def _without_invisible(text: str) -> tuple[str, list[tuple[str, str]]]:
    """What was taken away, by kind; tag characters as the letters that they stand for."""
    kept: list[str] = []
    at = 0
    kinds: dict[Kind, None] = {}
    for start, end, kind in _invisible(text):
        kept.append(text[at:start])
        at = end
        if kind.is_told:
            kinds[kind] = None
    kept.append(text[at:])
    hidden = [(kind.name, _smuggled(text) if kind is TAGS else "") for kind in kinds]
    return "".join(kept), hidden


def _smuggled(text: str) -> str:
    return "".join(chr(ord(c) - 0xE0000) for c in text if 0xE0020 <= ord(c) < 0xE007F)


def _invisible(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Where they stand, but for those of which a script or a picture is made."""
    if text.isascii() and _CONTROL.search(text) is None:
        return
    for run in _HIDDEN.finditer(text):
        for at in range(run.start(), run.end()):
            kind = KIND_OF[text[at]]
            if not (run.end() - run.start() == 1 and _belongs(text, at)):
                yield at, at + 1, kind


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"


def _belongs(text: str, at: int) -> bool:
    """A single joiner within a word that is not Latin, a single selector after a sign: emoji and many scripts."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in _JOINERS:
        return bool(before and after) and not before.isascii() and not after.isascii()
    return text[at] in _SELECTORS and bool(before) and not before.isalpha() and not before.isspace()

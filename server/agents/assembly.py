"""What a model is shown at first, under a budget of tokens: the change, what was found in it, what stands around it.

Pure. What does not fit is left out from the end, and named: the tools can still read it. Everything that people wrote
is framed as data.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from server.agents.code import Code
from server.agents.further import hunks_to_look_at
from server.agents.hostile import Flag, as_data, clean, redact, reveal
from server.agents.shown_diff import Hunk
from server.analysis.symbols import Symbol
from server.reviews.finding import Finding, FindingStatus
from server.reviews.snapshot import LineRange, Memory, Snapshot, SourceFile

CHARACTERS_PER_TOKEN = 3
"""Of code; rather too few, for what is too long is refused."""

MAX_SYMBOL_LINES = 120
MAX_CALLERS = 5
"""Of one changed function."""

MAX_LISTED = 500
MAX_NAMED_FILES = 10
LINES_AROUND = 15
MAX_NAMED = 20
"""Of what a section leaves out; the rest is counted."""

MAX_PROSE = 8_000
"""Characters of a pull request's text, of the guidelines and of all commit messages together."""


_WORD = re.compile(r"\w{3,60}")


class Item(NamedTuple):
    """*name*: what people are told when it is left out."""

    name: str
    text: str


class Section(NamedTuple):
    title: str
    items: Sequence[Item]


class Assembled(NamedTuple):
    """*left_out*: what did not fit, in phrases for people. *flags*: what was hidden in what people wrote."""

    text: str
    left_out: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


def tokens_of(text: str) -> int:
    """About how many; the provider counts exactly."""
    return len(text) // CHARACTERS_PER_TOKEN + 1


def assemble(sections: Iterable[Section], room_tokens: int) -> Assembled:
    """Items in their order, as many as there is room for; one that is too long makes way for shorter ones."""
    parts: list[str] = []
    left_out: list[str] = []
    for section in sections:
        kept, missing = [], []
        for item in section.items:
            size = tokens_of(item.text)
            if size <= room_tokens:
                room_tokens -= size
                kept.append(item.text)
            else:
                missing.append(f"{item.name} ({section.title})")
        if kept:
            parts.append("\n\n".join((f"## {section.title}", *kept)))
        left_out += missing[:MAX_NAMED]
        if len(missing) > MAX_NAMED:
            left_out.append(f"{len(missing) - MAX_NAMED:,} more ({section.title})")
    return Assembled("\n\n".join(parts), tuple(left_out))


def of_change(
    snapshot: Snapshot, code: Code, findings: Sequence[tuple[str, Finding]], paths: Collection[str], room_tokens: int
) -> Assembled:
    """All about the change in the files *paths*. *findings* have the names by which the model speaks of them."""
    files = [file for file in snapshot.files if file.path in paths]
    prose = _Prose()
    for file in files:
        prose.flags += reveal(file.text, file.path).notable
    about = list(prose.about(snapshot))
    remembered = list(prose.remembered(snapshot.memories))
    guidelines = list(prose.guidelines(snapshot.guidelines))
    sections = (
        Section("The change", [_hunk(hunk) for file in files for hunk in hunks_to_look_at(file, snapshot.looked)]),
        Section("What rules found in it", [Item(name, finding_text(name, finding)) for name, finding in findings]),
        Section("What its author says", about),
        Section("Other files of the change", _other_files(snapshot, paths)),
        Section("Guidelines of the project, as they stand in the base", guidelines),
        Section("Functions around the change", list(_symbols(code, _around(code, files)))),
        Section("What they call", list(_symbols(code, _called(code, files)))),
        Section("Who calls them", list(_symbols(code, _callers(code, files)))),
        Section("What is remembered", remembered),
    )
    return assemble(sections, room_tokens)._replace(flags=tuple(dict.fromkeys(prose.flags)))


def of_finding(snapshot: Snapshot, code: Code, finding: Finding, room_tokens: int) -> Assembled:
    """What one finding is about: its function, the steps of a value, what is called there and who calls it."""
    prose = _Prose()
    here = [
        around
        for path, line in ((finding.path, finding.start_line), *((r.path, r.start_line) for r in finding.related))
        if path in code.files and (around := code.symbols(path).around(line)) is not None
    ]
    lines = (LineRange(finding.start_line, finding.end_line),)
    file = code.files.get(finding.path)
    called = code.called_from(file, lines) if file is not None else ()
    callers = (caller for symbol in here[:1] for caller in _some_callers(code, symbol))
    sections = (
        Section("Lines of the finding", [_lines_around(code, finding)] if file is not None else []),
        Section("Functions that it lies in or passes through", list(_symbols(code, here))),
        Section("What is called there", list(_symbols(code, called))),
        Section("Who calls it", list(_symbols(code, callers))),
        Section("What is remembered", list(prose.remembered(snapshot.memories))),
    )
    return assemble(sections, room_tokens)._replace(flags=tuple(dict.fromkeys(prose.flags)))


def of_lines(snapshot: Snapshot, code: Code, path: str, lines: LineRange, room_tokens: int) -> Assembled:
    """Lines that a person selected: what they lie in, what is called there and who calls it."""
    prose = _Prose()
    prose.flags += reveal(code.files[path].text, path).notable
    around = [symbol for line in (lines.start, lines.end) if (symbol := code.symbols(path).around(line)) is not None]
    callers = (caller for symbol in dict.fromkeys(around) for caller in _some_callers(code, symbol))
    first, last = max(1, lines.start - LINES_AROUND), min(code.last_line(path), lines.end + LINES_AROUND)
    whole = as_data(code.numbered(path, first, last), f"{path}, lines {first} to {last}")
    sections = (
        Section("The selected lines, and those around them", [Item(f"{path} lines {first}-{last}", whole)]),
        Section("Functions that they lie in", list(_symbols(code, around))),
        Section("What is called there", list(_symbols(code, code.called_from(code.files[path], (lines,))))),
        Section("Who calls it", list(_symbols(code, callers))),
        Section("What is remembered", list(prose.remembered(snapshot.memories))),
        Section("Guidelines of the project", list(prose.guidelines(snapshot.guidelines))),
    )
    return assemble(sections, room_tokens)._replace(flags=tuple(dict.fromkeys(prose.flags)))


def of_project(snapshot: Snapshot, code: Code, question: str, room_tokens: int) -> Assembled:
    """Where to begin to look: which files there are, what is defined under the names that the question holds."""
    prose = _Prose()
    words = set(_WORD.findall(question))
    named = [path for path in code.files if PurePosixPath(path).name in question or PurePosixPath(path).stem in words]
    defined = (symbol for path in named[:MAX_NAMED_FILES] for symbol in code.symbols(path).defined)
    outline = "\n".join(f"{s.path}:{s.first_line}: {s.kind} {s.name}" for s in defined)
    sections = (
        Section("Files", [Item("the list of files", as_data(_listed(code.files), "paths"))] if code.files else []),
        Section("Defined in the files that are named", [Item("an outline", as_data(outline, "outline"))]),
        Section("What is remembered", list(prose.remembered(snapshot.memories))),
        Section("Guidelines of the project", list(prose.guidelines(snapshot.guidelines))),
    )
    return assemble(sections, room_tokens)._replace(flags=tuple(dict.fromkeys(prose.flags)))


def _listed(paths: Collection[str]) -> str:
    """All of them, or the folders where there are too many."""
    if len(paths) <= MAX_LISTED:
        return "\n".join(sorted(paths))
    folders = Counter(str(PurePosixPath(path).parent) for path in paths)
    return "\n".join(f"{folder}/ ({count} files)" for folder, count in sorted(folders.items())[:MAX_LISTED])


def _lines_around(code: Code, finding: Finding) -> Item:
    first = max(1, finding.start_line - LINES_AROUND)
    last = min(code.last_line(finding.path), finding.end_line + LINES_AROUND)
    return Item(
        f"{finding.path} lines {first}-{last}",
        as_data(code.numbered(finding.path, first, last), f"{finding.path}, lines {first} to {last}"),
    )


def finding_text(name: str, finding: Finding) -> str:
    """One that people dismissed says so: it is not to be found again."""
    dismissed = ", dismissed by a person" if finding.status is FindingStatus.DISMISSED else ""
    cwe = f", CWE-{finding.cwe}" if finding.cwe else ""
    head = f"{name}: {finding.severity} {finding.rule}{cwe}{dismissed}"
    steps = "".join(f"\n  {r.path}:{r.start_line}: {r.message}" for r in finding.related[:8])
    text = f"{finding.path}:{finding.start_line}-{finding.end_line}: {finding.message}{steps}"
    return f"{head}\n{as_data(redact(reveal(text).text), f'finding {name}')}"


def _hunk(hunk: Hunk) -> Item:
    start, end = hunk.lines.start, hunk.lines.end
    return Item(
        f"{hunk.path} lines {start}-{end}", as_data(hunk.text, f"{hunk.path}, lines {start} to {end} of the head")
    )


class _Prose:
    """What people wrote for people: cleaned, shortened, framed; *flags* are what was hidden in it."""

    def __init__(self) -> None:
        self.flags: list[Flag] = []

    def about(self, snapshot: Snapshot) -> Iterator[Item]:
        commits = "\n---\n".join(snapshot.commits)
        for name, text in (("title", snapshot.title), ("description", snapshot.body), ("commit messages", commits)):
            yield from self._item(f"the pull request's {name}", text)

    def guidelines(self, text: str) -> Iterator[Item]:
        yield from self._item("the guidelines", text)

    def remembered(self, memories: Iterable[Memory]) -> Iterator[Item]:
        for memory in memories:
            place = f"{memory.path}:{memory.start_line}" if memory.path else ""
            name = ", ".join(filter(None, (memory.about, place))) or "a memory"
            yield from self._item(name, memory.text)

    def _item(self, name: str, text: str) -> Iterator[Item]:
        cleaned = clean(text, name)
        self.flags += cleaned.notable
        if cleaned.text.strip():
            whole = redact(cleaned.text)
            shown = whole if len(whole) <= MAX_PROSE else whole[:MAX_PROSE] + "…"
            yield Item(name, as_data(shown, name))


def _other_files(snapshot: Snapshot, paths: Collection[str]) -> list[Item]:
    names = [file.path for file in snapshot.files if file.path not in paths]
    names += (f"{skipped.path} ({skipped.reason})" for skipped in snapshot.skipped)
    return [Item("the list of other files", as_data("\n".join(names), "paths"))] if names else []


def _around(code: Code, files: Iterable[SourceFile]) -> Iterator[Symbol]:
    for file in files:
        for symbol in code.touched(file):
            is_new = any(r.start <= symbol.first_line and symbol.last_line <= r.end for r in file.changed or ())
            if not is_new:  # the diff shows all of it
                yield symbol


def _called(code: Code, files: Iterable[SourceFile]) -> Iterator[Symbol]:
    for file in files:
        yield from code.called_from(file, file.changed or ())


def _callers(code: Code, files: Iterable[SourceFile]) -> Iterator[Symbol]:
    for file in files:
        for symbol in code.touched(file):
            yield from _some_callers(code, symbol)


def _some_callers(code: Code, symbol: Symbol) -> Iterator[Symbol]:
    return islice(code.callers_of(symbol), MAX_CALLERS)


def _symbols(code: Code, symbols: Iterable[Symbol]) -> Iterator[Item]:
    for symbol in dict.fromkeys(symbols):
        last = min(symbol.last_line, symbol.first_line + MAX_SYMBOL_LINES - 1)
        text = code.numbered(symbol.path, symbol.first_line, last)
        yield Item(
            f"{symbol.name} in {symbol.path}", as_data(text, f"{symbol.path}, lines {symbol.first_line} to {last}")
        )

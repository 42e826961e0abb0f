"""What a snapshot says to a model or hides from people, wherever in it, whatever of it a model reads."""

from collections.abc import Iterator

from server.agents.hostile.cleaning import Flag, clean, reveal
from server.reviews.snapshot import Report, Snapshot, SourceFile

MAX_FLAGS = 200


def survey(snapshot: Snapshot, report: Report | None = None) -> tuple[Flag, ...]:
    """Of a change, what its author wrote; of a file as a whole, all of it. Takes a while: not for the event loop."""
    flags = (*_prose(snapshot), *_names(snapshot), *_code(snapshot), *_findings(report))
    return tuple(dict.fromkeys(flags))[:MAX_FLAGS]


def _prose(snapshot: Snapshot) -> Iterator[Flag]:
    yield from clean(snapshot.title, "the pull request's title").notable
    yield from clean(snapshot.body, "the pull request's description").notable
    for message in snapshot.commits:
        yield from clean(message, "the pull request's commit messages").notable


def _names(snapshot: Snapshot) -> Iterator[Flag]:
    names = [*(file.path for file in snapshot.files), *(file.path for file in snapshot.skipped)]
    yield from reveal("\n".join(names), "file names").notable


def _code(snapshot: Snapshot) -> Iterator[Flag]:
    for file in snapshot.files:
        yield from reveal(_touched(file), file.path).notable


def _touched(file: SourceFile) -> str:
    if file.changed is None:
        return file.text
    lines = file.text.split("\n")
    return "\n".join(line for touched in file.changed for line in lines[touched.start - 1 : touched.end])


def _findings(report: Report | None) -> Iterator[Flag]:
    """Other linters quote what they saw."""
    for finding in report.findings if report is not None else ():
        yield from reveal(f"{finding.message}\n{finding.why}", f"a finding at {finding.path}").notable

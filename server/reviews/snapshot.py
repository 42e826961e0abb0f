"""What is reviewed: pinned files, and what the reviewer says of them.

Pure values. A Snapshot is hostile data from outside: no part of it is ever run or trusted.
"""

import msgspec

from server.reviews.finding import Finding

MAX_FILE_BYTES = 2 * 1024 * 1024
"""A larger file is skipped, and the coverage says so."""


MAX_BASE_BYTES = 512 * 1024
"""Of one file before the change; a larger one is not compared with what it was."""


class LineRange(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """1-based, both ends inclusive."""

    start: int
    end: int


class SourceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file at the head. *changed*: the head's lines that the change touches; None means the whole file counts.

    *path* is relative to the repository, with `/`. *hunks*: the ranges of head lines that a pull request's diff shows
    (changed lines and their context): where an inline comment may stand. *base*: its text before the change; None of a
    new file, and where nobody knows.
    """

    path: str
    text: str
    changed: tuple[LineRange, ...] | None = None
    hunks: tuple[LineRange, ...] = ()
    base: str | None = None


class SkippedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is not reviewed. *reason* is a phrase for people: `binary`, `larger than 2 MiB`, `deleted`."""

    path: str
    reason: str


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the project is remembered by: code, an earlier finding, a decision. *about* says which, in a few words."""

    text: str
    about: str = ""
    path: str = ""
    start_line: int = 0


class Looked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model has looked at before, of the same change. *head_sha*: at which head.

    *pushed*: the lines of the head of now around what was pushed since, by path. *findings*: what was known then.
    """

    head_sha: str
    pushed: dict[str, tuple[LineRange, ...]]
    findings: tuple[Finding, ...] = ()


class KnownFile(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A file by name and content alone. *digest*: of its text in UTF-8, SHA-256 in hex."""

    path: str
    digest: str


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base and head are SHAs, or "" where there is no commit (an editor's buffer, a plain directory).

    *context*: other files of the project at the head, read for what they tell about *files*; nothing is said of them.
    *known*: all of that context by name, where a reviewer may know most of it from before: *context* then holds only
    what it did not know. *alone*: a quick look at files without those around them, so that nothing may be concluded
    from what is not found. *configuration*: the text of the base's `.hive.toml`, which was read and holds; "" without
    one. *declined*: why a pull request is not to be reviewed by itself, for people; nothing of it was read then.
    *carried_from*: declined, because the review of that head holds for this one, too.

    The rest is for who thinks about the change, as its author wrote it (*title*, *body*, *commits*: messages, the
    oldest first), as the base has it (*guidelines*), and as it was remembered (*memories*, the most fitting first).
    *looked*: what it need not look at again. *callers*: the report shall say who calls what *files* define.
    """

    project: str
    files: tuple[SourceFile, ...]
    skipped: tuple[SkippedFile, ...] = ()
    base_sha: str = ""
    head_sha: str = ""
    context: tuple[SourceFile, ...] = ()
    known: tuple[KnownFile, ...] = ()
    alone: bool = False
    configuration: str = ""
    declined: str = ""
    carried_from: str = ""
    title: str = ""
    body: str = ""
    commits: tuple[str, ...] = ()
    guidelines: str = ""
    memories: tuple[Memory, ...] = ()
    looked: Looked | None = None
    callers: bool = False


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was really read. "Not analysed" is not "clean": every file of the snapshot is in exactly one list."""

    full: tuple[str, ...] = ()
    partial: tuple[SkippedFile, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()


class Thinking(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a model added to a review, or why it could not.

    *note*: a phrase for people, "" when all went well. *unseen*: what was not shown to the model. *refused*: how many
    of its claims were left out because what they cite does not stand in the code. *flags*: what was hidden in what
    people wrote, or said to a model in it. *since*: the head from which on it looked, "" for all of the change;
    *kept*: how many of its findings of before still stand. *seconds*: how long it took.
    """

    model: str = ""
    cost_microdollars: int = 0
    summary: str = ""
    note: str = ""
    unseen: tuple[str, ...] = ()
    refused: int = 0
    flags: tuple[str, ...] = ()
    since: str = ""
    kept: int = 0
    seconds: float = 0.0


class Caller(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where something is called. *column*: 1-based, in code points."""

    path: str
    line: int
    column: int


class Called(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A function, a method (`Cart.total`) or a class. *line*: of its definition.

    *count*: of its callers that are known; *callers*: the first of them.
    """

    path: str
    name: str
    line: int
    count: int
    callers: tuple[Caller, ...]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of a review job. *findings* are ranked, worst first; *omitted* counts those over the cap.

    *thinking* None: no model was asked. *wanted*: files of `Snapshot.known` without whose texts nothing was reviewed.
    *declined*: as of the snapshot: nothing was looked at, so that nothing is gone. *seconds*: how long the rules took,
    0 where nobody measured. *called*: what the files define and who calls it, where somebody asked.
    """

    findings: tuple[Finding, ...]
    coverage: Coverage
    omitted: int = 0
    thinking: Thinking | None = None
    wanted: tuple[str, ...] = ()
    declined: str = ""
    seconds: float = 0.0
    called: tuple[Called, ...] = ()

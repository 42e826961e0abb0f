"""What the hub and an editor say beyond LSP 3.18: all names, and the shapes about pull requests and programs.

`vscode-extension/src/protocol.ts` is the other side, and a test compares them. Lines are LSP's, 0-based. Notifications
to an editor begin with `$/`: one that does not know them passes over them in silence.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from server.ide.consents import ConsentKind

STATUS = "$/hive/status"
"""Notification to the editor: how far a document was read, a `reviewing.Status`."""

JOB = "$/hive/job"
"""Notification to the editor: an `overview.JobNews`, once it asked for `JOBS`."""

FINDINGS, JOBS, AGENTS, CANCEL_JOB = "hive/findings", "hive/jobs", "hive/agents", "hive/cancelJob"
"""Requests from the editor, which `overview.py` answers."""

CONTENT = "hive/content"
"""Request from the editor, which `virtual.py` answers."""

PULL_REQUEST = "$/hive/pullRequest"
"""Notification to the editor: a `PullRequestTold`, whenever something of it changed."""

CHECKOUTS = "hive/checkouts"
"""Notification from the editor: `Checkouts`, whenever one of them changed."""

TRUST = "hive/trust"
"""Notification from the editor: a `Trust`, whenever the person changed it."""

CONSENT = "hive/consent"
"""Request to the editor: a `ConsentAsked`; the answer is a `ConsentGiven`."""

EDIT_FILE = "hive/editFile"
"""Request to the editor: an `EditAsked`; the answer is an `EditDone`."""

RUN_COMMAND = "hive/runCommand"
"""Request to the editor: a `RunAsked`; the answer is a `RunDone`."""


class HiveAbilities(msgspec.Struct, frozen=True):
    """Of `initializationOptions`. Without a word of it an editor has none of them, and its workspace is not trusted.

    *pull_requests*: it draws threads itself, so that they are no diagnostics. *programs*: it answers `CONSENT`,
    `EDIT_FILE` and `RUN_COMMAND`. *callers*: it shows the places in a `CallersTold` itself.
    """

    trusted: bool = False
    pull_requests: bool = False
    programs: bool = False
    callers: bool = False


def abilities_of(options: object) -> HiveAbilities:
    """Of *options* that are not as they should be it has none."""
    try:
        return msgspec.convert(options, HiveAbilities)
    except msgspec.ValidationError:
        return HiveAbilities()


class Trust(msgspec.Struct, frozen=True):
    trusted: bool


class CheckoutTold(msgspec.Struct, frozen=True):
    """What is checked out in the folder *root_uri*: *remote* is the address of `origin`, *branch* its name there, ""
    where a commit is checked out and no branch.
    """

    root_uri: str
    remote: str
    branch: str


class Checkouts(msgspec.Struct, frozen=True):
    """A hub on the editor's own machine looks for itself, and takes this as the moment to do so."""

    checkouts: Annotated[tuple[CheckoutTold, ...], msgspec.Meta(max_length=100)]


def checkouts_of(params: object) -> tuple[CheckoutTold, ...] | None:
    """Of the params of `CHECKOUTS`; None of what is no such thing."""
    try:
        return msgspec.convert(params, Checkouts).checkouts
    except msgspec.ValidationError:
        return None


class CommentTold(msgspec.Struct, frozen=True):
    """*is_ours*: the hub's App wrote it. *created_at*: ISO 8601. *body*: Markdown of strangers."""

    author: str
    body: str
    url: str
    created_at: str
    is_ours: bool


class ThreadTold(msgspec.Struct, frozen=True):
    """*start_line* to *end_line*: where its lines are now, edits and commits counted in; None: the file as a whole.

    *is_exact*: those very lines are still there, else they are the nearest. *fingerprint*: of the finding with which
    we began it. *has_suggestion*: `hive.applySuggestion` offers an edit.
    """

    id: str
    uri: str
    path: str
    start_line: int | None
    end_line: int | None
    is_exact: bool
    is_resolved: bool
    is_outdated: bool
    url: str
    fingerprint: str | None
    has_suggestion: bool
    comments: tuple[CommentTold, ...]


class PullRequestTold(msgspec.Struct, frozen=True):
    """Of the branch that is checked out in the folder *root_uri*. *number* None: it has no open pull request.

    *note*: why nothing more is known, or what of the last act did not work, for people. *reviewed_sha*: the newest head
    of which our review is posted, "" before the first.
    """

    root_uri: str
    project: str
    branch: str
    number: int | None = None
    title: str = ""
    url: str = ""
    head_sha: str = ""
    reviewed_sha: str = ""
    note: str = ""
    threads: tuple[ThreadTold, ...] = ()


class ConsentAsked(msgspec.Struct, frozen=True):
    """*asker*: the name of the program's key. *text*: the whole question, for people."""

    asker: str
    kind: ConsentKind
    text: str


class ConsentGiven(msgspec.Struct, frozen=True):
    """None: the person closed the question without an answer."""

    allowed: bool | None


class ConsentTold(msgspec.Struct, frozen=True):
    """One answer that holds, of `hive.consents`. *asker* and *kind* as in `ConsentAsked`."""

    id: str
    asker: str
    kind: ConsentKind
    is_allowed: bool
    decided_at: datetime


class EditPart(msgspec.Struct, frozen=True):
    """*old_text* must stand between both positions (UTF-16), or nothing of the edit is done."""

    start_line: int
    start_character: int
    end_line: int
    end_character: int
    old_text: str
    new_text: str


class EditAsked(msgspec.Struct, frozen=True):
    """*version*: of the open document, None for a file that is not open."""

    asker: str
    uri: str
    version: int | None
    label: str
    edits: tuple[EditPart, ...]


class EditDone(msgspec.Struct, frozen=True):
    applied: bool
    reason: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class RunAsked(msgspec.Struct, frozen=True):
    """*argv* is run as it is, without a shell, in *cwd_uri*; its output is cut at *max_output_bytes* each."""

    asker: str
    argv: tuple[str, ...]
    cwd_uri: str
    timeout_seconds: float
    max_output_bytes: int


class RunDone(msgspec.Struct, frozen=True):
    """*exit_code* None: it was ended, or never began; *reason* says why."""

    exit_code: int | None
    stdout: str = ""
    stderr: str = ""
    is_cut: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class CallersTold(msgspec.Struct, frozen=True):
    """Who calls what is defined in *line* of *uri*: *locations* are LSP's. The answer to `hive.showCallers`."""

    uri: str
    line: int
    locations: tuple[Any, ...]

"""What a person commands in a comment of a pull request, and what is said back. Pure.

A comment holds one command, on a line of its own that begins with `/hive`; what is quoted or in a block of code is no
command. `server/effects/commands.py` carries it out.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

import msgspec

from server.reviews.finding import Finding, FindingStatus
from server.reviews.findings import KnownFinding
from server.reviews.markdown import plain
from server.reviews.pull_request import Repository, Sha

MAX_WHY_LENGTH = 1_000
MAX_WORD_LENGTH = 40
MAX_QUESTION_LENGTH = 3_500
"""A little less than what may be asked: where it was asked goes first."""

KIND = "comment.command"


class Name(StrEnum):
    """The commands that work here."""

    REVIEW = "review"
    ASK = "ask"
    EXPLAIN = "explain"
    DESCRIBE = "describe"
    FIX = "fix"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    PAUSE = "pause"
    RESUME = "resume"
    MERGE = "merge"
    CONFIG = "config"
    HELP = "help"


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="command"):
    """*finding*: the beginning of a fingerprint; "" for the one that the thread is about. *question*: what is asked.

    *all*: it means every open finding of the pull request. *cancel*: what was commanded before is taken back.
    """

    name: Name
    finding: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{0,32}\Z")] = ""
    why: Annotated[str, msgspec.Meta(max_length=MAX_WHY_LENGTH)] = ""
    question: Annotated[str, msgspec.Meta(max_length=MAX_QUESTION_LENGTH)] = ""
    all: bool = False
    cancel: bool = False


class NotUnderstood(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="not understood"):
    """*why*: a sentence for the person who wrote it."""

    why: Annotated[str, msgspec.Meta(max_length=500)]


class CommandRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `comment.command`. *thread_id*: the comment that began the thread; None in the conversation.
    *asked_at*: its `path:line`, if that is a plain one. *comment_id* 0: no comment, but the button of a check run was
    pressed, at the head *pressed_at*.

    *login* ends up in an address of a request, unless it is a bot's.
    """

    project: str
    repository: Repository
    number: Annotated[int, msgspec.Meta(ge=1)]
    login: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?\Z")]
    comment_id: Annotated[int, msgspec.Meta(ge=0)]
    command: Command | NotUnderstood
    thread_id: Annotated[int, msgspec.Meta(ge=1)] | None = None
    asked_at: Annotated[str, msgspec.Meta(max_length=300)] = ""
    installation_id: int | None = None
    pressed_at: Sha | None = None

    @property
    def is_of_bot(self) -> bool:
        return self.login.endswith("[bot]")

    @property
    def asked_by(self) -> str:
        """What of the pull request commands it. Comments on lines and those of the conversation are numbered apart."""
        if not self.comment_id:
            return f"button {self.pressed_at}"
        return f"{'comment' if self.thread_id is None else 'line comment'} {self.comment_id}"

    @property
    def key(self) -> str:
        return f"{self.repository}#{self.number} {self.asked_by}"


def parse(body: str) -> Command | NotUnderstood | None:
    """The comment's command; None when it is meant for others than us."""
    lines = list(own_lines(body))
    places = [place for place, line in enumerate(lines) if _COMMAND.fullmatch(line)]
    if not places:
        return None
    if len(places) > 1:
        return NotUnderstood("A comment holds one command: please write one for each.")
    said = lines[places[0]].strip().removeprefix("/hive").strip()
    below = "\n".join(lines[places[0] + 1 :]).strip()
    word, rest = (*said.split(maxsplit=1), "", "")[:2]
    if word.lower() == Name.ASK:
        return _question(f"{rest}\n{below}")
    if word.lower() not in set(Name) and "?" in said:
        return _question(f"{said}\n{below}")
    return _command(word.lower(), rest)


def own_lines(body: str) -> Iterator[str]:
    """Those that are the writer's own words: not quoted, and not code."""
    fence = ""
    for line in _HIDDEN.sub("", body).replace("\0", "").splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield line


_COMMAND = re.compile(r" {0,3}/hive(?:|[ \t].*)")
_FENCE = re.compile(r" {0,3}(?:> ?)*(?:[-*+] +)?(`{3,}|~{3,})")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def _command(word: str, rest: str) -> Command | NotUnderstood:
    match word:
        case "" | "help" | "config" | "pause" | "resume" | "describe" if not rest:
            return Command(Name(word or "help"))
        case "review" if rest.lower() in ("", "full"):
            return Command(Name.REVIEW)
        case "merge" if rest.lower() in ("", "cancel"):
            return Command(Name.MERGE, cancel=bool(rest))
        case "explain" if not rest or _FINGERPRINT.fullmatch(rest):
            return Command(Name.EXPLAIN, rest.lower())
        case "fix" if rest.lower() == "all":
            return Command(Name.FIX, all=True)
        case "fix" if not rest or _FINGERPRINT.fullmatch(rest):
            return Command(Name.FIX, rest.lower())
        case "dismiss" | "reopen":
            return _decision(Name(word), rest)
        case "help" | "config" | "pause" | "resume" | "describe" | "explain" | "review" | "fix" | "merge":
            return NotUnderstood(f"`{word}` does not take that.")
        case _:
            return NotUnderstood(f"`{_shown(word)}` is no command.")


def _question(text: str) -> Command | NotUnderstood:
    question = text.strip()
    if not question:
        return NotUnderstood("Ask what? `ask <question>`")
    if len(question) > MAX_QUESTION_LENGTH:
        return NotUnderstood(f"The question is longer than {MAX_QUESTION_LENGTH:,} characters.")
    return Command(Name.ASK, question=question)


def _decision(name: Name, rest: str) -> Command | NotUnderstood:
    finding, why = "", rest
    if match := _FINDING.fullmatch(rest):
        finding, why = match[1].lower(), match[2].strip()
    if name is Name.DISMISS and not why:
        return NotUnderstood("Say why: `dismiss <finding> <why>`. Who meets the finding next will read it.")
    if len(why) > MAX_WHY_LENGTH:
        return NotUnderstood(f"The reason is longer than {MAX_WHY_LENGTH:,} characters.")
    return Command(name, finding, why)


_FINDING = re.compile(r"([0-9a-fA-F]{7,32})((?:[ \t].*)?)")
_FINGERPRINT = re.compile(r"[0-9a-fA-F]{7,32}")


def _shown(word: str) -> str:
    """A word of anybody's, to stand in code of ours."""
    kept = "".join(character for character in word if character.isalnum() or character in "-_")
    return kept[:MAX_WORD_LENGTH] or "that"


Mood: TypeAlias = Literal["eyes", "+1", "confused"]
"""Reactions of ours: seen; done; not done."""

_TABLE = """\
| command | does |
|---|---|
| `/hive review [full]` | reviews the head, the whole change, also of a draft |
| `/hive fix <finding>`, `/hive fix all` | commits the fix to the head branch, or suggests it; in a thread: `fix` |
| `/hive dismiss <finding> <why>` | the finding counts nowhere any more; in its thread: `dismiss <why>` |
| `/hive reopen <finding>` | takes a dismissal back |
| `/hive pause` | no review by itself any more, until `resume`; `review` still works |
| `/hive resume` | the next push is reviewed by itself again |
| `/hive merge` | merges this head, and no later one, once checks, approvals and the project's rules allow it |
| `/hive merge cancel` | takes that back |
| `/hive config` | what `.hive.toml` of the base says |
| `/hive help` | this table |
"""
_THINKING = """\
| `/hive ask <question>` | answers from the code as the head has it; in a thread, about its place |
| `/hive explain [<finding>]` | what a finding means, and what to do |
| `/hive describe` | what the pull request changes, and where to look |
"""
_NAMING = """
A finding is named by its fingerprint, or by at least 7 digits of it. Who may write to the repository may command."""


def help_text(problem: str = "", *, thinks: bool = False) -> str:
    """*problem*: what was not understood, in our own words. *thinks*: there is a model."""
    table = _TABLE + (_THINKING if thinks else "") + _NAMING
    return f"{problem}\n\n{table}" if problem else table


NEEDS_MODEL = "That needs a model, and none is configured here: set `ANTHROPIC_API_KEY` where the hub starts."

DESCRIPTION_WANTED = "Describe what this pull request changes and why, file by file, and where a reviewer should look."


def explanation_wanted(finding: Finding) -> str:
    """Names only what cannot say anything by itself: a path's author chose it."""
    place = f"{finding.path}:{finding.start_line}" if PLAIN_PATH.fullmatch(finding.path) else "its place"
    return f"A reviewer found {finding.rule} at {place}. Explain what is wrong there, if anything, and what to do."


PLAIN_PATH = re.compile(r"[\w./@+-]{1,250}")


def with_place(question: str, asked_at: str) -> str:
    return f"(asked at {asked_at}) {question}" if asked_at else question


def review_text(head_sha: str) -> str:
    return f"The whole change is reviewed at {head_sha[:12]}. What was said of this head is not said again."


PAUSED = "Pushes are not reviewed by themselves until `/hive resume`. `/hive review` still works."
RESUMED = "The next push is reviewed by itself again. `/hive review` reviews the head of now."


NOTHING_TO_MERGE = "Nobody wants this pull request to be merged, so there is nothing to take back."


def paused_reason(by: str) -> str:
    """Why a push is not reviewed, for people."""
    return f"{by} paused reviews of this pull request: /hive resume takes that back"


def decided_text(name: Name, known: KnownFinding, *, by: str) -> str:
    """After the decision; somebody else's earlier dismissal stands."""
    finding = known.finding
    what = f"{plain(f'`{finding.rule}`', limit=100)} in {plain(finding.path, limit=200)} (`{finding.fingerprint[:12]}`)"
    if name is Name.REOPEN:
        return f"{what} is {finding.status.value}."
    if known.dismissal is None or finding.status is not FindingStatus.DISMISSED:
        return f"{what} was dismissed, and reopened meanwhile."
    if known.dismissal.by != by:
        return f"{what} is dismissed already, by {plain(known.dismissal.by, limit=100)}: {plain(known.dismissal.why)}"
    return f"{what} is dismissed: {plain(known.dismissal.why)}"


NO_OPEN_FINDING = "No finding of this pull request is open."
NOTHING_TO_FIX = "A model would have to fix that, and none is configured: set `ANTHROPIC_API_KEY` where the hub starts."


def closed_text(finding: Finding) -> str:
    """Of a finding that is not to be fixed."""
    again = ": `reopen` it first" if finding.status is FindingStatus.DISMISSED else ""
    return f"That finding is {finding.status.value}{again}."


NO_SUCH_FINDING = "No finding of this pull request has that fingerprint."
SEVERAL_FINDINGS = "Several findings of this pull request begin so: please name more digits."
NO_FINDING_HERE = "Which finding? This thread is about none, or about several: name its fingerprint."


def configuration_text(base_sha: str, text: str | None, problem: str) -> str:
    """*text*: of the base's `.hive.toml`, None when it has none. *problem*: why it does not hold."""
    if text is None:
        return f"The base ({base_sha[:12]}) has no `.hive.toml`: the defaults hold."
    if problem:
        return f"`.hive.toml` of the base ({base_sha[:12]}) does not hold: {plain(problem, limit=1_000)}"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"`.hive.toml` of the base ({base_sha[:12]}):\n\n{fence}toml\n{text[:MAX_SHOWN].rstrip()}\n{fence}"


MAX_SHOWN = 20_000
"""Characters of a configuration."""


def answer_body(asked_by: str, text: str) -> str:
    """*asked_by*: `CommandRef.asked_by`."""
    return f"{command_marker(asked_by)}\n\n{text}"


def command_marker(asked_by: str) -> str:
    """The first line of what we say to a command."""
    return f"<!-- hive:command {asked_by} -->"


def is_answer_to(body: str, asked_by: str) -> bool:
    return body.partition("\n")[0].rstrip("\r") == command_marker(asked_by)


def not_allowed_text(name: Name) -> str:
    return f"`{name}` is not among the commands that `.hive.toml` of the base allows here."

"""`.hive.toml`: what a project says about its own reviews. Pure; `to_schema` is for editors of the file.

It comes from the base of a change, never from its head: who proposes a change does not say how it is judged.
"""

import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from server.reviews.chore_rules import BackportRules, DependencyRules, IssueRules, MergeGate, ReviewerRules, StaleRules
from server.reviews.finding import Finding, Severity
from server.reviews.git import CannotCollect
from server.reviews.snapshot import Report, SkippedFile, Snapshot

FILE_NAME = ".hive.toml"
MAX_CONFIGURATION_BYTES = 64 * 1024
LEFT_OUT = f"left out by {FILE_NAME}"
OFF = "off"

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
LanguageName = Literal[
    "python", "javascript", "typescript", "tsx", "go", "java", "php", "ruby", "template", "shell", "dockerfile",
    "yaml", "nginx", "properties", "terraform", "sql", "prose", "other",
]  # fmt: skip
"""As `server/analysis/language.py` tells them apart."""

CommandName = Literal[
    "review", "ask", "explain", "describe", "fix", "dismiss", "reopen", "pause", "resume", "merge",
]  # fmt: skip
"""Those of `commands.py` but `help` and `config`, which tell and do nothing."""

LanguageOf = Callable[[str, str], str]
"""By path and text."""

_Level = Literal["critical", "high", "medium", "low", "off"]


class HiveTomlInvalid(CannotCollect):
    """The file says something that we do not understand."""


class Linter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another tool, run only when a person asks for it. No shell reads *command*; it runs in the project's folder.

    Its report is what it prints, or what it writes to the file *report* (relative to that folder): SARIF, Checkstyle,
    or the JSON of ESLint, Ruff, Bandit, Pylint or mypy.
    """

    name: Annotated[
        str, msgspec.Meta(pattern=r"^[A-Za-z0-9][\w.-]{0,39}$", description="What it is called in messages.")
    ]
    command: Annotated[
        tuple[_Word, ...],
        msgspec.Meta(min_length=1, max_length=100, description="The program and its arguments; no shell reads them."),
    ]
    report: Annotated[str, msgspec.Meta(max_length=500, description="The file that it writes its report to.")] = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=1800)] = 300.0


class ReviewChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*leave_out*: patterns of paths (`generated/`, `*.min.js`, `docs/**/*.py`) that are not reviewed."""

    leave_out: Annotated[
        tuple[_Word, ...],
        msgspec.Meta(max_length=500, description="Paths that are not reviewed: `generated/`, `*.pb.go`."),
    ] = ()
    max_findings: Annotated[
        int, msgspec.Meta(ge=1, le=5000, description="Beyond it, the least severe are counted.")
    ] = 5000
    languages: Annotated[
        tuple[LanguageName, ...], msgspec.Meta(description="Only files in these are reviewed; all, if none is named.")
    ] = ()


class AutoReview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pull requests are reviewed by themselves; one that somebody asks for is reviewed in any case."""

    enabled: bool = True
    drafts: Annotated[bool, msgspec.Meta(description="Review drafts, too.")] = False
    require_labels: Annotated[
        tuple[_Word, ...], msgspec.Meta(max_length=100, description="Only with one of these labels.")
    ] = ()
    skip_labels: Annotated[
        tuple[_Word, ...], msgspec.Meta(max_length=100, description="Not with any of these labels.")
    ] = ()
    skip_authors: Annotated[
        tuple[_Word, ...], msgspec.Meta(max_length=100, description="Not of these: `octocat`, `dependabot[bot]`.")
    ] = ()
    max_files: Annotated[int, msgspec.Meta(ge=1, description="Not if more files changed.")] | None = None
    max_lines: Annotated[int, msgspec.Meta(ge=1, description="Not if more lines came or went.")] | None = None


class OwnTests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*command*: what runs the project's tests, in a sandbox without network; no shell reads it."""

    command: Annotated[
        tuple[_Word, ...],
        msgspec.Meta(min_length=1, max_length=50, description="The program and its arguments; no shell reads them."),
    ]


class GitHubChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done on GitHub besides the review."""

    sarif: Annotated[
        bool, msgspec.Meta(description="Upload reviews to code scanning; the App needs security_events: write.")
    ] = False


class CommandChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may write to the repository may command; *bots* may, if they are named here, whatever else they may."""

    allow: Annotated[
        tuple[CommandName, ...] | None, msgspec.Meta(description="Only these commands are carried out; all by default.")
    ] = None
    bots: Annotated[
        tuple[_Word, ...], msgspec.Meta(max_length=100, description="Bots that may command: `renovate[bot]`.")
    ] = ()

    def allows(self, command: str) -> bool:
        return self.allow is None or command in self.allow or command in ("help", "config")

    def knows_bot(self, login: str) -> bool:
        """GitHub does not tell logins apart by case."""
        return login.casefold() in {bot.casefold() for bot in self.bots}


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*severities*: by rule id, or by a prefix that ends in `*`."""

    review: ReviewChoices = ReviewChoices()
    severities: Annotated[
        dict[_Word, _Level],
        msgspec.Meta(max_length=1000, description="By rule (`hive.todo`) or prefix (`eslint.*`): a severity, or off."),
    ] = {}
    auto_review: AutoReview = AutoReview()
    linters: Annotated[tuple[Linter, ...], msgspec.Meta(max_length=20)] = ()
    test: OwnTests | None = None
    commands: CommandChoices = CommandChoices()
    merge: MergeGate = MergeGate()
    github: GitHubChoices = GitHubChoices()
    backport: BackportRules = BackportRules()
    dependencies: DependencyRules = DependencyRules()
    reviewers: ReviewerRules = ReviewerRules()
    issues: IssueRules = IssueRules()
    stale: StaleRules = StaleRules()


DEFAULT = Configuration()


def read_configuration(text: str) -> Configuration:
    """Raises `HiveTomlInvalid`."""
    if len(text.encode("utf-8", "replace")) > MAX_CONFIGURATION_BYTES:
        raise HiveTomlInvalid(f"{FILE_NAME} is larger than {MAX_CONFIGURATION_BYTES // 1024} KiB")
    try:
        return msgspec.convert(tomllib.loads(text), Configuration)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HiveTomlInvalid(f"{FILE_NAME} is not TOML: {error}", hint=_HINT) from error
    except msgspec.ValidationError as error:
        raise HiveTomlInvalid(f"{FILE_NAME}: {error}", hint=_HINT) from error


def to_schema() -> dict[str, Any]:
    """As JSON Schema."""
    schema = msgspec.json.schema(Configuration)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE_NAME, **schema}


def without_left_out(snapshot: Snapshot, configuration: Configuration, language_of: LanguageOf) -> Snapshot:
    """The files that are left out are told of as skipped, and still tell about the others."""
    wanted = configuration.review
    out = [
        file.path
        for file in snapshot.files
        if _matches(file.path, wanted.leave_out)
        or (wanted.languages and language_of(file.path, file.text) not in wanted.languages)
    ]
    if not out:
        return snapshot
    left_out = frozenset(out)
    return msgspec.structs.replace(
        snapshot,
        files=tuple(file for file in snapshot.files if file.path not in left_out),
        skipped=(*snapshot.skipped, *(SkippedFile(path, LEFT_OUT) for path in out)),
    )


def judged(report: Report, configuration: Configuration) -> Report:
    """With the project's severities, the worst first, and no more than it wants to hear."""
    if configuration == DEFAULT:
        return report
    findings = [_with_severity(finding, configuration) for finding in report.findings]
    kept = sorted((finding for finding in findings if finding is not None), key=lambda finding: finding.severity.rank)
    most = configuration.review.max_findings
    return msgspec.structs.replace(report, findings=tuple(kept[:most]), omitted=report.omitted + len(kept[most:]))


def _with_severity(finding: Finding, configuration: Configuration) -> Finding | None:
    """None where the rule is off. A rule's own name counts before a prefix, and a longer prefix before a shorter."""
    named = [name for name in configuration.severities if means(name, finding.rule)]
    if not named:
        return finding
    level = configuration.severities[max(named, key=len)]
    return None if level == OFF else msgspec.structs.replace(finding, severity=Severity(level))


def means(name: str, rule: str) -> bool:
    return rule.startswith(name[:-1]) if name.endswith("*") else rule == name


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(_pattern(pattern).fullmatch(path) for pattern in patterns)


@lru_cache(maxsize=1000)
def _pattern(glob: str) -> re.Pattern[str]:
    """`**` crosses folders; a pattern without a folder holds in every one; one that ends in `/` means all below."""
    anywhere = "" if "/" in glob.rstrip("/") else "(?:.*/)?"
    body = re.escape(glob.strip("/"))
    body = body.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(f"{anywhere}{body}(?:/.*)?")


_HINT = "check it with: hive config check; its schema: hive config schema"

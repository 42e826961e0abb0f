"""What a project says about its own reviews."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from server.analysis.language import Language, language_name
from server.reviews.commands import Name
from server.reviews.configuration import (
    DEFAULT,
    LEFT_OUT,
    MAX_CONFIGURATION_BYTES,
    CommandChoices,
    CommandName,
    Configuration,
    HiveTomlInvalid,
    LanguageName,
    Linter,
    ReviewChoices,
    judged,
    read_configuration,
    to_schema,
    without_left_out,
)
from server.reviews.finding import Severity
from server.reviews.project import identify_project
from server.reviews.project_configuration import configuration_of
from server.reviews.snapshot import Coverage, Report, Snapshot, SourceFile
from tests.analysis.test_baseline import a_finding
from tests.cli.repository import Repository

WHOLE = """
[review]
leave_out = ["generated/", "*.pb.go"]
max_findings = 3

[severities]
"hive.*" = "low"
"hive.sql-from-text" = "off"

[[linters]]
name = "eslint"
command = ["npx", "--no-install", "eslint", "--format", "json", "."]
"""


def test_all_that_can_be_said() -> None:
    assert read_configuration(WHOLE) == Configuration(
        review=ReviewChoices(("generated/", "*.pb.go"), 3),
        severities={"hive.*": "low", "hive.sql-from-text": "off"},
        linters=(Linter("eslint", ("npx", "--no-install", "eslint", "--format", "json", ".")),),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("a = ", "not TOML", id="no TOML"),
        pytest.param("revew = 1", "unknown field `revew`", id="a slip"),
        pytest.param("[severities]\nx = 'worse'", "severities", id="no severity"),
        pytest.param("[[linters]]\nname = 'a'\ncommand = 'eslint .'", "linters", id="a command for a shell"),
        pytest.param("[[linters]]\nname = 'a'\ncommand = []", "linters", id="no command"),
        pytest.param("[review]\nmax_findings = 0", "max_findings", id="nothing to hear"),
        pytest.param("#" * (MAX_CONFIGURATION_BYTES + 1), "larger than", id="too large"),
        pytest.param("a = " + "[" * 5_000, "TOML", id="nested"),
    ],
)
def test_what_is_not_understood_is_said(text: str, reason: str) -> None:
    with pytest.raises(HiveTomlInvalid, match=reason):
        read_configuration(text)


def test_the_schema_names_everything() -> None:
    schema = msgspec.json.encode(to_schema()).decode()

    for word in ("leave_out", "max_findings", "severities", "linters", "command", "timeout_seconds"):
        assert word in schema


@pytest.mark.parametrize(
    ("pattern", "path", "is_out"),
    [
        ("generated/", "src/generated/a.py", True),
        ("generated/", "generated.py", False),
        ("src/generated/", "lib/src/generated/a.py", False),
        ("*.pb.go", "api/v1/a.pb.go", True),
        ("docs/*.py", "docs/a/b.py", False),
        ("docs/**/*.py", "docs/a/b.py", True),
        ("docs/**/*.py", "docs/b.py", True),
        ("**/b.py", "b.py", True),
        ("a?.py", "ab.py", True),
        ("a.py", "axpy", False),
    ],
)
def test_paths_that_are_left_out(pattern: str, path: str, is_out: bool) -> None:
    snapshot = Snapshot("p", (SourceFile(path, ""),))

    left = without_left_out(snapshot, Configuration(review=ReviewChoices((pattern,))), language_name)

    assert [file.path for file in left.files] == ([] if is_out else [path])
    assert [(file.path, file.reason) for file in left.skipped] == ([(path, LEFT_OUT)] if is_out else [])


def judge(configuration: Configuration, *severities: Severity) -> Report:
    findings = tuple(msgspec.structs.replace(a_finding(n), severity=s) for n, s in enumerate(severities))
    return judged(Report(findings, Coverage()), configuration)


def test_a_rule_that_is_off_is_silent_and_another_is_as_severe_as_the_project_says() -> None:
    rule = a_finding(0).rule
    prefix = rule[: rule.index(".") + 1] + "*"

    assert judge(Configuration(severities={rule: "off"}), Severity.HIGH).findings == ()
    assert severities(judge(Configuration(severities={prefix: "low"}), Severity.HIGH)) == [Severity.LOW]
    named_first = Configuration(severities={prefix: "off", rule: "critical"})
    assert severities(judge(named_first, Severity.HIGH)) == [Severity.CRITICAL]
    assert severities(judge(DEFAULT, Severity.HIGH)) == [Severity.HIGH]


def test_the_worst_are_heard_and_the_rest_is_counted() -> None:
    report = judge(
        Configuration(review=ReviewChoices(max_findings=2)), Severity.LOW, Severity.HIGH, Severity.MEDIUM, Severity.LOW
    )

    assert severities(report) == [Severity.HIGH, Severity.MEDIUM]
    assert report.omitted == 2


def severities(report: Report) -> list[Severity]:
    return [finding.severity for finding in report.findings]


def test_a_change_is_judged_by_what_its_base_says(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write(".hive.toml", "[review]\nmax_findings = 7\n")
    base = repository.commit()
    repository.write(".hive.toml", "[review]\nleave_out = ['**']\n")
    head = repository.commit()
    project = identify_project(tmp_path)
    env = {"PATH": "/usr/bin:/bin"}

    assert configuration_of(project, base, head, env).review.max_findings == 7
    assert configuration_of(project, base, "", env).review.leave_out == ()
    assert configuration_of(project, "", "", env).review.leave_out == ("**",)
    assert configuration_of(project, "", head, env) == DEFAULT


def test_a_link_is_no_configuration(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    (tmp_path / "elsewhere.toml").write_text("[review]\nmax_findings = 7\n")
    (tmp_path / "r" / ".hive.toml").symlink_to("../elsewhere.toml")
    base = repository.commit()
    project = identify_project(tmp_path / "r")

    for sha in (base, ""):
        assert configuration_of(project, sha, "", {"PATH": "/usr/bin:/bin"}) == DEFAULT


def test_only_files_in_the_languages_that_are_named_are_reviewed() -> None:
    files = tuple(SourceFile(path, "a\n") for path in ("a.py", "b.go", "c.ts", "Makefile"))
    configuration = read_configuration('[review]\nlanguages = ["python", "typescript"]\n')

    left = without_left_out(Snapshot("p", files), configuration, language_name)

    assert [file.path for file in left.files] == ["a.py", "c.ts"]
    assert [(file.path, file.reason) for file in left.skipped] == [("b.go", LEFT_OUT), ("Makefile", LEFT_OUT)]


def test_every_language_and_every_command_can_be_named() -> None:
    assert set(get_args(LanguageName)) == {language.name.lower() for language in Language}
    assert set(get_args(CommandName)) | {"help", "config"} == {name.value for name in Name}


COMMANDS = {
    "all by default": ("", "fix", True),
    "one that is named": ('allow = ["review"]', "review", True),
    "another one": ('allow = ["review"]', "fix", False),
    "none at all": ("allow = []", "review", False),
    "help in any case": ("allow = []", "help", True),
}


@pytest.mark.parametrize(("text", "command", "allowed"), COMMANDS.values(), ids=COMMANDS)
def test_commands_are_allowed_by_name(text: str, command: str, allowed: bool) -> None:
    assert read_configuration(f"[commands]\n{text}\n").commands.allows(command) is allowed


def test_bots_are_known_by_their_whole_name() -> None:
    choices = CommandChoices(bots=("renovate[bot]",))

    assert choices.knows_bot("Renovate[bot]")
    assert not choices.knows_bot("renovate")

"""`.hive.toml` through the real command: checked, honoured by a review, and its linters run when somebody asks."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from server.reviews.snapshot import Report
from tests.cli.hive import Hive, a_hive
from tests.cli.repository import Repository

CODE = "def total(prices, seen=[]):\n    seen.append(prices)\n    return eval(prices)\n"
SAID = json.dumps(
    [
        {
            "filename": "shop.py",
            "location": {"row": 2, "column": 5},
            "end_location": {"row": 2, "column": 9},
            "message": "said so",
            "code": "X1",
        }
    ]
)


@pytest.fixture(scope="module")
def hive() -> Iterator[Hive]:
    with a_hive() as hive:
        yield hive


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def configuration(**severities: str) -> str:
    linter = f'[[linters]]\nname = "ours"\ncommand = {json.dumps([sys.executable, "-c", f"print({SAID!r})"])}\n'
    return "[severities]\n" + "".join(f'"hive.{rule}" = "{level}"\n' for rule, level in severities.items()) + linter


@pytest.mark.journey
def test_a_review_keeps_to_the_base_and_adds_what_linters_say_where_asked(hive: Hive, repository: Repository) -> None:
    repository.write(".hive.toml", configuration(**{"mutable-default": "off", "code-from-text": "low"}))
    repository.commit()
    repository.write("shop.py", CODE)
    repository.write(".hive.toml", "[review]\nleave_out = ['shop.py']\n")

    plain = hive.run("review", "--json", cwd=repository.root)
    linted = hive.run("review", "--linters", "--json", cwd=repository.root)

    assert rules(plain.stdout) == {"hive.code-from-text": "low"}
    assert rules(linted.stdout) == {"hive.code-from-text": "low", "ruff.X1": "low"}
    assert "running ours" in linted.stderr
    assert (plain.returncode, linted.returncode) == (0, 0)


def rules(printed: str) -> dict[str, str]:
    return {finding.rule: finding.severity.value for finding in msgspec.json.decode(printed, type=Report).findings}


def test_linters_are_not_run_on_a_commit_nor_without_being_named(hive: Hive, repository: Repository) -> None:
    repository.commit(shop=CODE)

    on_commit = hive.run("review", "--linters", cwd=repository.root)
    repository.write("shop.py", CODE + "\n")
    unnamed = hive.run("review", "--linters", cwd=repository.root)

    assert (on_commit.returncode, unnamed.returncode) == (2, 2)
    assert "read the working tree" in on_commit.stderr
    assert "no linter is named" in unnamed.stderr


def test_a_configuration_is_checked(hive: Hive, repository: Repository) -> None:
    rest = (
        """[review]\nlanguages = ["go"]\n[commands]\nallow = ["review"]\nbots = ["a[bot]"]\n[github]\nsarif = true\n"""
    )
    repository.write(".hive.toml", configuration(**{"mutable-default": "off"}) + rest)
    good = hive.run("config", "check", cwd=repository.root)
    repository.write(".hive.toml", configuration(**{"mutable-defalt": "off"}))
    unknown = hive.run("config", "check", cwd=repository.root)
    repository.write(".hive.toml", "revew = 1\n")
    wrong = hive.run("config", "check", cwd=repository.root)

    assert (good.returncode, unknown.returncode, wrong.returncode) == (0, 1, 2)
    assert "hive.mutable-default: off" in good.stdout
    assert {
        "reviewed only: go",
        "commands allowed: review, help, config",
        "may command, too: a[bot]",
        "each review is uploaded to code scanning",
    } <= set(good.stdout.splitlines())
    assert "no rule is called hive.mutable-defalt" in unknown.stderr
    assert "unknown field `revew`" in wrong.stderr


def test_the_schema_is_a_schema(hive: Hive) -> None:
    schema = json.loads(hive.run("config", "schema").stdout)

    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"severities": {"hive.mutable-default": "off"}})
    assert not Draft202012Validator(schema).is_valid({"severities": {"hive.mutable-default": "worse"}})

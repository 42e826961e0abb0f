"""`hive rules`: works where no hub does, and helps with a name that is not quite right."""

import json

import pytest
from click.testing import CliRunner, Result

from server.cli.rules import rules


def run(*argv: str) -> Result:
    return CliRunner().invoke(rules, argv)


def test_the_table_holds_every_kind_of_rule() -> None:
    shown = run().output

    assert "hive.unclosed-file" in shown
    assert "ruff.F632" in shown
    assert "rules; hive rules ID explains one" in shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hive.unclosed-file", ["Unclosed file", "CWE-772", "return open(path).read()", "with open(path) as file:"]),
        ("F632", ["Ruff F632", "if x is 200:", "if x == 200:", "rules/is-literal/"]),
    ],
    ids=["ours", "ruff's, with the code of ruff's own page"],
)
def test_a_page_shows_bad_and_good_code(name: str, expected: list[str]) -> None:
    shown = run(name).output

    assert [word for word in expected if word not in shown] == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hive.uncloesd-file", "did you mean hive.unclosed-file"),
        ("unclosd-file", "did you mean hive.unclosed-file"),
        ("something-else-entirely", "hive rules lists them all"),
    ],
)
def test_an_unknown_name_is_answered_with_those_near_it(name: str, hint: str) -> None:
    result = run(name)

    assert result.exit_code == 2
    assert hint in result.output


def test_the_rules_about_a_weakness() -> None:
    found = json.loads(run("--cwe", "772", "--json").output)

    assert "hive.unclosed-file" in {rule["id"] for rule in found}
    assert all(772 in (rule["cwe"], *rule["also"]) for rule in found)


def test_the_rules_of_a_language() -> None:
    found = json.loads(run("--language", "go", "--json").output)

    assert found
    assert all("Go" in rule["languages"] for rule in found)


def test_a_page_as_json() -> None:
    page = json.loads(run("unclosed-file", "--json").output)

    assert page["id"] == "hive.unclosed-file"
    assert page["suppress"] == "# hive: ignore[unclosed-file] why"
    assert page["bad"][0] == {"module.py": "def f(path):\n    return open(path).read()\n"}

"""Linters of a project's own, run for real."""

import json
import os
import sys
from pathlib import Path

import pytest

from server.cli.linters import LinterFailed, run_linter
from server.reviews.configuration import Linter

REPORT = json.dumps(
    [
        {
            "filename": "a.py",
            "location": {"row": 1, "column": 2},
            "end_location": {"row": 1, "column": 3},
            "message": "said",
            "code": "X1",
        }
    ]
)


def linter(program: str, **more: object) -> Linter:
    return Linter("tool", (sys.executable, "-c", program), **more)  # type: ignore[arg-type]


def codes(one: Linter, root: Path) -> list[str]:
    return [found.code for found in run_linter(one, root, {**os.environ, "HIVE_TOKEN": "secret", "HOME": "/"})]


def test_what_it_prints_is_read_whatever_its_exit_code(tmp_path: Path) -> None:
    assert codes(linter(f"print({REPORT!r}); raise SystemExit(1)"), tmp_path) == ["X1"]


def test_what_it_writes_to_a_file_is_read(tmp_path: Path) -> None:
    program = f"open('out.json', 'w').write({REPORT!r}); print('done')"

    assert codes(linter(program, report="out.json"), tmp_path) == ["X1"]


def test_who_says_nothing_and_leaves_well_found_nothing(tmp_path: Path) -> None:
    assert codes(linter("pass"), tmp_path) == []


def test_it_gets_no_secret_of_ours(tmp_path: Path) -> None:
    program = f"import os; assert 'HIVE_TOKEN' not in os.environ and os.environ['HOME']; print({REPORT!r})"

    assert codes(linter(program), tmp_path) == ["X1"]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(Linter("tool", ("no-such-program-here",)), "cannot be started", id="no program"),
        pytest.param(linter("raise SystemExit('no config')"), "reported nothing", id="it fails"),
        pytest.param(linter("print('all good!')"), "cannot be read", id="no report"),
        pytest.param(linter("import time; time.sleep(60)", timeout_seconds=0.2), "took more than", id="it hangs"),
        pytest.param(linter("while True: print('[' * 2**20)"), "printed more than", id="it does not stop talking"),
        pytest.param(linter("print(1)", report="../../etc/passwd"), "cannot be read", id="a report elsewhere"),
        pytest.param(linter("print(1)", report="gone.json"), "deleted", id="a report that is not there"),
    ],
)
def test_what_went_wrong_is_said(one: Linter, reason: str, tmp_path: Path) -> None:
    with pytest.raises(LinterFailed, match=reason):
        codes(one, tmp_path)


def test_what_it_complains_of_is_told(tmp_path: Path) -> None:
    with pytest.raises(LinterFailed) as failed:
        codes(linter("raise SystemExit('no config')"), tmp_path)

    assert "no config" in failed.value.hint

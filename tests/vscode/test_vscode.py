"""What a person does with the extension, in a real VS Code with a real hub. Screenshots stay in build/screenshots."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vscode.conftest import Journey, Outcome

pytestmark = pytest.mark.journey

LARGE = "".join(f"def price_{n}(text):\n    return eval(text) * {n}\n\n\n" for n in range(20_000))
"""Under the limit of 2 MiB, and seconds of work for a reviewer."""


def test_a_finding_is_seen_while_typing_then_fixed_or_dismissed(travel: Journey) -> None:
    travel("findings")


def test_a_review_on_demand_shows_its_progress_and_can_be_cancelled(travel: Journey, workspace: Path) -> None:
    (workspace / "large.py").write_text(LARGE)

    travel("review")


def test_a_missing_command_is_told_with_the_way_to_mend_it(travel: Journey) -> None:
    travel("missing", settings={"hive.path": "/nowhere/hive"})


def test_a_hub_that_was_killed_is_started_again_and_nothing_is_lost(travel: Journey, data_dir: Path) -> None:
    travel("killed", data_dir=str(data_dir))


def test_the_tests_inside_the_extension_host_pass(run_host_tests: Callable[[], list[Outcome]], workspace: Path) -> None:
    (workspace / ".vscode").mkdir()
    (workspace / ".vscode" / "settings.json").write_text('{"hive.path": "/tmp/evil", "hive.address": "evil:1"}')

    outcomes = run_host_tests()

    failed = [f"{outcome.name}: {outcome.error}" for outcome in outcomes if outcome.error]
    assert outcomes
    assert not failed, "\n".join(failed)

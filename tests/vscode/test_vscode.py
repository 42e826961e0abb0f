"""What a person does with the extension, in a real VS Code with a real hub. Screenshots stay in build/screenshots."""

from pathlib import Path

import pytest

from tests.vscode.conftest import Journey

pytestmark = pytest.mark.journey


def test_a_finding_is_seen_while_typing_then_fixed_or_dismissed(travel: Journey) -> None:
    travel("findings")


def test_a_review_on_demand_shows_its_progress_and_can_be_cancelled(travel: Journey) -> None:
    travel("review")


def test_a_missing_command_is_told_with_the_way_to_mend_it(travel: Journey) -> None:
    travel("missing", settings={"hive.path": "/nowhere/hive"})


def test_a_hub_that_was_killed_is_started_again_and_nothing_is_lost(travel: Journey, data_dir: Path) -> None:
    travel("killed", data_dir=str(data_dir))

"""Fault points: what an armed process does there, and that nothing in production can be armed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server import faults
from server.config import Settings
from server.errors import ConfigurationInvalid

FOUR_PASSINGS = """
import sys
from server import faults
from server.observability.logs import configure_logs
configure_logs("json")
faults.arm(sys.argv[1])
for passing in range(1, 5):
    faults.reach("door.after_append")
    faults.reach("intake.after_commit")
    print(passing, flush=True)
"""


def four_passings(fault: str) -> tuple[list[str], int]:
    """What a process that is armed with *fault* still says, and how it ends."""
    done = subprocess.run([sys.executable, "-c", FOUR_PASSINGS, fault], capture_output=True, text=True)
    return done.stdout.split(), done.returncode


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("intake.after_commit", []),
        ("intake.after_commit:kill:3", ["1", "2"]),
        ("door.after_append:kill:4", ["1", "2", "3"]),
    ],
)
def test_an_armed_process_dies_at_its_point(fault: str, said: list[str]) -> None:
    assert four_passings(fault) == (said, -signal.SIGKILL)


def test_a_process_that_never_reaches_its_point_lives() -> None:
    assert four_passings("agent.in_work") == (["1", "2", "3", "4"], 0)


def test_a_process_that_stands_still_goes_on_and_does_not_stop_again() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", FOUR_PASSINGS, "intake.after_commit:stop:2"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"

    process.send_signal(signal.SIGCONT)  # before it stops or after: either way it is sent again below
    while process.poll() is None:
        process.send_signal(signal.SIGCONT)

    assert process.stdout.read().split() == ["2", "3", "4"]
    assert process.returncode == 0


@pytest.mark.parametrize("fault", ["", "intake", "intake.after_commit:burn", "intake.after_commit:kill:x"])
def test_what_is_no_fault_is_refused_with_the_names_of_all_points(fault: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        faults.arm(fault)

    assert all(point in refused.value.hint for point in faults.POINTS)


def test_a_hub_with_a_fault_in_its_environment_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="only tests"):
        Settings.load({"HIVE_DATA": str(tmp_path), faults.VARIABLE: "intake.after_commit"})

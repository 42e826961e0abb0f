"""What `hive config check` says of a file that asks for more than reviews."""

from server.reviews.chores_told import told_of_chores
from server.reviews.configuration import DEFAULT, read_configuration

FILE = """\
[merge]
method = "squash"
approvals = 2
open_findings = "high"
[backport]
enabled = true
[dependencies]
enabled = true
[reviewers]
enabled = true
[stale]
enabled = true
exempt_labels = []
[issues]
enabled = true
assign = true
needs_info_label = "needs-info"
labels = { bug = ["crash", "panic"] }
"""


def test_each_choice_is_a_line() -> None:
    assert told_of_chores(read_configuration(FILE)) == [
        "/hive merge merges by: squash",
        "/hive merge waits for approvals of the head: 2",
        "/hive merge waits until no finding is open that is high or worse",
        "picked onto the branch of a label: backport <branch>",
        "a check waits for what `Depends on #N` names",
        "owners are asked for a review, up to 2",
        "issues are sorted, and likely duplicates told",
        "an issue is labelled bug for: crash, panic",
        "an owner of a file that an issue names is assigned",
        "an issue labelled needs-info is closed after 14 days without a touch",
        "what nobody touches for 60 days is labelled stale, and closed 14 days later",
    ]


def test_nothing_is_asked_for_by_default() -> None:
    assert told_of_chores(DEFAULT) == []

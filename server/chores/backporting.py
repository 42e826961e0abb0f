"""What is picked onto which branch when a merged pull request is labelled so, and what is said of it. Pure.

Picked is what the merge brought: as one commit, or commit by commit where it was rebased.
"""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from server.reviews.chore_rules import BackportRules

MAX_BRANCHES = 10
MAX_COMMITS = 100
MAX_BRANCH_LENGTH = 100
MAX_TITLE_LENGTH = 200


class Merged(msgspec.Struct, frozen=True):
    """A commit of the base's history. *author*: name and address, as git writes them."""

    sha: str
    parents: tuple[str, ...]
    message: str
    author: str
    at: datetime


class Pick(msgspec.Struct, frozen=True):
    """What *commit* changes against its first parent."""

    commit: Merged
    is_merge: bool


class Conflict(msgspec.Struct, frozen=True):
    """*paths*: those that only a person can bring together."""

    sha: str
    paths: tuple[str, ...]


def branches_wanted(labels: Sequence[str], rules: BackportRules) -> list[str]:
    """Those that are names of branches, once each."""
    begins = f"{rules.label} "
    named = [label[len(begins) :].strip() for label in labels if label.casefold().startswith(begins.casefold())]
    return list(dict.fromkeys(name for name in named if is_branch(name)))[:MAX_BRANCHES]


def is_branch(name: str) -> bool:
    """A name that git takes, of letters that need no care in a shell, an address or a comment."""
    parts = name.split("/")
    return len(name) <= MAX_BRANCH_LENGTH and all(map(_PART.fullmatch, parts)) and ".." not in name


_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?<!\.)(?<!\.lock)", re.ASCII)


def picks_of(newest_first: Sequence[Merged], own_messages: Sequence[str]) -> list[Pick]:
    """What to pick, the oldest first. *newest_first*: the merge and what lies before it; *own_messages*: of the pull
    request's commits, the oldest first.
    """
    merge, count = newest_first[0], len(own_messages)
    if len(merge.parents) > 1:
        return [Pick(merge, is_merge=True)]
    last = newest_first[:count][::-1]
    if count > 1 and [_text(commit.message) for commit in last] == [_text(message) for message in own_messages]:
        return [Pick(commit, is_merge=False) for commit in last]
    return [Pick(merge, is_merge=False)]


def _text(message: str) -> str:
    return message.strip()


def message_of(pick: Pick, number: int, title: str) -> str:
    said = f"{title} (#{number})" if pick.is_merge else pick.commit.message.strip()
    return f"{said}\n\n(cherry picked from commit {pick.commit.sha})\n"


def branch_for(number: int, branch: str) -> str:
    return f"backport-{number}-to-{branch}"


def title_for(title: str, branch: str) -> str:
    return f"[{branch}] {title}"[:MAX_TITLE_LENGTH]


def body_for(number: int, branch: str, picks: Sequence[Pick]) -> str:
    picked = "\n".join(f"- {pick.commit.sha}" for pick in picks)
    return f"Backport of #{number} to `{branch}`. Picked:\n\n{picked}"


# What is said on the pull request that was merged.


def done_text(branch: str, number: int) -> str:
    return f"Backported to `{branch}` by #{number}."


def no_branch_text(branch: str) -> str:
    return f"Not backported: there is no branch `{branch}`."


def nothing_text(branch: str) -> str:
    return f"Not backported: `{branch}` holds all of it already."


def taken_text(branch: str, name: str) -> str:
    return f"Not backported to `{branch}`: a branch `{name}` is there already, and it is not ours."


def not_allowed_text(branch: str) -> str:
    return (
        f"Not backported to `{branch}`: GitHub did not take the push. The App needs contents: write, and workflows: "
        "write where workflow files change."
    )


def unopened_text(branch: str, name: str, status: int) -> str:
    return (
        f"Picked for `{branch}` without a conflict, and pushed as `{name}`; but GitHub answered {status} to the pull "
        "request of it (the App needs pull_requests: write). A person can open it."
    )


def conflict_text(number: int, branch: str, picks: Sequence[Pick], conflict: Conflict) -> str:
    """With what a person runs. Paths are a stranger's words: they stand in code, without what would end it."""
    name = branch_for(number, branch)
    paths = "\n".join(f"- `{_shown(path)}`" for path in conflict.paths[:20])
    more = f"\n- {len(conflict.paths) - 20} more" if len(conflict.paths) > 20 else ""
    commands = [
        "git fetch origin",
        f"git switch -c {name} origin/{branch}",
        *(f"git cherry-pick -x {'-m 1 ' if pick.is_merge else ''}{pick.commit.sha}" for pick in picks),
        f"git push origin {name}",
    ]
    return (
        f"Not backported to `{branch}`: {conflict.sha[:12]} conflicts there in\n\n{paths}{more}\n\n"
        "Nothing was pushed. A person has to bring them together:\n\n```\n" + "\n".join(commands) + "\n```"
    )


def _shown(path: str) -> str:
    return "".join(character for character in path if character.isprintable() and character != "`")[:200]


def note_marker(branch: str) -> str:
    return f"<!-- hive:backport {branch} -->"

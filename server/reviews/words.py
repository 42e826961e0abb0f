"""What people say of a change and of their project, for who thinks about it: messages, and guidelines of the base.

Of a repository on this machine; a pull request's words come from GitHub (`server/effects/snapshot.py`).
"""

from collections.abc import Mapping
from contextlib import suppress

from msgspec.structs import replace

from server.reviews.git import CannotCollect, Git
from server.reviews.snapshot import Snapshot
from server.reviews.working_tree import Collected

GUIDELINES = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", "REVIEW.md", ".github/CONTRIBUTING.md")
MAX_GUIDELINES_BYTES = 64 * 1024

MAX_COMMITS = 50
"""Whose messages are read, the oldest."""

MAX_WORDS = 20_000
"""Characters of a title, a description, a commit message."""


def with_words(collected: Collected, env: Mapping[str, str]) -> Snapshot:
    """The snapshot with the guidelines as its base has them (without one: as they are committed) and its messages."""
    snapshot = collected.snapshot
    if not collected.project.is_repository:
        return snapshot
    try:
        git = Git(collected.project.root, env)
        base = snapshot.base_sha or git.commit("HEAD")
        messages = _messages(git, snapshot) if snapshot.base_sha and snapshot.head_sha else ()
    except CannotCollect:
        return snapshot
    return replace(snapshot, commits=messages, guidelines="\n\n".join(_guidelines(git, base)))


def _messages(git: Git, snapshot: Snapshot) -> tuple[str, ...]:
    said = git.records("log", "-z", "--reverse", "--format=%B", f"{snapshot.base_sha}..{snapshot.head_sha}")
    return tuple(message.strip()[:MAX_WORDS] for message in said[:MAX_COMMITS])


def _guidelines(git: Git, base: str) -> list[str]:
    texts = []
    for path in GUIDELINES:
        with suppress(CannotCollect):  # there is none
            content = git.output("cat-file", "blob", f"{base}:{path}")
            if len(content) <= MAX_GUIDELINES_BYTES:
                texts.append(content.decode("utf-8", "replace"))
    return texts

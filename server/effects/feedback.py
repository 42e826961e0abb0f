"""Read what people showed of our findings on a pull request: thumbs, threads they resolved, suggestions they applied.

There is no event for a reaction, so it is looked at with the next event of the pull request; what did not change costs
GitHub's limit nothing. Only people count: neither we nor other bots.
"""

from collections.abc import Iterable

import msgspec

from server.chores.refs import PullChore
from server.effects.api import GitHubRefused, read_answer
from server.effects.app import GitHubApp
from server.effects.github import PULL, REPOSITORY, GitHub
from server.effects.threads import read_threads
from server.reviews.feedback import Feedback, FeedbackKind, FeedbackStore, is_applied, suggestion_in
from server.reviews.publish import finding_fingerprints
from server.reviews.rounds import Thread

MAX_FILE_BYTES = 1024 * 1024
OF_REACTIONS = {"+1": FeedbackKind.LIKED, "-1": FeedbackKind.DISLIKED}


class FeedbackRead(msgspec.Struct, frozen=True):
    """The result of `feedback.read`. *note*: what could not be seen, and why."""

    shown: int = 0
    note: str = ""


async def read_feedback(app: GitHubApp, store: FeedbackStore, ref: PullChore) -> FeedbackRead:
    github = await feedback_github_for(app, ref)
    ours = await github.comments_of(ref.number, await app.login())
    if not ours:
        return FeedbackRead()
    shown = {*await _reactions(github, ours), *await _applied(github, ref, ours)}
    note = ""
    try:
        shown |= _resolved(ours, await read_threads(github, ref), await app.login())
    except GitHubRefused as refused:
        note = f"who resolved which thread could not be seen ({refused})"
    await store.keep(ref.project, f"pull_request:{ref.name}", shown)
    return FeedbackRead(len(shown), note)


async def feedback_github_for(app: GitHubApp, ref: PullChore) -> "FeedbackGitHub":
    owner, _, name = ref.repository.partition("/")
    return FeedbackGitHub(app, ref.installation_id or await app.installation_id(owner, name), owner, name)


class FeedbackGitHub(GitHub):
    async def comments_of(self, number: int, login: str) -> "list[_Comment]":
        """On lines, those of *login* that speak of a finding."""
        comments = [read_answer(page, _Comment) async for page in self._pages(f"{PULL}/comments", number=str(number))]
        return [
            comment
            for comment in comments
            if comment.user and comment.user.login == login and finding_fingerprints(comment.body)
        ]

    async def reactions(self, comment_id: int) -> "list[_Reaction]":
        path = f"{REPOSITORY}/pulls/comments/{{comment_id}}/reactions"
        return [read_answer(page, _Reaction) async for page in self._pages(path, comment_id=str(comment_id))]


async def _reactions(github: FeedbackGitHub, ours: "Iterable[_Comment]") -> list[Feedback]:
    """GitHub counts them with the comment: only where there are some it is asked whose they are."""
    return [
        Feedback(fingerprint, OF_REACTIONS[reaction.content], f"github:{reaction.user.login}")
        for comment in ours
        if comment.reactions and (comment.reactions.up or comment.reactions.down)
        for reaction in await github.reactions(comment.id)
        if reaction.content in OF_REACTIONS and reaction.user and reaction.user.type != "Bot"
        for fingerprint in finding_fingerprints(comment.body)
    ]


def _resolved(ours: "Iterable[_Comment]", threads: Iterable[Thread], login: str) -> set[Feedback]:
    """GraphQL names no App, or without its `[bot]`: what nobody is named for, we did."""
    bodies = {comment.id: comment.body for comment in ours}
    nobody = ("", login, login.removesuffix("[bot]"))
    return {
        Feedback(fingerprint, FeedbackKind.RESOLVED, f"github:{thread.resolved_by}")
        for thread in threads
        if thread.is_resolved and thread.resolved_by not in nobody
        for fingerprint in finding_fingerprints(bodies.get(thread.comment_id, ""))
    }


async def _applied(github: FeedbackGitHub, ref: PullChore, ours: "Iterable[_Comment]") -> list[Feedback]:
    """Only where the lines changed since: a suggestion never says what the code says already."""
    suggested = {
        comment.id: (comment, lines)
        for comment in ours
        if comment.line is None and comment.original_line and (lines := suggestion_in(comment.body))
    }
    if not suggested:
        return []
    tree = await github.tree((await github.pull_request(ref.number)).head_sha)
    found = []
    for comment, lines in suggested.values():
        entry = tree.get(comment.path)
        if entry is None or not entry.mode.startswith("100") or (entry.size or 0) > MAX_FILE_BYTES:
            continue
        text = (await github.blob(entry.sha)).decode("utf-8", "replace")
        if is_applied(lines, text, comment.original_start_line or comment.original_line or 1):
            found += [Feedback(fp, FeedbackKind.APPLIED) for fp in finding_fingerprints(comment.body)]
    return found


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str
    type: str = "User"


class _Counts(msgspec.Struct, rename={"up": "+1", "down": "-1"}):
    up: int = 0
    down: int = 0


class _Comment(msgspec.Struct):
    id: int
    path: str
    body: str = ""
    user: _User | None = None
    line: int | None = None
    original_line: int | None = None
    original_start_line: int | None = None
    reactions: _Counts | None = None


class _Reaction(msgspec.Struct):
    content: str
    user: _User | None = None

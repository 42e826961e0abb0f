"""Read what a project says of its reviews: `.hive.toml` at the tip of the base branch, never at a head.

A file that cannot be understood does not leave a project without its rules: the last one that could holds on, as the
base's history has it. Whether a pull request is reviewed by itself, `server/reviews/auto_review.py` decides.
"""

from typing import NamedTuple

import msgspec

from server.analysis.language import language_name
from server.effects.api import read_answer
from server.effects.app import GitHubApp
from server.effects.github import PULL, REPOSITORY, GitHub
from server.reviews.auto_review import RELABELLED, Standing, heeds_labels, reason_against
from server.reviews.commands import CommandRef
from server.reviews.configuration import (
    DEFAULT,
    FILE_NAME,
    MAX_CONFIGURATION_BYTES,
    Configuration,
    HiveTomlInvalid,
    read_configuration,
    without_left_out,
)
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import SkippedFile, Snapshot

MAX_EARLIER_VERSIONS = 5
"""That are looked at for one that holds: each is a request or two."""


class Configured(NamedTuple):
    """*text* is what *configuration* was read from, "" where there is no file. *problem*: "" or why it is not the
    base's own, for people.
    """

    text: str = ""
    configuration: Configuration = DEFAULT
    problem: str = ""


class BaseGitHub(GitHub):
    """One repository, asked also for what is known of a pull request before anything of its head is read."""

    async def versions(self, path: str, sha: str, *, limit: int) -> list[str]:
        """The commits before and at *sha* that changed a file, the newest first."""
        address = f"{REPOSITORY}/commits{{?path,sha,per_page}}"
        answer, _ = await self._ask("GET", address, {"path": path, "sha": sha, "per_page": str(limit)})
        return [commit.sha for commit in read_answer(answer, list[_Commit])]

    async def standing(self, number: int) -> Standing:
        asked = read_answer(await self._get(PULL, number=str(number)), _PullRequest)
        return Standing(
            author=asked.user.login if asked.user else "",
            is_draft=bool(asked.draft),
            labels=tuple(label.name for label in asked.labels),
            changed_files=asked.changed_files,
            changed_lines=asked.additions + asked.deletions,
        )


async def base_github_for(app: GitHubApp, ref: PullRequestRef | CommandRef) -> BaseGitHub:
    owner, _, name = ref.repository.partition("/")
    installation_id = ref.installation_id or await app.installation_id(owner, name)
    return BaseGitHub(app, installation_id, owner, name)


async def read_base(github: BaseGitHub, base_sha: str) -> Configured:
    """What the base says at that commit, or the last that it said well."""
    try:
        return await _read_at(github, base_sha)
    except HiveTomlInvalid as invalid:
        earlier = await _last_valid(github, base_sha)
        instead = f"that of {earlier[0][:12]} holds" if earlier else "the defaults hold"
        configured = earlier[1] if earlier else Configured()
        return configured._replace(problem=f"{instead}, because {invalid}")


async def why_declined(github: BaseGitHub, ref: PullRequestRef, configured: Configured) -> str:
    """ "" for what is to be reviewed: also all that somebody asks for."""
    if not ref.automatic:
        return ""
    if ref.relabelled and not heeds_labels(configured.configuration.auto_review):
        return RELABELLED
    return reason_against(configured.configuration.auto_review, await github.standing(ref.number))


def with_configuration(snapshot: Snapshot, configured: Configured) -> Snapshot:
    """Without what is left out. People hear of a file that does not hold where they hear of what was not read."""
    snapshot = without_left_out(snapshot, configured.configuration, language_name)
    told = (SkippedFile(ON_THE_BASE, configured.problem),) if configured.problem else ()
    return msgspec.structs.replace(snapshot, configuration=configured.text, skipped=(*snapshot.skipped, *told))


ON_THE_BASE = f"{FILE_NAME} of the base"


async def _last_valid(github: BaseGitHub, base_sha: str) -> tuple[str, Configured] | None:
    """And its commit. The first version is the one that is wrong."""
    for sha in (await github.versions(FILE_NAME, base_sha, limit=MAX_EARLIER_VERSIONS + 1))[1:]:
        try:
            return sha, await _read_at(github, sha)
        except HiveTomlInvalid:
            continue
    return None


async def _read_at(github: BaseGitHub, sha: str) -> Configured:
    """Raises `HiveTomlInvalid`."""
    entry = (await github.tree(sha)).get(FILE_NAME)
    if entry is None:
        return Configured()
    if not entry.mode.startswith("100"):
        raise HiveTomlInvalid(f"{FILE_NAME} is not a plain file")
    if (entry.size or 0) > MAX_CONFIGURATION_BYTES:
        raise HiveTomlInvalid(f"{FILE_NAME} is larger than {MAX_CONFIGURATION_BYTES // 1024} KiB")
    text = (await github.blob(entry.sha)).decode("utf-8", "replace")
    return Configured(text, read_configuration(text))


# GitHub's wire types: only what is read here.


class _Commit(msgspec.Struct):
    sha: str


class _Named(msgspec.Struct):
    name: str


class _User(msgspec.Struct):
    login: str


class _PullRequest(msgspec.Struct):
    user: _User | None
    changed_files: int
    additions: int
    deletions: int
    draft: bool | None = None
    labels: list[_Named] = []

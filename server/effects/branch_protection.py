"""Speak to GitHub about what protects a branch: classic protection and rulesets.

Decides nothing: `protection.py` does. Errors are those of `api.py`.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from server.effects.api import GitHubRefused, read_answer
from server.effects.existing import existing
from server.effects.github import REPOSITORY, GitHub
from server.github import classic, rulesets
from server.github.classic import Classic
from server.github.protection import Protection, Source, digest_of, strictest
from server.github.rulesets import Rule, Ruleset


class Standing(NamedTuple):
    """What protects a branch, in GitHub's own words. *rulesets*: by id those with a rule for it; None: not shown."""

    classic: Any
    rules: list[Any]
    rulesets: dict[int, Any]

    @property
    def digest(self) -> str:
        return digest_of(self.classic, self.rules, sorted(self.rulesets.items()))


class BranchProtection(GitHub):
    async def standing(self, branch: str) -> Standing:
        """Of a branch that is there: rulesets speak of names, so that they would tell of any."""
        await existing(self._get(f"{REPOSITORY}/branches/{{branch}}", branch=branch), f"branch {branch}")
        rules = [rule async for rule in self._pages(f"{REPOSITORY}/rules/branches/{{branch}}", branch=branch)]
        ids = dict.fromkeys(read_answer(rule, Rule).ruleset_id for rule in rules)
        return Standing(
            await self._or_none(f"{REPOSITORY}/branches/{{branch}}/protection", branch=branch),
            rules,
            {number: await self._or_none(f"{REPOSITORY}/rulesets/{{id}}", id=str(number)) for number in ids},
        )

    async def own_ruleset(self, name: str) -> Any:
        """The repository's ruleset of that name as GitHub answers it, None where there is none."""
        path, own = f"{REPOSITORY}/rulesets", {"includes_parents": "false"}
        async for listed in self._pages(path, own):
            if read_answer(listed, Ruleset).name == name:
                return await self._get(f"{path}/{{id}}", id=str(read_answer(listed, Ruleset).id))
        return None

    async def replace_classic(self, branch: str, body: dict[str, Any], *, signed: bool, was_signed: bool) -> None:
        path = f"{REPOSITORY}/branches/{{branch}}/protection"
        await self._send("PUT", path, body, branch=branch)
        if signed != was_signed:
            await self._send("POST" if signed else "DELETE", f"{path}/required_signatures", {}, branch=branch)

    async def write_ruleset(self, id_: int | None, body: dict[str, Any]) -> None:
        """*id_* None: a new one."""
        if id_ is None:
            await self._send("POST", f"{REPOSITORY}/rulesets", body)
        else:
            await self._send("PUT", f"{REPOSITORY}/rulesets/{{id}}", body, id=str(id_))

    async def _or_none(self, path: str, **url_vars: str) -> Any:
        """GitHub has a 404 for what is not protected, and for what we may not see."""
        try:
            return await self._get(path, **url_vars)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return None


def protection_of(repository: str, branch: str, standing: Standing) -> Protection:
    """In the neutral shape. Raises GitHubUnavailable when GitHub speaks otherwise than it describes."""
    sources = tuple(_sources(standing))
    return Protection(repository, branch, strictest(source.rules for source in sources), sources, standing.digest)


def _sources(standing: Standing) -> list[Source]:
    found = []
    if standing.classic is not None:
        found.append(classic.source_of(read_answer(standing.classic, Classic)))
    rules = read_answer(standing.rules, list[Rule])
    for number, answer in standing.rulesets.items():
        ruleset = None if answer is None else read_answer(answer, Ruleset)
        found.append(rulesets.source_of(number, [rule for rule in rules if rule.ruleset_id == number], ruleset))
    return found

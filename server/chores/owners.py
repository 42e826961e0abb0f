"""CODEOWNERS: who owns which file, with GitHub's exact meaning. Pure.

Patterns are gitignore's, without `!`, `[a-z]` and an escaped `#`; the last that fits counts, also one without owners; a
line that GitHub would not take is no line. https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The first that is there counts."""

MAX_FILE_BYTES = 3 * 1024 * 1024
MAX_RULES = 20_000
MAX_PATTERN_LENGTH = 500
MAX_DEEP_STARS = 2
"""`**` in one pattern; GitHub takes more, and each takes longer to try."""


class Rule(NamedTuple):
    pattern: re.Pattern[str]
    owners: tuple[str, ...]


class CodeOwners:
    def __init__(self, text: str) -> None:
        self._rules = [rule for line in text.splitlines()[:MAX_RULES] if (rule := _rule(line))][::-1]

    def owners_of(self, path: str) -> tuple[str, ...]:
        """As they are written: `@ada`, `@octo/team`, `ada@example.com`."""
        return next((rule.owners for rule in self._rules if rule.pattern.fullmatch(path)), ())


def _rule(line: str) -> Rule | None:
    words = _WORD.findall(line)
    comment = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    if not comment:
        return None
    pattern, *owners = words[:comment]
    if not _is_taken(pattern) or not all(map(_OWNER.fullmatch, owners)):
        return None
    return Rule(_expression(pattern.replace("\\ ", " ")), tuple(owners))


_WORD = re.compile(r"(?:\\ |\S)+")
_OWNER = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][\w.-]*)?|[^@\s/]+@[^@\s/]+", re.ASCII)


def _is_taken(pattern: str) -> bool:
    if len(pattern) > MAX_PATTERN_LENGTH or pattern.split("/").count("**") > MAX_DEEP_STARS:
        return False
    return not pattern.startswith(("!", "\\#")) and not set("[]") & set(pattern)


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern with a slash before its end begins at the root. One that fits a folder means all below, but `docs/*`
    means only what is in `docs` itself.
    """
    anchored, is_folder, flat = "/" in pattern.rstrip("/"), pattern.endswith("/"), pattern.endswith("/*")
    parts = [part for part in pattern.split("/") if part]
    body = "" if anchored else "(?:.*/)?"
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if part == "**":
            body += ".*" if is_last else "(?:.*/)?"
        else:
            body += _part(part) + ("" if is_last else "/")
    below = "" if parts[-1:] == ["**"] or flat else "/.*" if is_folder else "(?:/.*)?"
    return re.compile(body + below, re.DOTALL)


def _part(glob: str) -> str:
    """Each star but the last takes no more than it must and gives nothing back, so that no name costs long to try."""
    first, *others = (re.escape(text).replace(r"\?", "[^/]") for text in re.split(r"\*+", glob))
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{text})" for text in others[:-1]) + f"[^/]*{others[-1]}"


class Choice(NamedTuple):
    """*unasked*: owners that cannot be asked by name: teams where the project wants none, and addresses."""

    users: tuple[str, ...]
    teams: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


def users_of(owned: Sequence[Sequence[str]]) -> list[str]:
    """The logins among the owners of each file, once each, whoever owns most first."""
    counts: dict[str, int] = {}
    for owners in owned:
        for owner in dict.fromkeys(owners):
            if _is_user(owner):
                counts[owner[1:].lower()] = counts.get(owner[1:].lower(), 0) + 1
    return sorted(counts, key=lambda login: (-counts[login], login))


def choose(
    owned: Sequence[Sequence[str]],
    *,
    able: frozenset[str],
    load: dict[str, int],
    count: int,
    with_teams: bool,
) -> Choice:
    """Who is asked: of *able* (lower-case logins) whoever owns most of what nobody else who is asked owns, then whoever
    has least to do. *load*: how many reviews each is asked for already.
    """
    files = [frozenset(owner[1:].lower() for owner in owners if _is_user(owner)) & able for owners in owned]
    teams = [frozenset(owner for owner in owners if _is_team(owner)) for owners in owned]
    chosen: list[str] = []
    left = [owners for owners in files if owners]
    while len(chosen) < count and left:
        counts = {login: sum(login in owners for owners in left) for owners in left for login in owners}
        best = min(counts, key=lambda login: (-counts[login], load.get(login, 0), login))
        chosen.append(best)
        left = [owners for owners in left if best not in owners]
    only_teams = sorted({team for users, named in zip(files, teams, strict=True) if not users for team in named})
    asked = tuple(team.partition("/")[2] for team in only_teams) if with_teams else ()
    addresses = {owner for owners in owned for owner in owners if not owner.startswith("@")}
    return Choice(tuple(chosen), asked[:count], tuple(sorted({*addresses, *(() if with_teams else only_teams)})))


def _is_user(owner: str) -> bool:
    return owner.startswith("@") and "/" not in owner


def _is_team(owner: str) -> bool:
    return owner.startswith("@") and "/" in owner

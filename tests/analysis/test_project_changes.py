"""The checks across files that remember a project from one look to the next: never what it no longer is."""

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from server.analysis.budget import Budget
from server.analysis.parsed import CannotParse
from server.analysis.project import Found, Missed, ProjectCheck
from server.analysis.python.calls_across_files import CallsAcrossFiles, arguments_check
from server.analysis.review import READERS
from server.analysis.source import Source
from server.analysis.web.check import WebAnalysis, web_check

EDITS = (
    ("def ", "async def "),
    ("(self", "(self, other"),
    ("(to, ", "(to, cc, "),
    ("@", "@other\n@"),
    ("import ", "import math\nimport "),
    ("class ", "class Another:\n    pass\n\n\nclass "),
    ("login_required", "anybody"),
    ("current_user", "anybody"),
    ("export ", "const x = 1;\nexport "),
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("new", "many"),
    [(lambda: web_check(WebAnalysis()), 40), (lambda: arguments_check(CallsAcrossFiles()), 8)],
    ids=["web", "arguments"],
)
def test_after_any_edits_the_same_is_told_as_by_one_who_looks_for_the_first_time(
    new: Callable[[], ProjectCheck[Any]], many: int, seed: int
) -> None:
    chance = random.Random(seed)
    remembering = new()
    whole = _one_project([files for _, files in chance.sample(remembering.bad, many)])
    facts = {path: _facts(remembering, path, text) for path, text in whole.items()}
    files = dict(whole)
    for _ in range(12):
        path = chance.choice(sorted(whole))
        text = files.pop(path, whole[path])
        if chance.random() < 0.8:
            files[path] = text.replace(*chance.choice(EDITS), chance.choice((1, -1)))
        facts.pop(path, None)
        if path in files:
            facts[path] = _facts(remembering, path, files[path])
        known = {path: found for path, found in facts.items() if found is not None}

        seen = _told(remembering.conclude(known, Budget(60)))

        assert seen == _told(new().conclude({path: known[path] for path in sorted(known)}, Budget(60)))
    assert seen


def _one_project(projects: list[Mapping[str, str]]) -> dict[str, str]:
    """Files of one path in several of them are there as often, in folders beside each other."""
    files: dict[str, str] = {}
    for number, project in enumerate(projects):
        for path, text in project.items():
            files[path if path not in files else f"part{number}/{path}"] = text
    return files


def _facts(check: ProjectCheck[Any], path: str, text: str) -> object | None:
    source = Source.of(path, text)
    try:
        file = READERS[source.language].parser.parse(source)
    except CannotParse:  # An edit may have broken it.
        return None
    return check.extract(file) if isinstance(file, check.reads) else None


def _told(found: Iterable[Found | Missed]) -> list[str]:
    return sorted(map(repr, found))

"""All that is judged of web applications, as one check across files: facts are taken once, then every judge looks."""

from collections.abc import Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.flow.analysis import lower
from server.analysis.language import Language
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.file import PythonFile
from server.analysis.python.tokens import ENDLESS_TOKEN
from server.analysis.tree import TreeFile
from server.analysis.web import (
    authentication,
    binding,
    decisions,
    disclosure,
    enumeration,
    forgery,
    graphql,
    ownership,
    sessions,
    throttling,
    uploads,
    websockets,
)
from server.analysis.web.application import Application
from server.analysis.web.examples import EXAMPLES
from server.analysis.web.extract import facts_of
from server.analysis.web.facts import WebFacts
from server.analysis.web.judging import Scene
from server.analysis.web.lowered.extract import facts_of as lowered_facts
from server.analysis.web.lowered.languages import LOWERED, ROUTINGS
from server.analysis.web.lowered.site import LoweredSite
from server.analysis.web.routes import PythonSite
from server.analysis.web.suspicion import suspected

_MODULES = (
    authentication,
    ownership,
    forgery,
    throttling,
    disclosure,
    binding,
    uploads,
    enumeration,
    sessions,
    decisions,
    graphql,
    websockets,
)
_JUDGES = (
    authentication.judge,
    ownership.judge,
    forgery.judge,
    throttling.judge,
    binding.judge,
    sessions.judge,
    graphql.judge,
    websockets.judge,
)
_SUSPECTING = (
    disclosure.suspects,
    binding.suspects,
    uploads.suspects,
    enumeration.suspects,
    sessions.suspects,
    decisions.suspects,
    websockets.suspects,
)
_ILLUSTRATIONS = frozenset(
    {
        "docs",
        "docs_src",
        "doc",
        "examples",
        "example",
        "samples",
        "sample",
        "tutorial",
        "tutorials",
        "benchmarks",
        "bench",
    }
)


def extract(file: PythonFile | TreeFile) -> WebFacts | None:
    if isinstance(file, PythonFile):
        return facts_of(file, _SUSPECTING)
    module = lower(file)
    return lowered_facts(module, file.source, ROUTINGS[module.language]) if module is not None else None


def conclude(files: Mapping[str, WebFacts], budget: Budget) -> Iterator[Found]:
    deployed = {path: facts for path, facts in files.items() if not _is_illustration(path)}
    by_language: dict[Language, dict[str, WebFacts]] = {}
    for path, facts in (deployed or files).items():
        by_language.setdefault(facts.language, {})[path] = facts
    for language, own in by_language.items():
        yield from _conclude(language, own, budget)


def _conclude(language: Language, files: Mapping[str, WebFacts], budget: Budget) -> Iterator[Found]:
    is_python = language is Language.PYTHON
    site = PythonSite(Application(files), budget) if is_python else LoweredSite(files, budget)
    scene = Scene(site)
    for judge in _JUDGES:
        budget.spend()
        yield from judge(scene)
    yield from suspected(scene)


def _is_illustration(path: str) -> bool:
    """Code that shows how to use something: it is not deployed, and leaves out on purpose what every program needs."""
    return not _ILLUSTRATIONS.isdisjoint(path.lower().split("/")[:-1])


_RULES = {
    rule.id.removeprefix("hive."): rule
    for rule in (*(rule for module in _MODULES for rule in module.RULES), ENDLESS_TOKEN)
}

WEB = ProjectCheck(
    name="web",
    rules=tuple(_RULES.values()),
    reads=(PythonFile, *LOWERED),
    extract=extract,
    conclude=conclude,
    bad=tuple((_RULES[name], files) for shown in EXAMPLES for name, bad in shown.BAD.items() for files in bad),
    good=tuple(files for shown in EXAMPLES for files in shown.GOOD),
)

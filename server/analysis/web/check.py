"""All that is judged of web applications, as one check across files: facts are taken once, then every judge looks."""

from collections.abc import Iterator, Mapping

from server.analysis.budget import Budget
from server.analysis.flow.analysis import lower
from server.analysis.flow.rules import RESOURCE_EXHAUSTION
from server.analysis.language import Language, without_package
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.file import PythonFile
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.python.tokens import ENDLESS_TOKEN
from server.analysis.rules import HTML_FROM_TEXT, UNVERIFIED_TOKEN
from server.analysis.text.credentials import HARDCODED_KEY
from server.analysis.tree import TreeFile
from server.analysis.web import (
    amounts,
    authentication,
    binding,
    chosen,
    columns,
    decisions,
    disclosure,
    enumeration,
    forgery,
    formulas,
    graphql,
    kept_passwords,
    ownership,
    schemas,
    sessions,
    throttling,
    uploads,
    webhooks,
    websockets,
)
from server.analysis.web.application import Application
from server.analysis.web.examples import EXAMPLES
from server.analysis.web.extract import facts_of
from server.analysis.web.facts import WebFacts
from server.analysis.web.judging import Scene
from server.analysis.web.lowered.application import LoweredApplication
from server.analysis.web.lowered.extract import facts_of as lowered_facts
from server.analysis.web.lowered.languages import LOWERED, ROUTINGS
from server.analysis.web.lowered.site import LoweredSite
from server.analysis.web.names import Names
from server.analysis.web.route import Site
from server.analysis.web.routes import PythonSite
from server.analysis.web.suspicion import suspected

_MODULES = (
    authentication,
    ownership,
    forgery,
    throttling,
    disclosure,
    binding,
    chosen,
    uploads,
    enumeration,
    sessions,
    decisions,
    amounts,
    formulas,
    graphql,
    webhooks,
    websockets,
)
_JUDGES = (
    authentication.judge,
    ownership.judge,
    forgery.judge,
    throttling.judge,
    binding.judge,
    schemas.judge,
    sessions.judge,
    graphql.judge,
    webhooks.judge,
    websockets.judge,
)
_SUSPECTING = (
    disclosure.suspects,
    columns.suspects,
    binding.suspects,
    chosen.suspects,
    uploads.suspects,
    enumeration.suspects,
    sessions.suspects,
    decisions.suspects,
    amounts.suspects,
    websockets.suspects,
    kept_passwords.suspects,
    formulas.suspects,
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


class WebAnalysis:
    """Concludes over the facts of a project. Keeps the names of its functions and classes, by language."""

    def __init__(self) -> None:
        self._names: dict[Language, Names] = {}

    def conclude(self, files: Mapping[str, WebFacts], budget: Budget) -> Iterator[Found]:
        """In the order of paths, so that the same is told whichever file was read last."""
        deployed = [path for path in files if not _is_illustration(path)]
        by_language: dict[Language, dict[str, WebFacts]] = {}
        for path in sorted(deployed or files):
            by_language.setdefault(files[path].language, {})[path] = files[path]
        self._names = {language: self._names.get(language) or Names() for language in by_language}
        for language, own in by_language.items():
            yield from _conclude(language, own, self._names[language], budget)


def _conclude(language: Language, files: Mapping[str, WebFacts], names: Names, budget: Budget) -> Iterator[Found]:
    site: Site
    if language is Language.PYTHON:
        site = PythonSite(Application(files, names), budget)
    else:
        site = LoweredSite(LoweredApplication(files, names), budget)
    scene = Scene(site)
    for judge in _JUDGES:
        budget.spend()
        yield from judge(scene)
    yield from suspected(scene)


def _is_illustration(path: str) -> bool:
    """Code that shows how to use something: it is not deployed, and leaves out on purpose what every program needs."""
    return not _ILLUSTRATIONS.isdisjoint(without_package(path).lower().split("/")[:-1])


_RULES = {
    rule.id.removeprefix("hive."): rule
    for rule in (
        *(rule for module in _MODULES for rule in module.RULES),
        ENDLESS_TOKEN,
        PLAIN_PASSWORD,
        HARDCODED_KEY,
        RESOURCE_EXHAUSTION,
        UNVERIFIED_TOKEN,
        HTML_FROM_TEXT,
    )
}


def web_check(analysis: WebAnalysis) -> ProjectCheck[WebFacts]:
    """A check that remembers in *analysis* what it knows of a project, from one look to the next."""
    return ProjectCheck(
        name="web",
        rules=tuple(_RULES.values()),
        reads=(PythonFile, *LOWERED),
        extract=extract,
        conclude=analysis.conclude,
        bad=tuple((_RULES[name], files) for shown in EXAMPLES for name, bad in shown.BAD.items() for files in bad),
        good=tuple(files for shown in EXAMPLES for files in shown.GOOD),
    )

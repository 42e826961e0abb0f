"""All that is judged of web applications, as one check across files: facts are taken once, then every judge looks."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from server.analysis.budget import Budget
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.file import PythonFile
from server.analysis.web import authentication, forgery, ownership, throttling
from server.analysis.web.application import Application
from server.analysis.web.examples import authentication as authentication_examples
from server.analysis.web.examples import forgery as forgery_examples
from server.analysis.web.examples import ownership as ownership_examples
from server.analysis.web.examples import throttling as throttling_examples
from server.analysis.web.extract import facts_of
from server.analysis.web.facts import WebFacts
from server.analysis.web.judging import Scene
from server.analysis.web.routes import Site

_MODULES = (authentication, ownership, forgery, throttling)
_EXAMPLES = (authentication_examples, ownership_examples, forgery_examples, throttling_examples)

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


def extract(file: PythonFile) -> WebFacts | None:
    return facts_of(file, ())


def conclude(files: Mapping[str, WebFacts], budget: Budget) -> Iterator[Found]:
    deployed = {path: facts for path, facts in files.items() if not _is_illustration(path)}
    scene = Scene(Site(Application(deployed or files), budget))
    for module in _MODULES:
        budget.spend()
        yield from module.judge(scene)


def _is_illustration(path: str) -> bool:
    """Code that shows how to use something: it is not deployed, and leaves out on purpose what every program needs."""
    return any(part.lower() in _ILLUSTRATIONS for part in PurePosixPath(path).parts[:-1])


_RULES = {rule.id.removeprefix("hive."): rule for module in _MODULES for rule in module.RULES}

WEB = ProjectCheck(
    name="web",
    rules=tuple(_RULES.values()),
    reads=(PythonFile,),
    extract=extract,
    conclude=conclude,
    bad=tuple((_RULES[name], files) for shown in _EXAMPLES for name, bad in shown.BAD.items() for files in bad),
    good=tuple(files for shown in _EXAMPLES for files in shown.GOOD),
)

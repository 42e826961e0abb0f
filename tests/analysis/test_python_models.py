"""The tables of Python's frameworks and libraries: well-formed, and together with the flow analysis right about small
programs (`python_flows/`).
"""

import builtins
import importlib
import textwrap
from collections import Counter
from typing import Any

import pytest

from server.analysis.flow.check import CHECK
from server.analysis.flow.models import EntryPoint, Harmless, Model, Returns, Sanitizer, Sink, Source, Subtype
from server.analysis.pages import found_in
from server.analysis.project import Files
from server.analysis.python.models.catalogue import MODELS
from tests.analysis.python_flows.harmless import GOOD
from tests.analysis.python_flows.kept import KEPT
from tests.analysis.python_flows.projects import PROJECTS
from tests.analysis.python_flows.scenes import SCENES
from tests.analysis.python_flows.sinks import BAD, FAMILIES, Use
from tests.analysis.python_flows.sources import HERE, programs, spared

FLASK = """\
from flask import Flask, abort, request
app = Flask(__name__)

@app.route("/")
def view():
    value = request.args["q"]
    HERE
    return {}
"""


def _program(frame: str, use: Use) -> str:
    """The frame with the use's imports above and its statements where HERE is."""
    line = next(line for line in frame.splitlines() if line.strip() == HERE)
    indent = line.removesuffix(HERE)
    return f"{use.imports}\n" + frame.replace(line, textwrap.indent(use.statements, indent))


def _told(files: Files) -> list[tuple[str, int, str]]:
    """Path, line, rule."""
    found = found_in(CHECK, files)
    return sorted((path, problem.hit.span.start_line, problem.rule.id.removeprefix("hive.")) for path, problem in found)


def _rules(text: str) -> list[str]:
    return [rule for _, _, rule in _told({"app.py": text})]


@pytest.mark.parametrize("use", [pytest.param(use, id=f"{use.rule} {use.name}") for use in BAD])
def test_harm_done_with_a_query_parameter_is_told_once(use: Use) -> None:
    assert _rules(_program(FLASK, use)) == [use.rule]


@pytest.mark.parametrize("use", [pytest.param(use, id=use.name) for use in GOOD])
def test_of_what_good_code_does_nothing_is_told(use: Use) -> None:
    assert _rules(_program(FLASK, use)) == []


@pytest.mark.parametrize("name", programs())
def test_a_value_from_outside_comes_to_every_kind_of_harm(name: str) -> None:
    missed = {use.rule for use in FAMILIES if use.rule not in _rules(_program(programs()[name], use))}

    assert missed == spared(name)


@pytest.mark.parametrize("name", SCENES)
def test_code_as_people_write_it_is_told_of(name: str) -> None:
    scene = SCENES[name]

    assert tuple(sorted(rule for _, _, rule in _told(scene.files))) == scene.told


@pytest.mark.parametrize("name", [*PROJECTS, *KEPT])
def test_a_project_is_told_of_where_its_comments_say(name: str) -> None:
    files = (PROJECTS | KEPT)[name]

    assert _told(files) == sorted(_marked(files))


def _marked(files: Files) -> list[tuple[str, int, str]]:
    return [
        (path, number, line.partition("# told: ")[2])
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if "# told: " in line
    ]


def test_no_table_says_the_same_twice() -> None:
    assert [model for model, times in Counter(MODELS).items() if times > 1] == []


@pytest.mark.parametrize("kind", [Source, Sink, Sanitizer, Returns, Harmless])
def test_a_name_stands_once_in_a_model(kind: type[Any]) -> None:
    repeated = [
        name for model in MODELS if isinstance(model, kind) for name, times in Counter(model.names).items() if times > 1
    ]

    assert repeated == []


def test_no_type_is_a_subtype_of_itself() -> None:
    bases: dict[str, set[str]] = {}
    for model in MODELS:
        if isinstance(model, Subtype):
            bases.setdefault(model.type, set()).add(model.base)

    assert [name for name in bases if name in _above(name, bases)] == []


def _above(name: str, bases: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(bases.get(name, ()))
    while waiting:
        base = waiting.pop()
        if base not in found:
            found.add(base)
            waiting.extend(bases.get(base, ()))
    return found


def test_every_rule_says_why_and_what_to_do() -> None:
    rules = {model.rule for model in MODELS if isinstance(model, Sink)}

    assert [rule.id for rule in rules if not rule.why or rule.cwe is None] == []


STANDARD = ("subprocess", "os", "shutil", "pathlib", "sqlite3", "pickle", "marshal", "html", "shlex", "re", "http")


def _names(model: Model) -> tuple[str, ...]:
    return () if isinstance(model, (EntryPoint, Subtype)) else model.names


PYTHON_2 = frozenset({"os.popen2", "os.popen3", "os.popen4", "os.startfile", "execfile", "raw_input", "xrange"})
MADE_UP = ("http.server.Answer", "http.client.HTTPResponse.__iter__", "sqlite3.", "os.path.splitext.ext")


@pytest.mark.parametrize("module", STANDARD)
def test_names_of_the_standard_library_exist(module: str) -> None:
    names = {name for model in MODELS for name in _names(model) if name.partition(".")[0] == module and "*" not in name}

    assert [n for n in sorted(names - PYTHON_2) if not n.startswith(MADE_UP) and not _exists(n)] == []


def _exists(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if part in getattr(found, "__annotations__", ()):
                return True
            if not hasattr(found, part):
                return _is_instance_attribute(found, part)
            found = getattr(found, part)
        return True
    return hasattr(builtins, name)


_SET_IN_INIT = frozenset({"path", "headers", "rfile", "wfile", "requestline"})


def _is_instance_attribute(owner: Any, name: str) -> bool:
    return isinstance(owner, type) and name in _SET_IN_INIT

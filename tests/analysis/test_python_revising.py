"""An edited Python file: what is parsed again must be as if all of it were."""

import ast
import random
import weakref

import pytest

from server.analysis.budget import Budget
from server.analysis.parsed import CannotParse
from server.analysis.python.catalogue import CHECKS as PYTHON_CHECKS
from server.analysis.python.file import PythonFile
from server.analysis.python.piecewise import Piecewise
from server.analysis.python.revising import revised
from server.analysis.review import Analysis
from server.analysis.source import Source

TEXT = '''\
"""A module."""
import os; import sys
from flask import Flask, request

app = Flask(__name__)
NAMES = (
    "a", "b",
); LAST = NAMES[-1]
TOTAL = 1 + \\
    2

@app.route("/")
@other
def view(name: "str" = "é"):
    if name:
        os.system(f"ls {request.args['n']}")
    else:
        return """
text
"""

class Shop:
    def find(self, name):
        try:
            return eval(name)
        except:
            pass

if TOTAL:
    view()
elif LAST:
    pass
# the end
'''

PIECES = [
    "", "x = 1", "x = (", ")", '"""', "'", "else:", "elif x:", "    y = 2", "        z = 3", "def f(a, b=[]):", "\\",
    "+ 2", "@other", "class A:", "# note", "eval(x)", "try:", "except:", "x = 1 \\", "a; b; c", "import os", "case 1:",
    "match x:", "print 'x'", "é = 1", "\f", "async def g():", "lambda: (yield)", "f'{x!r}", "return 1", "\tx = 1",
    "x = 1\r", "\r",
]  # fmt: skip


def typed(text: str, chance: random.Random) -> str:
    """As people do: a line more, less, moved or broken, or some characters."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    how = chance.randrange(6)
    if how == 0:
        lines.insert(at, chance.choice(PIECES))
    elif how == 1:
        del lines[at : at + chance.choice((1, 1, 2, 5))]
    elif how == 2:
        lines[at] = chance.choice(PIECES)
    elif how == 3:
        lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    elif how == 4:
        lines[at] += chance.choice((" ", "  # x", ";", "(", ")", "\\", ":", "1", '"'))
    else:
        lines[at:at] = lines[chance.randrange(len(lines)) :][: chance.choice((1, 3, 12))]
    return "\n".join(lines)


def parsed(text: str) -> PythonFile | None:
    try:
        return PythonFile.parse(Source.of("shop/views.py", text))
    except CannotParse:
        return None


def told(file: PythonFile) -> tuple[object, ...]:
    """All of it but the identity of its nodes."""
    kinds = {kind.__name__: file.nodes(kind) for kind in {ast.Module, *map(type, file.parents)}}
    places = {id(node): (kind, number) for kind, nodes in kinds.items() for number, node in enumerate(nodes)}
    counts = {kind: len(nodes) for kind, nodes in kinds.items()}
    names = [ast.dump(node, include_attributes=True) for node in file.nodes(ast.Name)]
    parents = {places[id(node)]: places[id(parent)] for node, parent in file.parents.items()}
    return ast.dump(file.tree, include_attributes=True), counts, names, parents, file.imports, file.gap


@pytest.mark.parametrize("seed", range(20))
def test_a_revised_file_is_what_would_be_parsed(seed: int) -> None:
    chance = random.Random(seed)
    text = TEXT
    file = parsed(text)
    for _ in range(40):
        text = typed(text if chance.random() < 0.8 else TEXT, chance)
        fresh = parsed(text)
        again = revised(file, Source.of("shop/views.py", text)) if file is not None else None
        if again is not None:
            assert fresh is not None, text
            assert told(again) == told(fresh), text
        file = again or fresh or file


@pytest.mark.parametrize("seed", range(4))
def test_of_an_edited_document_the_same_is_told_as_of_a_new_one(seed: int) -> None:
    chance = random.Random(seed)
    edited = Analysis(is_edited=True, max_kept_characters=1)
    text = TEXT
    for _ in range(12):
        text = typed(text if chance.random() < 0.6 else TEXT, chance)
        source = Source.of("shop/views.py", text)

        assert _report(edited, source) == _report(Analysis(), source), text


EXAMPLES = [example for check in PYTHON_CHECKS for example in (*check.bad, *check.good)]


@pytest.mark.parametrize("seed", range(6))
def test_what_no_edit_touches_is_told_again_only_where_nothing_else_matters_to_it(seed: int) -> None:
    """Every rule's own examples beside each other: what one of them imports or defines, changes what others mean."""
    chance = random.Random(seed)
    edited = Analysis(is_edited=True, max_kept_characters=1)
    examples = chance.sample(EXAMPLES, 25)
    for _ in range(10):
        examples[chance.randrange(len(examples))] = chance.choice(EXAMPLES)
        source = Source.of("shop/views.py", "\n".join(examples))

        assert _report(edited, source) == _report(Analysis(), source), examples


def test_what_an_edit_replaced_is_freed_without_a_search_for_garbage() -> None:
    look = Piecewise(PYTHON_CHECKS).look
    before = parsed(TEXT)
    assert before is not None
    list(look(before, Budget(60)))
    freed = weakref.ref(before)

    after = revised(before, Source.of("shop/views.py", TEXT.replace("import sys", "import re")))
    del before

    assert after is not None
    assert freed() is None


def test_only_what_an_edit_touches_is_parsed_again() -> None:
    before = parsed(TEXT)
    assert before is not None
    kept = before.tree.body[-2]

    after = revised(before, Source.of("shop/views.py", TEXT.replace("import sys", "import sys\nimport re")))

    assert after is not None
    assert after.tree.body[-2] is kept


def _report(analysis: Analysis, source: Source) -> tuple[object, ...]:
    reading = analysis.read(source, Budget(60))
    across = analysis.conclude({source.path: reading}, Budget(60))
    problems = sorted(map(repr, [*reading.problems, *across.problems.get(source.path, ())]))
    return problems, reading.gaps, reading.depth, across.gaps, dict(across.missed)


@pytest.mark.parametrize("seed", range(20))
def test_a_word_is_found_wherever_an_edit_puts_it(seed: int) -> None:
    chance, words = random.Random(seed), ("eval", "import os", "é", "match", "x")
    lines, source = TEXT.split("\n"), Source.of("a.py", TEXT)
    for _ in range(30):
        at = chance.randrange(len(lines) + 1)
        lines[at : at + chance.randrange(4)] = chance.choices(PIECES, k=chance.randrange(3))
        before, source = source, Source.of("a.py", "\n".join(lines))
        source.edited_from(before)
        assert [source.mentions(word) for word in words] == [word in source.text for word in words]

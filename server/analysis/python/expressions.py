"""Regular expressions that go back for ever."""

import ast
from collections.abc import Iterator

from server.analysis.backtracking import SLOW_REGEX, is_slow
from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.values import argument, values_of
from server.analysis.rule import Hit, check

_FUNCTIONS = ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split")
_VALIDATORS = ("RegexValidator", "Regexp", "RegexField", "matches_regexp", "Field", "constr", "StringConstraints")


@check(
    SLOW_REGEX,
    on=called(*_FUNCTIONS, *_VALIDATORS),
    bad=(
        "import re\nre.match(r'^(a+)+$', text)\n",
        "import re\nEMAIL = re.compile(r'^([a-zA-Z0-9]+\\.?)+@acme$')\n",
        "import re\nre.fullmatch(r'(\\w+\\s?)+', text)\n",
        "class F(Form):\n    name = StringField(validators=[Regexp(r'^([a-z]+)*$')])\n",
    ),
    good=(
        "import re\nre.match(r'^a+$', text)\n",
        "import re\nre.match(r'^\\w+(\\s\\w+)*$', text)\n",
        "import re\nre.match(r'(\\w+\\s?)+', text)\n",
        "import re\nre.compile(r'^(\\d+\\.)+\\d+$')\n",
        "text.split('(a+)+$')\n",
    ),
)
def slow_regex(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    method = name.rpartition(".")[2]
    if method in _FUNCTIONS and not name.startswith(("re.", "regex.")):
        return
    if method in ("Field", "constr", "StringConstraints"):
        given = argument(call, 99, "pattern") or argument(call, 99, "regex")
    else:
        given = argument(call, 0, "pattern") or argument(call, 0, "regex")
    for value in values_of(given, file) if given is not None else ():
        if is_slow(text_of_literal(value) or "", whole=method == "fullmatch"):
            yield Hit(
                file.span(value if isinstance(value, ast.expr) else call), "The pattern divides a text in too many ways"
            )
            return


CHECKS = (slow_regex,)

"""Which algorithms a token may be signed with: those that its reader names, not those that the token names."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.values import argument, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import UNVERIFIED_TOKEN
from server.reviews.finding import Confidence, Severity


@check(
    UNVERIFIED_TOKEN,
    on=called("decode"),
    bad=(
        "import jwt\njwt.decode(token, PUBLIC_KEY, algorithms=['RS256', 'HS256'])\n",
        "import jwt\nALLOWED = ['HS256', 'RS256']\njwt.decode(token, key, algorithms=ALLOWED)\n",
        "import jwt\ndef f(token, key):\n    header = jwt.get_unverified_header(token)\n"
        "    return jwt.decode(token, key, algorithms=[header['alg']])\n",
        "from jose import jwt\ndef f(token, key):\n    alg = jwt.get_unverified_header(token).get('alg')\n"
        "    return jwt.decode(token, key, algorithms=alg)\n",
    ),
    good=(
        "import jwt\njwt.decode(token, key, algorithms=['RS256', 'ES256'])\n",
        "import jwt\njwt.decode(token, key, algorithms=['HS256', 'HS512'])\n",
        "import jwt\ndef f(token):\n    key = KEYS[jwt.get_unverified_header(token)['kid']]\n"
        "    return jwt.decode(token, key, algorithms=['RS256'])\n",
        "import jwt\ndef f(token, key):\n    header = jwt.get_unverified_header(token)\n"
        "    if header['alg'] not in ('RS256', 'ES256'):\n        raise ValueError\n"
        "    return jwt.decode(token, key, algorithms=[header['alg']])\n",
    ),
)
def chosen_algorithm(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    given = argument(call, 2, "algorithms")
    if given is None or not re.search(r"(?:^|\.)jwt\.decode$", file.dotted(call.func)):
        return
    names = {text for value in values_of(given, file) for n in ast.walk(value) if (text := text_of_literal(n))}
    if any(name.startswith("HS") for name in names) and any(name[:2] in ("RS", "ES", "PS") for name in names):
        message = "Whoever has the public key signs with it: HS and RS algorithms are taken alike"
        yield Hit(file.span(given), message, severity=Severity.HIGH, confidence=Confidence.MEDIUM)
    elif _is_of_the_token(given, file) and not _is_looked_at(call, file):
        message = "The token itself names the algorithm of its signature"
        yield Hit(file.span(given), message, severity=Severity.HIGH, confidence=Confidence.MEDIUM)


def _is_of_the_token(given: ast.expr, file: PythonFile) -> bool:
    """Not where the call that reads the header stands among the arguments: `tokens.py` sees that."""
    named = [n for n in ast.walk(given) if isinstance(n, ast.Name)]
    made = [value for name in named for value in values_of(name, file)]
    return any(
        isinstance(n, ast.Call) and file.dotted(n.func).endswith("get_unverified_header")
        for value in made
        for n in ast.walk(value)
    )


def _is_looked_at(call: ast.Call, file: PythonFile) -> bool:
    """Compared before it is used."""
    function = file.function_of(call)
    if function is None:
        return False
    tests = [file.text(n) for n in ast.walk(function) if isinstance(n, ast.Compare)]
    return any(re.search(r"\balg", test) for test in tests)


CHECKS = (chosen_algorithm,)

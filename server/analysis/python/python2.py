"""What Python 2 wrote differently, rewritten so that Python 3 can read it: the same lines, nearly the same columns.

A translation for reading alone. It keeps what values are and where they go, not what a program does: a backtick is a
bracket, a long integer an integer.
"""

import ast
import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"""(?P<string>[urbURB]{0,2}(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}))
    |(?P<unclosed>\"{3}|'{3})
    |(?P<quoted>[urbURB]{0,2}(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<space>[ \t\f\r]+|\\\r?\n|\#[^\n]*)
    |(?P<line>\n)
    |(?P<name>[^\W\d]\w*)
    |(?P<number>0[xX][\da-fA-F]+[lL]?|\d[\w.]*)
    |(?P<operator><>|>>|.)""",
    re.VERBOSE | re.DOTALL,
)

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")

_NO_STATEMENT = frozenset(("(", "=", ".", ",", ")", "]", ":", "in", "is", "and", "or", "if"))
"""What follows `print` and `exec` where they are names or are called."""


MAX_CHARACTERS = 400_000
"""Of a file that is read so: nobody writes more by hand, and each word of it costs memory."""

MAX_PARAMETERS = 200
"""Words among which a pair of names ends."""


class _Token:
    """*text* is what will be written; *is_space* also for comments and joined lines."""

    __slots__ = ("is_space", "kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text
        self.is_space = kind == "space"


def read_as_python2(text: str) -> str | None:
    """What is no Python 3, so that it can be read; None where it is no Python 2 either, but a slip of today's."""
    if len(text) > MAX_CHARACTERS:
        return None
    rewritten = as_python3(text)
    try:
        tree = ast.parse(rewritten)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if any(map(_is_newer, ast.walk(tree))) else rewritten


def _is_newer(node: ast.AST) -> bool:
    if isinstance(node, ast.arg):
        return node.annotation is not None
    return isinstance(node, _NEWER) or (isinstance(node, ast.FunctionDef) and node.returns is not None)


_NEWER = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal, ast.YieldFrom)


def as_python3(text: str) -> str:
    """The text itself where a string has no end, for then nothing is sure."""
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "unclosed":
            return text
        tokens.append(_Token(match.lastgroup or "", match[0]))
    _words(tokens)
    _statements(tokens)
    return "".join(token.text for token in tokens)


# --- single words -----------------------------------------------------------------------------------------------------


def _words(tokens: list[_Token]) -> None:
    opening = True
    for place, token in enumerate(tokens):
        if token.text == "`":
            token.text = "(" if opening else ")"
            opening = not opening
        elif token.text == "<>":
            token.text = "!="
        elif token.kind == "number":
            token.text = _number(token.text)
        elif token.kind in ("string", "quoted") and token.text[:2].lower() == "ur":
            token.text = " " + token.text[1:]
        elif token.text == "lambda":
            _flatten(tokens, place + 1)
        elif token.text == "async" and not _follows(tokens, place, ("def", "with", "for")):
            token.text = "asynk"
        elif token.is_space and "\t" in token.text and (place == 0 or tokens[place - 1].kind == "line"):
            token.text = token.text.expandtabs(8)  # As Python 2 counted them.


def _number(text: str) -> str:
    """`0777` and `10L`, as wide as they were."""
    plain = text.rstrip("lL")
    if plain.isdecimal() and plain.startswith("0") and plain.strip("0") and not set(plain) & set("89"):
        plain = str(int(plain, 8))
    return plain.ljust(len(text))


def _follows(tokens: list[_Token], place: int, words: tuple[str, ...]) -> bool:
    following = next((token for token in tokens[place + 1 : place + 4] if not token.is_space), None)
    return following is not None and following.text in words


def _flatten(tokens: list[_Token], start: int) -> None:
    """`lambda (key, value): ...`: the names of a pair stand for themselves."""
    depth = 0
    for token in tokens[start : start + MAX_PARAMETERS]:
        if token.text == "(":
            depth += 1
            token.text = " "
        elif token.text == ")" and depth:
            depth -= 1
            token.text = " "
        elif token.text in (":", "=", "\n", ")"):
            return


# --- statements -------------------------------------------------------------------------------------------------------


def _statements(tokens: list[_Token]) -> None:
    """A statement ends with its line, a semicolon or the colon of its block, outside of every bracket."""
    depth, start = 0, 0
    for place, token in enumerate(tokens):
        if token.kind in ("operator", "line"):
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth <= 0 and token.text in ("\n", ";", ":"):
                _rewrite(tokens[start:place])
                depth, start = 0, place + 1
    _rewrite(tokens[start:])


def _rewrite(statement: list[_Token]) -> None:
    words = [place for place, token in enumerate(statement) if not token.is_space]
    statement = statement[words[0] : words[-1] + 1] if words else []
    rewrite = _REWRITINGS.get(statement[0].text) if statement else None
    if rewrite is not None:
        rewrite(statement)


def _print(statement: list[_Token]) -> None:
    """`print a, b` and `print >>stream, a`."""
    if _is_called(statement):
        return
    if (stream := next((token for token in statement[1:] if not token.is_space), None)) is not None:
        if stream.text == ">>":
            stream.text = "  "
        _call(statement)


def _exec(statement: list[_Token]) -> None:
    """`exec code in scope`."""
    if len(statement) > 1 and not _is_called(statement):
        for token in _outside_brackets(statement, "in"):
            token.text = " ,"
        _call(statement)


def _raise(statement: list[_Token]) -> None:
    """`raise Kind, value, traceback`."""
    if commas := _outside_brackets(statement, ","):
        commas[0].text = "("
        statement[-1].text += ")"


def _except(statement: list[_Token]) -> None:
    """`except Kind, error`."""
    for comma in _outside_brackets(statement, ",")[:1]:
        comma.text = " as"


def _define(statement: list[_Token]) -> None:
    """`def f(a, (b, c))`."""
    depth, before = 0, ""
    for place, token in enumerate(statement):
        if token.text == "(" and depth == 1 and before in ("(", ","):
            _flatten(statement, place)
        elif not token.is_space:
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            before = token.text


def _is_called(statement: list[_Token]) -> bool:
    following = next((token.text for token in statement[1:] if not token.is_space), "")
    return following in _NO_STATEMENT


def _call(statement: list[_Token]) -> None:
    """The bracket takes the place of the space."""
    first = statement[1]
    first.text = "(" + (first.text[1:] if first.is_space else first.text)
    statement[-1].text += ")"


def _outside_brackets(statement: list[_Token], text: str) -> list[_Token]:
    found, depth = [], 0
    for token in statement:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if not depth and token.text == text:
            found.append(token)
    return found


_REWRITINGS: dict[str, Callable[[list[_Token]], None]] = {
    "print": _print,
    "exec": _exec,
    "raise": _raise,
    "except": _except,
    "def": _define,
}

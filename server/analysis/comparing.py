"""Which values of a function are signatures that it made itself: comparing one as any text tells how much of a guess
was right. For the languages of tree-sitter, over the function's text.
"""

import re

from tree_sitter import Node

from server.analysis.tree import TreeFile

_FUNCTIONS = re.compile(r"function|method|lambda|closure|func_literal|^block$|^do_block$|^program$|^source_file$")
_PARTS = re.compile(r"^(?:function|method|arrow)_(?:body|call|invocation)|_call_expression$|^method_invocation$")
_ASSIGNED = re.compile(
    r"^[^\n=(]*?[$@]?(?P<name>\w+)\s*(?::?=)(?!=)(?P<value>(?!.*(?:equal|compare))[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_MEASURED = re.compile(r"\blen(?:gth)?\b|\bsize\b|\bstrlen\b|\btypeof\b")
_STEPS = 3
"""From the bytes to their digits to the text with a prefix."""


_EQUALITY = frozenset({"==", "===", "!=", "!==", "<>"})
_LITERAL = re.compile(
    r"^(?:interpreted_)?string(?:_literal)?$|^(?:null|nil|undefined|true|false|boolean|number|integer|int_literal)$"
)

COMPARED = "A signature or secret is compared so that the time tells how much of it was right"

_SENT_SECRET = re.compile(
    r"(?:\bHeaders?\.(?:Get|get)\(|\bgetHeader\(|\bGetHeader\(|\bgetParameter\(|\bheaders\[|\bparams\[|\bFormValue\(|\.Query\("
    r"|\bheader\(|\$_(?:GET|POST|REQUEST|SERVER)\[|\breq(?:uest)?\.(?:headers|query|body|get)\b)"
    r"[^\n;]{0,40}?(?:token|secret|api[_-]?key|signature|hmac)",
    re.IGNORECASE,
)
_HELD_SECRET = re.compile(r"(?:^|[.>@$_:]|(?<=[a-z]))(?:token|secret|api_?key|signature)(?:\(\))?$", re.IGNORECASE)


def compares_signature(node: Node, file: TreeFile, makes: re.Pattern[str]) -> bool:
    """Whether the operation of two sides compares a signature of its own with something else than a constant."""
    if file.text(node.child_by_field_name("operator")) not in _EQUALITY:
        return False
    sides = [node.child_by_field_name(side) for side in ("left", "right")]
    if any(side is None or _LITERAL.search(side.type) for side in sides):
        return False
    if compares_sent_secret(sides[0], sides[1], file):
        return True
    return any(is_made_signature(side, file, makes) for side in sides)


def compares_sent_secret(one: Node | None, other: Node | None, file: TreeFile) -> bool:
    """Whether the one is a token that the request brought, and the other the one that the program keeps."""
    if one is None or other is None:
        return False
    for sent, held in ((one, other), (other, one)):
        if _HELD_SECRET.search(file.text(held)) and not _SENT_SECRET.search(file.text(held)):
            return is_made_signature(sent, file, _SENT_SECRET)
    return False


def is_made_signature(node: Node | None, file: TreeFile, makes: re.Pattern[str]) -> bool:
    """Whether the expression is what *makes* matches, or is made of a name to which its function gives that."""
    if node is None:
        return False
    text = file.text(node)
    if makes.search(text):
        return True
    if _MEASURED.search(text):
        return False
    return not _made(file.text(_function(node)), makes).isdisjoint(re.findall(r"\w+", text))


def _function(node: Node) -> Node:
    """The innermost function around it, or the file."""
    while node.parent is not None:
        node = node.parent
        if _FUNCTIONS.search(node.type) and not _PARTS.search(node.type):
            break
    return node


def _made(text: str, makes: re.Pattern[str]) -> set[str]:
    assigned = [(match["name"], match["value"]) for match in _ASSIGNED.finditer(text)]
    names: set[str] = set()
    for _ in range(_STEPS):
        names |= {
            name for name, value in assigned if makes.search(value) or names.intersection(re.findall(r"\w+", value))
        }
    return names

"""Values that nobody may guess, told by the names that they get; in every language that tree-sitter parses.

Which calls give a predictable value each language knows itself (`go/randomness.py`, ...). A die or a colour may well be
predictable: only what is called a token, a password, a code to be typed in or the like is told of, also where a
function of the same file makes it, whose own name says no more than `randomString`.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.parsed import called
from server.analysis.text.looks import snake
from server.analysis.tree import TreeFile

SECRET_NAME = re.compile(
    r"(?:^|_)(?:passw(?:or)?ds?|passwd|pwd|passphrase|passcode|secret|api_?key|csrf|xsrf|csrf_?token|otp|totp|sid|2fa|mfa"
    r"|nonce|salt|iv|one_time\w*|(?:private|encryption|secret|signing|session)_?key|session_?id|auth|jwt)(?:_[a-z])?$"
    r"|(?:^|_)(?:session|csrf|xsrf|reset|auth|access|verification|verify|confirm\w*|invite|invitation|activation|recovery"
    r"|security|login|coupon|voucher|promo|refresh|backup|temp\w*|sms|two_factor|mfa|otp|magic|remember|api|bearer)_?"
    r"(?:id|token|code|key|pin|password)(?:_|$)"
)
"""Of names in small letters with underscores."""

TOKEN_NAME = re.compile(r"(?:^|_)(?:token|pin|session)$")
CODE_NAME = re.compile(r"(?:^|_)(?:code|pin|otp|coupon|voucher|captcha)$")
MAKES = re.compile(r"^_*(?:generate|gen|make|create|new|build|get|random|issue|rand)_")
_TAKES = re.compile(
    r"^_*(?:is|has|verify|check|hash|parse|decode|validate|read|find|load|encode|use|send|forgot|retry|set|test)_"
)
_DIGITS = re.compile(r"(?<![\w.])[1-9][\d_]{3,9}(?!\w|\.\d)|%0\d{1,2}d|:0\d{1,2}d?\}")
_ONE_DIGIT = re.compile(r"\(\s*(?:0\s*,\s*9|10)\s*\)|\*\s*10\b|0\.\.\.?(?:9|10)\b")
_PUTS_TOGETHER = re.compile(r"\bjoin\b|\+=|\.=|\bmap\b|<<|append|implode|^\w+\[\w+\]\s*=[^=]")
_COOKIE = re.compile(
    r"^[^\n({]{0,80}[cC]ookie\w*\s*[({].{0,80}?[\"':]\w*(?:sess|token|auth|sid|login|remember|csrf)\w*",
    re.DOTALL | re.I,
)
_STORED = re.compile(
    r"\b(?:insert\s+into|update)\b[^;]{0,200}?\b\w*(?:reset|token|otp|verification|session|confirm)\w*", re.IGNORECASE
)

_TARGETS = {
    "variable_declarator": "name",
    "assignment_expression": "left",
    "augmented_assignment_expression": "left",
    "assignment_statement": "left",
    "short_var_declaration": "left",
    "var_spec": "name",
    "const_spec": "name",
    "assignment": "left",
    "operator_assignment": "left",
    "pair": "key",
    "public_field_definition": "name",
    "field_definition": "property",
    "keyed_element": "",
    "array_element_initializer": "",
    "property_element": "",
    "argument": "name",
}
"""Type of a node -> the field with the name that gets the value; "" for the first child."""

_KEYS = frozenset({"pair", "keyed_element", "array_element_initializer"})
_FUNCTIONS = frozenset(
    {
        *("function_declaration", "method_declaration", "method_definition", "function_definition", "method"),
        *("singleton_method", "constructor_declaration", "generator_function_declaration"),
    }
)
_NAMELESS = frozenset({"arrow_function", "function_expression", "func_literal", "anonymous_function", "lambda"})
_CALLS = frozenset(
    {
        *("call_expression", "new_expression", "method_invocation", "object_creation_expression", "call"),
        *("function_call_expression", "member_call_expression", "composite_literal"),
    }
)


def guessed(node: Node, file: TreeFile, *, may_pick: bool = True) -> str:
    """What the predictable value is taken for that nobody may guess, "" where it may be guessed.

    *may_pick*: whether the value may choose one of several that are there already, or be a small number; else it is a
    whole text.
    """
    around = _statement(node, file)
    return next((name for name in _purposes(node, file) if _is_secret(name, around, node, file, may_pick)), "") or next(
        (name for name in _purposes_of_maker(node, file) if SECRET_NAME.search(name) or TOKEN_NAME.search(name)), ""
    )


def _is_secret(name: str, around: str, node: Node, file: TreeFile, may_pick: bool) -> bool:
    together = not may_pick or _PUTS_TOGETHER.search(around) is not None
    if CODE_NAME.search(name) and (_DIGITS.search(around) or (together and _ONE_DIGIT.search(around))):
        return True
    if not SECRET_NAME.search(name) and not TOKEN_NAME.search(name) and not (CODE_NAME.search(name) and together):
        return False
    return together or not _picks(node, file)


def _picks(node: Node, file: TreeFile) -> bool:
    """`tokens[random]`: one of those that are there."""
    picks = False
    for ancestor in file.ancestors(node):
        if ancestor.type in ("subscript_expression", "index_expression", "element_reference", "array_access"):
            picks = True
        elif ancestor.type in _TARGETS or ancestor.type in _FUNCTIONS:
            return picks and not _is_key(ancestor, node)
    return picks


def _is_key(assigned: Node, node: Node) -> bool:
    """`sessions[random()] = user`."""
    target = assigned.child_by_field_name("left")
    return target is not None and target.start_byte <= node.start_byte < target.end_byte


def _statement(node: Node, file: TreeFile) -> str:
    """The text around up to the nearest statement, and what adds to a text in a loop."""
    for ancestor in file.ancestors(node):
        kind = ancestor.type
        if kind.endswith(("statement", "declaration")) or kind in ("assignment", "body_statement", "program"):
            return file.text(ancestor)[:1_000]
    return file.text(node)


def _purposes(node: Node, file: TreeFile) -> Iterator[str]:
    """The names that the value gets, in small letters, nearest first; the function that makes it comes last."""
    is_returned = has_key = False
    for ancestor in file.ancestors(node):
        kind = ancestor.type
        if kind in _FUNCTIONS:
            yield from _function(snake(file.text(ancestor.child_by_field_name("name"))), is_returned)
            return
        if kind in _NAMELESS:
            body = ancestor.child_by_field_name("body")
            name = _name_of(ancestor, file)
            if name or body is None or body.type.endswith("block"):
                yield from _function(name, is_returned or body is None or not body.type.endswith("block"))
                return
        is_returned = is_returned or kind == "return_statement"
        if kind in _TARGETS:
            if not has_key:  # of `a = {b: value}`, the value is b
                yield from _target(ancestor, node, file)
            has_key = has_key or kind in _KEYS
        elif kind in _CALLS:
            text = file.text(ancestor)[:600]
            if _COOKIE.search(text):
                yield "session_token"
            elif _STORED.search(text):
                yield "stored_token_code"


def _target(assigned: Node, node: Node, file: TreeFile) -> Iterator[str]:
    field = _TARGETS[assigned.type]
    target = assigned.child_by_field_name(field) if field else assigned.named_child(0)
    if target is None:
        return
    if _is_key(assigned, node):
        container = snake(file.text(target.named_child(0) or target)[:60])
        if re.search(r"(?:^|_)(?:sessions?|tokens?)$", container):
            yield "session_id"
        return
    yield snake(file.text(target)[:100])


def _function(name: str, is_returned: bool) -> Iterator[str]:
    if MAKES.search(name) or (not _TAKES.search(name) and (is_returned or SECRET_NAME.search(name))):
        yield name


def _name_of(function: Node, file: TreeFile) -> str:
    """Of `const newToken = () => ...`."""
    for ancestor in file.ancestors(function):
        if ancestor.type in _TARGETS:
            target = ancestor.child_by_field_name(_TARGETS[ancestor.type]) if _TARGETS[ancestor.type] else None
            return snake(file.text(target))
        if ancestor.type.endswith(("block", "body", "arguments")):
            break
    return ""


MAX_CALLS = 20


def _purposes_of_maker(node: Node, file: TreeFile) -> Iterator[str]:
    """What the callers of the function around make of its result: `apiKey = randomString(32)`."""
    for ancestor in file.ancestors(node):
        if ancestor.type in _FUNCTIONS:
            name = file.text(ancestor.child_by_field_name("name"))
        elif ancestor.type in ("arrow_function", "function_expression"):
            declarator = next((a for a in file.ancestors(ancestor) if a.type == "variable_declarator"), None)
            name = file.text(declarator.child_by_field_name("name")) if declarator is not None else ""
        else:
            continue
        if re.search(r"rand|string|uid|generat|make|uniq|id$", name, re.IGNORECASE):
            for kind in called(name):
                for call in file.nodes(kind)[:MAX_CALLS]:
                    if not ancestor.start_byte <= call.start_byte < ancestor.end_byte:
                        yield from _purposes(call, file)
        return

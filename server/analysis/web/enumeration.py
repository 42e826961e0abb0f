"""Logins and resets that tell whether somebody has an account."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import LOW, security

USER_ENUMERATION = security(
    "user-enumeration",
    LOW,
    "The answer is another one when there is no such user: whoever asks often learns who has an account, and tries "
    "only those.",
    cwe=204,
    also=(203, 200, 209),
    remedy="Answer the same, in the same time, whether or not the user exists.",
)

RULES: tuple[Rule, ...] = (USER_ENUMERATION,)

LETS_IN = re.compile(
    r"log_?in|sign_?in|authenticate|(?:^|_)auth(?:$|_)|token|forgot|reset|recover|resend|post$|mutate$|do_POST$",
    re.IGNORECASE,
)
ASKS_FOR_LINK = re.compile(r"forgot|reset|recover|resend|remind", re.IGNORECASE)
UNKNOWN_USER = re.compile(
    r"(?:user(?:name)?|account|e-?mail(?: address)?|login|member|person|customer|patient|student|employee)\b"
    r"[\w'* ]{0,30}(?:not found|does ?n[o']t exist"
    r"|not exist|unknown|not registered|is not known|invalid)"
    r"|(?:no such|unknown|invalid|no|can(?:not|'t) find(?: any| a| the)?|could not find(?: any| a"
    r"| the)?) (?:user(?:name)?|account|e-?mail|member|person|customer|patient"
    r"|student|employee|name)\b(?!.{0,12}(?:or|and|/).{0,12}pass)"
    r"|no (?:user|account) (?:with|for|found)",
    re.IGNORECASE,
)
NAMES_BOTH = re.compile(
    r"(?:or|and|/|,)\s*(?:the )?(?:password|passwd|credentials)|password (?:or|and)|credentials", re.IGNORECASE
)
WRONG_PASSWORD = re.compile(
    r"not (?:your|the right) password|(?:wrong|incorrect|invalid|bad|false)\b.{0,20}\b(?:password|pin|passcode)"
    r"|(?:password|pin"
    r"|passcode)\b.{0,25}\b(?:wrong|incorrect|not correct|invalid|mismatch|not match|does ?n[o']t match)",
    re.IGNORECASE,
)


_LOGS = frozenset({"info", "warning", "error", "debug", "log", "exception", "warn"})


def suspects(body: Body) -> Iterator[Suspect]:
    if not LETS_IN.search(body.qualified):
        return
    texts = [(node, text) for node, text in _texts(body) if len(text) < 120]
    unknown = next(
        (n for n, text in texts if UNKNOWN_USER.search(text) and not NAMES_BOTH.search(text) and _is_answer(n, body)),
        None,
    )
    wrong = any(WRONG_PASSWORD.search(text) and not UNKNOWN_USER.search(text) for _, text in texts)
    if unknown is not None and (wrong or ASKS_FOR_LINK.search(body.qualified)):
        yield Suspect(USER_ENUMERATION, Hit(body.span(unknown), "The answer tells that there is no such user"))
    elif ASKS_FOR_LINK.search(body.node.name):
        yield from _other_status(body)
    else:
        yield from _other_answer(body)


def _other_answer(body: Body) -> Iterator[Suspect]:
    """`if row is None: return "a"`, and `if not check(password, row): return "b"`: whatever the texts say."""
    absent: tuple[ast.If, str] | None = None
    for node in body.nodes(ast.If):
        test = body.words(node.test)
        said = _said(node, body)
        if not said:
            continue
        if re.fullmatch(r"(?:not )?\w+(?: is None| == None)?", test) and (test.startswith("not ") or "None" in test):
            absent = (node, said)
        elif absent is not None and re.search(r"passw|pwd|verify|check|compare|matches|hash", test, re.IGNORECASE):
            if said != absent[1] and not NAMES_BOTH.search(absent[1]) and WRONG_PASSWORD.search(said):
                yield Suspect(
                    USER_ENUMERATION, Hit(body.span(absent[0].body[0]), "The answer tells that there is no such user")
                )
            return


def _said(node: ast.If, body: Body) -> str:
    """The text that the branch answers with, where it is the end of it."""
    if not isinstance(node.body[-1], (ast.Return, ast.Raise)):
        return ""
    texts = [
        part.value
        for statement in node.body
        for part in walk(statement)
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and " " in part.value
        and _is_answer(part, body)
    ]
    return texts[0] if texts else ""


def _texts(body: Body) -> Iterator[tuple[ast.AST, str]]:
    """Every text with its constant pieces: `f"user {name} does not exist"` is `user * does not exist`."""
    for node in body.nodes(ast.JoinedStr):
        yield node, "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
    for node in body.nodes(ast.Constant):
        if isinstance(node.value, str) and not isinstance(body.file.parents.get(node), ast.JoinedStr):
            yield node, node.value


def _is_answer(node: ast.AST, body: Body) -> bool:
    """Not what is written to a log."""
    for ancestor in body.file.ancestors(node):
        if isinstance(ancestor, ast.Call):
            name = ancestor.func.attr if isinstance(ancestor.func, ast.Attribute) else ""
            if name in _LOGS and not body.words(ancestor.func).startswith("messages."):
                return False
        if isinstance(ancestor, ast.stmt):
            return not isinstance(ancestor, ast.Expr) or not isinstance(ancestor.value, ast.Constant)
    return False


def _other_status(body: Body) -> Iterator[Suspect]:
    """`if user is None: return ..., 404` where a reset is asked for."""
    for node in body.nodes(ast.If):
        test = body.words(node.test)
        if not re.search(r"^not (?:user|account|member)$|^(?:user|account|member) is None$", test):
            continue
        for inner in node.body:
            for part in walk(inner):
                if isinstance(part, ast.Constant) and part.value == 404 and part.value is not True:
                    yield Suspect(
                        USER_ENUMERATION, Hit(body.span(inner), "The status tells that there is no such user")
                    )
                    return

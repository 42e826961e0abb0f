"""Logins and resets that tell who has an account, and logins that go on with the session of before."""

import re
from collections.abc import Iterator

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.enumeration import (
    ASKS_FOR_LINK,
    LETS_IN,
    NAMES_BOTH,
    UNKNOWN_USER,
    USER_ENUMERATION,
    WRONG_PASSWORD,
)
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import POSSIBLE
from server.analysis.web.lowered.body import Body, chain, is_identity, text_of
from server.analysis.web.lowered.words import PASSWORD, RENEWS, snake
from server.analysis.web.sessions import PASSWORD_WITHOUT_OLD, RESET_WITHOUT_PROOF, SESSION_FIXATION

_LOGS = re.compile(r"(?:^|\.)(?:log|logger|LOG|slog|Log|error_log|puts|Printf|Println)\b", re.IGNORECASE)


_CHANGES_PASSWORD = re.compile(
    r"(?:change|update|set|edit|new)_?(?:my_?)?(?:password|passwd|pin)|(?:password|pin)_?(?:change|update|edit)"
)
_RESETS = re.compile(r"reset|forgot|recover|token|activate|invite|confirm|otp|admin")
_SETS_PASSWORD = re.compile(
    r"setPassword\w*\(|->password\w*\s*=(?!=)|\.password\w*\s*=(?!=)|['\"]password\w*['\"]\s*(?:=>|:)\s*(?:Hash::make"
    r"|bcrypt|password_hash)|set\s+password\w*\s*=|password_digest\s*=(?!=)|PasswordHash\s*=(?!=)|\.update\w*\(\s*\{\s*password\b",
    re.IGNORECASE,
)
_OLD = re.compile(
    r"old|current_?pass|current_?pin|\[['\"]current['\"]\]|password_verify|Hash::check|matches\(|authenticate|verify"
    r"|CompareHash|checkPassword|valid_password|previous|existing|current_password",
    re.IGNORECASE,
)
_PROOF = re.compile(r"token|code|otp|answer|sign|secret|\bkey\b|old|current|verif|nonce|expires", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _who_exists(body)
    yield from _kept_over_login(body)
    yield from easy_change(body)


def easy_change(body: Body) -> Iterator[Suspect]:
    """A new password for whoever asks: without the old one, or without a proof that the account is theirs."""
    name, code = snake(body.function.name), body.text.partition("\n")[2]
    if not body.is_handler or not _SETS_PASSWORD.search(code):
        return
    if _CHANGES_PASSWORD.search(name) and not _RESETS.search(name) and not _OLD.search(code):
        message = "The password is changed without asking for the old one"
        yield Suspect(PASSWORD_WITHOUT_OLD, Hit(body.head, message), "session")
    elif re.search(r"reset|forgot|recover", name) and not _PROOF.search(code):
        message = "The password of any account is set without a proof of whose it is"
        yield Suspect(RESET_WITHOUT_PROOF, Hit(body.head, message), "stranger")


def _who_exists(body: Body) -> Iterator[Suspect]:
    name = f"{body.function.qualified} {body.source.path if not body.function.name else ''}"
    logged = {id(n) for called in body.calls if _LOGS.search(called.chain) for n in called.node.args}
    texts = [n for n in body.nodes(p.Const) if n.value.__class__ is str and len(n.value) < 120 and id(n) not in logged]
    unknown = next((n for n in texts if UNKNOWN_USER.search(n.value) and not NAMES_BOTH.search(n.value)), None)
    if unknown is None:
        return
    wrong = any(WRONG_PASSWORD.search(n.value) and not UNKNOWN_USER.search(n.value) for n in texts)
    if (wrong and (LETS_IN.search(name) or PASSWORD.search(body.text.lower()))) or ASKS_FOR_LINK.search(name):
        hit = Hit(body.span(unknown.line), "The answer tells that there is no such user")
        yield Suspect(USER_ENUMERATION, hit, "")


def _kept_over_login(body: Body) -> Iterator[Suspect]:
    """`$_SESSION["user_id"] = ...` after a password was checked, with the id that the visitor came with."""
    if body.source.language not in (Language.PHP, Language.RUBY, Language.JAVA):
        return
    is_entry = _ENTRY.match(snake(body.function.name)) is not None
    if not (is_entry or PASSWORD.search(body.text.lower())) or RENEWS.search(body.text):
        return
    line = _entered(body)
    if line:
        hit = Hit(body.span(line), "The login goes on with the session that the visitor came with", confidence=POSSIBLE)
        yield Suspect(SESSION_FIXATION, hit, "")


_ENTRY = re.compile(
    r"^(?:enter|log_?in|sign_?in|authenticate|login_as|start_session|log_user_in|set_logged_in)(?:_user)?$"
)


def _entered(body: Body) -> int:
    """The line on which the session learns who is there; 0 where it does not."""
    for node in body.nodes(p.Assign):
        is_end = node.value.__class__ is p.Const and node.value.value in (None, False, "")
        if not is_end and any(t.__class__ is p.Item and is_identity(t) and _is_session(chain(t)) for t in node.targets):
            return int(node.line)
    for called in body.calls:
        if called.last == "set_attribute" and _is_session(called.chain) and _names_user(called.node.args[:1]):
            return called.node.line
    return 0


def _names_user(key: list[p.Expr]) -> bool:
    return bool(key) and re.search(r"user|account|member|uid|auth|login", text_of(key[0]), re.IGNORECASE) is not None


def _is_session(name: str) -> bool:
    return "session" in name.lower()

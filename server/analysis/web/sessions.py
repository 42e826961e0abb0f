"""How people come, stay and go: sessions that are kept over a login or a logout, passwords that change too easily."""

import ast
import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.facts import Sign, Suspect
from server.analysis.web.judging import HIGH, LIKELY, LOW, MEDIUM, POSSIBLE, Scene, at, security

SESSION_FIXATION = security(
    "session-fixation",
    MEDIUM,
    "The session keeps its id over the login: who gave the victim a session before is logged in with it afterwards.",
    cwe=384,
    also=(613, 287),
    remedy="Make a new session at the login: `request.session.cycle_key()`, `login(request, user)`.",
)
SESSION_NOT_ENDED = security(
    "session-not-ended",
    LOW,
    "The logout leaves the session as it is: whoever has its cookie stays logged in.",
    cwe=613,
    also=(384, 287),
    remedy="Clear the session on the server.",
)
PASSWORD_WITHOUT_OLD = security(
    "password-without-old",
    MEDIUM,
    "The password is changed without the old one: whoever gets hold of a session, for a minute or by a forged "
    "request, keeps the account.",
    cwe=620,
    also=(640, 287, 306, 862),
    remedy="Ask for the current password and check it first.",
)
RESET_LINK_HOST = security(
    "reset-link-host",
    MEDIUM,
    "The link that is mailed begins with the host that the request names: an attacker's server gets the victim's "
    "token.",
    cwe=640,
    also=(644, 20, 601),
    remedy="Begin links with an address from the settings.",
)

RESET_WITHOUT_PROOF = security(
    "reset-without-proof",
    HIGH,
    "Whoever names an account sets its password: nothing proves that it is theirs, no token that was mailed and no "
    "old password.",
    cwe=640,
    also=(620, 306, 287, 862, 639, 284),
    remedy="Mail a token of one use that ends soon, and ask for it.",
)

RULES: tuple[Rule, ...] = (
    SESSION_FIXATION,
    SESSION_NOT_ENDED,
    PASSWORD_WITHOUT_OLD,
    RESET_LINK_HOST,
    RESET_WITHOUT_PROOF,
)

_LOGIN = re.compile(r"log_?in|sign_?in|authenticate|^post$|^do_POST$", re.IGNORECASE)
_RENEWS = re.compile(
    r"cycle_key|flush|regenerate|invalidate|new_session|rotate|renew|session\.clear|clear\(\)|\blogin\(|auth_login"
    r"|login_user|migrate|changed_identity|remember\("
)
_SERVER_SIDE = re.compile(r"^(?:django\.|flask_session|aiohttp_session|beaker|starsessions|sanic_session|cherrypy)")
_CHANGES_PASSWORD = re.compile(
    r"(?:change|update|set|edit|new)_?(?:my_?)?(?:password|passwd|pin)|(?:password|pin)_?(?:change|update|edit)",
    re.IGNORECASE,
)
_RESETS = re.compile(r"reset|forgot|recover|token|activate|invite|confirm|otp|admin", re.IGNORECASE)
_OLD = re.compile(
    r"old|current_?pass|current_?pin|check_password|verify|checkpw|authenticate|PasswordChangeForm|existing"
    r"|previous|hash\w*\(.{0,60}[!=]=",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:request|req)\.(?:host_url|host\b|url_root|base_url|get_host\(\)|build_absolute_uri)|headers(?:\.get\("
    r"|\[)['\"](?:X-Forwarded-)?Host['\"]|META(?:\.get\(|\[)['\"]HTTP_(?:X_FORWARDED_)?HOST",
    re.IGNORECASE,
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _kept_over_login(body)
    yield from _easy_change(body)
    yield from _host_link(body)
    yield from _reset_without_proof(body)


def _code(body: Body) -> str:
    last = body.node.end_lineno or body.node.lineno
    return "\n".join(body.file.source.lines[body.node.lineno - 1 : last])


def _kept_over_login(body: Body) -> Iterator[Suspect]:
    if not _LOGIN.search(body.node.name) or not any(_SERVER_SIDE.match(name) for name in body.file.imports.values()):
        return
    for node in body.nodes(ast.Assign):
        target = node.targets[0]
        if (
            isinstance(target, ast.Subscript)
            and body.words(target.value).endswith("session")
            and _names_user(target.slice)
        ):
            if not _RENEWS.search(_code(body).partition("\n")[2]):
                yield Suspect(SESSION_FIXATION, Hit(body.span(node), "The login keeps the session's id"))
            return


def _names_user(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(
        re.search(r"user|uid|auth|logged|account|member|^id$", str(node.value), re.IGNORECASE)
    )


def _easy_change(body: Body) -> Iterator[Suspect]:
    name = body.qualified
    if not body.is_asked or not _CHANGES_PASSWORD.search(name) or _RESETS.search(name):
        return
    code = _code(body)
    if re.search(r"cleaned_data|(?<!request\.)\bform\b|validated_data|serializer", code):
        return  # The form may ask for it.
    if _OLD.search(code.partition("\n")[2]) or not re.search(
        r"passw|\bpin\b|_pin\b", code.partition("\n")[2], re.IGNORECASE
    ):
        return
    yield Suspect(
        PASSWORD_WITHOUT_OLD, Hit(body.head, "The password is changed without asking for the old one"), "session"
    )


def _reset_without_proof(body: Body) -> Iterator[Suspect]:
    """The request names the account and the new password, and that is all."""
    if not body.is_asked or not re.search(r"reset|forgot|recover", body.qualified, re.IGNORECASE):
        return
    code = _code(body).partition("\n")[2]
    sets = re.search(
        r"\.set_password\(|\.(?:\w*_)?password\w* = |\[['\"]password\w*['\"]\] = |set\s+password\w*\s*=",
        code,
        re.IGNORECASE,
    )
    if sets and not re.search(
        r"token|code|otp|answer|signer|loads\(|uidb64|confirm_key|secret|old_|current_|\bkey\b", code, re.IGNORECASE
    ):
        yield Suspect(
            RESET_WITHOUT_PROOF,
            Hit(body.head, "The password of any account is set without a proof of whose it is"),
            "stranger",
        )


def _host_link(body: Body) -> Iterator[Suspect]:
    if not re.search(r"forgot|reset|recover|invite|verif|confirm|activat", body.qualified, re.IGNORECASE):
        return
    for kind in (ast.JoinedStr, ast.BinOp):
        for node in body.nodes(kind):
            words = body.words(node)
            if _HOST.search(words) and re.search(r"token|code|url_for|reset|/", words):
                yield Suspect(
                    RESET_LINK_HOST, Hit(body.span(node), "The link begins with the host that the request names")
                )
                return


def judge(scene: Scene) -> Iterator[Found]:
    """Logouts of programs with sessions that end none."""
    for route in scene.routes:
        if route.function is None or not re.search(r"log_?out|sign_?out", route.name, re.IGNORECASE):
            continue
        if scene.has_session_login(route) and not route.signs & Sign.LEAVES and not _hands_on(route.function.calls):
            yield at(
                route,
                SESSION_NOT_ENDED,
                "The logout ends no session",
                confidence=LIKELY if not route.function.calls else POSSIBLE,
            )


def _hands_on(calls: frozenset[str]) -> bool:
    return any(
        re.search(
            r"logout|revoke|blocklist|blacklist|delete|clear|end_session|sign_out|destroy|set_cookie|unset",
            name,
            re.IGNORECASE,
        )
        for name in calls
    )

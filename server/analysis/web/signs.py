"""What one function shows about access: asks who is there, what they may do, whose an object is; or lets somebody
in."""

import ast
import re
from collections.abc import Iterator

from server.analysis.web.body import Body
from server.analysis.web.expressions import is_identity, walk
from server.analysis.web.facts import Sign
from server.analysis.web.words import LIMITER, PERSONAL, REFUSAL, ROLE

_LOGINS = frozenset(
    {
        "login_user",
        "login",
        "create_access_token",
        "create_token",
        "generate_token",
        "create_jwt",
        "generate_jwt",
        "encode_auth_token",
        "create_session",
        "remember",
        "set_secure_cookie",
        "encode_token",
        "issue_token",
        "make_token",
        "generate_access_token",
        "auth_login",
        "obtain_auth_token",
    }
)
_LOGOUTS = frozenset(
    {"logout_user", "logout", "forget", "clear_cookie", "delete_cookie", "flush", "invalidate", "unset_jwt_cookies"}
)
_CHECKERS = re.compile(
    r"^(?:has_perm\w*|check_\w*(?:perm|owner|access|role|admin|auth)\w*|check_object_permissions|authori[sz]e\w*"
    r"|can_\w+|has_role\w*"
    r"|is_owner\w*|require_\w+|ensure_\w+|assert_\w*(?:owner|access|perm)\w*|verify_\w*(?:owner|access|perm)\w*"
    r"|user_can\w*"
    r"|has_\w*(?:permission|access|role)\w*|test_func|is_allowed\w*|enforce\w*|\w*_allowed_to\w*|is_member\w*"
    r"|belongs_to\w*"
    r"|check_access\w*|get_\w+_for_user|get_user_\w+|for_user|visible_to|accessible_by|owned_by|get_own\w*|get_my\w*)$"
)
_SIGNATURES = re.compile(r"signature|construct_event|(?:verify|check|validate)_(?:web)?hook", re.IGNORECASE)
"""A machine shows that it knows a secret."""
_PASSWORDS = re.compile(r"passw(?:or)?d|(?:^|_)pwd|passcode|(?:^|_)pin$", re.IGNORECASE)


def signs_of(body: Body) -> Sign:
    signs = Sign.NONE
    signs |= _of_names(body)
    signs |= _of_constants(body)
    signs |= _of_calls(body)
    if signs & Sign.WHO or body.params:
        signs |= _of_tests(body)
    return signs


def _of_names(body: Body) -> Sign:
    signs = Sign.NONE
    for kind in (ast.Attribute, ast.Name):
        for node in body.nodes(kind):
            word = node.attr if kind is ast.Attribute else node.id
            meant = _of_word(word)
            if meant:
                signs |= meant
            if body.lines.tells_of_people and is_identity(node, body.file):
                signs |= Sign.WHO | (Sign.COOKIE if word in ("current_user", "user") else Sign.NONE)
            if word in ("form", "POST", "forms", "get_argument", "get_body_argument") or (
                word == "post" and kind is ast.Attribute and body.words(node) in ("request.post", "self.request.post")
            ):
                signs |= Sign.FORM
            elif word in ("session", "cookies", "COOKIES", "get_secure_cookie"):
                signs |= Sign.COOKIE
    return signs | _of_parts(body) if body.lines.tells_of_people else signs


def _of_parts(body: Body) -> Sign:
    """`session["user_id"]`, asked for, given or taken away."""
    signs = Sign.NONE
    for node in body.nodes(ast.Subscript):
        if is_identity(node, body.file):
            signs |= Sign.WHO
            if isinstance(node.ctx, ast.Store):
                signs |= Sign.ENTERS
            elif isinstance(node.ctx, ast.Del):
                signs |= Sign.LEAVES
    if any(is_identity(node, body.file) for node in body.nodes(ast.Compare)):
        signs |= Sign.WHO
    return signs


_BY_WORD: dict[str, Sign] = {}
"""What a word means, once asked: a project has few different ones."""

_MOST_WORDS = 50_000


def _of_word(word: str) -> Sign:
    found = _BY_WORD.get(word)
    if found is None:
        found = Sign.NONE
        if REFUSAL.match(word):
            found |= Sign.REFUSES
        if LIMITER.search(word):
            found |= Sign.LIMITS
        if _PASSWORDS.search(word):
            found |= Sign.PASSWORD
        if len(_BY_WORD) < _MOST_WORDS:
            _BY_WORD[word] = found
    return found


def _of_constants(body: Body) -> Sign:
    signs = Sign.NONE
    for node in body.nodes(ast.Constant):
        value = node.value
        if value.__class__ is int:
            if value in (401, 403):
                signs |= Sign.REFUSES
            elif value in (429, 423):
                signs |= Sign.LIMITS
        elif value.__class__ is str and len(value) < 60:
            signs |= _of_text(value)
    return signs


def _of_text(text: str) -> Sign:
    lowered = text.lower()
    if lowered in (
        "authorization",
        "http_authorization",
        "x-api-key",
        "x-auth-token",
        "x-access-token",
        "http_x_api_key",
    ):
        return Sign.WHO | Sign.BEARER
    if "password" in lowered and len(text) < 24:
        return Sign.PASSWORD
    if "signature" in lowered and " " not in text:
        return Sign.WHO
    return Sign.NONE


_SENDS_AWAY = frozenset(
    {
        "abort",
        "redirect",
        "HTTPFound",
        "HTTPSeeOther",
        "HTTPTemporaryRedirect",
        "RedirectResponse",
        "HttpResponseRedirect",
    }
)


def _of_calls(body: Body) -> Sign:
    signs = Sign.NONE
    for called in body.calls:
        last = called.last
        if last in _LOGINS and not called.chain.startswith(("smtp", "server", "imap", "ftp", "self.client")):
            signs |= Sign.ENTERS
        elif last in _LOGOUTS or (last in ("clear", "pop") and "session" in called.chain):
            signs |= Sign.LEAVES
        elif (last == "encode" and called.chain.endswith("jwt.encode")) or (
            last == "set_cookie" and called.node.args and _is_cookie_of_user(called.node.args[0])
        ):
            signs |= Sign.ENTERS
        if _SIGNATURES.search(last):
            signs |= Sign.WHO | Sign.MACHINE
        if _CHECKERS.match(last):
            signs |= Sign.ROLE | Sign.OWNER
        if last in _SENDS_AWAY and called.node.args:
            target = body.words(called.node.args[0]).lower()
            if "login" in target or "signin" in target or "sign_in" in target:
                signs |= Sign.REFUSES
        if called.node.args and body.lines.tells_of_people and is_identity(called.node, body.file):
            signs |= Sign.WHO
            if last == "pop":
                signs |= Sign.LEAVES
    return signs


def _is_cookie_of_user(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(
        re.search(r"user|sess|token|auth|login|jwt", str(node.value), re.IGNORECASE)
    )


def _of_tests(body: Body) -> Sign:
    """What is compared and asked: a role with a constant, an owner with who is there."""
    signs = Sign.NONE
    for test in _tests(body):
        if (body.mine or body.lines.tells_of_people) and any(
            _is_owner_test(node, body) for node in walk(test) if isinstance(node, ast.Compare)
        ):
            signs |= Sign.OWNER
        if _asks_role(test, body):
            signs |= Sign.ROLE
        if body.is_mine(test):
            signs |= Sign.WHO
    if any(_turns_away(node) and _is_about_who(node.test, body) for node in body.nodes(ast.If)):
        signs |= Sign.REFUSES
    return signs


_CODE = re.compile(r"(?:^|_)(?:code|pin|otp|passcode|one_time_password)s?$", re.IGNORECASE)
_CHANGES_WHO = re.compile(
    r"reset|recover|forgot|verif|confirm|activat|two_?factor|2fa|mfa|otp|login|password", re.IGNORECASE
)


def compares_code(body: Body) -> bool:
    """`if person.reset_code == request.data["code"]` where an account is got back or into."""
    if not _CHANGES_WHO.search(body.qualified):
        return False
    for node in body.nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            continue
        sides = [node.left, node.comparators[0]]
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        if any(body.is_theirs(side) and _CODE.search(_last_word(side)) for side in sides):
            return True
    return False


def _last_word(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_about_who(test: ast.expr, body: Body) -> bool:
    return body.is_mine(test) or (
        body.lines.tells_of_people and any(is_identity(node, body.file) for node in walk(test))
    )


def _turns_away(node: ast.If) -> bool:
    """`if user is None: raise ...`: whatever is raised."""
    return any(isinstance(statement, ast.Raise) for statement in (*node.body, *node.orelse))


def _tests(body: Body) -> Iterator[ast.expr]:
    for kind in (ast.If, ast.IfExp, ast.While, ast.Assert):
        for node in body.nodes(kind):
            yield node.test
    for node in body.nodes(ast.Return):
        if isinstance(node.value, (ast.Compare, ast.BoolOp)):
            yield node.value
    for comprehension in (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp):
        for node in body.nodes(comprehension):
            for loop in node.generators:
                yield from loop.ifs


_CONNECTIONS = frozenset({"connection", "request", "websocket", "self", "conn"})


def _is_person(name: str, body: Body) -> bool:
    return name in body.mine or bool(_CURRENT.match(body.annotation_of(name) if name in body.params else ""))


_CURRENT = re.compile(r"(?:Current|Authenticated|LoggedIn)\w*$")


def _is_owner_test(compare: ast.Compare, body: Body) -> bool:
    """`order.user_id != current_user.id`: one side is mine, the other is neither constant nor mine."""
    if len(compare.ops) != 1 or isinstance(compare.ops[0], (ast.Is, ast.IsNot)):
        return False
    left, right = compare.left, compare.comparators[0]
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
        return False
    return body.is_mine(left) != body.is_mine(right)


_KIND = re.compile(
    r"^is_(?!auth|active|anonymous|verified|valid|deleted|public|open|closed|empty|none|enabled|logged|json|secure)\w+$"
)
"""Of a person, what not everybody is: `account.is_dispatcher`."""


def _asks_role(test: ast.expr, body: Body) -> bool:
    for node in walk(test):
        word = ""
        if isinstance(node, ast.Attribute):
            word = node.attr
            if word == "scope" and isinstance(node.value, ast.Name) and node.value.id in _CONNECTIONS:
                continue  # All that ASGI knows of a request, not what somebody may do.
            if _KIND.match(word) and isinstance(node.value, ast.Name) and _is_person(node.value.id, body):
                return True
        elif isinstance(node, ast.Name):
            word = node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
            word = node.value
        if word and ROLE.search(word) and not PERSONAL.fullmatch(word):
            return True
    return False

"""Decisions about who is there that rest on what the client says. What it pays and takes: `amounts.py`."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import is_identity, walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import HIGH, security

CLIENT_IDENTITY = security(
    "client-identity",
    HIGH,
    "Who is there, or what they may do, is taken from a cookie or header that the client writes as it likes.",
    cwe=565,
    also=(784, 807, 290, 302, 287, 285, 639, 602, 269, 472),
    remedy="Keep it in the session on the server, or in a token whose signature is checked.",
)

OPTIONAL_CHECK = security(
    "optional-check",
    HIGH,
    "The signature or token is only looked at where there is one: whoever leaves it out is taken for the one who "
    "has the secret.",
    cwe=347,
    also=(345, 287, 306, 290, 294),
    remedy="Refuse what comes without it first.",
)

RULES: tuple[Rule, ...] = (CLIENT_IDENTITY, OPTIONAL_CHECK)

_WHO = re.compile(
    r"^(?:role|roles|user_?role|is_?admin|admin|is_?staff|user_?id|uid|user|user_?name|auth|authenticated"
    r"|is_?authenticated|logged_?in|is_?logged_?in|access_?level|privileges?|group|user_?type|account_?id)$",
    re.IGNORECASE,
)
_WHO_HEADER = re.compile(
    r"^(?:x[-_])?(?:user(?:[-_]?id|[-_]?name)?|role|user[-_]role|admin|is[-_]admin|auth(?:enticated)?[-_]user"
    r"|remote[-_]user|impersonate(?:[-_]?(?:user|as))?(?:[-_]?id)?|forwarded[-_]user|account[-_]id|tenant[-_]?id)$"
    r"|^HTTP_X_(?:USER|ROLE|ADMIN)\w*$|^(?:HTTP_)?X[-_][A-Z]+[-_](?:USER(?:[-_]?(?:ID|NAME))?|ROLES?)$",
    re.IGNORECASE,
)
_ORIGIN_HEADER = re.compile(r"^(?:HTTP_)?(?:User[-_]Agent|Referer)$", re.IGNORECASE)
_NAMES_WHO = re.compile(r"admin|internal|staff|secret|intern\b|private", re.IGNORECASE)
_ADDRESS_HEADER = re.compile(
    r"^(?:HTTP_)?X[-_](?:Forwarded[-_]For|Real[-_]IP|Client[-_]IP|Originating[-_]IP)$", re.IGNORECASE
)


def suspects(body: Body) -> Iterator[Suspect]:
    known = list(_client_identity(body))
    yield from known or _given_rights(body)
    if body.is_asked:
        yield from _sent_identity(body)
        yield from _optional_check(body)


def _client_identity(body: Body) -> Iterator[Suspect]:
    """A cookie or header by the name of a user or a role, that a test or a query then uses."""
    for node in (*body.nodes(ast.Call), *body.nodes(ast.Subscript)):
        key = _client_key(node, body)
        if key and _is_decided_by(node, body):
            yield Suspect(
                CLIENT_IDENTITY,
                Hit(body.span(node), f"A decision rests on {key}, which the client writes as it likes"),
                "" if _stands_before(body) else "route",
            )
            return


_VERIFIES = re.compile(r"compare_digest|verif|valid|check|(?:^|_)sign|authentic", re.IGNORECASE)


def _optional_check(body: Body) -> Iterator[Suspect]:
    """`if signature and not compare_digest(signature, expected): abort(403)`: who sends none is let in."""
    for node in body.nodes(ast.If):
        test = node.test
        if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And) or node.orelse:
            continue
        sent, last = test.values[0], test.values[-1]
        if not isinstance(last, ast.UnaryOp) or not isinstance(last.op, ast.Not) or not body.is_theirs(sent):
            continue
        call = last.operand.value if isinstance(last.operand, ast.Await) else last.operand
        if not isinstance(call, ast.Call) or not _VERIFIES.search(body.words(call.func).rpartition(".")[2]):
            continue
        given = [ast.unparse(argument) for argument in call.args]
        refuses = any(isinstance(part, ast.Constant) and part.value in (400, 401, 403) for part in walk(node))
        if isinstance(sent, ast.Name) and sent.id in given and refuses and not _is_wanted(sent.id, body):
            message = f"Who sends no {sent.id} is let in: only a wrong one is refused"
            yield Suspect(OPTIONAL_CHECK, Hit(body.span(node.test), message))
            return


def _is_wanted(name: str, body: Body) -> bool:
    """`if not signature: abort(401)` somewhere else, or what is there only without it."""
    return any(
        re.search(
            rf"\bnot {re.escape(name)}\b(?!\s*[.(])|\b{re.escape(name)} is None|{re.escape(name)} == ''", body.words(t)
        )
        for t in (node.test for node in body.nodes(ast.If))
    )


_RIGHT = re.compile(
    r"^(?:is_?)?(?:admin|staff|superuser|root|authenticated|internal|moderator|logged_?in)$|^(?:user_?)?role$",
    re.IGNORECASE,
)


def _given_rights(body: Body) -> Iterator[Suspect]:
    """`if request.headers.get("X-Anything") == "yes": user.is_staff = True`, by whatever name."""
    for test in body.nodes(ast.If):
        given = [
            target
            for statement in test.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            for target in statement.targets
            if _RIGHT.match(_last(target)) or _RIGHT.match(str(getattr(getattr(target, "slice", None), "value", "")))
        ]
        asked = next((n for n in walk(test.test) if _is_written_by_client(n)), None) if given else None
        compared = isinstance(test.test, ast.Compare) and isinstance(test.test.comparators[0], ast.Constant)
        if asked is not None and (compared or test.test is asked):
            message = "Rights rest on a header or cookie, which the client writes as it likes"
            yield Suspect(CLIENT_IDENTITY, Hit(body.span(asked), message), "" if _stands_before(body) else "route")
            return


def _is_written_by_client(node: ast.AST) -> bool:
    whole = node.value if isinstance(node, ast.Subscript) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        whole = node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_cookie":
        return not any(keyword.arg == "secret" for keyword in node.keywords)
    return whole is not None and _last(whole) in ("headers", "META", "cookies", "COOKIES")


_REFUSES = re.compile(r"HTTPException\((?:status_code=)?(?:40[13]|status\.HTTP_40[13])")
_HOOK = re.compile(r"\.(?:before_(?:app_)?request|on_request|middleware)\b")
_DOORS = frozenset(
    {
        *("__call__", "process_request", "process_view", "before_request", "load_user", "get_current_user"),
        *("has_permission", "has_object_permission", "test_func"),
    }
)


def _stands_before(body: Body) -> bool:
    """Whether other code is called through it: a decorator, a middleware."""
    if body.node.name in _DOORS and ("request" in body.params or body.is_asked):
        return True
    if any(_HOOK.search(body.words(decorator)) for decorator in body.node.decorator_list):
        return True
    if "Request" in map(body.annotation_of, body.params) and any(
        _REFUSES.search(body.words(n)) for n in body.nodes(ast.Raise)
    ):
        return True  # What FastAPI calls before a route.
    if any(_last(node) == "user" and is_identity(node, body.file) for node in _written_to(body)):
        return True
    return any(isinstance(a, (ast.FunctionDef, ast.AsyncFunctionDef)) for a in body.file.ancestors(body.node))


def _written_to(body: Body) -> Iterator[ast.expr]:
    """`request.user = ...`, which the others of this request then believe."""
    return (
        target
        for node in body.nodes(ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and _last(target.value) == "request"
    )


def _sent_identity(body: Body) -> Iterator[Suspect]:
    """`role: str = Header(None)`: FastAPI's way to take it from the request."""
    a = body.node.args
    plain = (*a.posonlyargs, *a.args)
    for arg, default in (
        *zip(reversed(plain), reversed(a.defaults), strict=False),
        *zip(a.kwonlyargs, a.kw_defaults, strict=True),
    ):
        if not isinstance(default, ast.Call) or body.file.dotted(default.func).rpartition(".")[2] not in (
            "Header",
            "Cookie",
        ):
            continue
        said = arg.arg.replace("_", "-")
        if (_WHO_HEADER.match(said) or _WHO.match(arg.arg)) and _is_compared(arg.arg, body):
            yield Suspect(
                CLIENT_IDENTITY,
                Hit(body.span(arg), f"A decision rests on {arg.arg}, which the client writes as it likes"),
            )
            return


def _is_compared(name: str, body: Body) -> bool:
    return any(
        isinstance(side, ast.Name) and side.id == name
        for c in body.nodes(ast.Compare)
        for side in (c.left, *c.comparators)
    )


def _client_key(node: ast.Call | ast.Subscript, body: Body) -> str:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("get", "get_cookie") or not node.args:
            return ""
        whole, key = node.func.value, node.args[0]
        if node.func.attr == "get_cookie" and any(k.arg == "secret" for k in node.keywords):
            return ""
        place = "cookies" if node.func.attr == "get_cookie" else _last(whole)
    else:
        whole, key, place = node.value, node.slice, _last(node.value)
    if (
        not isinstance(key, ast.Constant)
        or not isinstance(key.value, str)
        or isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
    ):
        return ""
    if place in ("args", "GET", "form", "POST", "query", "query_params", "values") and _WHETHER.match(key.value):
        return f"the field {key.value!r} of the request" if _is_only_compared(node, body) else ""
    if place in ("data", "json") and _WHETHER.match(key.value) and body.node.name in _DOORS:
        return f"the field {key.value!r} of the request" if _is_only_compared(node, body) else ""
    if place in ("cookies", "COOKIES") and (_WHO.match(key.value) or _tells_who(node, body)):
        return f"the cookie {key.value!r}"
    if place in ("headers", "META") and _WHO_HEADER.match(key.value):
        return f"the header {key.value!r}"
    if place in ("headers", "META") and _ORIGIN_HEADER.match(key.value):
        return (
            f"the header {key.value!r}"
            if _is_only_compared(node, body) and _NAMES_WHO.search(_tested(node, body))
            else ""
        )
    if place in ("headers", "META") and _ADDRESS_HEADER.match(key.value):
        return f"the header {key.value!r}" if _compared_with_address(node, body) else ""
    return ""


def _tells_who(node: ast.AST, body: Body) -> bool:
    """`def get_current_user(self): return self.get_cookie("person")`."""
    return body.node.name in ("get_current_user", "current_user") and isinstance(
        body.file.parents.get(node), ast.Return
    )


_WHETHER = re.compile(r"^(?:is_?admin|admin|is_?staff|is_?superuser|role|user_?role|authenticated)$", re.IGNORECASE)


def _is_only_compared(node: ast.AST, body: Body) -> bool:
    """`if request.args.get("admin") == "true"`: a decision, not a value that is checked before it is kept."""
    parent = body.file.parents.get(node)
    if not isinstance(parent, ast.Compare) or not isinstance(parent.ops[0], (ast.Eq, ast.NotEq)):
        return False
    return any(isinstance(side, ast.Constant) for side in (parent.left, *parent.comparators))


def _tested(node: ast.AST, body: Body) -> str:
    parent = body.file.parents.get(node)
    return body.words(parent) if isinstance(parent, ast.Compare) else ""


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _compared_with_address(node: ast.AST, body: Body) -> bool:
    """`... == "127.0.0.1"`, `... in ALLOWED`."""
    for compare in _compares_of(node, body):
        if re.search(
            r"127\.0\.0\.1|localhost|10\.|192\.168|ALLOWED|TRUSTED|WHITELIST|allowed|trusted", body.words(compare)
        ):
            return True
    statement = body.statement_of(node)
    names = {t.id for t in statement.targets if isinstance(t, ast.Name)} if isinstance(statement, ast.Assign) else set()
    return any(
        called.last == "startswith"
        and called.chain.partition(".")[0] in names
        and _INTERNAL.search(body.words(called.node))
        for called in body.calls
    )


_INTERNAL = re.compile(r"['\"](?:10\.|127\.|192\.168\.|172\.)")


def _compares_of(node: ast.AST, body: Body) -> Iterator[ast.Compare]:
    """Comparisons in which the value stands, directly or by its local name."""
    statement = body.statement_of(node)
    names = {t.id for t in statement.targets if isinstance(t, ast.Name)} if isinstance(statement, ast.Assign) else set()
    for compare in body.nodes(ast.Compare):
        for part in walk(compare):
            if part is node or (isinstance(part, ast.Name) and part.id in names):
                yield compare
                break


def _is_decided_by(node: ast.AST, body: Body) -> bool:
    if _tells_who(node, body):
        return True
    if any(True for _ in _compares_of(node, body)):
        return True
    statement = body.statement_of(node)
    if isinstance(statement, ast.Assign) and any(is_identity(t, body.file) for t in statement.targets):
        return statement.value is node or body.file.parents.get(node) is statement.value
    if isinstance(statement, ast.If) and any(part is node for part in walk(statement.test)):
        return True
    if isinstance(statement, ast.Assign):
        names = {t.id for t in statement.targets if isinstance(t, ast.Name)}
        for test in (*body.nodes(ast.If), *body.nodes(ast.IfExp)):
            if any(isinstance(part, ast.Name) and part.id in names for part in walk(test.test)):
                return True
        for called in body.calls:
            if (
                called.last in ("get", "filter_by", "get_or_404", "execute", "find_one", "filter")
                and called.node is not node
            ) and any(
                isinstance(p, ast.Name) and p.id in names
                for a in (*called.node.args, *(k.value for k in called.node.keywords))
                for p in walk(a)
            ):
                return True
    parent = body.file.parents.get(node)
    return (
        isinstance(parent, ast.Call)
        and re.search(r"get|filter_by|execute|find_one", body.words(parent.func)) is not None
    )

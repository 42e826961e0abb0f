"""Decisions that rest on what the client says: who it is, what it costs, how much; and those that a second request
outruns."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body, is_identity, walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import HIGH, LIKELY, MEDIUM, POSSIBLE, security

CLIENT_IDENTITY = security(
    "client-identity",
    HIGH,
    "Who is there, or what they may do, is taken from a cookie or header that the client writes as it likes.",
    cwe=565,
    also=(784, 807, 290, 302, 287, 285, 639, 602, 269, 472),
    remedy="Keep it in the session on the server, or in a token whose signature is checked.",
)
CLIENT_PRICE = security(
    "client-price",
    MEDIUM,
    "The price is the one that the client sends: it may be anything.",
    cwe=472,
    also=(602, 840, 20, 807, 639),
    remedy="Look the price up on the server.",
)
NEGATIVE_AMOUNT = security(
    "negative-amount",
    MEDIUM,
    "Nothing asks whether the amount is positive: a negative one moves money the other way.",
    cwe=1284,
    also=(20, 839, 840, 841, 682),
    remedy="Refuse amounts that are not greater than zero.",
)
OUTRUN_CHECK = security(
    "outrun-check",
    MEDIUM,
    "The value is read, checked and written without a lock: two requests at once both pass the check.",
    cwe=362,
    also=(367, 820, 841),
    confidence=POSSIBLE,
    remedy="Lock the row (`with_for_update`), or let the database check and write in one statement.",
)

RULES: tuple[Rule, ...] = (CLIENT_IDENTITY, CLIENT_PRICE, NEGATIVE_AMOUNT, OUTRUN_CHECK)

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
_PRICE = re.compile(
    r"^(?:price|unit_?price|total|total_?price|total_?amount|subtotal|cost|item_?price|discount|discount_?percent)$",
    re.IGNORECASE,
)
_SELLS = re.compile(r"checkout|order|buy|purchase|cart|basket|pay(?!load)|charge|book|subscribe", re.IGNORECASE)
_AMOUNT = re.compile(r"amount|quantity|qty|value|sum|points|credits|tokens|coins", re.IGNORECASE)
_STOCK = re.compile(
    r"balance|stock|quantity|inventory|credits?|points|seats|available|remaining|uses_left|funds|wallet|tickets_left"
    r"|redeemed|is_used|(?:^|[._])used\b|limit_left",
    re.IGNORECASE,
)
_LOCKS = re.compile(
    r"for_update|atomic|\block\b|Lock\(|\bF\(|FOR UPDATE|begin_nested|begin\(|serializable"
    r"|(?:balance|stock|quantity|credits?)\s*>=\s*(?:\?|%s|:)|version_id|mutex|acquire|transaction",
    re.IGNORECASE,
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _client_identity(body)
    if body.is_asked:
        yield from _client_price(body)
        yield from _sent_identity(body)
    yield from _negative_amount(body)
    yield from _negative_field(body)
    yield from _outrun(body)


def _code(body: Body) -> str:
    last = body.node.end_lineno or body.node.lineno
    return "\n".join(body.file.source.lines[body.node.lineno - 1 : last])


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
    if place in ("cookies", "COOKIES") and _WHO.match(key.value):
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


def _client_price(body: Body) -> Iterator[Suspect]:
    for called in body.calls:
        if called.last[:1].isupper() and _SELLS.search(called.last):
            priced = [k for k in called.node.keywords if k.arg and _PRICE.match(k.arg) and _is_own_field(k.value, body)]
            if priced:
                message = f"The client sends {priced[0].arg!r} itself"
                yield Suspect(CLIENT_PRICE, Hit(body.span(priced[0]), message))
                return
    if not _SELLS.search(body.qualified):
        return
    for node in (*body.nodes(ast.Call), *body.nodes(ast.Subscript)):
        key = _request_key(node, body)
        if key and _PRICE.match(key):
            yield Suspect(CLIENT_PRICE, Hit(body.span(node), f"The client sends {key!r} itself"))
            return


def _is_own_field(node: ast.expr, body: Body) -> bool:
    """`body.total` of what was sent."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in body.theirs


def _request_key(node: ast.Call | ast.Subscript, body: Body) -> str:
    """The field that is read of the request: `data["price"]`, `request.form.get("price")`."""
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Attribute) or node.func.attr != "get" or not node.args:
            return ""
        whole, key = node.func.value, node.args[0]
    else:
        if not isinstance(node.ctx, ast.Load):
            return ""
        whole, key = node.value, node.slice
    if (
        isinstance(key, ast.Constant)
        and isinstance(key.value, str)
        and body.is_theirs(whole)
        and isinstance(whole, (ast.Name, ast.Attribute))
    ):
        return key.value
    return ""


def _negative_amount(body: Body) -> Iterator[Suspect]:
    """Subtracted from a balance, with no comparison of it with a number."""
    moved = {
        name for name in _subtracted(body) if _AMOUNT.search(name) and (name in body.theirs or name in body.params)
    }
    for name in sorted(moved):
        if name in body.values and not _is_checked(name, body):
            value = next(value for target, value in body.assigned if target == name)
            if body.is_theirs(value) and not re.search(r"abs\(|PositiveInt|max\(|validate|check", body.words(value)):
                yield Suspect(
                    NEGATIVE_AMOUNT,
                    Hit(body.span(value), f"Nothing asks whether {name} is positive", confidence=LIKELY),
                )
                return


def _negative_field(body: Body) -> Iterator[Suspect]:
    """`source.balance -= body.amount`, and the field of the request's model takes any number."""
    for node in body.nodes(ast.AugAssign):
        field = node.value
        if (
            not isinstance(node.op, ast.Sub)
            or not _STOCK.search(body.words(node.target))
            or not (isinstance(field, ast.Attribute) and isinstance(field.value, ast.Name) and body.is_theirs(field))
        ):
            continue
        is_bound = any(_has_bound(compare, field) for compare in body.nodes(ast.Compare))
        if _AMOUNT.search(field.attr) and not is_bound and _takes_any_number(field, body):
            message = f"Nothing asks whether {field.attr} is positive"
            yield Suspect(NEGATIVE_AMOUNT, Hit(body.span(node), message, confidence=LIKELY))
            return


def _has_bound(compare: ast.Compare, field: ast.Attribute) -> bool:
    sides = [compare.left, *compare.comparators]
    return any(ast.dump(side) == ast.dump(field) for side in sides) and any(
        isinstance(side, ast.Constant) or (isinstance(side, ast.Call) and side.args) for side in sides
    )


def _takes_any_number(field: ast.Attribute, body: Body) -> bool:
    """By the class of this file that the parameter is declared with."""
    arguments = body.node.args
    holder = field.value.id if isinstance(field.value, ast.Name) else ""
    declared = next((arg.annotation for arg in (*arguments.args, *arguments.kwonlyargs) if arg.arg == holder), None)
    for cls in body.file.by_type.get(ast.ClassDef):
        if isinstance(declared, ast.Name) and isinstance(cls, ast.ClassDef) and cls.name == declared.id:
            if re.search(r"validator|gt=|ge=|Positive", body.file.text(cls)):
                return False
            return any(
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and statement.target.id == field.attr
                and isinstance(statement.annotation, ast.Name)
                and statement.annotation.id in ("int", "float", "Decimal")
                for statement in cls.body
            )
    return False


def _subtracted(body: Body) -> Iterator[str]:
    for node in body.nodes(ast.AugAssign):
        if (
            isinstance(node.op, (ast.Sub, ast.Add))
            and _STOCK.search(body.words(node.target))
            and isinstance(node.value, ast.Name)
        ):
            yield node.value.id
    for node in body.nodes(ast.BinOp):
        if isinstance(node.op, ast.Sub) and _STOCK.search(body.words(node.left)) and isinstance(node.right, ast.Name):
            yield node.right.id
    for called in body.calls:
        if called.last == "execute" and re.search(
            r"balance\s*=\s*balance\s*[-+]|stock\s*=\s*stock\s*-", body.sql(called.node), re.IGNORECASE
        ):
            for argument in called.node.args:
                for node in walk(argument):
                    if isinstance(node, ast.Name):
                        yield node.id


def _is_checked(name: str, body: Body) -> bool:
    for compare in body.nodes(ast.Compare):
        sides = (compare.left, *compare.comparators)
        if any(isinstance(s, ast.Name) and s.id == name for s in sides) and any(
            (isinstance(s, ast.Constant) and isinstance(s.value, (int, float)))
            or (isinstance(s, ast.Call) and s.args and isinstance(s.args[0], ast.Constant))
            for s in sides
        ):
            return True
    return any(
        re.search(r"valid|check|positive|ensure", called.last)
        and any(isinstance(a, ast.Name) and a.id == name for a in called.node.args)
        for called in body.calls
    )


def _outrun(body: Body) -> Iterator[Suspect]:
    written = [(name, line) for name, line in _written(body) if _STOCK.search(name)]
    if not written:
        return
    code = _code(body)
    if _LOCKS.search(code) or not re.search(r"commit|\.save\(|execute|update_one", code):
        return
    for node in body.nodes(ast.If):
        for part in walk(node.test):
            field = _kept_field(part, body)
            if field and _STOCK.search(field) and any(field == name and line > node.lineno for name, line in written):
                yield Suspect(
                    OUTRUN_CHECK,
                    Hit(body.file.head_span(node), f"{field} is checked, and written later, without a lock"),
                )
                return


def _kept_field(node: ast.AST, body: Body) -> str:
    """Of a local name, the column that was read into it: `bal = db.execute("SELECT balance ...")`."""
    if isinstance(node, ast.Name):
        for value in body.values.get(node.id, ()):
            column = re.search(r"select\s+(\w+)\s+from", body.words(value), re.IGNORECASE)
            if column:
                return column[1]
    return _field(node)


def _field(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.id if isinstance(node, ast.Name) else ""


def _written(body: Body) -> list[tuple[str, int]]:
    """(field, line) of what is written to a record: by attribute, item or SQL."""
    written = [
        (_field(node.target), node.lineno)
        for node in body.nodes(ast.AugAssign)
        if isinstance(node.target, (ast.Attribute, ast.Subscript))
    ]
    for node in body.nodes(ast.Assign):
        written += [(_field(t), node.lineno) for t in node.targets if isinstance(t, (ast.Attribute, ast.Subscript))]
    for called in body.calls:
        if called.last == "execute":
            written += [
                (name, called.node.lineno)
                for name in re.findall(r"\bset\s+(\w+)\s*=", body.sql(called.node), re.IGNORECASE)
            ]
    return written

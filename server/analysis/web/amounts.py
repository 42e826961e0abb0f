"""What the client says of prices and amounts, and checks of what is left that a second request outruns."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import LIKELY, MEDIUM, POSSIBLE, security

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

RULES: tuple[Rule, ...] = (CLIENT_PRICE, NEGATIVE_AMOUNT, OUTRUN_CHECK)

_PRICE = re.compile(
    r"^(?:(?:\w+_)?price(?:_per_\w+)?|total|total_?amount|subtotal|cost|discount|discount_?percent|fare|fee)$",
    re.IGNORECASE,
)
_SELLS = re.compile(r"checkout|order|buy|purchase|cart|basket|pay(?!load)|charge|book|subscribe", re.IGNORECASE)
_SELLS_AT = re.compile(r"/(?:checkout|orders?|buy|purchase|cart|basket|pay)\b", re.IGNORECASE)
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
    if body.is_asked:
        yield from _client_price(body)
    yield from _negative_amount(body)
    yield from _negative_field(body)
    outrun = list(_outrun(body))
    yield from outrun or _lost_update(body)


def _code(body: Body) -> str:
    last = body.node.end_lineno or body.node.lineno
    return "\n".join(body.file.source.lines[body.node.lineno - 1 : last])


def _client_price(body: Body) -> Iterator[Suspect]:
    for called in body.calls:
        if called.last[:1].isupper() and (_SELLS.search(called.last) or _SOLD.search(called.last)):
            priced = [
                k for k in called.node.keywords if k.arg and _PRICE.match(k.arg) and _is_their_price(k.value, body)
            ]
            if priced:
                message = f"The client sends {priced[0].arg!r} itself"
                yield Suspect(CLIENT_PRICE, Hit(body.span(priced[0]), message))
                return
    if not _is_sale(body):
        return
    for node in body.nodes(ast.Attribute):
        if _PRICE.match(node.attr) and _is_own_field(node, body) and _is_reckoned_with(node, body):
            yield Suspect(CLIENT_PRICE, Hit(body.span(node), f"The client sends {node.attr!r} itself"))
            return
    for node in (*body.nodes(ast.Call), *body.nodes(ast.Subscript)):
        key = _request_key(node, body)
        if key and _PRICE.match(key):
            yield Suspect(CLIENT_PRICE, Hit(body.span(node), f"The client sends {key!r} itself"))
            return


_SOLD = re.compile(r"^(?:Shipment|Delivery|Reservation|Invoice|Rental|Sale|Trip|Ride|Transaction|LineItem)$")


def _is_their_price(value: ast.expr, body: Body) -> bool:
    """`body.price`, or a local name that is made of it: `price = body.price or weight * 2.5`."""
    if _is_own_field(value, body):
        return True
    if not isinstance(value, ast.Name):
        return False
    parts = (part for given in body.values.get(value.id, ()) for part in walk(given))
    return any(
        isinstance(part, ast.Attribute) and _PRICE.match(part.attr) and _is_own_field(part, body) for part in parts
    )


def _is_sale(body: Body) -> bool:
    """By its name, or by the path that its decorator gives it."""
    paths = (body.words(d) for d in body.node.decorator_list if isinstance(d, ast.Call))
    return bool(_SELLS.search(body.qualified)) or any(_SELLS_AT.search(path) for path in paths)


def _is_reckoned_with(node: ast.Attribute, body: Body) -> bool:
    """`user.credits < body.cost`, `account.balance -= body.total`."""
    parent = body.file.parents.get(node)
    if isinstance(parent, ast.Compare):
        return any(_STOCK.search(body.words(side)) for side in (parent.left, *parent.comparators) if side is not node)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult):
        return True
    if isinstance(parent, ast.BinOp):
        return _STOCK.search(body.words(parent.left)) is not None
    return isinstance(parent, ast.AugAssign) and _STOCK.search(body.words(parent.target)) is not None


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
        if (
            isinstance(node.op, (ast.Sub, ast.Add))
            and _STOCK.search(body.words(node.left))
            and isinstance(node.right, ast.Name)
        ):
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


_MONEY = re.compile(r"^(?:\w+_)?(?:balance|stock|credits|wallet|funds|inventory)$", re.IGNORECASE)


def _lost_update(body: Body) -> Iterator[Suspect]:
    """`user.balance -= total` of a row that was read before, and then kept: of two at once, one is lost."""
    code = _code(body)
    if _LOCKS.search(code) or not re.search(r"commit\(|\.a?save\(", code):
        return
    for kind in (ast.AugAssign, ast.Assign):
        for node in body.nodes(kind):
            target = node.target if kind is ast.AugAssign else node.targets[0]
            if not isinstance(target, ast.Attribute) or not _MONEY.match(target.attr) or not _is_sum(node, target):
                continue
            if isinstance(target.value, ast.Name) and target.value.id not in ("self", "cls"):
                message = f"{target.attr} is read, reckoned with and written without a lock"
                yield Suspect(OUTRUN_CHECK, Hit(body.span(node), message))
                return


def _is_sum(node: ast.AugAssign | ast.Assign, target: ast.Attribute) -> bool:
    """Of its old value and something that is not the same for all."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, (ast.Add, ast.Sub)) and not isinstance(node.value, ast.Constant)
    value = node.value
    return (
        isinstance(value, ast.BinOp)
        and isinstance(value.op, (ast.Add, ast.Sub))
        and ast.unparse(value.left) == ast.unparse(target)
    )


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

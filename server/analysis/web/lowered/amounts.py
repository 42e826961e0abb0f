"""Checks of what is left that a second request outruns, and prices that the client sends, in any lowered language."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.rule import Hit
from server.analysis.web.amounts import CLIENT_PRICE, NEGATIVE_AMOUNT, OUTRUN_CHECK
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, Called, plain, text_of, walk
from server.analysis.web.lowered.words import snake
from server.reviews.finding import Confidence

_STOCK = re.compile(
    r"^(?:\w+_)?(?:balance|stock|quantity|qty|inventory|credits?|points|seats|available|remaining|uses_left|funds|wallet"
    r"|tickets_left|free|redeemed|used|capacity|spots|slots|in_stock|units|copies|coins|uses|left|allowance|quota)$"
    r"|^(?:is_)?(?:used|redeemed)(?:_at)?$"
)
_MONEY = re.compile(r"^(?:\w+_)?(?:balance|stock|credits|wallet|funds|inventory)$")
_LOCKS = re.compile(
    r"for_?update|with_?lock|\block\w{0,6}\b|\block!|mutex|synchronized|\.Lock\(|PESSIMISTIC|OPTIMISTIC|serializable"
    r"|\.\$?transaction\(|start_?transaction|begin_?transaction|\btransaction do\b|with_?transaction"
    r"|acquire|setnx|atomic|\$gte\b|compareAndSet|\b(?:balance|stock|quantity|credits?|seats)\s*>=\s*(?:\?|\$|:|%|@)|@Version\b|\bversion\b"
    r"|redlock|Begin(?:Tx)?\(",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"^(?:save\w*|update\w*|flush|persist|merge|commit|execute\w*|exec\w*|query\w*|run|store|put|set|replace\w*|find_by_id_and_"
    r"update|find_one_and_update|insert\w*|decrement!?|increment!?|write)$"
)
_PRICE = re.compile(
    r"^(?:unit_?|item_?|sub_?|order_?|total_?)*(?:price|total|cost|discount|discount_percent|amount_due|subtotal)$"
)
_SELLS = re.compile(r"checkout|orders?\b|\bbuy|purchase|\bcart|basket|\bpay(?!load)|book(?:ing|_room)|reserv", re.I)
_KEPT_BY_STAFF = re.compile(r"product|item|catalog|admin|inventory|seed|import|invoice_line|staff", re.IGNORECASE)
_AMOUNT = re.compile(r"^(?:\w+_)?(?:amount|quantity|qty|sum|points|credits|tokens|coins|seats|units|count|value)$")
_MOVES = re.compile(
    r"^(?:transfer\w*|move\w*|withdraw\w*|deposit\w*|debit\w*|pay|pay_out|send_money|spend\w*|redeem\w*)$"
)
_CHECKED = re.compile(
    r"positive|abs\(|\bmax\(|Math\.abs|min\s*[:=]\s*[01]|@Min|@Positive|DecimalMin|gt\s*[:=]\s*0|\bgte?\(\s*[01]\b"
    r"|greater_than|unsigned|\bvalid\w*\(",
    re.IGNORECASE,
)


def suspects(body: Body) -> Iterator[Suspect]:
    outrun = list(_outrun(body))
    yield from outrun or _lost_update(body)
    yield from _client_price(body)
    yield from _negative_amount(body)


# What is left


def _outrun(body: Body) -> Iterator[Suspect]:
    """`if (item.stock >= n) { item.stock -= n; save(item); }`"""
    written = dict(_written(body))
    if not written or _LOCKS.search(body.text) or not _is_kept(body):
        return
    for node in body.nodes(p.If):
        for part in walk(node.test):
            owner, name = _field(part)
            if (owner, name) in written and _STOCK.match(name) and written[owner, name] >= node.line:
                message = f"{name} is checked, and written later, without a lock"
                yield Suspect(OUTRUN_CHECK, Hit(body.span(node.line), message), "")
                return


def _lost_update(body: Body) -> Iterator[Suspect]:
    """`user.balance -= total` of a row that was read before, and then kept: of two at once, one is lost."""
    written = list(_written(body))
    if not written or _LOCKS.search(body.text) or not _is_kept(body):
        return
    for (owner, name), line in written:
        if name in _ONCE and any(_asks(name, value) for value in body.values.get(owner, ())):
            message = f"{name} is asked, and set later, without a lock"
            yield Suspect(OUTRUN_CHECK, Hit(body.span(line), message), "")
            return
        if _MONEY.match(name) and any(_is_fetched(value) for value in body.values.get(owner, ())):
            message = f"{name} is read, reckoned with and written without a lock"
            yield Suspect(OUTRUN_CHECK, Hit(body.span(line), message), "")
            return


_ONCE = frozenset({"used", "redeemed", "is_used", "is_redeemed"})


def _asks(name: str, value: p.Expr) -> bool:
    """`Voucher.where(code: code, used: false)`: what is set afterwards."""
    return any(n.__class__ is p.Const and snake(str(n.value)) == name for n in walk(value)) or any(
        key == name for n in walk(value) if n.__class__ is p.Call for key, _ in n.keywords
    )


def _is_kept(body: Body) -> bool:
    return any(_KEEPS.match(called.last) for called in body.calls)


def _is_fetched(value: p.Expr) -> bool:
    return any(isinstance(n, p.Call) and not n.new for n in walk(value))


def _written(body: Body) -> Iterator[tuple[tuple[str, str], int]]:
    """((variable, field), line) of the fields that are written with what they were, of rows that were read before."""
    for node in body.nodes(p.Assign):
        for target in node.targets:
            found = _field(target)
            if found[1] and (_is_reckoned(node.value, found, body) or _is_flag(node.value, found[1])):
                yield found, node.line
    for called in body.calls:
        callee = called.node.callee
        if called.last.startswith("set_") and isinstance(callee, p.Attr) and called.node.args:
            found = (plain(callee.base), called.last.removeprefix("set_"))
            if _is_reckoned(called.node.args[0], found, body) or _is_flag(called.node.args[0], found[1]):
                yield found, called.node.line
        elif _KEEPS.match(called.last):  # `update({ funds: own.funds - amount })`
            for node in walk(*called.node.args):
                if node.__class__ is p.Op and node.operator is p.Operator.ARITHMETIC:
                    yield from ((found, called.node.line) for n in walk(node) if (found := _field(n))[1] and found[0])
        elif called.last in ("decrement", "increment") and isinstance(callee, p.Attr) and called.node.args:
            name = snake(text_of(called.node.args[0]))
            if name:
                yield (plain(callee.base), name), called.node.line


def _field(node: Any) -> tuple[str, str]:
    """(variable, field) of `item.stock`, `$item['stock']`, `item.getStock()`; ("", "") for anything else."""
    if node.__class__ is p.Call and node.callee.__class__ is p.Attr and not node.args:
        name = snake(node.callee.name)
        return (plain(node.callee.base), name.removeprefix("get_").removeprefix("is_"))
    if node.__class__ is p.Attr:
        return plain(node.base), snake(node.name)
    if node.__class__ is p.Item and node.key is not None:
        return plain(node.base), snake(text_of(node.key))
    return "", ""


def _is_reckoned(value: Any, field: tuple[str, str], body: Body) -> bool:
    """A sum or difference of what the field held before."""
    if not field[0] or field[0] in ("this", "self", "$this"):
        return False
    is_sum = any(
        (n.__class__ is p.Op and n.operator is p.Operator.ARITHMETIC)
        or n.__class__ is p.Text
        or (
            n.__class__ is p.Call
            and n.callee.__class__ is p.Attr
            and n.callee.name in ("subtract", "add", "minus", "plus", "sub")
        )
        for n in walk(value)
    )
    return is_sum and any(_field(n) == field for n in walk(value))


def _is_flag(value: Any, name: str) -> bool:
    return value.__class__ is p.Const and value.value is True and name in _ONCE


# What the client pays


def _client_price(body: Body) -> Iterator[Suspect]:
    """The price of an order is the one that its sender names."""
    where = f"{body.function.qualified} {body.source.line(body.function.line)}"
    if not _SELLS.search(snake(where)) or _KEPT_BY_STAFF.search(where):
        return
    for name, value, line in _set_fields(body):
        if _PRICE.match(name) and _is_sent(value, name, body):
            message = f"The client sends {name!r} itself"
            yield Suspect(CLIENT_PRICE, Hit(body.span(line), message, confidence=Confidence.LOW))
            return


def _set_fields(body: Body) -> Iterator[tuple[str, p.Expr, int]]:
    for node in body.nodes(p.Assign):
        for target in node.targets:
            if isinstance(target, p.Attr | p.Item):
                yield _field(target)[1], node.value, node.line
    for called in body.calls:
        if called.last.startswith("set_") and called.node.args:
            yield called.last.removeprefix("set_"), called.node.args[0], called.node.line
        yield from _pairs(called)


def _pairs(called: Called) -> Iterator[tuple[str, p.Expr, int]]:
    if not re.match(r"create|insert|save|build|new$|make$|charge|update|set$", called.last) and not called.node.new:
        return
    for given in called.node.args[:2]:
        if isinstance(given, p.Collection):
            yield from ((snake(text_of(key)), value, value.line) for key, value in given.items if key is not None)
    yield from ((snake(key), value, value.line) for key, value in called.node.keywords if key)


def _is_sent(value: Any, name: str, body: Body) -> bool:
    """The request's own field of that name, or a variable that is nothing else."""
    for one in body.values.get(plain(value), [value]) if plain(value) else [value]:
        if not body.is_theirs(one) or body.is_mine(one):
            continue
        words = [snake(n.name) if n.__class__ is p.Attr else snake(text_of(n)) for n in walk(one)]
        if any(word.removeprefix("get_") == name for word in words) and not _is_computed(one):
            return True
    return False


def _is_computed(value: Any) -> bool:
    return any(n.__class__ is p.Op and n.operator is p.Operator.ARITHMETIC for n in walk(value))


def _negative_amount(body: Body) -> Iterator[Suspect]:
    """An amount of the request that is taken from a balance, or handed to what moves money, and never compared."""
    for name, line in _moved(body):
        if _CHECKED.search(body.text):
            return
        if not _is_compared(name, body):
            message = f"Nothing asks whether {snake(name.rpartition('.')[2])} is positive"
            yield Suspect(NEGATIVE_AMOUNT, Hit(body.span(line), message, confidence=Confidence.LOW), "")
            return


def _moved(body: Body) -> Iterator[tuple[str, int]]:
    for node in body.nodes(p.Assign):
        stock = next((t for t in node.targets if _STOCK.match(_field(t)[1])), None)
        if stock is not None and _is_reckoned(node.value, _field(stock), body):
            for part in walk(node.value):
                name = _amount(part, body)
                if name:
                    yield name, node.line
    for called in body.calls:
        if _MOVES.match(called.last) and body.is_handler:
            for given in called.node.args:
                name = _amount(given, body)
                if name:
                    yield name, called.node.line


def _amount(node: Any, body: Body) -> str:
    """The name under which an amount of the request is used: of a variable, or `body.amount`."""
    name = plain(node)
    if name:
        is_amount = _AMOUNT.match(snake(name.rpartition(".")[2])) is not None
        return name if is_amount and body.is_theirs(node) else ""
    if node.__class__ is p.Attr and _AMOUNT.match(snake(node.name)) and body.is_theirs(node):
        return f"{plain(node.base)}.{node.name}"
    return ""


def _is_compared(name: str, body: Body) -> bool:
    """With a constant: not only with what is there."""
    for node in body.nodes(p.Op):
        if node.operator is p.Operator.COMPARE:
            sides = [_amount(n, body) for one in node.operands for n in walk(one)]
            if name in sides and any(one.__class__ is p.Const for one in node.operands):
                return True
    return any(
        name in [_amount(n, body) for n in walk(called.node)]
        for called in body.calls
        if called.last in ("signum", "compare_to", "is_positive", "positive", "between", "clamp")
    )

"""Tests that JavaScript makes with methods, as the operators that other languages have for them.

`ALLOWED.includes(x)`, `ALLOWED.has(x)` and `ALLOWED.indexOf(x) !== -1` are `x in ALLOWED`; `/re/.test(x)` and
`x.match(/re/)` search for a pattern; `isNaN(x)` is the contrary of a number.
"""

from server.analysis.flow import program as p
from server.analysis.source import Span

_MEMBERSHIP = frozenset({"includes", "has", "hasOwnProperty", "contains"})


def as_test(callee: p.Expr, arguments: list[p.Expr], span: Span) -> p.Expr | None:
    """The test that the call makes; None where it makes none."""
    line = span.start_line
    if isinstance(callee, p.Name):
        if callee.id == "isNaN" and len(arguments) == 1:
            return _not_a_number(arguments, span)
        return None
    if not isinstance(callee, p.Attr) or not arguments:
        return None
    name, base = callee.name, callee.base
    if name == "isNaN" and isinstance(base, p.Name) and base.id == "Number":
        return _not_a_number(arguments, span)
    if name == "hasOwn" and len(arguments) == 2:
        return p.Op(line, p.Operator.COMPARE, [arguments[1], arguments[0]], "in")
    if name in _MEMBERSHIP and len(arguments) == 1:
        return p.Op(line, p.Operator.COMPARE, [arguments[0], base], "in")
    if name == "test" and len(arguments) == 1:
        return p.Call(line, p.Attr(line, base, "search"), arguments, [], span)
    if name == "match" and isinstance(arguments[0], p.Const):
        return p.Call(line, p.Attr(line, arguments[0], "search"), [base], [], span)
    return None


def _not_a_number(arguments: list[p.Expr], span: Span) -> p.Expr:
    line = span.start_line
    number = p.Attr(line, p.Name(line, "typeof"), "number")
    return p.Op(line, p.Operator.NOT, [p.Call(line, number, arguments, [], span)], "!")


_FOUND = frozenset({("!==", -1), ("!=", -1), (">", -1), (">=", 0)})
_MISSING = frozenset({("===", -1), ("==", -1), ("<", 0), ("<=", -1)})


def index_test(operands: list[p.Expr], sign: str, line: int) -> p.Expr | None:
    """`a.indexOf(b) === -1`"""
    call, bound = operands
    if not isinstance(call, p.Call) or not isinstance(call.callee, p.Attr) or call.callee.name != "indexOf":
        return None
    if not isinstance(bound, p.Const) or len(call.args) != 1:
        return None
    test = (sign, bound.value)
    if test not in _FOUND and test not in _MISSING:
        return None
    is_in = "in" if test in _FOUND else "not in"
    return p.Op(line, p.Operator.COMPARE, [call.args[0], call.callee.base], is_in)

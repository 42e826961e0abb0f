"""Expressions of JavaScript and TypeScript."""

from collections.abc import Callable

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.javascript.lowering.cleaning import answer_name, as_display, cleaning_name, transparent
from server.analysis.javascript.lowering.functions import class_of, closure
from server.analysis.javascript.lowering.jsx import lower_element
from server.analysis.javascript.lowering.options import options_of
from server.analysis.javascript.lowering.patterns import PATTERNS
from server.analysis.javascript.lowering.routing import serve
from server.analysis.javascript.lowering.scope import SKIPPED, Lowering, member
from server.analysis.javascript.lowering.sockets import receive
from server.analysis.javascript.lowering.tests import as_test, index_test
from server.analysis.source import Span

_COMPARISONS = frozenset({"==", "===", "!=", "!==", "<", ">", "<=", ">=", "in", "instanceof"})

_LONGEST_SUM = 5_000
"""Terms; the rest of a longer one is left out."""


def _inner(node: Node, low: Lowering) -> p.Expr:
    """What parentheses, casts and `await` hold."""
    for child in node.named_children:
        if child.type not in SKIPPED:
            return low.expr(child)
    return p.Unknown(low.line(node), [])


def _last(node: Node, low: Lowering) -> p.Expr:
    """`<T>x`: the type comes first."""
    return low.expr(node.named_children[-1]) if node.named_child_count else p.Unknown(low.line(node), [])


def _identifier(node: Node, low: Lowering) -> p.Expr:
    return p.Name(low.line(node), low.text(node))


def _undefined(node: Node, low: Lowering) -> p.Expr:
    return p.Const(low.line(node), None)


def _truth(node: Node, low: Lowering) -> p.Expr:
    return p.Const(low.line(node), node.type == "true")


def _string(node: Node, low: Lowering) -> p.Expr:
    return p.Const(low.line(node), low.text(node)[1:-1])


def _regex(node: Node, low: Lowering) -> p.Expr:
    """The pattern alone, without slashes and flags."""
    return p.Const(low.line(node), low.text(node.child_by_field_name("pattern")))


def _number(node: Node, low: Lowering) -> p.Expr:
    text = low.text(node).rstrip("n").replace("_", "")
    try:
        value: int | float = int(text, 0) if len(text) < 30 else 0
    except ValueError:
        try:
            value = float(text)
        except ValueError:
            value = 0
    return p.Const(low.line(node), value)


def _template(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    parts: list[p.Expr] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts.append(_inner(child, low))
        elif child.type in ("string_fragment", "escape_sequence"):
            parts.append(p.Const(low.line(child), low.text(child)))
    if not parts:
        return p.Const(line, "")
    if all(isinstance(part, p.Const) and isinstance(part.value, str) for part in parts):
        return p.Const(line, "".join(str(part.value) for part in parts if isinstance(part, p.Const)))
    return p.Text(line, parts, p.Building.TEMPLATE, low.span(node))


def _member(node: Node, low: Lowering) -> p.Expr:
    base = node.child_by_field_name("object")
    name = low.text(node.child_by_field_name("property")).lstrip("#")
    line = low.line(node)
    if name == "$route":  # of Vue, whatever component it is asked of
        return low.module_as_name("vue-router.$route", line)
    if base is not None and base.end_byte - base.start_byte < _LONGEST_SCOPE:
        scope = low.text(base)
        if scope in ("exports", "module.exports") or (scope in _WINDOWS and name in _GLOBALS):
            return p.Name(line, name)
    return p.Attr(line, low.expr(base), name)


_LONGEST_SCOPE = 15
_WINDOWS = frozenset({"window", "globalThis", "global", "top", "parent", "document"})
_GLOBALS = frozenset(
    {
        *("location", "document", "localStorage", "sessionStorage", "fetch", "eval", "setTimeout", "setInterval"),
        *("Function", "addEventListener", "$", "jQuery", "process", "require"),
    }
)
"""Properties of the window that are mostly written without it."""


def _super(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    return p.Call(line, p.Name(line, "super"), [], [], low.span(node))


def _subscript(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    base, key = low.expr(node.child_by_field_name("object")), low.expr(node.child_by_field_name("index"))
    if isinstance(key, p.Const) and isinstance(key.value, str):
        return member(base, key.value, line)
    return p.Item(line, base, key)


def _call(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    given = node.child_by_field_name("arguments")
    function = node.child_by_field_name("function")
    if given is not None and given.type == "template_string":
        return _tagged(node, function, given, low)
    module = low.required(node)
    if module is not None:
        return low.module_as_name(module, line)
    callee = _callee(function, low, line)
    span = _span_of_call(node, function, low)
    arguments = _arguments(given, low)
    receive(callee, arguments, span, low)
    serve(callee, arguments, low)
    known = as_test(callee, arguments, span) or transparent(callee, arguments)
    if known is not None:
        return known
    if isinstance(callee, p.Attr):
        callee.name = cleaning_name(callee.name, arguments)
        callee.name = answer_name(callee.name, callee.base) if low.answers_plainly else callee.name
    call = p.Call(span.start_line, callee, arguments, options_of(arguments), span)
    if function is not None and function.type == "subscript_expression" and isinstance(callee, p.Item) and callee.key:
        chosen = p.Call(line, low.module_as_name(CHOSEN_FUNCTION, line), [callee.key], [], span)
        return p.Unknown(line, [call, chosen])
    return call


CHOSEN_FUNCTION = "js.chosen_function"
"""Called with the name by which a function is chosen: `handlers[name](x)`."""


def _callee(function: Node | None, low: Lowering, line: int) -> p.Expr:
    """`super(x)` is a call of the base's constructor; `path.join` normalizes as `path.resolve` does."""
    if function is not None and not function.is_named:
        return p.Name(line, low.text(function))
    callee = low.expr(function)
    if function is not None and function.type == "super":
        return p.Attr(line, callee, "__init__")
    if isinstance(callee, p.Attr) and callee.name == "join" and isinstance(callee.base, p.Name):
        return p.Attr(line, callee.base, "resolve") if callee.base.id == "path" else callee
    return callee


def _span_of_call(node: Node, function: Node | None, low: Lowering) -> Span:
    """In a chain of calls over many lines a call begins with its method's name."""
    span = low.span(node)
    if span.start_line == span.end_line or function is None or function.type != "member_expression":
        return span
    name = function.child_by_field_name("property")
    return low.span(name)._replace(end_line=span.end_line, end_column=span.end_column) if name is not None else span


def _tagged(node: Node, tag: Node | None, template: Node, low: Lowering) -> p.Expr:
    """What a tag makes of the values is its own: every well-known one (`sql`, `html`, `gql`, `css`) escapes or binds
    them, so that the result carries nothing. `String.raw` does not.
    """
    text = _template(template, low)
    if low.text(tag) == "String.raw" or not isinstance(text, p.Text):
        return text
    return p.Op(low.line(node), p.Operator.COMPARE, text.parts, "tag")


def _arguments(given: Node | None, low: Lowering) -> list[p.Expr]:
    if given is None:
        return []
    return [low.expr(child) for child in given.named_children if child.type not in SKIPPED]


def _new(node: Node, low: Lowering) -> p.Expr:
    callee = low.expr(node.child_by_field_name("constructor"))
    given = _arguments(node.child_by_field_name("arguments"), low)
    display = as_display(callee, given)
    if display is not None:
        return display
    return p.Call(low.line(node), callee, given, options_of(given), low.span(node), new=True)


def _spread(node: Node, low: Lowering) -> p.Expr:
    return p.Spread(low.line(node), _inner(node, low))


def _array(node: Node, low: Lowering) -> p.Expr:
    items: list[tuple[p.Expr | None, p.Expr]] = [
        (None, low.expr(child)) for child in node.named_children if child.type not in SKIPPED
    ]
    return p.Collection(low.line(node), p.Shape.LIST, items)


def _object(node: Node, low: Lowering) -> p.Expr:
    items: list[tuple[p.Expr | None, p.Expr]] = []
    for child in node.named_children:
        line = low.line(child)
        if child.type == "pair":
            items.append((_key(child.child_by_field_name("key"), low), low.expr(child.child_by_field_name("value"))))
        elif child.type == "shorthand_property_identifier":
            name = low.text(child)
            items.append((p.Const(line, name), p.Name(line, name)))
        elif child.type == "spread_element":
            items.append((None, _inner(child, low)))
        elif child.type == "method_definition":
            name = low.text(child.child_by_field_name("name"))
            items.append((p.Const(line, name), closure(child, low, name)))
    return p.Collection(low.line(node), p.Shape.DICT, items)


def _key(key: Node | None, low: Lowering) -> p.Expr | None:
    if key is None:
        return None
    if key.type == "computed_property_name":
        return _inner(key, low)
    return p.Const(low.line(key), low.text(key).strip("'\""))


def _binary(node: Node, low: Lowering) -> p.Expr:
    sign = _sign(node)
    if sign == "+":
        return _sum(node, low)
    if sign in _COMPARISONS:
        return _comparison(node, sign, low)
    operands = _chain(node, sign, low)
    operator = p.Operator.ARITHMETIC
    if sign in ("&&", "||", "??"):
        operator = p.Operator.AND if sign == "&&" else p.Operator.OR
    return p.Op(low.line(node), operator, operands, sign)


def _sign(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def _chain(node: Node, sign: str, low: Lowering) -> list[p.Expr]:
    """`a + b + c` leans to the left, as deep as it is long: its operands, in order."""
    operands: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "binary_expression" and _sign(at) == sign:
        right = at.child_by_field_name("right")
        if right is not None:
            operands.append(right)
        at = at.child_by_field_name("left")
    if at is not None:
        operands.append(at)
    return [low.expr(operand) for operand in reversed(operands[-_LONGEST_SUM:])]


def _sum(node: Node, low: Lowering) -> p.Expr:
    line = low.line(node)
    parts = _chain(node, "+", low)
    if all(isinstance(part, p.Const) and isinstance(part.value, str) for part in parts):
        return p.Const(line, "".join(str(part.value) for part in parts if isinstance(part, p.Const)))
    return p.Text(line, parts, p.Building.CONCAT, low.span(node))


def _comparison(node: Node, sign: str, low: Lowering) -> p.Expr:
    """`typeof x === "number"` becomes a test by the made-up function `typeof.number`, so that it can be a guard."""
    line = low.line(node)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and right is not None and left.type == "unary_expression" and _sign(left) == "typeof":
        test = p.Attr(line, p.Name(line, "typeof"), low.text(right).strip("'\"`") if right.type == "string" else "any")
        call = p.Call(line, test, [low.expr(left.child_by_field_name("argument"))], [], low.span(node))
        return p.Op(line, p.Operator.NOT, [call], "!") if sign.startswith("!") else call
    operands = [low.expr(left), low.expr(right)]
    return index_test(operands, sign, line) or p.Op(line, p.Operator.COMPARE, operands, sign)


def _unary(node: Node, low: Lowering) -> p.Expr:
    sign = _sign(node)
    operand = low.expr(node.child_by_field_name("argument"))
    if sign == "-" and isinstance(operand, p.Const) and isinstance(operand.value, int | float):
        return p.Const(operand.line, -operand.value)
    if sign == "!":
        return p.Op(low.line(node), p.Operator.NOT, [operand], sign)
    if sign in ("typeof", "delete", "void"):
        return p.Op(low.line(node), p.Operator.COMPARE, [operand], sign)
    return p.Op(low.line(node), p.Operator.ARITHMETIC, [operand], sign)


def _update(node: Node, low: Lowering) -> p.Expr:
    return p.Op(low.line(node), p.Operator.ARITHMETIC, [low.expr(node.child_by_field_name("argument"))], "++")


def _ternary(node: Node, low: Lowering) -> p.Expr:
    condition, yes, no = (node.child_by_field_name(name) for name in ("condition", "consequence", "alternative"))
    return p.Choice(low.line(node), low.expr(condition), low.expr(yes), low.expr(no))


def _assignment(node: Node, low: Lowering) -> p.Expr:
    """In the midst of an expression; as a statement of its own it is lowered by `statements.py`."""
    target, value = node.child_by_field_name("left"), low.expr(node.child_by_field_name("right"))
    if target is None or target.type in PATTERNS:
        return value
    low.assign(target)
    return p.Let(low.line(node), low.expr(target), value)


def _augmented(node: Node, low: Lowering) -> p.Expr:
    target = node.child_by_field_name("left")
    if target is not None:
        low.assign(target)
    return p.Let(low.line(node), low.expr(target), augmented_value(node, low))


def augmented_value(node: Node, low: Lowering) -> p.Expr:
    """`x += y` gives `x + y`."""
    line, sign = low.line(node), _sign(node)
    operands = [low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))]
    if sign == "+=":
        return p.Text(line, operands, p.Building.CONCAT, low.span(node))
    operator = p.Operator.OR if sign in ("||=", "??=", "&&=") else p.Operator.ARITHMETIC
    return p.Op(line, operator, operands, sign)


def _sequence(node: Node, low: Lowering) -> p.Expr:
    return low.unknown(node)


def _yield(node: Node, low: Lowering) -> p.Expr:
    value = node.named_child(0)
    return p.Yield(low.line(node), low.expr(value) if value is not None else None)


def _function(node: Node, low: Lowering) -> p.Expr:
    return closure(node, low)


def _class(node: Node, low: Lowering) -> p.Expr:
    """A class without a name of its own: what its methods do still counts."""
    definition = class_of(node, low, "")
    return p.Unknown(
        low.line(node),
        [p.Closure(part.line, part.function) for part in definition.body if isinstance(part, p.Define)],
    )


def _nothing(node: Node, low: Lowering) -> p.Expr:
    return p.Unknown(low.line(node), [])


EXPRESSIONS: dict[str, Callable[[Node, Lowering], p.Expr]] = {
    **dict.fromkeys(
        ("identifier", "this", "super", "property_identifier", "shorthand_property_identifier"), _identifier
    ),
    **dict.fromkeys(("undefined", "null"), _undefined),
    **dict.fromkeys(("true", "false"), _truth),
    **dict.fromkeys(
        (
            "parenthesized_expression",
            "await_expression",
            "as_expression",
            "satisfies_expression",
            "non_null_expression",
            "instantiation_expression",
            "decorator",
            "jsx_expression",
            "template_substitution",
            "expression_statement",
        ),
        _inner,
    ),
    "type_assertion": _last,
    "string": _string,
    "number": _number,
    "regex": _regex,
    "template_string": _template,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "call_expression": _call,
    "new_expression": _new,
    "spread_element": _spread,
    "array": _array,
    "object": _object,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "update_expression": _update,
    "ternary_expression": _ternary,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "sequence_expression": _sequence,
    "yield_expression": _yield,
    **dict.fromkeys(("arrow_function", "function_expression", "generator_function", "function"), _function),
    "class": _class,
    "comment": _nothing,
    **dict.fromkeys(("jsx_element", "jsx_self_closing_element", "jsx_fragment"), lower_element),
}

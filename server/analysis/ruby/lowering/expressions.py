"""Expressions of Ruby."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import null, number, truth
from server.analysis.source import Span

if TYPE_CHECKING:
    from server.analysis.ruby.lowering.scope import Lowering

_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "===", "=~", "!~", "<=>"})
_ANDS, _ORS = frozenset({"&&", "and"}), frozenset({"||", "or"})


def _inner(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    return low.expr(parts[-1]) if parts else p.Unknown(low.line(node), [])


def _identifier(node: Node, low: "Lowering") -> p.Expr:
    """A variable, or a call of a method without arguments."""
    name, line = low.text(node), low.line(node)
    if name not in low.locals and name in low.methods:
        return p.Call(line, p.Attr(line, p.Name(line, "self"), name), [], [], low.span(node))
    return p.Name(line, name)


def _constant(node: Node, low: "Lowering") -> p.Expr:
    return p.Name(low.line(node), low.text(node))


def _scoped(node: Node, low: "Lowering") -> p.Expr:
    """`A::B`."""
    scope = node.child_by_field_name("scope")
    name, line = low.text(node.child_by_field_name("name")), low.line(node)
    return p.Attr(line, low.expr(scope), name) if scope is not None else p.Name(line, name)


def _instance(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    return p.Attr(line, p.Name(line, "self"), low.text(node).lstrip("@"))


def _self(node: Node, low: "Lowering") -> p.Expr:
    return p.Name(low.line(node), "self")


def _string(node: Node, low: "Lowering") -> p.Expr:
    """A text; put together where it has values in it."""
    line, parts = low.line(node), list[p.Expr]()
    for child in node.named_children:
        if child.type == "interpolation":
            parts += [low.expr(inner) for inner in low.parts(child)]
        elif child.type == "string":
            parts.append(_string(child, low))
        else:
            parts.append(p.Const(low.line(child), low.text(child)))
    if all(isinstance(part, p.Const) for part in parts):
        return p.Const(line, "".join(str(part.value) for part in parts if isinstance(part, p.Const)))
    return p.Text(line, parts, p.Building.TEMPLATE, low.span(node))


def _regex(node: Node, low: "Lowering") -> p.Expr:
    """Its end as every language knows it: `$` is only the end of a line, `\\z` that of the text."""
    made = _string(node, low)
    if isinstance(made, p.Const):
        text = str(made.value)
        return p.Const(made.line, text[:-1] if text.endswith("$") else text)
    return p.Call(made.line, p.Name(made.line, "Regexp"), [made], [], low.span(node))


def _symbol(node: Node, low: "Lowering") -> p.Expr:
    return p.Const(low.line(node), low.text(node).strip(":\"'"))


def _item(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    return p.Item(low.line(node), low.expr(parts[0]), low.expr(parts[1]) if len(parts) > 1 else None)


def _call(node: Node, low: "Lowering") -> p.Expr:
    """With the block as its last argument. `format(f, a)` is the text that it makes."""
    method, receiver = node.child_by_field_name("method"), node.child_by_field_name("receiver")
    span = low.span(method)._replace(end_line=node.end_point.row + 1) if method is not None else low.span(node)
    span = span._replace(end_column=low.span(node).end_column)
    line, name = span.start_line, low.text(method)
    args, keywords = arguments(node.child_by_field_name("arguments"), low)
    if receiver is None and name in ("format", "sprintf") and args:
        return p.Text(line, args, p.Building.FORMAT, span)
    if receiver is not None and len(args) == 1 and name in _TESTS:
        inside, whole = (args[0], low.expr(receiver)) if _TESTS[name] else (low.expr(receiver), args[0])
        return p.Op(line, p.Operator.COMPARE, [inside, whole], "in")
    if receiver is not None and len(args) == 1 and name in ("match?", "match") and receiver.type != "regex":
        return p.Call(line, p.Attr(line, args[0], "search"), [low.expr(receiver)], [], span)
    block = node.child_by_field_name("block")
    if block is not None:
        handler = _lambda(block, low)
        if receiver is None and name in _VERBS and isinstance(handler, p.Closure):
            answering(handler.function.body)
            _captured(handler.function)
        args.append(handler)
    return p.Call(line, _callee(receiver, name, method, low), args, keywords, span)


_TESTS = {"include?": True, "member?": True, "key?": True, "has_key?": True, "cover?": True, "in?": False}
"""Methods that ask whether one is in the other: True where the whole is asked."""

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})


def _captured(route: p.Function) -> None:
    """The block's parameters are the parts of the path that the route leaves open."""
    for param in reversed(route.params):
        part = p.Item(route.line, p.Name(route.line, "params"), p.Const(route.line, param.name))
        route.body.insert(
            0, p.Assign(route.line, [p.Name(route.line, param.name)], part, Span(route.line, 1, route.line, 1))
        )


def answering(body: list[p.Statement]) -> None:
    """What a route of Sinatra gives is the answer: handed to `sinatra.answer`, which the tables know."""
    last = body[-1] if body else None
    if isinstance(last, p.Return) and last.value is not None:
        callee = p.Attr(last.line, p.Name(last.line, "sinatra"), "answer")
        last.value = p.Call(last.line, callee, [last.value], [], last.span)
    elif isinstance(last, p.If):
        answering(last.body)
        answering(last.orelse)
    elif isinstance(last, p.Try):
        answering(last.body)


def _callee(receiver: Node | None, name: str, method: Node | None, low: "Lowering") -> p.Expr:
    line = low.line(method) if method is not None else 0
    if receiver is not None:
        made = low.expr(receiver)
        return made if name == "new" else p.Attr(line, made, name)
    if method is not None and method.type == "super":
        return p.Call(line, p.Name(line, "super"), [], [], low.span(method))
    return p.Attr(line, p.Name(line, "self"), name) if name in low.methods else p.Name(line, name)


def arguments(node: Node | None, low: "Lowering") -> tuple[list[p.Expr], list[tuple[str | None, p.Expr]]]:
    args: list[p.Expr] = []
    keywords: list[tuple[str | None, p.Expr]] = []
    for given in low.parts(node):
        if given.type == "pair":
            key, value = given.child_by_field_name("key"), low.expr(given.child_by_field_name("value"))
            keywords.append((low.text(key).strip(":\"'") or None, value))
        elif given.type == "hash_splat_argument":
            keywords.append((None, _inner(given, low)))
        elif given.type == "splat_argument":
            args.append(p.Spread(low.line(given), _inner(given, low)))
        elif given.type != "block_argument":
            args.append(low.expr(given))
    return args, keywords


def _binary(node: Node, low: "Lowering") -> p.Expr:
    line, sign = low.line(node), low.text(node.child_by_field_name("operator"))
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if sign in ("+", "<<"):
        return p.Text(line, low.summands(node, sign), p.Building.CONCAT, low.span(node))
    operands = [low.expr(left), low.expr(right)]
    if sign in ("=~", "!~"):
        return _matched(operands, sign, left, node, low)
    if sign == "%" and left is not None and left.type == "string":
        values = [value for _, value in operands[1].items] if isinstance(operands[1], p.Collection) else operands[1:]
        return p.Text(line, [operands[0], *values], p.Building.PERCENT, low.span(node))
    if sign in _COMPARISONS:
        return p.Op(line, p.Operator.COMPARE, operands, sign)
    operator = p.Operator.AND if sign in _ANDS else p.Operator.OR if sign in _ORS else p.Operator.ARITHMETIC
    return p.Op(line, operator, operands, sign)


def _matched(operands: list[p.Expr], sign: str, left: Node | None, node: Node, low: "Lowering") -> p.Expr:
    """`text =~ pattern`, either way round."""
    line = low.line(node)
    pattern, text = operands if left is not None and left.type == "regex" else operands[::-1]
    found = p.Call(line, p.Attr(line, pattern, "search"), [text], [], low.span(node))
    return found if sign == "=~" else p.Op(line, p.Operator.NOT, [found], "!")


def _unary(node: Node, low: "Lowering") -> p.Expr:
    sign = low.text(node.child_by_field_name("operator"))
    operator = p.Operator.NOT if sign in ("!", "not") else p.Operator.ARITHMETIC
    return p.Op(low.line(node), operator, [low.expr(node.child_by_field_name("operand"))], sign)


def _choice(node: Node, low: "Lowering") -> p.Expr:
    """`a ? b : c`, and `if` as a value."""
    test = low.expr(node.child_by_field_name("condition"))
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    return p.Choice(low.line(node), test, low.expr(yes), low.expr(no) if no is not None else p.Const(0, None))


def _cases(node: Node, low: "Lowering") -> p.Expr:
    values = [
        child.child_by_field_name("body") or child for child in node.named_children if child.type in ("when", "else")
    ]
    return p.Unknown(low.line(node), [low.expr(value) for value in values])


def _hash(node: Node, low: "Lowering") -> p.Expr:
    items: list[tuple[p.Expr | None, p.Expr]] = []
    for pair in low.parts(node):
        if pair.type == "pair":
            key = pair.child_by_field_name("key")
            made = _symbol(key, low) if key is not None and key.type == "hash_key_symbol" else low.expr(key)
            items.append((made, low.expr(pair.child_by_field_name("value"))))
        else:
            items.append((None, p.Spread(low.line(pair), _inner(pair, low))))
    return p.Collection(low.line(node), p.Shape.DICT, items)


def _array(node: Node, low: "Lowering") -> p.Expr:
    return p.Collection(low.line(node), p.Shape.LIST, [(None, low.expr(part)) for part in low.parts(node)])


def _splat(node: Node, low: "Lowering") -> p.Expr:
    return p.Spread(low.line(node), _inner(node, low))


def _subshell(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    return p.Call(line, p.Name(line, "%x"), [_string(node, low)], [], low.span(node))


def _assigned(node: Node, low: "Lowering") -> p.Expr:
    target, value = node.child_by_field_name("left"), low.expr(node.child_by_field_name("right"))
    return p.Let(low.line(node), target_of(target, low), value)


def target_of(node: Node | None, low: "Lowering") -> p.Expr:
    """What is assigned to: from here on, a bare name is a variable."""
    if node is None:
        return p.Unknown(0, [])
    line = low.line(node)
    if node.type == "identifier":
        low.locals.add(low.text(node))
        return p.Name(line, low.text(node))
    if node.type in ("left_assignment_list", "destructured_left_assignment"):
        return p.Collection(line, p.Shape.TUPLE, [(None, target_of(part, low)) for part in low.parts(node)])
    if node.type == "call":
        base = low.expr(node.child_by_field_name("receiver"))
        return p.Attr(line, base, low.text(node.child_by_field_name("method")))
    return low.expr(node)


def _lambda(node: Node, low: "Lowering") -> p.Expr:
    from server.analysis.ruby.lowering.declarations import closure_of  # here: declarations hold expressions

    return p.Closure(low.line(node), closure_of(node, low))


def _yielded(node: Node, low: "Lowering") -> p.Expr:
    parts = [low.expr(given) for listed in low.parts(node) for given in low.parts(listed)]
    return p.Unknown(low.line(node), parts)


def _nothing(node: Node, low: "Lowering") -> p.Expr:
    return p.Unknown(low.line(node), [])


EXPRESSIONS: dict[str, "Callable[[Node, Lowering], p.Expr]"] = {
    "identifier": _identifier,
    "constant": _constant,
    "global_variable": _constant,
    "scope_resolution": _scoped,
    "instance_variable": _instance,
    "class_variable": _instance,
    "self": _self,
    "string": _string,
    "chained_string": _string,
    "bare_string": _string,
    "heredoc_body": _string,
    "regex": _regex,
    "simple_symbol": _symbol,
    "delimited_symbol": _string,
    "hash_key_symbol": _symbol,
    "bare_symbol": _symbol,
    "integer": number,
    "float": number,
    "true": truth,
    "false": truth,
    "nil": null,
    "parenthesized_statements": _inner,
    "then": _inner,
    "else": _inner,
    "begin": _inner,
    "element_reference": _item,
    "call": _call,
    "binary": _binary,
    "unary": _unary,
    "conditional": _choice,
    "if": _choice,
    "unless": _choice,
    "case": _cases,
    "hash": _hash,
    "array": _array,
    "string_array": _array,
    "symbol_array": _array,
    "splat_argument": _splat,
    "subshell": _subshell,
    "assignment": _assigned,
    "lambda": _lambda,
    "yield": _yielded,
    "range": _nothing,
}

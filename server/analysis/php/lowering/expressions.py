"""Expressions of PHP."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from server.analysis.flow import program as p
from server.analysis.lowering import null, number, truth
from server.analysis.php.lowering.builtin import MADE, begins, contains
from server.analysis.php.lowering.dynamic import is_dynamic, with_name, written_code

if TYPE_CHECKING:
    from server.analysis.php.lowering.scope import Lowering

_COMPARISONS = frozenset({"==", "===", "!=", "!==", "<>", "<", ">", "<=", ">=", "<=>", "instanceof"})
_CHOICES = frozenset({"??", "?:"})


def _inner(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    return low.expr(parts[0]) if parts else p.Unknown(low.line(node), [])


def _variable(node: Node, low: "Lowering") -> p.Expr:
    return p.Name(low.line(node), low.text(node))


def _name(node: Node, low: "Lowering") -> p.Expr:
    return low.class_name(node)


def _string(node: Node, low: "Lowering") -> p.Expr:
    return p.Const(low.line(node), low.text(node).strip("'\""))


def _interpolated(node: Node, low: "Lowering") -> p.Expr:
    """A text in double quotes or a heredoc."""
    line, parts = low.line(node), list[p.Expr]()
    for child in node.named_children:
        if child.type in ("string_content", "escape_sequence"):
            parts.append(p.Const(low.line(child), low.text(child)))
        elif child.type == "heredoc_body":
            inner = _interpolated(child, low)
            parts += inner.parts if isinstance(inner, p.Text) else [inner]
        elif child.type not in ("heredoc_start", "heredoc_end"):
            parts.append(low.expr(child))
    if all(isinstance(part, p.Const) for part in parts):
        return p.Const(line, "".join(str(part.value) for part in parts if isinstance(part, p.Const)))
    return p.Text(line, parts, p.Building.TEMPLATE, low.span(node))


_OF_REQUESTS = frozenset({"query", "request", "headers", "cookies", "files", "attributes", "server", "session", "user"})


def _member(node: Node, low: "Lowering") -> p.Expr:
    """`$request->name` of Laravel is `$request->input("name")`."""
    base, line = low.expr(node.child_by_field_name("object")), low.line(node)
    name = low.text(node.child_by_field_name("name"))
    if isinstance(base, p.Name) and base.id == "$request" and low.is_laravel and name not in _OF_REQUESTS:
        return p.Call(line, p.Attr(line, base, "input"), [p.Const(line, name)], [], low.span(node))
    return p.Attr(line, base, name)


def _scoped(node: Node, low: "Lowering") -> p.Expr:
    """`Foo::$x` and `Foo::X`."""
    parts = low.parts(node)
    base = _scope(parts[0], low) if parts else p.Unknown(low.line(node), [])
    return p.Attr(low.line(node), base, low.text(parts[-1]).lstrip("$") if len(parts) > 1 else "")


def _item(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    key = low.expr(parts[1]) if len(parts) > 1 else None
    if isinstance(key, p.Const) and key.value in _OF_THE_SERVER and low.text(parts[0]) == "$_SERVER":
        return p.Unknown(low.line(node), [])
    if isinstance(key, p.Const) and key.value == "argv" and low.text(parts[0]) == "$_SERVER":
        return p.Name(low.line(node), "$argv")
    return p.Item(low.line(node), low.expr(parts[0]), key)


_OF_THE_SERVER = frozenset(
    {
        *("SCRIPT_FILENAME", "SCRIPT_NAME", "DOCUMENT_ROOT", "CONTEXT_DOCUMENT_ROOT", "SERVER_ADDR", "SERVER_PORT"),
        *("SERVER_SOFTWARE", "SERVER_PROTOCOL", "SERVER_ADMIN", "GATEWAY_INTERFACE", "REMOTE_ADDR", "REMOTE_PORT"),
        *("REQUEST_TIME", "REQUEST_TIME_FLOAT", "HTTPS", "REDIRECT_STATUS", "argc"),
    }
)
"""What the web server says of itself and of the connection: whoever asks does not choose it."""


def _called(node: Node, low: "Lowering") -> p.Expr:
    """Functions by their small letters: PHP does not tell `MD5()` from `md5()`. Some are what they make."""
    function, line = node.child_by_field_name("function"), low.line(node)
    made = MADE.get(low.text(function).lower().lstrip("\\")) if function is not None else None
    if made is not None:
        parts, _ = arguments(node.child_by_field_name("arguments"), low)
        value = made(parts, node, low)
        if value is not None:
            return value
    if function is not None and function.type in ("name", "qualified_name"):
        text = low.text(function)
        callee: p.Expr = p.Name(line, text.lower()) if "\\" not in text.strip("\\") else low.class_name(function)
    else:
        callee = low.expr(function)
    call = p.Call(line, callee, *arguments(node.child_by_field_name("arguments"), low), low.span(node))
    known = _KNOWN_CALLS.get(callee.id) if isinstance(callee, p.Name) else None
    if known is not None:
        return known(call, low) or call
    if function is None or function.type != "variable_name" or _holds_function(low.text(function), low):
        return call
    chosen = p.Call(line, p.Name(line, "call_user_func"), [callee], [], low.span(node))
    return p.Unknown(line, [call, chosen])


def _holds_function(variable: str, low: "Lowering") -> bool:
    """Whether the file gives it a function that is written there, or says that it is one: any other may be the name
    of one.
    """
    name = re.escape(variable)
    written = rf"{name}\s*=\s*(?:static\s+)?(?:function|fn)\b|\b(?:Closure|callable)\s+{name}\b"
    return variable == "$next" or re.search(written, low.file.source.text) is not None


def _asked(call: p.Call, low: "Lowering") -> p.Expr | None:
    """Laravel's `request("name")` is `request()->input("name")`."""
    if not call.args:
        return None
    request = p.Call(call.line, call.callee, [], [], call.span)
    return p.Call(call.line, p.Attr(call.line, request, "input"), call.args, call.keywords, call.span)


def _unserialized(call: p.Call, low: "Lowering") -> p.Expr | None:
    """`unserialize($x, ["allowed_classes" => false])` makes no objects."""
    options = call.args[1] if len(call.args) > 1 else None
    for key, value in options.items if isinstance(options, p.Collection) else ():
        allowed = isinstance(key, p.Const) and key.value == "allowed_classes"
        if allowed and not (isinstance(value, p.Const) and value.value is True):
            return p.Unknown(call.line, call.args[:1])
    return None


def _parsed_xml(call: p.Call, low: "Lowering") -> p.Expr | None:
    """The options of an XML parser are left out where they name what they are and none of them reads entities."""
    options = low.file.source.lines[call.span.start_line - 1 : call.span.end_line]
    named = set(re.findall(r"\bLIBXML_(\w+)", "\n".join(options)))
    if len(call.args) < 3 or (named and not named & {"NOENT", "DTDLOAD", "DTDATTR"}):
        return p.Call(call.line, call.callee, call.args[:1], [], call.span)
    return None


_KNOWN_CALLS: dict[str, "Callable[[p.Call, Lowering], p.Expr | None]"] = {
    "request": _asked,
    "unserialize": _unserialized,
    "file_put_contents": written_code,
    "simplexml_load_string": _parsed_xml,
    "simplexml_load_file": _parsed_xml,
}


def _method(node: Node, low: "Lowering") -> p.Expr:
    name = node.child_by_field_name("name")
    span = low.span(node)
    line = low.line(name) if name is not None else span.start_line
    base = low.expr(node.child_by_field_name("object"))
    start = low.span(name) if name is not None else span
    whole = start._replace(end_line=span.end_line, end_column=span.end_column)
    call = p.Call(
        line, p.Attr(line, base, low.text(name)), *arguments(node.child_by_field_name("arguments"), low), whole
    )
    return with_name(call, name, low) if name is not None and is_dynamic(name) else call


def _static(node: Node, low: "Lowering") -> p.Expr:
    scope, name, line = node.child_by_field_name("scope"), low.text(node.child_by_field_name("name")), low.line(node)
    base = _scope(scope, low, name) if scope is not None else p.Unknown(line, [])
    return p.Call(
        line, p.Attr(line, base, name), *arguments(node.child_by_field_name("arguments"), low), low.span(node)
    )


def _scope(node: Node, low: "Lowering", method: str = "") -> p.Expr:
    line, text = low.line(node), low.text(node)
    if text in ("self", "static"):
        return p.Name(line, low.owner if method in low.statics or not method else "$this")
    if text == "parent":
        return p.Call(line, p.Name(line, "super"), [], [], low.span(node))
    return low.expr(node)


def arguments(node: Node | None, low: "Lowering") -> tuple[list[p.Expr], list[tuple[str | None, p.Expr]]]:
    args: list[p.Expr] = []
    keywords: list[tuple[str | None, p.Expr]] = []
    for argument in low.parts(node):
        name, parts = argument.child_by_field_name("name"), low.parts(argument)
        value = low.expr(parts[-1]) if parts else p.Unknown(low.line(argument), [])
        if name is not None:
            keywords.append((low.text(name), value))
        else:
            args.append(value)
    return args, keywords


def _new(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    callee = low.expr(parts[0]) if parts else p.Unknown(low.line(node), [])
    if isinstance(callee, p.Name) and callee.id in ("self", "static") and low.owner:
        callee = p.Name(callee.line, low.owner)
    given = next((part for part in parts if part.type == "arguments"), None)
    made = p.Call(low.line(node), callee, *arguments(given, low), low.span(node), new=True)
    return with_name(made, parts[0], low) if parts and is_dynamic(parts[0]) else made


def _binary(node: Node, low: "Lowering") -> p.Expr:
    line, sign = low.line(node), low.text(node.child_by_field_name("operator")).lower()
    if sign == ".":
        return p.Text(line, low.summands(node, "."), p.Building.CONCAT, low.span(node))
    operands = [low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))]
    placed = _placed(operands, sign, node, low) if sign in _EQUALITIES else None
    if placed is not None:
        return placed
    if sign in _COMPARISONS:
        return p.Op(line, p.Operator.COMPARE, operands, sign)
    if sign in _CHOICES:
        return p.Op(line, p.Operator.OR, operands, sign)
    named = {"&&": p.Operator.AND, "and": p.Operator.AND, "||": p.Operator.OR, "or": p.Operator.OR}
    return p.Op(line, named.get(sign, p.Operator.ARITHMETIC), operands, sign)


_EQUALITIES = frozenset({"==", "===", "!=", "!==", "<>"})


def _placed(operands: list[p.Expr], sign: str, node: Node, low: "Lowering") -> p.Expr | None:
    """`strpos($path, $root) === 0` asks what it begins with, `strpos($path, "..") !== false` whether it is in it."""
    call, place = operands
    if not isinstance(call, p.Call) or not isinstance(call.callee, p.Name) or not isinstance(place, p.Const):
        return None
    if call.callee.id not in ("strpos", "stripos", "mb_strpos") or place.value not in (0, False):
        return None
    made = (contains if place.value is False else begins)(call.args, node, low)
    is_contrary = sign.startswith(("!", "<")) is not (place.value is False)
    return p.Op(low.line(node), p.Operator.NOT, [made], "!") if made is not None and is_contrary else made


def _unary(node: Node, low: "Lowering") -> p.Expr:
    sign = low.text(node)[:1]
    value = _last(node, low)
    if sign in ("@", "&"):
        return value
    return p.Op(low.line(node), p.Operator.NOT if sign == "!" else p.Operator.ARITHMETIC, [value], sign)


def _last(node: Node, low: "Lowering") -> p.Expr:
    parts = low.parts(node)
    return low.expr(parts[-1]) if parts else p.Unknown(low.line(node), [])


def _cast(node: Node, low: "Lowering") -> p.Expr:
    kind, value = low.text(node.child_by_field_name("type")).lower(), low.expr(node.child_by_field_name("value"))
    if kind in ("int", "integer", "float", "double", "bool", "boolean"):
        return p.Op(low.line(node), p.Operator.ARITHMETIC, [value], "cast")
    return value


def _choice(node: Node, low: "Lowering") -> p.Expr:
    """`a ? b : c`, and `a ?: c`."""
    test = low.expr(node.child_by_field_name("condition"))
    yes, no = node.child_by_field_name("body"), low.expr(node.child_by_field_name("alternative"))
    return p.Choice(low.line(node), test, low.expr(yes) if yes is not None else test, no)


def _match(node: Node, low: "Lowering") -> p.Expr:
    body = node.child_by_field_name("body")
    values = [low.expr(arm.child_by_field_name("return_expression")) for arm in low.parts(body)]
    return p.Unknown(low.line(node), values)


def _assigned(node: Node, low: "Lowering") -> p.Expr:
    target, value = low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))
    return p.Let(low.line(node), target, value)


def _augmented(node: Node, low: "Lowering") -> p.Expr:
    line, sign = low.line(node), low.text(node.child_by_field_name("operator"))
    target, value = low.expr(node.child_by_field_name("left")), low.expr(node.child_by_field_name("right"))
    old = low.expr(node.child_by_field_name("left"))
    new: p.Expr
    if sign == ".=":
        new = p.Text(line, [old, value], p.Building.CONCAT, low.span(node))
    elif sign == "??=":
        new = p.Op(line, p.Operator.OR, [old, value], "??")
    else:
        new = p.Op(line, p.Operator.ARITHMETIC, [old, value], sign)
    return p.Let(line, target, new)


def _array(node: Node, low: "Lowering") -> p.Expr:
    items: list[tuple[p.Expr | None, p.Expr]] = []
    for element in low.parts(node):
        parts = low.parts(element) if element.type == "array_element_initializer" else [element]
        if len(parts) == 2:
            items.append((low.expr(parts[0]), low.expr(parts[1])))
        elif parts:
            items.append((None, low.expr(parts[0])))
    is_dict = any(key is not None for key, _ in items)
    return p.Collection(low.line(node), p.Shape.DICT if is_dict else p.Shape.LIST, items)


def _unpacked(node: Node, low: "Lowering") -> p.Expr:
    return p.Collection(low.line(node), p.Shape.TUPLE, [(None, low.expr(part)) for part in low.parts(node)])


def _backticks(node: Node, low: "Lowering") -> p.Expr:
    line, span = low.line(node), low.span(node)
    return p.Call(line, p.Name(line, "shell_exec"), [_interpolated(node, low)], [], span)


def _included(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    return p.Call(line, p.Name(line, "include"), [_inner(node, low)], [], low.span(node))


def _printed(node: Node, low: "Lowering") -> p.Expr:
    line = low.line(node)
    return p.Call(line, p.Name(line, low.echo_name), [_inner(node, low)], [], low.span(node))


def _closure(node: Node, low: "Lowering") -> p.Expr:
    from server.analysis.php.lowering.declarations import function_of  # here: declarations hold expressions

    return p.Closure(low.line(node), function_of(node, f"%{low.line(node)}", low))


def _nothing(node: Node, low: "Lowering") -> p.Expr:
    return p.Unknown(low.line(node), [])


EXPRESSIONS: dict[str, "Callable[[Node, Lowering], p.Expr]"] = {
    "variable_name": _variable,
    "name": _name,
    "qualified_name": _name,
    "string": _string,
    "encapsed_string": _interpolated,
    "heredoc": _interpolated,
    "nowdoc": _string,
    "integer": number,
    "float": number,
    "boolean": truth,
    "null": null,
    "parenthesized_expression": _inner,
    "member_access_expression": _member,
    "nullsafe_member_access_expression": _member,
    "scoped_property_access_expression": _scoped,
    "class_constant_access_expression": _scoped,
    "subscript_expression": _item,
    "function_call_expression": _called,
    "member_call_expression": _method,
    "nullsafe_member_call_expression": _method,
    "scoped_call_expression": _static,
    "object_creation_expression": _new,
    "binary_expression": _binary,
    "unary_op_expression": _unary,
    "error_suppression_expression": _inner,
    "reference_assignment_expression": _assigned,
    "cast_expression": _cast,
    "conditional_expression": _choice,
    "match_expression": _match,
    "assignment_expression": _assigned,
    "augmented_assignment_expression": _augmented,
    "array_creation_expression": _array,
    "list_literal": _unpacked,
    "shell_command_expression": _backticks,
    "include_expression": _included,
    "include_once_expression": _included,
    "require_expression": _included,
    "require_once_expression": _included,
    "print_intrinsic": _printed,
    "anonymous_function": _closure,
    "arrow_function": _closure,
    "update_expression": _nothing,
    "clone_expression": _inner,
}

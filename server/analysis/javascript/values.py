"""What an expression may hold, looking only at itself and at what its name was given in the same file."""

import re

from tree_sitter import Node

from server.analysis.javascript.file import JavaScriptFile

_CLEANED = re.compile(
    r"sanitiz|escape|purify|encodeURI|encodeForHtml|\bi18n\b|\bt\(|JSON\.stringify|shellQuote|quote\(|\bNumber\(|\.map\((?:Number|parseInt|parseFloat)\)|parseInt\(|String\.raw",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:req|request|ctx)\.(?:query|body|params|headers|cookies|url|originalUrl|request\.\w+)\b|location\.(?:hash|search|href)\b|document\.(?:URL|referrer|cookie)\b|URLSearchParams"
)

_LITERALS = frozenset({"string", "number", "true", "false", "null", "undefined", "regex"})

DEPTH = 10


def is_constant(node: Node | None, file: JavaScriptFile, depth: int = DEPTH) -> bool:
    """Whether the value is the same in every run, as far as this file tells."""
    if node is None or node.type in _LITERALS:
        return True
    if depth == 0:
        return False
    if node.type == "template_string":
        return all(
            is_constant(child.named_child(0), file, depth - 1)
            for child in node.named_children
            if child.type == "template_substitution"
        )
    if node.type == "binary_expression" and operator(node) in ("*", "/", "%", "-", "**"):
        return True  # not the same in every run, but a number
    if node.type == "call_expression":
        made = _is_made_of_constants(node, file, depth)
        if made:
            return True
    if node.type == "binary_expression":
        return is_constant(left(node), file, depth - 1) and is_constant(right(node), file, depth - 1)
    if node.type in ("parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"):
        return is_constant(node.named_child(0), file, depth - 1)
    if node.type == "ternary_expression":
        branches = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        return all(is_constant(branch, file, depth - 1) for branch in branches)
    if node.type == "subscript_expression":
        return _is_table(node.child_by_field_name("object"), file, depth - 1)
    if node.type == "call_expression" and file.callee(node).endswith(".get"):
        function = node.child_by_field_name("function")
        return function is not None and _is_table(function.child_by_field_name("object"), file, depth - 1)
    if node.type == "array":
        return _holds_constants(node)
    if node.type == "identifier":
        name = file.text(node)
        given = file.constants.get(name)
        if given is None:
            return name == "undefined" or _is_constant_here(node, file, depth)
        return is_constant(given, file, depth - 1)
    return False


def _is_constant_here(name: Node, file: JavaScriptFile, depth: int) -> bool:
    """Of a local variable: `let list = ""; list = list + "a"` is made of nothing else."""
    place = file.place_of("is constant", name)
    if place not in file.answers:
        file.answers[place] = True  # while it is asked
        values = file.given_here(name)
        file.answers[place] = bool(values) and all(is_constant(value, file, depth - 1) for value in values)
    return bool(file.answers[place])


def _is_made_of_constants(call: Node, file: JavaScriptFile, depth: int) -> bool:
    """`NAMES.map((name, i) => `${name} = $${i + 1}`)`, `ids.map((_, i) => `$${i}`)`, `Array(n).fill("?")`."""
    function = call.child_by_field_name("function")
    base = function.child_by_field_name("object") if function is not None else None
    method, given = file.callee(call).rpartition(".")[2], arguments(call)
    if base is None or depth == 0:
        return False
    if method in ("join", "filter", "slice", "sort", "concat"):
        return is_constant(base, file, depth - 1)
    if method == "fill" and len(given) == 1:
        return is_constant(given[0], file, depth - 1)
    if method != "map" or len(given) != 1 or given[0].type != "arrow_function":
        return False
    params = given[0].child_by_field_name("parameters")
    names = [file.text(name) for name in params.named_children] if params is not None else []
    single = file.text(given[0].child_by_field_name("parameter"))
    own = {*names[1:2], *((single, *names[:1]) if is_constant(base, file, depth - 1) else ())}
    body = given[0].child_by_field_name("body")
    used = {file.text(name): name for name in file.descendants(body, "identifier")} if body is not None else {}
    is_text = body is not None and body.type in ("template_string", "binary_expression", "string")
    return is_text and all(name in own or is_constant(node, file, depth - 1) for name, node in used.items())


def _is_table(node: Node | None, file: JavaScriptFile, depth: int) -> bool:
    """Whether the name is that of a written-out object or map of constants: what it holds is known."""
    table = file.constants.get(file.text(node)) if node is not None and node.type == "identifier" else None
    if table is not None and table.type in ("as_expression", "satisfies_expression"):  # `{ ... } as const`
        table = table.named_child(0)
    if table is not None and table.type == "new_expression":
        given = arguments(table)
        return bool(given) and given[0].type == "array" and "${" not in file.text(table) and _holds_constants(given[0])
    return table is not None and table.type == "object" and _holds_constants(table)


def _holds_constants(node: Node) -> bool:
    waiting = list(node.named_children)
    while waiting:
        at = waiting.pop()
        if at.type in ("pair", "array", "object"):
            waiting.extend(at.named_children)
        elif at.type not in _LITERALS and at.type not in ("property_identifier", "comment"):
            return False
    return True


def is_cleaned(node: Node | None, file: JavaScriptFile) -> bool:
    """Whether the text of the expression mentions escaping, sanitizing or a conversion to a number."""
    return _CLEANED.search(file.text(node)) is not None


def is_from_request(node: Node | None, file: JavaScriptFile) -> bool:
    return _REQUEST.search(file.text(node)) is not None


def is_put_together(node: Node | None, file: JavaScriptFile, depth: int = DEPTH) -> bool:
    """A template with substitutions, or a concatenation, that is not all constant."""
    if node is None or depth == 0 or is_constant(node, file):
        return False
    if node.type == "identifier":
        place = file.place_of("is put together", node)
        if place not in file.answers:
            file.answers[place] = False  # while it is asked
            file.answers[place] = any(is_put_together(value, file, depth - 1) for value in file.given(node))
        return bool(file.answers[place])
    if node.type == "binary_expression":
        return operator(node) == "+" and _has_text(node)
    return node.type == "template_string"


def text_of(node: Node | None, file: JavaScriptFile) -> str:
    """The expression's source, or that of what the local name was given."""
    if node is not None and node.type == "identifier":
        return " ".join(map(file.text, file.given(node)))
    return file.text(node)


def _has_text(node: Node) -> bool:
    """A sum leans to the left, as deep as it is long."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at.type in ("string", "template_string"):
            return True
        if at.type == "binary_expression":
            waiting.extend(side for side in (left(at), right(at)) if side is not None)
    return False


def left(node: Node) -> Node | None:
    return node.child_by_field_name("left")


def right(node: Node) -> Node | None:
    return node.child_by_field_name("right")


def operator(node: Node) -> str:
    sign = node.child_by_field_name("operator")
    return sign.type if sign is not None else ""


def arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [child for child in given.named_children if child.type != "comment"] if given is not None else []

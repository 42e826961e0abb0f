"""Bugs: conditions that cannot differ, code that cannot run, promises that nobody waits for, values that are lost."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from server.analysis.bug_rules import (
    ASSIGNED_IN_CONDITION,
    CONSTANT_CONDITION,
    DUPLICATE_CONDITION,
    DUPLICATE_KEY,
    MISSING_TEMPLATE,
    RETURN_IN_FINALLY,
    SELF_ASSIGNMENT,
    SWALLOWED_ERROR,
    UNAWAITED_COROUTINE,
    UNREACHABLE_CODE,
)
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.javascript.values import arguments, left, operator, right
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.reviews.finding import Confidence, Edit, Fix, Severity

_FUNCTIONS = (
    "function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
)
_PURE = re.compile(r"[\w.\s=!<>&|'\"\[\]+\-*/]+")


@check(
    SWALLOWED_ERROR,
    on=("catch_clause",),
    bad=("try { f(); } catch (e) {}\n", "try { f(); } catch { }\n"),
    good=(
        "try { f(); } catch (e) { log(e); }\n",
        "try { f(); } catch { /* the cache is only a help */ }\n",
        "try { f(); } catch { return null; }\n",
    ),
)
def empty_catch(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    body = node.child_by_field_name("body")
    if body is not None and not body.named_children:
        yield Hit(file.head_span(node), "Catches every error and says nothing", severity=Severity.LOW)


@check(
    CONSTANT_CONDITION,
    on=("binary_expression",),
    bad=(
        "if (x === NaN) f();\n",
        "if (typeof x === 'undefied') f();\n",
        "if (x === []) f();\n",
        "if (xs.length >= 0) f();\n",
        "if (a.b === a.b) f();\n",
        "if (!key in table) f();\n",
    ),
    good=(
        "if (Number.isNaN(x)) f();\n",
        "if (typeof x === 'undefined') f();\n",
        "if (xs.length > 0) f();\n",
        "if (x !== x) f();\n",
        "const isNumber = value === value;\n",
        "if (!(key in table)) f();\n",
        "if (f() === f()) g();\n",
        "if (typeof x === kind) f();\n",
    ),
)
def constant_comparison(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    sign, first, second = operator(node), left(node), right(node)
    if first is None or second is None:
        return
    if sign in ("==", "===", "!=", "!=="):
        yield from _equality(node, sign, first, second, file)
    elif sign in ("in", "instanceof") and first.type == "unary_expression" and operator(first) == "!":
        span = file.span(first)
        inner = first.child_by_field_name("argument")
        fix = Fix(
            "Negate the whole",
            (Edit(*file.span(node), f"!({file.text(inner)} {sign} {file.text(second)})"),),
            safe=False,
        )
        yield Hit(span, f"The negation binds before {sign}: true or false is looked for", fix)
    elif sign in (">=", "<") and file.text(second) == "0" and re.fullmatch(r"[\w.]+\.length", file.text(first)):
        yield Hit(
            file.span(node),
            f"A length is never below zero: always {str(sign == '>=').lower()}",
            severity=Severity.MEDIUM,
        )


_TYPES = frozenset({"undefined", "object", "boolean", "number", "bigint", "string", "symbol", "function"})


def _equality(node: Node, sign: str, first: Node, second: Node, file: JavaScriptFile) -> Iterator[Hit]:
    always = "false" if sign in ("==", "===") else "true"
    if "NaN" in (file.text(first), file.text(second)):
        value = first if file.text(second) == "NaN" else second
        negation = "" if always == "false" else "!"
        fix = Fix(
            "Use Number.isNaN", (Edit(*file.span(node), f"{negation}Number.isNaN({file.text(value)})"),), safe=False
        )
        yield Hit(file.span(node), f"NaN equals nothing: always {always}", fix)
    elif first.type == "unary_expression" and operator(first) == "typeof" and second.type == "string":
        if file.text(second).strip("'\"") not in _TYPES:
            yield Hit(file.span(node), f"typeof never gives {file.text(second)}")
    elif sign in ("===", "!==") and (second.type in ("array", "object") or first.type in ("array", "object")):
        yield Hit(file.span(node), f"A new object is equal to nothing: always {always}")
    elif (
        sign in ("==", "===")
        and file.text(first) == file.text(second)
        and re.fullmatch(r"\w+(?:\.\w+)+", file.text(first))
    ):
        yield Hit(
            file.span(node), "A value compared with itself", severity=Severity.MEDIUM, confidence=Confidence.MEDIUM
        )


@check(
    DUPLICATE_CONDITION,
    on=("if_statement",),
    bad=("if (a === 1) f(); else if (b) g(); else if (a === 1) h();\n",),
    good=("if (a === 1) f(); else if (a === 2) g();\n", "if (f()) g(); else if (f()) h();\n"),
)
def duplicate_branch(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    if node.parent is not None and node.parent.type == "else_clause":
        return
    seen: set[str] = set()
    branch: Node | None = node
    while branch is not None and branch.type == "if_statement":
        condition = branch.child_by_field_name("condition")
        text = " ".join(file.text(condition).split())
        if text in seen and condition is not None and _PURE.fullmatch(text[1:-1]):
            yield Hit(file.span(condition), "This condition was tested above: the branch never runs")
        seen.add(text)
        other = branch.child_by_field_name("alternative")
        branch = other.named_child(0) if other is not None else None


@check(
    DUPLICATE_CONDITION,
    on=("switch_statement",),
    bad=("switch (a) {\n  case 1: f(); break;\n  case 2: g(); break;\n  case 1: h();\n}\n",),
    good=("switch (a) {\n  case 1: f(); break;\n  case 2: g(); break;\n}\n",),
)
def duplicate_case(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    body = node.child_by_field_name("body")
    seen: set[str] = set()
    for case in body.named_children if body is not None else ():
        value = case.child_by_field_name("value") if case.type == "switch_case" else None
        if value is not None and file.text(value) in seen:
            yield Hit(file.span(value), "The same case stands twice: this one never runs")
        seen.add(file.text(value))


@check(
    DUPLICATE_KEY,
    on=("object",),
    bad=("const a = { b: 1, c: 2, b: 3 };\n", "const a = { 'b': 1, b: 2 };\n"),
    good=(
        "const a = { b: 1, c: 2 };\n",
        "const a = { get b() { return 1; }, set b(x) {} };\n",
        "const a = { [b]: 1, [b]: 2 };\n",
    ),
)
def duplicate_key(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    seen: set[str] = set()
    for pair in node.named_children:
        if pair.type == "spread_element":
            seen.clear()
        key = pair.child_by_field_name("key") if pair.type == "pair" else None
        if key is None or key.type not in ("property_identifier", "string", "number"):
            continue
        name = file.text(key)[1:-1] if key.type == "string" else file.text(key)
        if name in seen:
            yield Hit(file.span(key), f"The key {name} stands twice: the first value is lost")
        seen.add(name)


@check(
    ASSIGNED_IN_CONDITION,
    on=("if_statement", "while_statement"),
    bad=("if (a = 1) f();\n", "while (x = 'y') f();\n"),
    good=(
        "if (a === 1) f();\n",
        "while ((m = re.exec(s))) f(m);\n",
        "while (m = next()) f(m);\n",
        "if ((a = b)) f();\n",
    ),
)
def assigned_in_condition(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Of a constant: assigning what a call gives and testing it is a known idiom."""
    condition = node.child_by_field_name("condition")
    inner = condition.named_child(0) if condition is not None else None
    if inner is None or inner.type != "assignment_expression":
        return
    value = right(inner)
    if value is not None and value.type in ("string", "number", "true", "false", "null"):
        text = f"{file.text(left(inner))} === {file.text(value)}"
        fix = Fix("Compare instead", (Edit(*file.span(inner), text),), safe=False)
        yield Hit(file.span(inner), "An assignment where a comparison was meant", fix)


@check(
    SELF_ASSIGNMENT,
    on=("assignment_expression",),
    bad=("x = x;\n", "if (a) total = total;\n"),
    good=("a.b = c.b;\n", "x = x + 1;\n", "location.href = location.href;\n", "node.package = node.package;\n"),
)
def self_assignment(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Of a plain name: a property may have a setter that does something."""
    first, second = file.text(left(node)), file.text(right(node))
    if first == second and re.fullmatch(r"\w+", first):
        yield Hit(file.span(node), f"{first} is assigned to itself")


_LEAVES = {
    "return_statement": "returns",
    "throw_statement": "throws",
    "continue_statement": "continues",
    "break_statement": "breaks",
}


@check(
    UNREACHABLE_CODE,
    on=("statement_block", "program"),
    bad=(
        "function f() {\n  return 1;\n  g();\n}\n",
        "for (;;) {\n  continue;\n  f();\n}\n",
        "function f() {\n  throw new Error();\n  g();\n}\n",
    ),
    good=(
        "function f() {\n  return g();\n  function g() {}\n}\n",
        "function f() {\n  if (a) return 1;\n  g();\n}\n",
        "function f() {\n  return 1;\n  // nothing more\n}\n",
        "function f() {\n  return g(x);\n  var x;\n}\n",
    ),
)
def unreachable_code(block: Node, file: JavaScriptFile) -> Iterator[Hit]:
    left_by = ""
    for statement in block.named_children:
        if statement.type in (
            "comment",
            "function_declaration",
            "class_declaration",
            "variable_declaration",
            "empty_statement",
        ):
            continue
        if statement.type in ("type_alias_declaration", "interface_declaration", "ERROR"):
            continue
        if left_by:
            yield Hit(file.head_span(statement), f"Never runs: the code before always {left_by}")
            return
        left_by = _LEAVES.get(statement.type, "")


@check(
    RETURN_IN_FINALLY,
    on=("finally_clause",),
    bad=("function f() {\n  try { g(); } finally { return 1; }\n}\n",),
    good=("function f() {\n  try { g(); } finally { h(() => { return 1; }); }\n}\n",),
)
def return_in_finally(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    for leaving in file.descendants(node, "return_statement", outside=_FUNCTIONS):
        yield Hit(file.head_span(leaving), "return in finally throws away the error under way")


@check(
    MISSING_TEMPLATE,
    on=("string",),
    bad=(
        "function f(name) {\n  throw new Error('no ${name} here');\n}\n",
        "const name = 1;\nconsole.log('hello ${name}');\n",
    ),
    good=(
        "const name = 1;\nconsole.log(`hello ${name}`);\n",
        "const a = 'echo ${HOME}';\n",
        "const name = 1;\nconst t = '${name}';\nt.replace('${name}', name);\n",
    ),
)
def missing_template(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Only in what is said to people, and of a name that the file declares."""
    text = file.text(node)
    names = re.findall(r"\$\{([A-Za-z_]\w*)[\w.]*\}", text) if "${" in text else []
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    if not names or call is None or not re.match(r"(?:console|log|logger)\.\w+$|\w*Error$", file.callee(call)):
        return
    if all(re.search(rf"\b(?:const|let|var)\s+{name}\b|[(,]\s*{name}\s*[,:)=]", file.source.text) for name in names):
        inner = text[1:-1]
        fix = (
            Fix("Make it a template", (Edit(*file.span(node), f"`{inner}`"),), safe=False) if "`" not in inner else None
        )
        yield Hit(file.span(node), "Only a template in backticks fills in ${ }", fix)


@check(
    UNAWAITED_COROUTINE,
    on=called("forEach"),
    bad=("xs.forEach(async (x) => { await save(x); });\n", "xs.forEach(async function (x) { await save(x); });\n"),
    good=(
        "for (const x of xs) { await save(x); }\n",
        "xs.forEach((x) => save(x));\n",
        "await Promise.all(xs.map(async (x) => save(x)));\n",
    ),
)
def async_for_each(call: Node, file: JavaScriptFile) -> Iterator[Hit]:
    given = arguments(call)
    function = given[0] if given else None
    if function is None or function.type not in ("arrow_function", "function_expression"):
        return
    if file.text(function).startswith("async") and next(file.descendants(function, "await_expression"), None):
        yield Hit(
            file.head_span(call),
            "forEach does not wait for an async function: what it throws is lost",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


@check(
    UNAWAITED_COROUTINE,
    on=("expression_statement",),
    bad=("async function save() {}\nasync function f() {\n  save();\n}\n",),
    good=(
        "async function save() {}\nasync function f() {\n  await save();\n}\n",
        "async function save() {}\nasync function f() {\n  void save();\n  save().catch(log);\n}\n",
        "async function main() {}\nmain();\n",
        "async function save() {}\nfunction f(save) {\n  save();\n}\n",
    ),
)
def floating_promise(node: Node, file: JavaScriptFile) -> Iterator[Hit]:
    """Within an async function, where waiting is possible; started elsewhere, it may be meant to run on its own."""
    call = node.named_child(0)
    if call is None or call.type != "call_expression":
        return
    name = file.callee(call)
    around = next((a for a in file.ancestors(node) if a.type in _FUNCTIONS), None)
    if (
        around is None
        or not re.match(r"(?:static\s+)?async\b", file.text(around)[:20])
        or name not in _async_functions(file)
    ):
        return
    span = file.span(call)
    at = (span.start_line, span.start_column)
    yield Hit(
        file.head_span(call),
        f"Nobody waits for {name}(): what it throws is lost",
        Fix("Await it", (Edit(*at, *at, "await "),), safe=False),
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
    )


def _async_functions(file: JavaScriptFile) -> set[str]:
    """Names that only async functions of this file bear."""
    names: dict[str, bool] = {}
    for node in file.nodes("function_declaration"):
        name = file.text(node.child_by_field_name("name"))
        names[name] = names.get(name, True) and node.children[0].type == "async"
    return {name for name, is_async in names.items() if is_async}


CHECKS = (
    empty_catch,
    constant_comparison,
    duplicate_branch,
    duplicate_case,
    duplicate_key,
    assigned_in_condition,
    self_assignment,
    unreachable_code,
    return_in_finally,
    missing_template,
    async_for_each,
    floating_promise,
)

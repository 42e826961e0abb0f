"""Bugs of Go: errors thrown away, locks and wait groups misused, formats that do not fit, code that cannot run."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from server.analysis.bug_rules import (
    CONSTANT_CONDITION,
    DEFER_IN_LOOP,
    DUPLICATE_CONDITION,
    FORMAT_MISMATCH,
    IGNORED_ERROR,
    LATE_ADD,
    LOCK_NOT_RELEASED,
    LOST_RESULT,
    NANOSECONDS,
    SELF_ASSIGNMENT,
    UNCLOSED_BODY,
    UNREACHABLE_CODE,
)
from server.analysis.go.file import GoFile
from server.analysis.go.trust import arguments
from server.analysis.parsed import called
from server.analysis.rule import Hit, check
from server.reviews.finding import Edit, Fix, Severity

_FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")


@check(
    IGNORED_ERROR,
    on=("if_statement",),
    bad=("package a\n\nfunc f() {\n\terr := g()\n\tif err != nil {\n\t}\n}\n",),
    good=(
        "package a\n\nfunc f() error {\n\terr := g()\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn nil\n}\n",
        "package a\n\nfunc f() {\n\tif err := g(); err != nil {\n\t\t// the cache is only a help\n\t}\n}\n",
    ),
)
def empty_error_branch(node: Node, file: GoFile) -> Iterator[Hit]:
    body = node.child_by_field_name("consequence")
    if (
        body is not None
        and not body.named_children
        and re.fullmatch(r"\w*[eE]rr != nil", file.text(node.child_by_field_name("condition")))
    ):
        yield Hit(file.head_span(node), "The error is looked at and nothing is done")


@check(
    IGNORED_ERROR,
    on=("block",),
    bad=("package a\n\nfunc f() error {\n\terr := g()\n\terr = h()\n\treturn err\n}\n",),
    good=(
        "package a\n\nfunc f() error {\n\terr := g()\n\tif err != nil {\n\t\treturn err\n\t}\n"
        "\terr = h()\n\treturn err\n}\n",
        "package a\n\nfunc f() error {\n\terr := g()\n\terr = wrap(err)\n\treturn err\n}\n",
        "package a\n\nfunc f() error {\n\terr := g()\n\tdefer func() { log(err) }()\n\terr = h()\n\treturn err\n}\n",
    ),
)
def overwritten_error(block: Node, file: GoFile) -> Iterator[Hit]:
    """Two assignments of the error in a row: nobody has looked at the first."""
    statements = [s for s in _statements(block) if s.type != "comment"]
    for first, second in pairwise(statements):
        given = _given_error(first, file)
        again = _given_error(second, file)
        if given and given == again and not re.search(rf"\b{given}\b", file.text(second.child_by_field_name("right"))):
            yield Hit(file.head_span(first), f"{given} is overwritten by the next statement before anyone looked at it")


def _statements(block: Node) -> list[Node]:
    """Newer grammars wrap the statements of a block in a list."""
    inner = block.named_children
    return inner[0].named_children if len(inner) == 1 and inner[0].type == "statement_list" else inner


def _given_error(statement: Node, file: GoFile) -> str:
    """The error variable that a call's result is assigned to."""
    value = statement.child_by_field_name("right")
    if statement.type not in ("short_var_declaration", "assignment_statement") or value is None:
        return ""
    if not any(child.type == "call_expression" for child in value.named_children):
        return ""
    target = file.text(statement.child_by_field_name("left")).rpartition(",")[2].strip()
    return target if re.fullmatch(r"\w*[eE]rr", target) else ""


@check(
    UNREACHABLE_CODE,
    on=("block",),
    bad=("package a\n\nfunc f() int {\n\treturn 1\n\tg()\n}\n", 'package a\n\nfunc f() {\n\tpanic("no")\n\tg()\n}\n'),
    good=(
        "package a\n\nfunc f() int {\n\tif a {\n\t\treturn 1\n\t}\n\treturn 2\n}\n",
        "package a\n\nfunc f() {\n\tgoto end\nend:\n\tg()\n}\n",
    ),
)
def unreachable_code(block: Node, file: GoFile) -> Iterator[Hit]:
    leaves = False
    for statement in _statements(block):
        if statement.type in ("comment", "empty_statement"):
            continue
        if leaves and statement.type != "labeled_statement":
            yield Hit(file.head_span(statement), "Never runs: the code before always leaves")
            return
        leaves = statement.type in ("return_statement", "continue_statement", "break_statement") or _panics(
            statement, file
        )


def _panics(statement: Node, file: GoFile) -> bool:
    call = statement.named_child(0) if statement.type == "expression_statement" else None
    return call is not None and call.type == "call_expression" and file.callee(call) in ("panic", "os.Exit")


@check(
    DUPLICATE_CONDITION,
    on=("if_statement",),
    bad=("package a\n\nfunc f() {\n\tif a == 1 {\n\t\tg()\n\t} else if a == 1 {\n\t\th()\n\t}\n}\n",),
    good=(
        "package a\n\nfunc f() {\n\tif a == 1 {\n\t\tg()\n\t} else if a == 2 {\n\t\th()\n\t}\n}\n",
        "package a\n\nfunc f() {\n\tif x := g(); x {\n\t} else if x := h(); x {\n\t}\n}\n",
    ),
)
def duplicate_branch(node: Node, file: GoFile) -> Iterator[Hit]:
    if node.parent is not None and node.parent.type == "if_statement":
        return
    seen: set[str] = set()
    branch: Node | None = node
    while branch is not None and branch.type == "if_statement":
        condition = branch.child_by_field_name("condition")
        text = file.text(condition)
        if (
            condition is not None
            and text in seen
            and "(" not in text
            and branch.child_by_field_name("initializer") is None
        ):
            yield Hit(file.span(condition), "This condition was tested above: the branch never runs")
        seen.add(text)
        branch = branch.child_by_field_name("alternative")


@check(
    CONSTANT_CONDITION,
    on=("binary_expression",),
    bad=("package a\n\nfunc f() bool { return len(xs) >= 0 }\n", "package a\n\nfunc f() bool { return a.b == a.b }\n"),
    good=("package a\n\nfunc f() bool { return len(xs) > 0 }\n", "package a\n\nfunc f() bool { return x != x }\n"),
)
def constant_comparison(node: Node, file: GoFile) -> Iterator[Hit]:
    first, sign, second = (file.text(node.child_by_field_name(name)) for name in ("left", "operator", "right"))
    if sign in (">=", "<") and second == "0" and re.fullmatch(r"(?:len|cap)\([\w.]+\)", first):
        yield Hit(
            file.span(node),
            f"A length is never below zero: always {str(sign == '>=').lower()}",
            severity=Severity.MEDIUM,
        )
    elif sign in ("==", "&&", "||") and first == second and re.fullmatch(r"\w+(?:\.\w+)+", first):
        yield Hit(file.span(node), "The same operand on both sides", severity=Severity.MEDIUM)


@check(
    SELF_ASSIGNMENT,
    on=("assignment_statement",),
    bad=("package a\n\nfunc f() { a.b = a.b }\n",),
    good=(
        "package a\n\nfunc f() { a.b = c.b }\n",
        "package a\n\nfunc f() { a, b = b, a }\n",
        "package a\n\nfunc f() { a += a }\n",
    ),
)
def self_assignment(node: Node, file: GoFile) -> Iterator[Hit]:
    target, value = file.text(node.child_by_field_name("left")), file.text(node.child_by_field_name("right"))
    if target == value and file.text(node.child_by_field_name("operator")) == "=" and re.fullmatch(r"[\w.]+", target):
        yield Hit(file.span(node), f"{target} is assigned to itself")


@check(
    UNCLOSED_BODY,
    on=("short_var_declaration",),
    bad=(
        "package a\n\nfunc f() error {\n\tresp, err := http.Get(u)\n\tif err != nil {\n"
        "\t\treturn err\n\t}\n\tread(resp.StatusCode)\n\treturn nil\n}\n",
    ),
    good=(
        "package a\n\nfunc f() {\n\tresp, err := http.Get(u)\n\tdefer resp.Body.Close()\n}\n",
        "package a\n\nfunc f() (*http.Response, error) {\n\tresp, err := http.Get(u)\n\treturn resp, err\n}\n",
        "package a\n\nfunc f() {\n\tresp, err := http.Get(u)\n\thandle(resp)\n}\n",
        "package a\n\nfunc f() {\n\tresp, err := cache.Get(u)\n\tread(resp.StatusCode)\n}\n",
    ),
)
def unclosed_body(node: Node, file: GoFile) -> Iterator[Hit]:
    value = node.child_by_field_name("right")
    call = value.named_child(0) if value is not None else None
    if (
        call is None
        or call.type != "call_expression"
        or not re.fullmatch(r"http\.(?:Get|Post|PostForm|Head|DefaultClient\.Do)", file.callee(call))
    ):
        return
    name = file.text(node.child_by_field_name("left")).partition(",")[0].strip()
    function = next((a for a in file.ancestors(node) if a.type in _FUNCTIONS), None)
    if name == "_" or function is None:
        return
    body = file.text(function)
    closed = re.search(rf"\b{name}\.Body\.Close\b", body)
    handed_on = re.search(rf"(?:return\b[^\n]*|[(,=]\s*&?){name}\s*(?:[,)\n}}]|$)|\b{name}\.Body\b", body)
    if not closed and not handed_on:
        yield Hit(file.head_span(node), f"{name}.Body is never closed")


@check(
    NANOSECONDS,
    on=called("Sleep", "After", "NewTimer", "NewTicker", "Tick"),
    bad=("package a\n\nfunc f() { time.Sleep(5) }\n", "package a\n\nfunc f() { <-time.After(100) }\n"),
    good=(
        "package a\n\nfunc f() { time.Sleep(5 * time.Second) }\n",
        "package a\n\nfunc f() { time.Sleep(0) }\n",
        "package a\n\nfunc f() { clock.Sleep(5) }\n",
    ),
)
def nanoseconds(call: Node, file: GoFile) -> Iterator[Hit]:
    given = arguments(call)
    if (
        file.callee(call).startswith("time.")
        and given
        and given[0].type == "int_literal"
        and 1 < int(file.text(given[0]), 0) < 100_000
    ):
        span = file.span(given[0])
        fix = Fix("Make it seconds", (Edit(*span, f"{file.text(given[0])} * time.Second"),), safe=False)
        yield Hit(file.span(call), f"{file.text(given[0])} nanoseconds", fix)


_FORMATS = {
    "fmt.Printf": 0,
    "fmt.Sprintf": 0,
    "fmt.Errorf": 0,
    "fmt.Fprintf": 1,
    "log.Printf": 0,
    "log.Fatalf": 0,
    "log.Panicf": 0,
}
_VERB = re.compile(r"%(?:%|[-+# 0]*(\*|\d+)?(?:\.(\*|\d+)?)?(\[\d+\])?([a-zA-Z]))")


@check(
    FORMAT_MISMATCH,
    on=called("Printf", "Sprintf", "Errorf", "Fprintf", "Fatalf", "Panicf"),
    bad=(
        'package a\n\nfunc f() { fmt.Printf("%s and %s", a) }\n',
        'package a\n\nfunc f() { log.Fatalf("%d", a, b) }\n',
        'package a\n\nfunc f() { fmt.Fprintf(w, "%s") }\n',
    ),
    good=(
        'package a\n\nfunc f() { fmt.Printf("%s and %s", a, b) }\n',
        'package a\n\nfunc f() { fmt.Printf("100%% of %d", a) }\n',
        'package a\n\nfunc f() { fmt.Printf("%*d", width, a) }\n',
        'package a\n\nfunc f() { fmt.Printf("%s %s", all...) }\n',
        'package a\n\nfunc f() { fmt.Printf("%[1]s %[1]s", a) }\n',
        'package a\n\nfunc f() { fmt.Printf("%s %s", both()) }\n',
    ),
)
def format_mismatch(call: Node, file: GoFile) -> Iterator[Hit]:
    position = _FORMATS.get(file.callee(call))
    given = arguments(call)
    if (
        position is None
        or len(given) <= position
        or given[position].type not in ("interpreted_string_literal", "raw_string_literal")
    ):
        return
    text, values = file.text(given[position]), given[position + 1 :]
    spread = "..." in file.text(call)[-6:] or (len(values) == 1 and values[0].type == "call_expression")
    if "%[" in text or spread:
        return
    verbs = [match for match in _VERB.finditer(text) if match[4]]
    wanted = len(verbs) + sum(match[0].count("*") for match in verbs)
    if wanted != len(values) and text.count("%") == 2 * text.count("%%") + len(verbs):
        yield Hit(file.span(call), f"The format wants {wanted} values and gets {len(values)}")


@check(
    LOCK_NOT_RELEASED,
    on=("defer_statement",),
    bad=("package a\n\nfunc f() {\n\tmu.Lock()\n\tdefer mu.Lock()\n}\n",),
    good=(
        "package a\n\nfunc f() {\n\tmu.Lock()\n\tdefer mu.Unlock()\n}\n",
        "package a\n\nfunc f() {\n\tmu.Unlock()\n\tdefer mu.Lock()\n}\n",
    ),
)
def lock_not_released(node: Node, file: GoFile) -> Iterator[Hit]:
    deferred = re.fullmatch(r"defer\s+([\w.]+)\.(R?Lock)\(\)", file.text(node))
    before = node.prev_named_sibling
    if deferred and before is not None and file.text(before) == f"{deferred[1]}.{deferred[2]}()":
        span = file.span(node)
        text = f"defer {deferred[1]}.{deferred[2].replace('Lock', 'Unlock')}()"
        yield Hit(
            span, "The lock is taken again instead of released", Fix("Release it", (Edit(*span, text),), safe=False)
        )


@check(
    LATE_ADD,
    on=("go_statement",),
    bad=(
        "package a\n\nfunc f() {\n\tgo func() {\n\t\twg.Add(1)\n\t\tdefer wg.Done()\n\t\tg()\n\t}()\n\twg.Wait()\n}\n",
    ),
    good=(
        "package a\n\nfunc f() {\n\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tg()\n\t}()\n\twg.Wait()\n}\n",
    ),
)
def late_add(node: Node, file: GoFile) -> Iterator[Hit]:
    text = file.text(node)
    for call in file.descendants(node, "call_expression", outside=("go_statement",)):
        group = re.fullmatch(r"([\w.]*[wW][gG]|[\w.]*[wW]aitGroup)\.Add\(\d+\)", file.text(call))
        if group and f"{group[1]}.Done()" in text and f"{group[1]}.Wait()" not in text:
            yield Hit(file.span(call), f"{group[1]}.Add runs inside the goroutine that it counts")
            return


@check(
    DEFER_IN_LOOP,
    on=("defer_statement",),
    bad=(
        "package a\n\nfunc f() {\n\tfor _, p := range ps {\n\t\tfile, _ := os.Open(p)\n"
        "\t\tdefer file.Close()\n\t}\n}\n",
    ),
    good=(
        "package a\n\nfunc f() {\n\tfor _, p := range ps {\n\t\tfunc() {\n"
        "\t\t\tfile, _ := os.Open(p)\n\t\t\tdefer file.Close()\n\t\t}()\n\t}\n}\n",
        "package a\n\nfunc f() {\n\tfile, _ := os.Open(p)\n\tdefer file.Close()\n}\n",
        "package a\n\nfunc f() {\n\tfor {\n\t\tdefer g()\n\t\treturn\n\t}\n}\n",
    ),
)
def defer_in_loop(node: Node, file: GoFile) -> Iterator[Hit]:
    if not re.search(r"\.(?:Close|Unlock|RUnlock|Stop|Release)\(\)$", file.text(node)):
        return
    for ancestor in file.ancestors(node):
        if ancestor.type in _FUNCTIONS:
            return
        if ancestor.type == "for_statement":
            yield Hit(file.head_span(node), "Deferred in a loop: it runs only when the function ends")
            return
        if ancestor.type == "block" and any(
            s.type in ("return_statement", "break_statement") for s in _statements(ancestor)
        ):
            return


@check(
    LOST_RESULT,
    on=("expression_statement",),
    bad=(
        'package a\n\nfunc f(s string) {\n\tstrings.Replace(s, "a", "b", -1)\n}\n',
        "package a\n\nfunc f(s string) {\n\tstrings.TrimSpace(s)\n}\n",
    ),
    good=('package a\n\nfunc f(s string) string {\n\ts = strings.Replace(s, "a", "b", -1)\n\treturn s\n}\n',),
)
def lost_result(node: Node, file: GoFile) -> Iterator[Hit]:
    call = node.named_child(0)
    if call is None or call.type != "call_expression":
        return
    if re.fullmatch(
        r"strings\.(?:Replace|ReplaceAll|Trim\w*|To\w+|Split\w*|Join|Repeat|Title)|append|fmt\.Sprint\w*|errors\.New|fmt\.Errorf",
        file.callee(call),
    ):
        yield Hit(file.head_span(node), f"The result of {file.callee(call)} is thrown away")


CHECKS = (
    empty_error_branch,
    overwritten_error,
    unreachable_code,
    duplicate_branch,
    constant_comparison,
    self_assignment,
    unclosed_body,
    nanoseconds,
    format_mismatch,
    lock_not_released,
    late_add,
    defer_in_loop,
    lost_result,
)

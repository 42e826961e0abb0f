"""Tables for spreadsheets with cells that people wrote: a spreadsheet runs those that begin like formulas."""

import ast
import re
from collections.abc import Iterator

from server.analysis.rule import Hit, Rule
from server.analysis.web.body import Body
from server.analysis.web.expressions import walk
from server.analysis.web.facts import Suspect
from server.analysis.web.judging import LOW, POSSIBLE, security

CSV_FORMULA = security(
    "csv-formula",
    LOW,
    "A cell that begins with =, +, - or @ is a formula to the spreadsheet that opens the file: it runs with the rights "
    "of whoever opens it.",
    cwe=1236,
    also=(74, 116),
    confidence=POSSIBLE,
    remedy="Put a ' before cells that begin with =, +, -, @, a tab or a line break.",
)

RULES: tuple[Rule, ...] = (CSV_FORMULA,)

NEUTRAL = re.compile(
    r"[\[(|'\"]=(?:\\?[-+@|]|['\"]\s*,\s*['\"][-+@])|startsWith\(['\"]=|start_with\?\(['\"]=|formula|sanitiz|neutrali|escapeCsv"
    r"|csv_?safe|safe_?cell|clean_?cell|HasPrefix\([^)]*\"=\"",
    re.IGNORECASE,
)
FREE = re.compile(
    r"^(?:\w+_)?(?:name|title|text|comment|description|note|notes|message|subject|body|label|address|city|company|nick"
    r"|nickname|username|login|author|email|e_mail|bio|reason|feedback|remark|remarks|content|question|answer|summary)$"
)
"""A column by such a name holds what somebody typed."""


def suspects(body: Body) -> Iterator[Suspect]:
    """Of Python: `csv.writer(out).writerow([person.name, person.remark])`."""
    rows = [called for called in body.calls if called.last in ("writerow", "writerows") and called.node.args]
    if not rows or "csv" not in body.file.imports or NEUTRAL.search(body.file.source.text):
        return
    for called in rows:
        if any(map(_is_free, walk(called.node.args[0]))):
            hit = Hit(body.span(called.node), "Cells that begin like formulas are written as they are")
            yield Suspect(CSV_FORMULA, hit)
            return


def _is_free(node: ast.AST) -> bool:
    word = ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        word = str(node.slice.value)
    elif isinstance(node, ast.Attribute):
        word = node.attr
    return bool(FREE.match(word)) and "mail" not in word  # which has been looked at, mostly

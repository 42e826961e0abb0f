"""Tables for spreadsheets with cells that people wrote: a spreadsheet runs those that begin like formulas."""

from server.analysis.rule import Rule
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

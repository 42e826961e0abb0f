"""What the author asked not to be told: `# noqa`, `# nosec`, `//nolint`, mypy's word for a name that comes from
elsewhere, and our own `hive: ignore[rule] reason`.

Ours wants a reason; without one it does not hold. It stands on the flagged line or alone on the line above, in a
comment of whatever language the file has: `#`, `//`, `--`, `;`, `/* */`, `<!-- -->`, `{# #}`, `{{!-- --}}`, `<%# %>`.
"""

import re

from server.analysis.rule import Kind, Problem
from server.analysis.source import Source

_NOQA = re.compile(r"#\s*noqa\b(?::\s*(?P<codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?", re.IGNORECASE)
_NOSEC = re.compile(r"(?:#|//)\s*nosec\b[:\s]*(?P<codes>[BG]\d{3}(?:[,\s]+[BG]\d{3})*)?", re.IGNORECASE)
_UNDEFINED = re.compile(r"#\s*type:\s*ignore\[[^\]]{0,80}\bname-defined\b")
_NOLINT = re.compile(r"//\s*nolint\b")
_IGNORE = re.compile(
    r"(?:\{\{!?|\{|<%)?(?:#|//|/\*|<!--|--|;|!)\s*hive:\s*ignore\[(?P<rules>[^\]\n]{1,200})\](?P<reason>[^\n]{0,400})"
)
_CODE = re.compile(r"[A-Z]+\d+")
_WORD = re.compile(r"\w{2,}")


def is_suppressed(problem: Problem, source: Source) -> bool:
    span = problem.hit.span
    lines = {span.start_line, span.end_line}
    if any(_silences(source.line(line), problem) for line in lines):
        return True
    above = source.line(span.start_line - 1).strip()
    return bool(_IGNORE.match(above)) and _ignores(above, problem)


LONGEST_COMMENT = 1_000
"""Characters at the end of a line in which a comment is looked for."""


def _silences(line: str, problem: Problem) -> bool:
    line = line[-LONGEST_COMMENT:]
    lowered = line.lower()
    if "noqa" in lowered and _answers(_NOQA.search(line), problem):
        return True
    if "nosec" in lowered and problem.rule.kind is Kind.SECURITY and _answers(_NOSEC.search(line), problem):
        return True
    if "name-defined" in lowered and problem.rule.id == "ruff.F821" and _UNDEFINED.search(line):
        return True
    if "nolint" in lowered and _NOLINT.search(line):
        return True
    return "hive:" in lowered and _ignores(line, problem)


def _answers(comment: re.Match[str] | None, problem: Problem) -> bool:
    """A comment without codes silences everything on its line. bandit's B608 is ruff's S608."""
    if comment is None:
        return False
    codes = {code.upper() for code in _CODE.findall((comment["codes"] or "").upper())}
    ours = problem.rule.answers_to
    return not codes or any(code in codes or "B" + code.removeprefix("S") in codes for code in ours)


def _ignores(line: str, problem: Problem) -> bool:
    comment = _IGNORE.search(line)
    if comment is None or not _WORD.search(comment["reason"]):
        return False
    named = {name.strip().removeprefix("hive.") for name in comment["rules"].split(",")}
    return problem.rule.id.removeprefix("hive.") in named

"""What an outside linter says, in our coordinates, and what it means to us."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from server.analysis.ruff_rules import BY_CODE, CATALOGUE, SYNTAX_ERROR_CODE
from server.analysis.rule import Hit, Kind, Problem
from server.analysis.source import Source, Span
from server.reviews.finding import Edit, Fix


class LinterHit(msgspec.Struct, frozen=True):
    """*edits* mend it, as far as the linter knows; *safe*: without a change of meaning."""

    code: str
    span: Span
    message: str
    fix_title: str = ""
    edits: tuple[Edit, ...] = ()
    safe: bool = False


def problems_of_ruff(hits: Iterable[LinterHit], source: Source) -> Iterator[Problem]:
    """Only the first syntax error counts: the others follow from it. A name that is missing is missing once."""
    seen_syntax_error = False
    missing: set[str] = set()
    for hit in sorted(hits, key=lambda hit: hit.span):
        if hit.code == SYNTAX_ERROR_CODE:
            if seen_syntax_error or _is_template(source):
                continue
            seen_syntax_error = True
        if hit.code == "F821":
            if hit.message in missing:
                continue
            missing.add(hit.message)
        rule = CATALOGUE.get(hit.code)
        if rule is not None and _is_meant(hit, source):
            yield Problem(rule, Hit(_one_line(hit.span, source), hit.message, _fix(hit)))


def has_syntax_error(hits: Iterable[LinterHit]) -> bool:
    return any(hit.code == SYNTAX_ERROR_CODE for hit in hits)


def true_of_python2(hits: Iterable[LinterHit]) -> Iterator[LinterHit]:
    """Of what is said of a file that was rewritten to be read: no names, which Python 2 has others of, and no edits."""
    for hit in hits:
        rule = CATALOGUE.get(hit.code)
        if rule is not None and rule.kind is Kind.SECURITY:
            yield msgspec.structs.replace(hit, edits=())


def _is_meant(hit: LinterHit, source: Source) -> bool:
    """What ruff cannot know: which of its hits are about a bug and not about style."""
    rule = BY_CODE.get(hit.code)
    line, column = source.line(hit.span.start_line), hit.span.start_column - 1
    if source.is_test and (
        hit.code in _TRIED_IN_TESTS or (hit.code == "F821" and line[column - 1 : column] in _QUOTES)
    ):
        return False
    if hit.code in ("F821", "F822"):
        return not _binds_names_at_run_time(hit, source)
    if hit.code == "F811":
        return _loses_a_definition(hit, source)
    if rule is None or not rule.only_where:
        return True
    return re.search(rule.only_where, f"{line[:column]}\0{line[column:]}") is not None


_TRIED_IN_TESTS = frozenset({"RUF032"})
"""What tests do on purpose, to see what comes of it; as they name in quotes what nobody can find."""

_QUOTES = frozenset({"'", '"'})


def _binds_names_at_run_time(hit: LinterHit, source: Source) -> bool:
    """Whether the module makes names in ways that a linter does not see, or deletes this one when done with it."""
    name = re.search(r"`(\w+)`", hit.message)
    deleted = name is not None and re.search(rf"^\s*del\s[^\n]*\b{name[1]}\b", source.text, re.MULTILINE) is not None
    declared = name is not None and re.search(rf"^{name[1]}\s*:", source.text, re.MULTILINE) is not None
    return deleted or declared or any(way in source.text for way in ("globals()", "_convert_(", "global_enum"))


def _loses_a_definition(hit: LinterHit, source: Source) -> bool:
    """A function or class that another one of the same name, in the same block, replaces before anyone used it."""
    earlier = re.search(r"from line (\d+)", hit.message)
    if earlier is None:
        return False
    first, second = (_DEFINITION.match(source.line(line)) for line in (int(earlier[1]), hit.span.start_line))
    return first is not None and second is not None and first[0] == second[0]


_DEFINITION = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+\w+")


def _fix(hit: LinterHit) -> Fix | None:
    rule = BY_CODE.get(hit.code)
    if rule is None or not rule.fix or not hit.edits:
        return None
    return Fix(hit.fix_title, hit.edits, safe=hit.safe)


def _one_line(span: Span, source: Source) -> Span:
    """A diagnostic on a whole block is told at its first line: its identity must not change with the block's body."""
    if span.end_line - span.start_line < 3:
        return span
    line = source.line(span.start_line).rstrip()
    return Span(span.start_line, span.start_column, span.start_line, max(span.start_column, len(line) + 1))


def _is_template(source: Source) -> bool:
    """A project template's file is Python only after its placeholders were filled in."""
    return (
        "{{" in source.path
        or "{%" in source.text
        or ("{{" in source.text and "}}" in source.text and "cookiecutter" in source.text)
    )

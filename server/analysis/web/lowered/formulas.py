"""Rows of text of strangers that are written as CSV, and cells that begin like formulas with them."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.formulas import CSV_FORMULA, FREE, NEUTRAL
from server.analysis.web.lowered.body import Body, Called, chain, plain, text_of, walk
from server.analysis.web.lowered.words import snake

_CSV = re.compile(r"csv", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    if not _CSV.search(body.text) and not _CSV.search(f"{body.function.qualified} {body.source.path}"):
        return
    if NEUTRAL.search(body.source.text):
        return
    for line in _rows(body):
        hit = Hit(body.span(line), "Cells that begin like formulas are written as they are")
        yield Suspect(CSV_FORMULA, hit, "" if _is_named(body) else "route")
        return


def _is_named(body: Body) -> bool:
    """What makes a table for whoever asks, by its name: the framework that calls it may be out of sight."""
    is_script = body.source.language in (Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX)
    return (
        is_script
        or re.search(r"csv|export|download", f"{body.function.qualified} {body.source.path}", re.I) is not None
    )


def _rows(body: Body) -> Iterator[int]:
    for called in body.calls:
        given = _row(called, body)
        if given is not None and any(_is_free(n, body) for n in walk(*given)):
            yield called.node.line
    for node in body.nodes(p.Assign):  # Ruby: `csv << [answer.text]`
        target, value = node.targets[0], node.value
        is_row = node.augmented and isinstance(value, p.Text) and _CSV.search(chain(target)) is not None
        if is_row and any(_is_free(n, body) for part in value.parts[1:] for n in walk(part)):
            yield node.line
    yield from _joined(body)


def _row(called: Called, body: Body) -> list[Any] | None:
    """What a call writes as the cells of a row; None of any other call."""
    name, given = called.last, called.node.args
    callee = called.node.callee
    made = body.values.get(plain(callee.base), ()) if isinstance(callee, p.Attr) else ()
    if name in ("write", "write_all") and any(re.search(r"\bcsv\.NewWriter$", chain(value)) for value in made):
        return given
    if name == "fputcsv" or name in ("put_csv", "<<", "push_row"):
        return given[1:] if name == "fputcsv" else given if _CSV.search(called.chain) else None
    if name in ("insert_one", "insert_all", "add_row", "write_next", "print_record", "write_row", "write", "write_all"):
        return given if _CSV.search(called.chain) or name in ("write_next", "print_record") else None
    return None


def _joined(body: Body) -> Iterator[int]:
    """`[user.name, user.email].join(',')`, `"#{user.name},#{user.email}"`."""
    for called in body.calls:
        callee = called.node.callee
        if called.last not in ("join", "implode") or not called.node.args:
            continue
        if text_of(called.node.args[0]).strip() not in (",", ";", '","'):
            continue
        whole = [callee.base if isinstance(callee, p.Attr) else callee, *called.node.args[1:]]
        if any(_is_free(n, body) or _is_any_column(n) for n in walk(*whole)):
            yield called.node.line
    for node in body.nodes(p.Text):
        free = sum(_is_free(n, body) for n in walk(*node.parts))
        if free and len(node.parts) > 2 and re.fullmatch(r"\W*\?\W*(?:[,;]\W*\?\W*)+", text_of(node)):
            yield node.line


def _is_free(node: Any, body: Body) -> bool:
    if node.__class__ is p.Attr:
        return FREE.match(snake(node.name).removeprefix("get_")) is not None
    if node.__class__ is p.Item and node.key is not None:
        return FREE.match(snake(text_of(node.key))) is not None
    return node.__class__ is p.Name and node.id in body.fills


def _is_any_column(node: Any) -> bool:
    """`row[column]`, whatever it holds."""
    return (
        node.__class__ is p.Item
        and node.key is not None
        and node.key.__class__ is p.Name
        and "row" in snake(chain(node.base))
    )

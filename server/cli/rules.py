"""`hive rules`: every rule that a review may speak of, and the page of each. Needs no hub."""

import subprocess
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from server.agents.ruff import Program, RuffUnavailable
from server.analysis.pages import (
    REASON_NEEDED,
    Example,
    Page,
    all_rules,
    how_to_suppress,
    lexer_of,
    page_of,
    shown,
    weakness_url,
    with_ruffs_examples,
)
from server.cli.output import SEVERITY_STYLES, a_table, print_json, render_fields, stdout_console

EXPLAIN_SECONDS = 10.0


class _Explanation(msgspec.Struct, frozen=True):
    """What ruff prints of a rule of its own, as far as we show it."""

    name: str = ""
    explanation: str = ""


@click.command()
@click.argument("rule", required=False, metavar="[ID]")
@click.option("--cwe", type=click.IntRange(min=1), metavar="N", help="Only rules about this weakness.")
@click.option("--language", metavar="NAME", help="Only rules for this language.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def rules(rule: str | None, cwe: int | None, language: str | None, is_json: bool) -> None:
    """All rules of the reviewer, or the page of one: what, why, what instead, bad and good code.

    ID is what a finding shows (hive.unclosed-file, ruff.F632), with or without its first word.
    """
    if rule is not None:
        page = _complete(_named(rule))
        if is_json:
            print_json(_as_json(page))
        else:
            _render(stdout_console(), page)
        return
    pages = [page for page in all_rules().values() if _is_about(page, cwe) and _is_for(page, language)]
    if is_json:
        print_json([_as_json(page) for page in pages])
    elif pages:
        _render_all(stdout_console(), pages)
    else:
        click.echo("no rules")


def _named(name: str) -> Page:
    page = page_of(name)
    if page is not None:
        return page
    short_names = {short: known for known in all_rules() for short in (known, known.partition(".")[2])}
    near = dict.fromkeys(short_names[match] for match in get_close_matches(name, short_names, n=5))
    hint = f"; did you mean {' or '.join(list(near)[:3])}?" if near else "; hive rules lists them all"
    raise click.BadParameter(f"there is no rule {name!r}{hint}", param_hint="ID")


def _is_about(page: Page, cwe: int | None) -> bool:
    return cwe is None or cwe == page.rule.cwe or cwe in page.rule.also


def _is_for(page: Page, language: str | None) -> bool:
    return language is None or language.lower() in (name.lower() for name in page.languages)


def _complete(page: Page) -> Page:
    """A rule of ruff's with the examples that the program itself has; without them where it cannot be asked."""
    if not page.ruff_code:
        return page
    try:
        argv = [str(Program.find().path), "rule", page.ruff_code, "--output-format", "json"]
        done = subprocess.run(argv, capture_output=True, check=True, timeout=EXPLAIN_SECONDS)
        known = msgspec.json.decode(done.stdout, type=_Explanation)
    except (RuffUnavailable, OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return page
    return with_ruffs_examples(page, known.name, known.explanation)


def _as_json(page: Page) -> dict[str, Any]:
    rule = page.rule
    return {
        "id": rule.id,
        "title": page.title,
        "kind": rule.kind,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "languages": page.languages,
        "cwe": rule.cwe,
        "also": rule.also,
        "says": page.says,
        "why": rule.why,
        "remedy": rule.remedy,
        "has_fix": page.has_fix,
        "in_tests": rule.in_tests,
        "answers_to": rule.answers_to,
        "suppress": how_to_suppress(page),
        "url": page.url,
        "bad": [example.files for example in page.bad],
        "good": [example.files for example in page.good],
    }


def _render_all(console: Console, pages: Iterable[Page]) -> None:
    table = a_table("id", "severity", "confidence", "cwe", "kind", "fix", "languages")
    count = 0
    for page in pages:
        rule = page.rule
        count += 1
        table.add_row(
            rule.id,
            _severity(page),
            rule.confidence,
            str(rule.cwe or ""),
            rule.kind,
            "yes" if page.has_fix else "",
            ", ".join(page.languages),
        )
    noun = "rule" if count == 1 else "rules"
    console.print(table)
    console.print(Text(f"\n{count:,} {noun}; hive rules ID explains one", style="dim"))


def _severity(page: Page) -> Text:
    return Text(page.rule.severity, style=SEVERITY_STYLES[page.rule.severity])


def _render(console: Console, page: Page) -> None:
    rule = page.rule
    console.print(Text.assemble((page.title, "bold"), "  ", (rule.id, "dim cyan")))
    console.print()
    for paragraph in (rule.why, rule.remedy):
        if paragraph:
            console.print(Text(paragraph))
    console.print()
    weakness = f"CWE-{rule.cwe}  {weakness_url(rule.cwe)}" if rule.cwe is not None else ""
    render_fields(
        console,
        [
            ("says", page.says),
            ("severity", _severity(page)),
            ("confidence", rule.confidence),
            ("kind", rule.kind),
            ("languages", ", ".join(page.languages)),
            ("weakness", weakness),
            ("see also", page.url if page.ruff_code else ""),
            ("fix", "offered where it is clear what was meant" if page.has_fix else "none"),
            ("test code", "" if rule.in_tests else "not looked at"),
            ("suppress", f"{how_to_suppress(page)}\n{REASON_NEEDED}"),
        ],
    )
    for heading, style, examples in (("Bad", "bold red", page.bad), ("Good", "bold green", page.good)):
        for number, example in enumerate(shown(examples)):
            console.print()
            if number == 0:
                console.print(Text(heading, style=style))
            _render_example(console, example)


def _render_example(console: Console, example: Example) -> None:
    for path, text in example.files.items():
        if example.is_named:
            console.print(Text(f"  {path}", style="dim"))
        code = Syntax(text.rstrip(), lexer_of(path, text), theme="ansi_dark", background_color="default")
        console.print(Padding(code, (0, 0, 0, 4)))

"""`hive memory`: what a project remembers. Index its files, leave notes, search, look, forget."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, render_fields, stdout_console
from server.cli.waiting import Interrupted, result_of, started_hub
from server.memory.context import Recorded
from server.memory.wire import MAX_TEXT_BYTES, IndexedFile, digest_of_text, parts
from server.reviews.project import identify_project

EXIT_INTERRUPTED = 130
SHOWN_LINES = 3
KINDS = ("code", "prose", "note", "feedback")

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")
of_project = click.option(
    "--project", help="Such as github.com/owner/repo; the default is that of the current directory."
)


class Context(msgspec.Struct, frozen=True):
    """As the API shows it."""

    id: str
    project: str
    kind: str
    text: str
    path: str
    symbol: str
    start_line: int
    end_line: int
    about: str
    owner: str
    importance: float
    uses: int
    score: float
    created_at: datetime
    used_at: datetime | None
    parent: str | None
    consolidated_at: datetime | None


@click.group()
def memory() -> None:
    """What a project remembers: its code by functions, notes, and what people decided about findings."""


@memory.command("index")
@click.argument("path", required=False, default=".", type=click.Path(path_type=Path))
@as_json
def index(path: Path, is_json: bool) -> None:
    """Remember the files below PATH, and forget those that are gone. Only what changed is sent."""
    terminal = Console(stderr=True)
    try:
        summary = _index(started_hub(terminal), path, terminal)
    except Interrupted:
        raise SystemExit(EXIT_INTERRUPTED) from None
    if is_json:
        print_json(summary)
        return
    click.echo(
        f"{summary.files:,} files: {summary.written:,} contexts written, {summary.unchanged:,} as they were, "
        f"{summary.forgotten:,} forgotten"
    )
    for name, reason in summary.left_out.items():
        click.echo(f"  not remembered: {plain(name)} ({plain(reason)})", err=True)


@memory.command("add")
@click.argument("text")
@of_project
@click.option("--about", default="", help="What it is about: another note about the same takes its place.")
@click.option("--path", default="", help="The file that it is about.")
@click.option("--importance", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@as_json
def add(text: str, project: str | None, about: str, path: str, importance: float, is_json: bool) -> None:
    """Remember a note: a decision, a trap, why something is as it is. `-` reads it from standard input."""
    note = sys.stdin.read() if text == "-" else text
    body = {"project": _project(project), "text": note, "about": about, "path": path, "importance": importance}
    context = _client().post(address("contexts"), body)
    if is_json:
        print_json(context)
    else:
        click.echo(f"remembered {context['id']}")


@memory.command("search")
@click.argument("query")
@of_project
@click.option("--kind", type=click.Choice(KINDS), help="Only of this kind.")
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="How many.")
@as_json
def search(query: str, project: str | None, kind: str | None, limit: int, is_json: bool) -> None:
    """What the project remembers of a question, the most fitting first."""
    found = _client().get(address("contexts", "search"), project=_project(project), q=query, kind=kind, limit=limit)[
        "contexts"
    ]
    if is_json:
        print_json(found)
        return
    console = stdout_console()
    for context in msgspec.convert(found, list[Context]):
        console.print(_heading(context))
        for line in [line for line in context.text.splitlines() if line.strip()][:SHOWN_LINES]:
            console.print(Text(f"    {plain(line)}", style="dim", no_wrap=True, overflow="ellipsis"))
    if not found:
        click.echo("nothing is remembered of it")


@memory.command("show")
@click.argument("context_id", metavar="ID")
@as_json
def show(context_id: str, is_json: bool) -> None:
    """One context, whole."""
    answer = _client().get(address("contexts", context_id))
    if is_json:
        print_json(answer)
        return
    context = msgspec.convert(answer, Context)
    merged = f"{ago(context.consolidated_at)}, into {context.parent}" if context.consolidated_at else ""
    render_fields(
        stdout_console(),
        [
            ("id", context.id),
            ("project", context.project),
            ("kind", context.kind),
            ("about", context.about or context.symbol),
            ("where", _place(context)),
            ("by", context.owner),
            ("remembered", ago(context.created_at)),
            ("used", f"{context.uses} times, last {ago(context.used_at)}" if context.uses else ""),
            ("importance", f"{context.importance:.2f}, of which {context.score:.2f} is left"),
            ("merged", merged),
            ("", context.text),
        ],
    )


@memory.command("forget")
@click.argument("context_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All that the project remembers.")
@click.option("--kind", type=click.Choice(KINDS), help="With --all: only of this kind.")
@of_project
@click.option("--why", default="", help="Kept with who did it; what was forgotten is not.")
@as_json
def forget(
    context_id: str | None, everything: bool, kind: str | None, project: str | None, why: str, is_json: bool
) -> None:
    """Forget a context, or all of a project: texts and vectors are gone."""
    if (context_id is None) != everything:
        raise click.UsageError("name the ID of a context, or --all")
    if context_id is not None:
        answer = _client().post(address("contexts", context_id, "forget"), {"why": why})
    else:
        answer = _client().post(address("contexts", "forget"), {"project": _project(project), "kind": kind, "why": why})
    if is_json:
        print_json(answer)
    else:
        click.echo(f"forgotten: {answer['forgotten']:,}")


@memory.command("stats")
@of_project
@as_json
def stats(project: str | None, is_json: bool) -> None:
    """How much is remembered, by project and kind."""
    sizes = _client().get(address("contexts"), project=project)["sizes"]
    if is_json:
        print_json(sizes)
        return
    table = a_table("project", "kind", "contexts", "files", "merged", "KiB", "embedder")
    for size in sizes:
        numbers = (f"{size[name]:,}" for name in ("contexts", "paths", "consolidated"))
        kibibytes = f"{size['bytes'] / 1024:,.0f}"
        table.add_row(plain(size["project"]), size["kind"], *numbers, kibibytes, plain(_embedded_by(size)))
    stdout_console().print(table)


def _embedded_by(size: Mapping[str, Any]) -> str:
    if not size["embedder"]:
        return str(size["model"])
    searched = size["contexts"] - size["consolidated"]
    return f"{size['embedder']}: {size['embedded']:,} of {searched:,} by now"


def _index(client: HubClient, path: Path, terminal: Console) -> Recorded:
    from server.reviews.working_tree import collect  # here: only this command looks at files

    collected = collect(path, os.environ, everything=True)
    project, texts = collected.project.name, {file.path: file.text for file in collected.snapshot.files}
    known = _known_files(client, project)
    within = collected.project.path_of(path.resolve()) or ""
    gone = [name for name in known if name not in texts and _is_below(name, within)]
    summary = Recorded(files=0, written=0, unchanged=0, forgotten=0, left_out=_too_large(texts))
    changed = [
        IndexedFile(name, text)
        for name, text in texts.items()
        if name not in summary.left_out and known.get(name) != digest_of_text(text)
    ]
    for part in parts(project, changed, gone):
        job = client.start("contexts/index", part)
        summary = _together(summary, result_of(client, job, Recorded, terminal, what="indexing"))
    return summary


def _too_large(texts: Mapping[str, str]) -> dict[str, str]:
    large = f"larger than {MAX_TEXT_BYTES >> 20} MiB"
    return {name: large for name, text in texts.items() if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES}


def _known_files(client: HubClient, project: str) -> dict[str, str]:
    known: dict[str, str] = {}
    after: str | None = ""
    while after is not None:
        page = client.get(address("contexts", "files"), project=project, after=after)
        known |= page["files"]
        after = page["next"]
    return known


def _together(one: Recorded, other: Recorded) -> Recorded:
    return Recorded(
        files=one.files + other.files,
        written=one.written + other.written,
        unchanged=one.unchanged + other.unchanged,
        forgotten=one.forgotten + other.forgotten,
        left_out=one.left_out | other.left_out,
    )


def _is_below(name: str, within: str) -> bool:
    return within in ("", ".") or name == within or name.startswith(f"{within}/")


def _heading(context: Context) -> Text:
    parts: Iterable[Any] = [
        (context.kind, "cyan"),
        "  ",
        (plain(context.symbol or context.about), "bold"),
        "  ",
        plain(_place(context)),
        "  ",
        (context.id, "dim"),
    ]
    return Text.assemble(*parts)


def _place(context: Context) -> str:
    return f"{context.path}:{context.start_line}" if context.start_line else context.path


def _project(named: str | None) -> str:
    return named or identify_project(Path.cwd()).name


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))

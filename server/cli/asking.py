"""What is asked about, from this machine: the code around you, and the findings that a person means.

A finding is named by its place (`shop/run.py:7`), by its fingerprint or the beginning of it, or all are meant.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, address
from server.cli.output import bill_line, plain, render_flags, stdout_console
from server.cli.waiting import result_of
from server.errors import HiveError
from server.reviews.asks import Told
from server.reviews.finding import Finding, FindingStatus
from server.reviews.git import CannotCollect, Git, NoCommits
from server.reviews.project import Project, identify_project
from server.reviews.snapshot import Report, Snapshot
from server.reviews.working_tree import collect

ALL = "all"
MAX_FOUND = 200
MAX_QUOTE = 160

_PLACE = re.compile(r"(?P<path>.+):(?P<line>\d{1,7})")
_FINGERPRINT = re.compile(r"[0-9a-f]{6,32}")


class FindingUnknown(CannotCollect):
    """Nothing was found where, or as, the person says."""


class Meant(NamedTuple):
    """*snapshot*: the files of the findings, and all others around them."""

    findings: tuple[Finding, ...]
    snapshot: Snapshot
    project: Project


class _Known(msgspec.Struct):
    finding: Finding


class _Page(msgspec.Struct):
    findings: list[_Known]


def code_of(path: Path) -> Snapshot:
    """All files that git knows at the path, or all that lie there."""
    return collect(path, os.environ, everything=True).snapshot


def meant_findings(client: HubClient, name: str, terminal: Console, *, at_most: int) -> Meant:
    """Those that *name* means, found again in the code as it is now. Raises `CannotCollect`."""
    project = identify_project(Path.cwd())
    if name == ALL:
        changes = collect(Path(), os.environ).snapshot
        found = [f for f in _review(client, changes, terminal).findings if f.status is FindingStatus.OPEN]
    elif place := _PLACE.fullmatch(name):
        found = _at_place(client, project, Path(place["path"]), int(place["line"]), terminal)
    elif _FINGERPRINT.fullmatch(name):
        found = _by_fingerprint(client, project, name, terminal)
    else:
        hint = "name it by its place (shop/run.py:7) or its fingerprint (hive review --json shows them)"
        raise FindingUnknown(f"{name!r} names no finding", hint=hint)
    if not found:
        raise FindingUnknown(f"nothing was found: {name}", hint="hive review shows what there is")
    kept = tuple(found[:at_most])
    return Meant(kept, _around(project, {finding.path for finding in kept}), project)


def render_told(told: Told) -> None:
    console = stdout_console()
    console.print(Text(plain(told.text, keep_lines=True)), end="\n\n")
    for cited in told.citations:
        quote = " ".join(cited.quote.split())[:MAX_QUOTE]
        console.print(Text.assemble((f"{plain(cited.path)}:{cited.start_line}", "cyan"), "  ", (plain(quote), "dim")))
    render_flags(console, told.flags)
    console.print(bill_line(told.bill))


def _at_place(client: HubClient, project: Project, path: Path, line: int, terminal: Console) -> list[Finding]:
    relative = project.path_of(Path(os.path.abspath(path)))
    if relative is None or not path.is_file():
        raise FindingUnknown(f"there is no file {str(path)!r} here")
    findings = _in_file(client, project, relative, terminal)
    return [finding for finding in findings if finding.start_line <= line <= finding.end_line]


def _by_fingerprint(client: HubClient, project: Project, name: str, terminal: Console) -> list[Finding]:
    known = [f for f in _known(client, project) if f.fingerprint.startswith(name)]
    if len(known) > 1:
        raise FindingUnknown(f"{name} is the beginning of {len(known)} fingerprints", hint="give more of it")
    if not known:
        return []
    found = _in_file(client, project, known[0].path, terminal)
    return [finding for finding in found if finding.fingerprint == known[0].fingerprint]


def _in_file(client: HubClient, project: Project, path: str, terminal: Console) -> list[Finding]:
    """What rules find in it now, and what a model found before in lines that still stand there."""
    collected = collect(project.root / path, os.environ)
    report = _review(client, collected.snapshot, terminal)
    text = next((file.text for file in collected.snapshot.files), "")
    before = (f for f in _known(client, project, path=path) if f.is_from_model and _still_stands(f, text))
    return [*report.findings, *before]


def _still_stands(finding: Finding, text: str) -> bool:
    lines = text.split("\n")[finding.start_line - 1 : finding.end_line]
    return "\n".join(lines).startswith(finding.evidence)


def _known(client: HubClient, project: Project, path: str | None = None) -> list[Finding]:
    wanted = {"project": project.name, "status": "open", "limit": str(MAX_FOUND)} | ({"path": path} if path else {})
    page = client.get(f"{address('findings')}?{urlencode(wanted)}")
    return [known.finding for known in msgspec.convert(page, _Page).findings]


def _review(client: HubClient, snapshot: Snapshot, terminal: Console) -> Report:
    return result_of(client, client.start_review(snapshot), Report, terminal, what="review")


def _around(project: Project, paths: Collection[str]) -> Snapshot:
    """The project as it is, at the commit that is checked out: what that says of its tests is the person's own word."""
    everything = code_of(project.root)
    files = tuple(file for file in everything.files if file.path in paths)
    context = tuple(file for file in everything.files if file.path not in paths)
    return replace(everything, files=files, context=context, base_sha=_checked_out(project))


def _checked_out(project: Project) -> str:
    if not project.is_repository:
        return ""
    try:
        return Git(project.root, os.environ).commit("HEAD")
    except (NoCommits, HiveError):
        return ""

"""How often the reviewer interrupts people who write good code.

    python -m tests.analysis.noise FOLDER [--fetch] [--whole] [--project NAME ...] [--rule ID ...] [--samples 3]

The latest release of well-kept projects and the last one of the series before it, about a hundred merges apart, stand
in FOLDER as git repositories of two commits; what was added is reviewed as `hive review --base HEAD~1 --head HEAD` does
it, so that what old code has is nobody's business. The aim is at most one finding per 2,000 added lines; only those of
code are counted here, which is harder. `--whole` reviews every file of the later release, which says more about a rule
that is new. `--fetch` gets the releases from the package indexes first; what is there stays.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from server.agents.reviewer import Reviewer
from server.analysis.language import Language, language_of
from server.reviews.finding import Finding
from server.reviews.snapshot import SourceFile
from server.reviews.working_tree import collect

REPOSITORY = Path(__file__).parents[2]
UV = REPOSITORY / "build" / "tools" / "bin" / "uv"
PIP = (str(UV), "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip", "--disable-pip-version-check")

LINES = 2_000
"""Of added code, in which one finding is what people put up with."""

PYTHON_PROJECTS = (
    "aiohttp", "attrs", "celery", "click", "django", "djangorestframework", "fastapi", "flask", "httpie", "httpx",
    "jinja2", "pydantic", "pytest", "redis", "requests", "rich", "sqlalchemy", "starlette", "urllib3",
    "wagtail", "werkzeug",
)  # fmt: skip
APPLICATIONS = ("datasette", "django-oscar", "flower", "jupyterhub", "locust", "pypiserver")
"""Web applications: here the rules speak that look for routes, sessions and settings."""

JAVASCRIPT_PROJECTS = ("axios", "express", "fastify", "koa")

BUILT = ("dist", "doc", "docs")
"""Releases carry there what no merge adds: bundles and rendered pages."""

EVERYTHING = 1_000_000


class Noise(NamedTuple):
    """*lines*: those that were reviewed, *code* those of them that are neither prose nor of an unknown language."""

    project: str
    lines: int
    code: int
    findings: tuple[Finding, ...]

    @property
    def rate(self) -> float:
        return LINES * len(self.findings) / self.code if self.code else 0.0


# --- the releases -----------------------------------------------------------------------------------------------------


def fetch(folder: Path, only: Collection[str], console: Console) -> None:
    """*only*: these projects; none are all."""
    python = (*PYTHON_PROJECTS, *APPLICATIONS)
    for names, download in ((python, _download_python), (JAVASCRIPT_PROJECTS, _download_javascript)):
        for name in names:
            repository = folder / name
            if (repository / ".git").is_dir() or (only and name not in only):
                continue
            try:
                with tempfile.TemporaryDirectory(prefix="hive-noise-") as directory:
                    newer = download(name, "", Path(directory, "newer"))
                    older = download(name, _series(newer), Path(directory, "older"))
                    _commit_both(repository, older, newer)
            except subprocess.CalledProcessError as error:
                shutil.rmtree(repository, ignore_errors=True)
                console.print(f"{name}: not fetched: {(error.stderr or '').strip()[-300:]}", markup=False)
            else:
                console.print(f"{name}: {older.name} -> {newer.name}", markup=False)


def _download_python(name: str, before: str, into: Path) -> Path:
    """The sdist: it holds tests, documentation and settings as a merge does, and a wheel does not."""
    what = f"{name}<{before}" if before else name
    _run(*PIP, "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(into), what)
    return next(into.iterdir())


def _download_javascript(name: str, before: str, into: Path) -> Path:
    into.mkdir()
    _run("npm", "pack", "--silent", "--pack-destination", str(into), f"{name}@<{before}" if before else name)
    return next(into.iterdir())


def _series(archive: Path) -> str:
    """`3.14` of `aiohttp-3.14.5.tar.gz`."""
    version = archive.name.removesuffix(".tar.gz").removesuffix(".tgz").rpartition("-")[2]
    return ".".join(version.split(".")[:2])


def _commit_both(repository: Path, *archives: Path) -> None:
    git = ("git", "-C", str(repository), "-c", "user.name=noise", "-c", "user.email=noise@localhost")
    repository.mkdir(parents=True)
    _run(*git, "init", "--quiet")
    for archive in archives:
        _run(*git, "rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".")
        with tempfile.TemporaryDirectory(prefix="hive-noise-") as directory:
            shutil.unpack_archive(archive, directory, filter="data")
            shutil.copytree(next(Path(directory).iterdir()), repository, dirs_exist_ok=True, symlinks=True)
        for built in BUILT:
            shutil.rmtree(repository / built, ignore_errors=True)
        _run(*git, "add", "--all", "--force")
        _run(*git, "commit", "--quiet", "--allow-empty", "--message", archive.name)


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True, text=True)


# --- the review -------------------------------------------------------------------------------------------------------


async def review_all(repositories: Iterable[Path], *, whole: bool) -> list[Noise]:
    reviewer = Reviewer(max_findings=EVERYTHING)
    await reviewer.start()
    try:
        return [await _review(reviewer, repository, whole) for repository in repositories]
    finally:
        await reviewer.stop()


async def _review(reviewer: Reviewer, repository: Path, whole: bool) -> Noise:
    what: dict[str, Any] = {"everything": True} if whole else {"base": "HEAD~1", "head": "HEAD"}
    snapshot = collect(repository, os.environ, **what).snapshot
    report = await reviewer.review(snapshot, lambda _done, _total, _note: None)
    lines = {file.path: _lines_of(file) for file in snapshot.files}
    code = sum(of for path, of in lines.items() if language_of(path, "") not in (Language.PROSE, Language.OTHER))
    return Noise(repository.name, sum(lines.values()), code, report.findings)


def _lines_of(file: SourceFile) -> int:
    if file.changed is None:
        return file.text.count("\n") + 1
    return sum(lines.end - lines.start + 1 for lines in file.changed)


# --- what people see --------------------------------------------------------------------------------------------------


def show(noises: Sequence[Noise], console: Console, samples: int) -> None:
    everything = tuple(finding for noise in noises for finding in noise.findings)
    total = Noise("all", sum(noise.lines for noise in noises), sum(noise.code for noise in noises), everything)
    projects = _table("projects", "project", "lines", "of code", "findings", f"per {LINES:,} of code")
    for noise in (*noises, total):
        row = (noise.project, f"{noise.lines:,}", f"{noise.code:,}", str(len(noise.findings)), f"{noise.rate:.2f}")
        projects.add_row(*row, style="bold" if noise is total else "")
    console.print(projects, "")
    by_rule = _by_rule(noises)
    rules = _table("rules", "rule", "CWE", "findings", "projects", f"per {LINES:,} of code")
    for rule, told in by_rule.items():
        counts = (str(told[0][1].cwe or ""), str(len(told)), str(len({project for project, _ in told})))
        rules.add_row(rule, *counts, f"{LINES * len(told) / max(1, total.code):.3f}")
    console.print(rules, "")
    for rule, told in by_rule.items():
        for project, finding in _spread(told, samples):
            place = f"{project}/{finding.path}:{finding.start_line}"
            evidence = " ".join(finding.evidence.split())[:110]
            text = f"{rule}  {place}  {evidence}  {finding.message}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _by_rule(noises: Iterable[Noise]) -> dict[str, list[tuple[str, Finding]]]:
    told: defaultdict[str, list[tuple[str, Finding]]] = defaultdict(list)
    for noise in noises:
        for finding in noise.findings:
            told[finding.rule].append((noise.project, finding))
    return dict(sorted(told.items(), key=lambda item: (-len(item[1]), item[0])))


def _spread(told: Sequence[tuple[str, Finding]], count: int) -> list[tuple[str, Finding]]:
    """So many of them, first one of each project."""
    seen: Counter[str] = Counter()
    ranked = []
    for project, finding in told:
        ranked.append((seen[project], project, finding))
        seen[project] += 1
    ranked.sort(key=lambda place: place[0])
    return [(project, finding) for _, project, finding in ranked[:count]]


def _table(title: str, first: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False)
    for column in (first, *more):
        table.add_column(column, justify="left" if column == first else "right")
    return table


def as_json(noises: Sequence[Noise]) -> list[dict[str, Any]]:
    return [
        {
            "project": noise.project,
            "lines": noise.lines,
            "code": noise.code,
            "findings": [
                {
                    "rule": finding.rule,
                    "path": finding.path,
                    "line": finding.start_line,
                    "severity": finding.severity,
                    "message": finding.message,
                }
                for finding in noise.findings
            ],
        }
        for noise in noises
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fetch", action="store_true", help="get releases that are not there")
    parser.add_argument("--whole", action="store_true", help="review all files, not what the later release added")
    parser.add_argument("--project", action="append", default=[], metavar="NAME")
    parser.add_argument("--rule", action="append", default=[], metavar="ID", help="show these alone")
    parser.add_argument("--samples", type=int, default=3, help="of each rule")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    if arguments.fetch:
        fetch(arguments.folder, arguments.project, console)
    repositories = sorted(place.parent for place in arguments.folder.glob("*/.git"))
    wanted = [place for place in repositories if not arguments.project or place.name in arguments.project]
    noises = asyncio.run(review_all(wanted, whole=arguments.whole))
    if arguments.rule:
        kept = [tuple(f for f in noise.findings if f.rule in arguments.rule) for noise in noises]
        noises = [noise._replace(findings=findings) for noise, findings in zip(noises, kept, strict=True)]
    if arguments.json:
        print(json.dumps(as_json(noises), indent=2))
    else:
        show(noises, console, arguments.samples)


if __name__ == "__main__":
    main()

"""The analysis section of `make bench`: what it costs to review code, against bandit and semgrep in the same run.

    python -m bench.analysis FOLDER

That is one review of FOLDER in a process of its own, as JSON. The corpus is the standard library and what is installed
here, cut to exactly so many lines of Python: real code, and the same for all who are compared. CPU seconds and memory
are those of all processes of a program; ours is the reviewer as the agent runs it, every check and the linter.
"""

import ast
import asyncio
import json
import os
import resource
import shutil
import statistics
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from rich.console import Console
from rich.table import Table

from bench import environments
from bench.environments import PeerFailed
from bench.figures import Figure
from bench.machine import REPOSITORY
from bench.processes import family_cpu_seconds
from server.agents.reviewer import Reviewer
from server.reviews.snapshot import Report, Snapshot, SourceFile
from server.settling import settle

LONGEST_FILE = 5_000
"""Lines; generated tables would be most of a small corpus."""

SHORTEST_EDITED = 50
"""Lines of a file that is edited."""

_FOREIGN = {"test", "tests", "idlelib", "lib2to3", "site-packages", "_vendor"}

RULES = REPOSITORY / "bench" / "peers" / "semgrep.yml"
BANDIT = ("bandit==1.9.4",)
SEMGREP = ("semgrep==1.182.0",)


@dataclass(frozen=True)
class Effort:
    """*lines*: of a corpus. *many*: of the one that shows growth; it is cut into corpora of *lines* to compare with.

    *copies*: so many times the last of these in one project, which tells what its size alone costs. Packages that were
    cut apart know less of each other than those of one project, and what is known is work: calls that lead nowhere in a
    part are followed in the whole. That is no matter of size, and only the first of the two figures has it in it.
    *edits*: in each of the first *edited* of these, of files all over it.
    """

    lines: int = 100_000
    many: int = 1_000_000
    edited: int = 3
    edits: int = 60
    copies: int = 5

    @property
    def parts(self) -> int:
        return self.many // self.lines

    @classmethod
    def quick(cls) -> "Effort":
        """For who works on the analysis: figures in a minute, of little weight."""
        return cls(lines=20_000, many=100_000, edited=2, edits=20)


class Cost(NamedTuple):
    """*memory_mb*: the most of any one process. *findings*: so that nobody is fast by finding nothing."""

    cpu_seconds: float
    seconds: float
    memory_mb: float
    findings: int


async def measure(directory: Path, effort: Effort) -> tuple[list[Figure], dict[str, Any]]:
    many = directory / "many"
    parts = [directory / f"part_{number}" for number in range(effort.parts)]
    copy_corpus(many, effort.many)
    for number, part in enumerate(parts):
        copy_corpus(part, effort.lines, after=number * effort.lines)
    measured = [await _ours(part, effort.edits if number < effort.edited else 0) for number, part in enumerate(parts)]
    grown = await _ours(many, 0)
    copied = await _ours(_copies(parts[-1], directory / "copied", effort.copies), 0)
    others, left_out = await _others(parts[0], directory)
    ours = measured[0]
    cpu = [part["cold"]["cpu_seconds"] for part in measured]
    memory = max(part["cold"]["memory_mb"] for part in measured)
    cold = Cost(**ours["cold"])
    figures = [
        Figure(f"{effort.lines:,} lines of Python, cold: CPU, worst of {effort.parts} parts", max(cpu), "s", 20.0),
        Figure(f"{effort.lines:,} lines of Python, cold: CPU, mean", statistics.mean(cpu), "s"),
        Figure(f"{effort.lines:,} lines of Python, cold: most memory", memory, "MB", 1000.0),
        *_of_edits([edit for part in measured for edit in part["edits"]]),
        Figure("files that were not read in full", sum(part["gaps"] for part in measured), "of them"),
        Figure(f"{effort.many:,} lines: CPU", grown["cold"]["cpu_seconds"], "s"),
        Figure(f"{effort.many:,} lines: most memory", grown["cold"]["memory_mb"], "MB", 1000.0),
        Figure(
            f"{effort.many:,} lines: CPU, so many times that of its parts together",
            grown["cold"]["cpu_seconds"] / sum(cpu),
            "x",
            1.25,
        ),
        Figure(
            f"{effort.copies} copies of {effort.lines:,} lines: CPU, so many times that of one, each",
            copied["cold"]["cpu_seconds"] / effort.copies / cpu[-1],
            "x",
            1.25,
        ),
    ]
    for name, cost in others.items():
        figures.append(Figure(f"{name}: our CPU is so many times", cold.cpu_seconds / cost.cpu_seconds, "x"))
    costs = {"ours": cold, **others}
    details = {
        "effort": asdict(effort),
        "ours": measured,
        "grown": grown,
        "copied": copied,
        "costs": {name: cost._asdict() for name, cost in costs.items()},
        "left out": left_out,
    }
    return figures, details


def _of_edits(edits: list[dict[str, Any]]) -> list[Figure]:
    """What a change costs until it is known what it means for the whole project; of all files, not of good ones."""
    what = f"a changed file in that project, {len(edits)} edits"
    took = sorted(edit["seconds"] * 1000 for edit in edits)
    cpu = sorted(edit["cpu_seconds"] * 1000 for edit in edits)
    return [
        Figure(f"{what}: P50", _quantile(took, 0.5), "ms", 100.0),
        Figure(f"{what}: P50 of CPU", _quantile(cpu, 0.5), "ms", 100.0),
        Figure(f"{what}: P95 of CPU", _quantile(cpu, 0.95), "ms", 100.0),
        Figure(f"{what}: most CPU", cpu[-1], "ms"),
    ]


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show_peers(details: dict[str, Any], console: Console) -> None:
    """All reviewers of the run side by side."""
    lines = details["effort"]["lines"]
    table = Table(title=f"{lines:,} lines side by side", title_justify="left", title_style="bold", show_edge=False)
    for column in ("reviewer", "CPU s", "s", "memory MB", "findings"):
        table.add_column(column, justify="left" if column == "reviewer" else "right")
    for name, cost in details["costs"].items():
        measured = (cost["cpu_seconds"], cost["seconds"], cost["memory_mb"])
        cells = [f"{figure:,.1f}" for figure in measured]
        table.add_row(name, *cells, str(cost["findings"]), style="bold" if name == "ours" else "")
    console.print(table, *(f"left out: {name}: {why}" for name, why in details["left out"].items()), "", sep="\n")


# --- the corpus -------------------------------------------------------------------------------------------------------


def copy_corpus(folder: Path, lines: int, *, after: int = 0) -> None:
    """So many lines exactly, those that stand after the first so many. Where the machine has fewer, its packages come
    again, beside those that are there.
    """
    left, passed = lines, 0
    for again in count():
        for root, file in _sources():
            text = _readable(file)
            if not text:
                continue
            if passed < after:
                passed += text.count("\n")
                continue
            kept = text if text.count("\n") <= left else _head(text, left)
            target = folder / (f"again_{again}" if again else "") / file.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(kept, encoding="utf-8")
            left -= kept.count("\n")
            if left <= 0:
                return


def _copies(corpus: Path, folder: Path, number: int) -> Path:
    """The same files in so many folders beside each other."""
    for copy in range(number):
        shutil.copytree(corpus, folder / f"copy_{copy}")
    return folder


def _sources() -> list[tuple[Path, Path]]:
    """Whole packages, so that files import each other; which come first is always the same, and no alphabet."""
    roots = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")))
    files = [
        (root, file)
        for root in roots
        for file in root.rglob("*.py")
        if not _FOREIGN & set(file.relative_to(root).parts) and "test" not in file.name
    ]
    return sorted(files, key=lambda pair: (crc32(pair[1].relative_to(pair[0]).parts[0].encode()), pair[1]))


def _readable(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
        ast.parse(text)
    except (OSError, ValueError, SyntaxError, RecursionError):
        return ""
    return text if text.endswith("\n") and text.count("\n") <= LONGEST_FILE else ""


def _head(text: str, lines: int) -> str:
    """Whole statements, and empty lines up to the number."""
    whole = max((node.end_lineno or 0 for node in ast.parse(text).body if (node.end_lineno or 0) <= lines), default=0)
    return "\n".join(text.split("\n")[:whole]) + "\n" * (lines - whole + (1 if whole else 0))


# --- ours -------------------------------------------------------------------------------------------------------------


async def _ours(folder: Path, edits: int) -> dict[str, Any]:
    said = await environments.run(
        sys.executable, "-m", "bench.analysis", str(folder), str(edits), patience_seconds=3_600.0
    )
    measured: dict[str, Any] = json.loads(said)
    return measured


def read_corpus(folder: Path) -> tuple[SourceFile, ...]:
    return tuple(
        SourceFile(file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8"))
        for file in sorted(folder.rglob("*.py"))
    )


async def review(files: Sequence[SourceFile], edited: int) -> dict[str, Any]:
    reviewer = Reviewer(max_findings=1_000_000)
    settle()  # as in the agent
    await reviewer.start()
    try:
        began, before = time.perf_counter(), family_cpu_seconds(os.getpid())
        report = await _review(reviewer, Snapshot("local/bench", tuple(files)))
        seconds, cpu = time.perf_counter() - began, family_cpu_seconds(os.getpid()) - before
        edits = [await _edit(reviewer, files, number, edited) for number in range(edited)]
        memory = _most_memory_mb(os.getpid())
    finally:
        await reviewer.stop()
    memory = max(memory, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    return {
        "cold": Cost(cpu, seconds, memory, len(report.findings))._asdict(),
        "edits": edits,
        "gaps": len(report.coverage.partial),
        "reasons": sorted({skipped.reason for skipped in report.coverage.partial})[:20],
    }


async def _edit(reviewer: Reviewer, files: Sequence[SourceFile], number: int, of: int) -> dict[str, Any]:
    """Until what one edit of one file means is known, the rest of the project being as it was. Every other one goes
    into the middle of a function, the others add one.
    """
    long_enough = [place for place, file in enumerate(files) if file.text.count("\n") >= SHORTEST_EDITED]
    place = long_enough[number * len(long_enough) // of]
    text = files[place].text
    edited = _within(text) if number % 2 else f"{text}\n\ndef edited():\n    return {number}\n"
    context = (*files[:place], *files[place + 1 :])
    began, before = time.perf_counter(), time.process_time()
    await _review(reviewer, Snapshot("local/bench", (SourceFile(files[place].path, edited),), context=context))
    cpu = time.process_time() - before
    return {"path": files[place].path, "seconds": time.perf_counter() - began, "cpu_seconds": cpu}


def _within(text: str) -> str:
    """With one more statement at the end of the function in the middle; of no function, at the end of the file."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    lines = text.split("\n")
    for function in functions[len(functions) // 2 :]:
        last = function.body[-1]
        if last.lineno > function.lineno and not lines[last.lineno - 1][: last.col_offset].strip():
            lines.insert(last.lineno - 1, " " * last.col_offset + "edited = len('edited')")
            return "\n".join(lines)
    return text + "\nedited = 1\n"


async def _review(reviewer: Reviewer, snapshot: Snapshot) -> Report:
    return await reviewer.review(snapshot, lambda _done, _total, _note: None)


def _most_memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


# --- the others -------------------------------------------------------------------------------------------------------


async def _others(folder: Path, scratch: Path) -> tuple[dict[str, Cost], dict[str, str]]:
    """Each in an environment of its own, on one core as ours. One that fails says why."""
    bandit = ("bandit", "--recursive", str(folder), "--format", "json", "--quiet", "--exit-zero")
    semgrep = (
        "semgrep", "scan", "--config", str(RULES), "--metrics", "off", "--disable-version-check", "--no-git-ignore",
        "--jobs", "1", "--json", "--quiet", str(folder),
    )  # fmt: skip
    costs: dict[str, Cost] = {}
    left_out: dict[str, str] = {}
    for requirements, argv in ((BANDIT, bandit), (SEMGREP, semgrep)):
        try:
            await environments.install(argv[0], requirements)
            costs[argv[0]] = await asyncio.to_thread(_run, argv, scratch)
        except PeerFailed as failed:
            left_out[argv[0]] = str(failed)
    return costs, left_out


def _run(argv: tuple[str, ...], scratch: Path) -> Cost:
    """The time and memory of a whole family, which only its parent's wait tells."""
    output = scratch / f"{argv[0]}.json"
    began = time.perf_counter()
    with output.open("wb") as said, Path(os.devnull).open("wb") as nowhere:
        pid = os.posix_spawn(
            environments.program(argv[0], argv[0]),
            argv,
            {**os.environ, "SEMGREP_SEND_METRICS": "off", "PATH": _path(argv[0])},
            file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2)],
        )
        _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    if code := os.waitstatus_to_exitcode(status):
        raise PeerFailed(f"it ended with status {code}")
    found = len(json.loads(output.read_bytes())["results"])
    return Cost(used.ru_utime + used.ru_stime, seconds, used.ru_maxrss / 1024, found)


def _path(environment: str) -> str:
    """A program looks there for its parts."""
    return f"{environments.program(environment, '')}{os.pathsep}{os.environ['PATH']}"


if __name__ == "__main__":
    corpus = read_corpus(Path(sys.argv[1]))
    print(json.dumps(asyncio.run(review(corpus, int(sys.argv[2]) if len(sys.argv) > 2 else 0))))

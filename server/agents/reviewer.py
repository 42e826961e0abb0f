"""The deterministic reviewer as an agent: takes a snapshot, thinks, answers with a report. Holds no credential.

Works with no key and no network. The rules stand in `server/analysis/` and are pure; this module only runs them off the
event loop, asks the resident linter beside, and puts the report together.
"""

import asyncio
import codecs
import gc
import importlib
import pkgutil
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, NamedTuple, TypeVar

import msgspec

import server.analysis
from server.agents.courtesy import Courtesy
from server.agents.documents import Documents, edited
from server.agents.neighbourhoods import Neighbourhood, Neighbourhoods
from server.agents.ruff import Diagnostic, Program, Ruff, RuffTooSlow, RuffUnavailable
from server.analysis.admission import Depth, admit, unreadable
from server.analysis.budget import Budget
from server.analysis.calls.callers import CallIndex
from server.analysis.calls.telling import called_in
from server.analysis.change.review import SECONDS_PER_CHANGE, change_of, look_at
from server.analysis.findings import rank, to_findings
from server.analysis.language import Language
from server.analysis.linter import LinterHit, has_syntax_error, problems_of_ruff, true_of_python2
from server.analysis.python.python2 import read_as_python2
from server.analysis.review import (
    MAX_KEPT_CHARACTERS,
    SECONDS_ACROSS_FILES,
    SECONDS_PER_FILE,
    Across,
    Analysis,
    Reading,
)
from server.analysis.ruff_rules import plain_message
from server.analysis.rule import Problem
from server.analysis.source import Source, Span
from server.jobs.job import GiveUp
from server.jobs.worker import Work
from server.reviews.finding import Edit, Finding
from server.reviews.snapshot import Called, Coverage, Report, SkippedFile, Snapshot, SourceFile

MAX_FINDINGS = 5_000
"""Of a whole project; the report counts the rest. What a person is shown of them each door decides."""

SECONDS_FOR_CALLERS = 10.0

MAX_SMALL = 20
"""Files of a review that may be read between two keystrokes of somebody else."""

Progress = Callable[[int, int, str], None]

_Result = TypeVar("_Result")

_program: Program | None = None


def preload() -> Program:
    """Load everything that is loaded lazily, and open the linter's binary, while the files are still readable.

    An agent drops its privileges before it sees untrusted text; after that, its Python may lie in a home that it cannot
    read any more.
    """
    global _program
    if _program is None:
        _program = Program.find()
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="<unknown>")
        for module in pkgutil.walk_packages(server.analysis.__path__, "server.analysis."):
            importlib.import_module(module.name)
        for codec in _CODECS:
            codecs.lookup(codec)
        analysis = Analysis()
        sources = [Source.of(path, text) for path, text in _ONE_OF_EACH]
        readings = {source.path: analysis.read(source, Budget(SECONDS_PER_FILE)) for source in sources}
        analysis.conclude(readings, Budget(SECONDS_PER_FILE))
        for source in sources:
            to_findings(source, readings[source.path].problems, None)
    return _program


_CODECS = ("unicode_escape", "raw_unicode_escape", "ascii", "latin_1", "utf_8_sig", "utf_16", "utf_32", "idna")
"""Python loads a codec when its name is first used: `ast.unparse` of an f-string with a backslash, say."""

_ONE_OF_EACH = (
    ("a.py", "import os\ntry:\n    os.system(f'{x}é')\nexcept:\n    pass\n"),
    ("a.js", "if (a = b) { eval(c) }\n"),
    ("a.ts", "const a: number = NaN == 1;\n"),
    ("a.tsx", "const a = <p>{b}</p>;\n"),
    ("a.go", "package a\n\nfunc f() { g() }\n"),
    ("A.java", "class A { void f() { g(); } }\n"),
    ("a.php", "<?php f($_GET['a']);\n"),
    ("a.rb", "def f\n  g(params[:a])\nend\n"),
    ("a.html", "<p>{{ a|safe }}</p><script>f()</script>\n"),
    ("Dockerfile", "FROM a\n"),
    ("nginx.conf", "server { listen 80; }\n"),
    ("a.properties", "a=b\n"),
    ("a.yaml", "a: b\n"),
    ("a.sql", "DELETE FROM a;\n"),
)


class Reviewer:
    """Reviews snapshots, several at once if asked to. A file alone never waits for a whole project, nor for those
    around it.
    """

    def __init__(self, *, max_findings: int = MAX_FINDINGS, seconds_per_file: float = SECONDS_PER_FILE) -> None:
        self._max_findings = max_findings
        self._seconds_per_file = seconds_per_file
        self._ruff = Ruff(preload())
        self._small, self._large, self._near = _Desk("small"), _Desk("large"), _Desk("near")
        self._documents = Documents()
        self._neighbourhoods = Neighbourhoods()
        self._courtesy = Courtesy()
        self._garbage = _Garbage()

    async def start(self) -> None:
        """Raises RuffUnavailable when the linter does not run on this machine."""
        await self._ruff.start()

    @property
    def is_resting(self) -> bool:
        return not self._ruff.is_running

    async def rest(self) -> None:
        """Without the linter's process, and without what was known of projects: both come back with the next file."""
        await self._ruff.stop()
        self._neighbourhoods.rest()
        self._documents.forget()
        for desk in (self._small, self._large):
            await desk.do(desk.forget)

    async def stop(self) -> None:
        await self._ruff.stop()
        for desk in (self._small, self._large, self._near):
            desk.threads.shutdown(wait=False, cancel_futures=True)

    async def handle(self, work: Work) -> Report:
        """The `review` job: its args are the Snapshot, unless an earlier step of its workflow made it."""
        try:
            snapshot = msgspec.json.decode(work.inputs.get("snapshot", work.args), type=Snapshot)
        except msgspec.MsgspecError as error:
            raise GiveUp(f"not a snapshot: {error}") from error
        if snapshot.declined:
            return Report((), Coverage(), declined=snapshot.declined)
        began = time.monotonic()
        report = await self.review(snapshot, work.progress)
        return msgspec.structs.replace(report, seconds=round(time.monotonic() - began, 1))

    async def review(self, snapshot: Snapshot, progress: Progress) -> Report:
        """Every file in turn, then all together. What could not be read, or not in full, stands in the coverage."""
        with self._courtesy.hurry() if snapshot.alone else nullcontext():
            return await self._review(snapshot, progress)

    async def _review(self, snapshot: Snapshot, progress: Progress) -> Report:
        files = {file.path: file for file in snapshot.files if not unreadable(file)}
        context = {file.path: file for file in snapshot.context if not unreadable(file) and file.path not in files}
        desk, near = self._place_of(snapshot)
        if near and (missing := near.missing(snapshot.known, {*files, *context})):
            return _wanting(snapshot, missing)
        analysis = self._known_of(snapshot, desk, near)
        if near:
            readings = near.recall(snapshot.known)
        elif not context:
            readings = {}
        else:
            readings = await desk.do(analysis.recall, {path: file.text for path, file in context.items()})
        unread = [*files.values(), *(file for path, file in context.items() if path not in readings)]
        read: dict[str, _Read] = {}
        for done, file in enumerate(unread):
            progress(done, len(unread), file.path)
            read[file.path] = await self._read_file(file, desk, analysis, lint=file.path in files)
            readings[file.path] = read[file.path].reading
        progress(len(read), len(read), "looking across files" if len(readings) > 1 else "")
        compared = await self._compare(snapshot, desk)
        reviews = await self._conclude(files, read, readings, compared, desk, analysis)
        if near:
            near.keep(readings, {path: one.source.text for path, one in read.items()}, snapshot.known)
        called = await self._callers(snapshot, readings, near)
        if self._garbage.is_due([len(file.text) for file in unread]):
            desk.threads.submit(self._garbage.spare_what_is_known)
        skipped = [SkippedFile(file.path, reason) for file in snapshot.files if (reason := unreadable(file))]
        return msgspec.structs.replace(self._report(reviews, (*snapshot.skipped, *skipped)), called=called)

    def _place_of(self, snapshot: Snapshot) -> tuple["_Desk", Neighbourhood | None]:
        """Where it is reviewed, and what is known of the files around it."""
        if snapshot.known:
            return self._near, self._neighbourhoods.of(snapshot.project)
        size = len(snapshot.files) + len(snapshot.context)
        return self._small if size <= MAX_SMALL else self._large, None

    def _known_of(self, snapshot: Snapshot, desk: "_Desk", near: Neighbourhood | None) -> Analysis:
        document = edited(snapshot)
        if document is not None:
            return self._documents.of(snapshot.project, document)
        return near.analysis if near else desk.analysis

    def _report(self, reviews: Mapping[str, "_FileReview"], skipped: tuple[SkippedFile, ...]) -> Report:
        ranked, omitted = rank((f for review in reviews.values() for f in review.findings), self._max_findings)
        full = tuple(path for path, review in reviews.items() if not review.gaps)
        partial = tuple(SkippedFile(path, "; ".join(review.gaps)) for path, review in reviews.items() if review.gaps)
        return Report(ranked, Coverage(full, partial, skipped), omitted)

    async def _read_file(self, file: SourceFile, desk: "_Desk", analysis: Analysis, *, lint: bool) -> "_Read":
        source = Source.of(file.path, file.text)
        budget = self._budget(self._seconds_per_file, desk)
        linting = asyncio.ensure_future(self._lint(source, desk)) if lint else None
        try:
            reading = await desk.spend(budget, analysis.read, source, budget)
            return _Read(source.afresh(), reading, await linting if linting else _NOT_LINTED)
        finally:
            if linting:
                linting.cancel()
            budget.withdraw()

    async def _conclude(
        self,
        files: Mapping[str, SourceFile],
        read: Mapping[str, "_Read"],
        readings: Mapping[str, Reading],
        compared: Across,
        desk: "_Desk",
        analysis: Analysis,
    ) -> dict[str, "_FileReview"]:
        """Look across all, then at each file's part of it. In one go: each way to the thread and back costs an editor
        a third of a millisecond.
        """
        budget = self._budget(SECONDS_ACROSS_FILES, desk)

        def conclude() -> dict[str, _FileReview]:
            across = analysis.conclude(readings, budget)
            return {path: _conclude(file, read[path], across, compared) for path, file in files.items()}

        try:
            return await desk.spend(budget, conclude)
        finally:
            budget.withdraw()

    async def _callers(
        self, snapshot: Snapshot, readings: Mapping[str, Reading], near: Neighbourhood | None
    ) -> tuple[Called, ...]:
        """Never where somebody waits for a file alone."""
        if not snapshot.callers:
            return ()
        budget = self._courtesy.patient(SECONDS_FOR_CALLERS)
        try:
            paths = [file.path for file in snapshot.files]
            index = near.calls if near else CallIndex()
            return await self._near.spend(budget, called_in, index, paths, readings, budget)
        finally:
            budget.withdraw()

    def _budget(self, seconds: float, desk: "_Desk") -> Budget:
        return Budget(seconds) if desk is self._small else self._courtesy.patient(seconds)

    async def _compare(self, snapshot: Snapshot, desk: "_Desk") -> Across:
        """With the base, where there is one."""
        if not snapshot.base_sha:
            return Across()
        budget = Budget(SECONDS_PER_CHANGE)
        try:
            change = await desk.do(change_of, snapshot)
            return await desk.spend(budget, look_at, change, budget) if change is not None else Across()
        finally:
            budget.withdraw()

    async def _lint(self, source: Source, desk: "_Desk") -> "_Linted":
        if source.language is not Language.PYTHON or admit(source).depth is not Depth.FULL:
            return _Linted((), "")
        try:
            hits = await self._diagnose(source.path, source.text)
            if has_syntax_error(hits) and (rewritten := await desk.do(read_as_python2, source.text)) is not None:
                hits = tuple(true_of_python2(await self._diagnose(source.path, rewritten)))
        except (RuffUnavailable, RuffTooSlow) as error:
            return _Linted((), str(error))
        return _Linted(hits, "")

    async def _diagnose(self, path: str, text: str) -> tuple[LinterHit, ...]:
        return tuple(map(_to_hit, await self._ruff.diagnose(path, text)))


def _wanting(snapshot: Snapshot, missing: tuple[str, ...]) -> Report:
    skipped = tuple(SkippedFile(file.path, "files around it are not known yet") for file in snapshot.files)
    return Report((), Coverage(skipped=(*snapshot.skipped, *skipped)), wanted=missing)


class _Desk:
    """One thread, and what it knows of the files that it read."""

    def __init__(self, name: str) -> None:
        self.analysis = Analysis()
        self.threads = ThreadPoolExecutor(1, thread_name_prefix=f"reviewer-{name}")

    def forget(self) -> None:
        self.analysis = Analysis()
        gc.unfreeze()

    async def do(self, act: Callable[..., _Result], *args: Any) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, act, *args)

    async def spend(self, budget: Budget, act: Callable[..., _Result], *args: Any) -> _Result:
        """As `do`. What it waits for others on this thread does not count."""

        def begin() -> _Result:
            budget.begin()
            return act(*args)

        return await self.do(begin)


class _Garbage:
    """What is known of a large project is searched for garbage once, when it was learned and the answer is given, and
    then spared: to look through all of it takes the better part of a second, in the middle of somebody's typing.
    """

    def __init__(self) -> None:
        self._searches = self._full_searches()
        self._known = 0
        self._learned = 0
        """Characters of files, before it was last searched for and since then."""

    def is_due(self, read: Sequence[int]) -> bool:
        """After a review that read so many characters of each file: a project made a quarter more than was known, or
        Python searched everywhere by itself.
        """
        self._learned += sum(read)
        has_grown = self._learned * 4 > min(self._known, MAX_KEPT_CHARACTERS)
        return (len(read) > MAX_SMALL and has_grown) or self._full_searches() != self._searches

    def spare_what_is_known(self) -> None:
        if self._known:  # Of what is new there is hardly any: whole projects that were forgotten are.
            gc.unfreeze()
            gc.collect()
        gc.freeze()
        self._searches = self._full_searches()
        self._known, self._learned = self._known + self._learned, 0

    @staticmethod
    def _full_searches() -> int:
        searches: int = gc.get_stats()[2]["collections"]
        return searches


class _Linted(NamedTuple):
    hits: Sequence[LinterHit]
    gap: str


_NOT_LINTED = _Linted((), "")


class _Read(NamedTuple):
    source: Source
    reading: Reading
    linted: _Linted


class _FileReview(NamedTuple):
    findings: list[Finding]
    gaps: list[str]


def _conclude(file: SourceFile, read: _Read, across: Across, compared: Across) -> _FileReview:
    """What the comparison tells may lie on lines that the change does not touch: something that is gone has none."""
    source, reading, linted = read
    problems: list[Problem] = [
        *reading.problems,
        *across.problems.get(source.path, ()),
        *problems_of_ruff(linted.hits, source),
    ]
    gaps = [
        *reading.gaps,
        *across.missed.get(source.path, ()),
        *across.gaps,
        *compared.gaps,
        *([linted.gap] if linted.gap else []),
    ]
    if has_syntax_error(linted.hits) and not gaps:
        gaps.append("syntax error")
    findings = to_findings(source, problems, file.changed)
    return _FileReview([*findings, *to_findings(source, compared.problems.get(source.path, ()), None)], gaps)


def _to_hit(diagnostic: Diagnostic) -> LinterHit:
    fix = diagnostic.data
    return LinterHit(
        code=diagnostic.code,
        span=_span(
            diagnostic.range.start.line,
            diagnostic.range.start.character,
            diagnostic.range.end.line,
            diagnostic.range.end.character,
        ),
        message=plain_message(diagnostic.message),
        fix_title=fix.title if fix else "",
        edits=tuple(
            Edit(
                *_span(e.range.start.line, e.range.start.character, e.range.end.line, e.range.end.character), e.new_text
            )
            for e in fix.edits
        )
        if fix
        else (),
        safe=bool(fix and fix.is_preferred),
    )


def _span(start_line: int, start_character: int, end_line: int, end_character: int) -> Span:
    return Span(start_line + 1, start_character + 1, end_line + 1, end_character + 1)

"""The reviewer that thinks: judges what the rules found in a change, and finds what they cannot see.

The report of the rules is its ground: whatever happens to the model, that report goes out, and says what happened.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from server.agents.answer import Answer, AnswerRefused
from server.agents.asking import ask_for
from server.agents.assembly import Assembled, of_change, tokens_of
from server.agents.bill import Billed
from server.agents.claims import Ground, Held, Judgement, Verdict, judged, new_findings
from server.agents.code import Code
from server.agents.division import MAX_PARTS, divide
from server.agents.equipment import Equipment, told_flags
from server.agents.further import hunks_to_look_at, kept_from
from server.agents.hostile import Flag, survey
from server.agents.loop import Tools, converse
from server.agents.model import BudgetSpent, Model, ModelAway
from server.agents.prompts import REVIEW
from server.agents.shown_diff import Hunk
from server.agents.steps import Progress, Step, Steps
from server.analysis.findings import rank
from server.cancellation import stop_if_cancelled
from server.errors import HiveError
from server.reviews.finding import Finding
from server.reviews.snapshot import Report, Snapshot, SourceFile, Thinking

PART_TOKENS = 24_000
"""Of the change that is shown at once: more, and the end of it is read badly."""

SHOWN_TOKENS = 48_000
"""Of the change and what stands around it."""

MAX_TURNS = 16
PARTS_AT_ONCE = 3
MAX_FILES = 400
MAX_FINDINGS = 5_000

SECONDS = 480.0
"""For all parts together: who waits for the review shall get the rules' report in any case."""

ToolsFor = Callable[[Snapshot, Report], Equipment]

log = structlog.get_logger()


class ThinkingReviewer:
    def __init__(self, tools_for: ToolsFor, *, part_tokens: int = PART_TOKENS, seconds: float = SECONDS) -> None:
        self._tools_for = tools_for
        self._part_tokens = part_tokens
        self._seconds = seconds

    async def review(self, snapshot: Snapshot, report: Report, model: Model, progress: Progress) -> Report:
        """The *report* with what the model thinks. Never fails: what went wrong stands in `Report.thinking`."""
        if not snapshot.files:
            return report
        billed = Billed(model)
        reading = _Reading(snapshot, report, billed, progress)
        try:
            async with asyncio.timeout(self._seconds):
                parts = await asyncio.to_thread(reading.divide, self._part_tokens)
                await reading.read(parts, self._tools_for(snapshot, report))
        except TimeoutError:
            stop_if_cancelled()
            reading.problems.append(f"stopped after {self._seconds:g} s")
        except Exception as error:  # whatever it is, the rules' report goes out
            stop_if_cancelled()
            log.exception("the thinking reviewer failed")
            reading.problems.append(f"failed ({type(error).__name__})")
        return await asyncio.to_thread(reading.report)


class _Part(NamedTuple):
    paths: tuple[str, ...]
    named: dict[str, Finding]
    shown: Assembled


class _Reading:
    """One review under way: what the parts said so far."""

    def __init__(self, snapshot: Snapshot, report: Report, model: Billed, progress: Progress) -> None:
        self.problems: list[str] = []
        self._snapshot = snapshot
        self._report = report
        self._model = model
        self._steps = Steps(progress, model)
        self._code = Code(snapshot)
        self._kept = kept_from(snapshot, report.findings)
        settled = {finding.fingerprint for finding in self._kept.judged}
        unsettled = (finding for finding in report.findings if finding.fingerprint not in settled)
        self._named = {f"F{number}": finding for number, finding in enumerate(unsettled, 1)}
        self._began = time.monotonic()
        self._held: dict[int, Held] = {}
        self._unseen: list[str] = []
        self._flags: list[Flag] = []
        self._is_over = False

    def divide(self, room: int) -> list[_Part]:
        """The parts with all that is shown of them. Takes a while: not for the event loop."""
        pushed = self._pushed()
        sizes = {file.path: sum(tokens_of(hunk.text) for hunk in self._hunks(file)) for file in pushed[:MAX_FILES]}
        divided = divide({path: size for path, size in sizes.items() if size}, self._code, room)
        late = [path for part in divided[MAX_PARTS:] for path in part]
        late += (file.path for file in pushed[MAX_FILES:])
        self._unseen += (f"{path} (the change is too big)" for path in late)
        return [self._part(paths) for paths in divided[:MAX_PARTS]]

    def _pushed(self) -> Sequence[SourceFile]:
        """The files of which there is something to look at."""
        looked = self._snapshot.looked
        return [file for file in self._snapshot.files if looked is None or looked.pushed.get(file.path)]

    def _hunks(self, file: SourceFile) -> Iterator[Hunk]:
        return hunks_to_look_at(file, self._snapshot.looked)

    def _part(self, paths: tuple[str, ...]) -> _Part:
        named = {name: finding for name, finding in self._named.items() if finding.path in paths}
        return _Part(paths, named, of_change(self._snapshot, self._code, list(named.items()), paths, SHOWN_TOKENS))

    async def read(self, parts: Sequence[_Part], equipment: Equipment) -> None:
        self._steps.total = len(parts)
        turns = asyncio.Semaphore(PARTS_AT_ONCE)

        async def read_in_turn(place: int, part: _Part) -> None:
            async with turns:
                await self._read(place, part, equipment.tools)

        tasks = [asyncio.create_task(read_in_turn(place, part)) for place, part in enumerate(parts)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            self._flags += equipment.flags()

    async def _read(self, place: int, part: _Part, tools: Tools) -> None:
        if self._is_over:
            self._unseen += (f"{path} (no answer)" for path in part.paths)
            return
        ground = Ground(self._snapshot, self._code, part.named)
        try:
            held = await self._ask(part, ground, tools, self._step_of(part))
        except BaseException as error:
            self._unseen += (f"{path} (no answer)" for path in part.paths)
            if not isinstance(error, HiveError):
                raise
            self._is_over = self._is_over or isinstance(error, BudgetSpent | ModelAway)
            self.problems.append(str(error))
            return
        finally:
            self._flags += ground.flags
        self._held[place] = held
        self._unseen += (*part.shown.left_out, *held.judgement.unseen)
        self._flags += part.shown.flags

    async def _ask(self, part: _Part, ground: Ground, tools: Tools, step: Step) -> Held:
        answer = Answer(Judgement, "Your judgement of the change.", check=ground.check)
        ask = ask_for(REVIEW, part.shown.text)
        try:
            judgement = await converse(self._model, tools, ask, answer, max_turns=MAX_TURNS, step=step)
        except AnswerRefused as refused:
            if not isinstance(refused.value, Judgement):
                raise
            judgement = refused.value  # some of it holds, perhaps
        return await asyncio.to_thread(ground.held, judgement)

    def _step_of(self, part: _Part) -> Step:
        """Parts are read at once: each says whose step it is."""
        about = f"{part.paths[0]}{_more(len(part.paths) - 1)}"
        return lambda note: self._steps.reached(len(self._held), f"{about}: {note}")

    def report(self) -> Report:
        """All that is known by now."""
        held_in_order = [self._held[place] for place in sorted(self._held)]
        opinions: dict[str, Verdict] = {}
        for held in held_in_order:
            opinions |= {self._named[verdict.finding].fingerprint: verdict for verdict in held.judgement.verdicts}
        settled = {finding.fingerprint: finding for finding in self._kept.judged}
        found = [settled.get(finding.fingerprint, finding) for finding in self._report.findings]
        known = [*judged(found, opinions), *self._kept.claims]
        claims = [claim for held in held_in_order for claim in held.judgement.findings]
        findings, omitted = rank((*known, *new_findings(claims, self._code, known)), MAX_FINDINGS)
        thinking = Thinking(
            model=self._model.names,
            cost_microdollars=self._model.cost_microdollars,
            summary="\n\n".join(held.judgement.summary for held in held_in_order if held.judgement.summary),
            note=self._note(),
            unseen=tuple(dict.fromkeys(self._unseen)),
            refused=sum(held.refused for held in held_in_order),
            flags=told_flags((*survey(self._snapshot, self._report), *self._flags)),
            since=self._snapshot.looked.head_sha if self._snapshot.looked else "",
            kept=len(self._kept.claims),
            seconds=round(time.monotonic() - self._began, 1),
        )
        return replace(self._report, findings=findings, omitted=self._report.omitted + omitted, thinking=thinking)

    def _note(self) -> str:
        if not self.problems:
            return ""
        why = "; ".join(dict.fromkeys(self.problems))
        if not self._held:
            return f"without a model: {why}"
        return f"the model judged {len(self._held)} of {self._steps.total} parts: {why}"


def _more(number: int) -> str:
    return f" and {number} more" if number else ""

"""Mends findings: edits that apply, parse, please the rules, and pass the project's tests where there are any.

It offers; a person applies. What the rules or the tests say against a fix, the model is told, and may try again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from server.agents.answer import Answer
from server.agents.asking import ask_for
from server.agents.assembly import finding_text, of_finding
from server.agents.bill import Billed
from server.agents.code import Code
from server.agents.equipment import Equipment
from server.agents.hostile import as_data, check_answer, redact, reveal
from server.agents.judging import Counts, ReviewByRules, counted, mark, worse
from server.agents.loop import converse
from server.agents.mending import Mended, Patch, applied
from server.agents.model import Model
from server.agents.prompts import FIX
from server.agents.sandbox import Run, own_command
from server.agents.steps import Progress, Steps
from server.reviews.asks import FixOffer, FixWish
from server.reviews.finding import Finding
from server.reviews.snapshot import Snapshot

MAX_TURNS = 24
SHOWN_TOKENS = 24_000
MAX_TEST_OUTPUT = 4_000


class Runner(Protocol):
    """`server.agents.sandbox.Runner`, as far as tests need it."""

    async def run(self, tree: Mapping[str, str | bytes], command: Sequence[str]) -> Run: ...


async def fix(
    wish: FixWish,
    model: Model,
    equipment: Equipment,
    progress: Progress,
    *,
    review: ReviewByRules,
    runner: Runner | None = None,
    untested: str = "",
) -> FixOffer:
    """*runner* None: this machine has no sandbox. *untested*: why the tests cannot be run on this snapshot, "" else.

    Raises `AnswerRefused` when no fix holds, and what `Model.reply` raises.
    """
    return await _Mending(wish, Billed(model), review, runner, untested, progress).run(equipment)


class _Tried(NamedTuple):
    """What came of a patch that applies and parses. *before*, *after*: what the rules find without and with it."""

    patch: Patch
    before: Counts
    after: Counts
    tests: str


class _Mending:
    def __init__(
        self,
        wish: FixWish,
        model: Billed,
        review: ReviewByRules,
        runner: Runner | None,
        untested: str,
        progress: Progress,
    ) -> None:
        self._wish = wish
        self._model = model
        self._review = review
        self._runner = runner
        self._untested = untested
        self._step = Steps(progress, model, total=3)
        self._code = Code(wish.snapshot)
        self._tried: _Tried | None = None

    async def run(self, equipment: Equipment) -> FixOffer:
        self._step("reading")
        parts = await asyncio.to_thread(self._shown)
        answer = Answer(Mended, "The edits that mend the findings, or why there are none.", check=self._check)
        mended = await converse(
            self._model, equipment.tools, ask_for(FIX, *parts), answer, max_turns=MAX_TURNS, step=self._step
        )
        return self._offer(mended)

    def _shown(self) -> list[str]:
        findings = self._wish.findings
        room = SHOWN_TOKENS // len(findings)
        parts: list[str] = []
        for number, finding in enumerate(findings, 1):
            shown = of_finding(self._wish.snapshot, self._code, finding, room)
            parts += (f"# Finding F{number}\n\n{finding_text(f'F{number}', finding)}", shown.text)
        return list(dict.fromkeys(parts))

    async def _check(self, mended: Mended) -> Sequence[str]:
        """Also keeps what came of it: the last patch that was tried is the one that is offered."""
        text = f"{mended.title}\n{mended.why}"
        objections = await asyncio.to_thread(check_answer, text, self._wish.snapshot)
        said = [objection.message for objection in objections]
        patch = await asyncio.to_thread(Patch, mended, self._code)
        if said or patch.problems:
            return [*said, *patch.problems]
        if not patch.fixes:
            self._tried = None
            return []
        return await self._try(mended, patch)

    async def _try(self, mended: Mended, patch: Patch) -> Sequence[str]:
        self._step.reached(1, "the rules read the result")
        before, after = await self._counts({}, patch), await self._counts(patch.texts, patch)
        problems = worse(before, after)
        still = [f for f in self._meant(mended) if f.path in patch.fixes and not _is_gone(f, before, after)]
        problems += (f"the rules still find {finding.rule} in {finding.path}" for finding in still)
        if problems:
            return problems
        tests, problem = await self._test(patch)
        self._tried = _Tried(patch, before, after, tests)
        return [problem] if problem else []

    async def _counts(self, texts: dict[str, str], patch: Patch) -> Counts:
        paths = patch.fixes.keys() | {finding.path for finding in self._wish.findings}
        return await counted(self._wish.snapshot, texts, paths, self._review)

    def _meant(self, mended: Mended) -> list[Finding]:
        """The findings that the edits are to mend."""
        return [f for number, f in enumerate(self._wish.findings, 1) if f"F{number}" not in mended.left]

    async def _test(self, patch: Patch) -> tuple[str, str]:
        """How the project's tests ended, and what the model is told when it is the fix that they fail with."""
        command = own_command(self._wish.snapshot)
        if command is None:
            return "not run: the base names no command for them", ""
        if self._untested:
            return f"not run: {self._untested}", ""
        if self._runner is None:
            return "not run: this machine has no sandbox", ""
        self._step.reached(2, "the project's tests run")
        try:
            run = await self._runner.run(_tree(applied(self._wish.snapshot, patch.texts)), command.argv)
            if run.passed:
                return "passed", ""
            if not (await self._runner.run(_tree(self._wish.snapshot), command.argv)).passed:
                return "fail with and without the fix", ""
        except OSError as error:
            return f"not run: {error.strerror}", ""
        output = as_data(redact(reveal(run.output[-MAX_TEST_OUTPUT:]).text), "output of the tests")
        return "failed", f"the project's tests fail with this fix:\n{output}"

    def _offer(self, mended: Mended) -> FixOffer:
        tried = self._tried if mended.edits else None
        reached = [f for f in self._meant(mended) if tried and _is_reached(f, tried)]
        proven = [f for f in reached if tried and tried.before[mark(f)]]
        return FixOffer(
            files=tried.patch.file_fixes(self._code) if tried else (),
            why=redact(mended.why),
            mended=tuple(finding.fingerprint for finding in proven),
            unproven=tuple(finding.fingerprint for finding in reached if finding not in proven),
            left=tuple(finding.fingerprint for finding in self._wish.findings if finding not in reached),
            tests=tried.tests if tried else "not run: there is nothing to test",
            bill=self._model.bill,
        )


def _is_gone(finding: Finding, before: Counts, after: Counts) -> bool:
    """Of what no rule found, none can tell."""
    key = mark(finding)
    return before[key] == 0 or after[key] < before[key]


def _is_reached(finding: Finding, tried: _Tried) -> bool:
    """Its file is edited, or it is gone because of an edit elsewhere."""
    key = mark(finding)
    return finding.path in tried.patch.fixes or tried.after[key] < tried.before[key]


def _tree(snapshot: Snapshot) -> dict[str, str | bytes]:
    return {file.path: file.text for file in (*snapshot.context, *snapshot.files)}

"""Rewrites lines that a person selected, as the person asks: edits that apply, parse, and give the rules nothing new.

It offers; a person looks at it and applies. What speaks against an edit, the model is told, and may try again.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from server.agents.answer import Answer
from server.agents.asking import ask_for
from server.agents.assembly import of_lines
from server.agents.bill import Billed
from server.agents.code import Code
from server.agents.equipment import Equipment
from server.agents.hostile import check_answer, redact
from server.agents.judging import ReviewByRules, counted, worse
from server.agents.loop import converse
from server.agents.mending import MAX_EDITS, LinesEdit, Patch
from server.agents.model import Model
from server.agents.prompts import REWRITE
from server.agents.steps import Progress, Steps
from server.reviews.asks import FixOffer, RewriteWish
from server.reviews.snapshot import LineRange

MAX_TURNS = 12
SHOWN_TOKENS = 24_000

NOT_TESTED = "not run"

_IMPORT = re.compile(
    r"\s*(?:import\b|from\b.*\bimport\b|use\b|using\b|require\b|#include\b|(?:const|let|var)\b.*\brequire\()"
)


class Rewritten(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=3_000)]
    edits: Annotated[tuple[LinesEdit, ...], msgspec.Meta(max_length=MAX_EDITS)] = ()

    @property
    def is_safe(self) -> bool:
        """Never taken unseen."""
        return False


async def rewrite(
    wish: RewriteWish, model: Model, equipment: Equipment, progress: Progress, *, review: ReviewByRules
) -> FixOffer:
    """Raises `AnswerRefused` when no edits hold, and what `Model.reply` raises."""
    return await _Rewriting(wish, Billed(model), review, progress).run(equipment)


class _Rewriting:
    def __init__(self, wish: RewriteWish, model: Billed, review: ReviewByRules, progress: Progress) -> None:
        self._wish = wish
        self._path, self._lines = wish.selected
        self._model = model
        self._review = review
        self._step = Steps(progress, model, total=2)
        self._code = Code(wish.snapshot)
        self._patch: Patch | None = None

    async def run(self, equipment: Equipment) -> FixOffer:
        self._step("reading")
        shown = await asyncio.to_thread(
            of_lines, self._wish.snapshot, self._code, self._path, self._lines, SHOWN_TOKENS
        )
        place = f"lines {self._lines.start} to {self._lines.end} of {self._path}"
        wanted = f"What the person wants of {place}:\n\n{redact(self._wish.instruction)}"
        answer = Answer(Rewritten, "The edits that were asked for, or why there are none.", check=self._check)
        ask = ask_for(REWRITE, shown.text, wanted)
        rewritten = await converse(self._model, equipment.tools, ask, answer, max_turns=MAX_TURNS, step=self._step)
        files = self._patch.file_fixes(self._code) if self._patch is not None and rewritten.edits else ()
        return FixOffer(files, redact(rewritten.why), (), (), (), NOT_TESTED, self._model.bill)

    async def _check(self, rewritten: Rewritten) -> Sequence[str]:
        """Also keeps the patch: the last one that was tried is the one that is offered."""
        text = f"{rewritten.title}\n{rewritten.why}"
        objections = await asyncio.to_thread(check_answer, text, self._wish.snapshot)
        self._patch = await asyncio.to_thread(Patch, rewritten, self._code)
        outside = _outside(rewritten.edits, self._path, self._lines)
        said = [*(objection.message for objection in objections), *outside, *self._patch.problems]
        if said or not self._patch.fixes:
            return said
        self._step.reached(1, "the rules read the result")
        snapshot, paths = self._wish.snapshot, self._patch.fixes.keys()
        before = await counted(snapshot, {}, paths, self._review)
        return worse(before, await counted(snapshot, self._patch.texts, paths, self._review))


def _outside(edits: Sequence[LinesEdit], path: str, lines: LineRange) -> Iterator[str]:
    for edit in edits:
        is_within = lines.start <= edit.start_line and edit.end_line <= lines.end
        if edit.path != path or not (is_within or _only_imports(edit)):
            place = f"{edit.path}:{edit.start_line}-{edit.end_line}"
            yield f"{place} was not selected: edit lines {lines.start} to {lines.end} of {path}, or add imports there"


def _only_imports(edit: LinesEdit) -> bool:
    """What stood there still does, and nothing but imports is beside it."""
    old, new = edit.old.removesuffix("\n").split("\n"), edit.new.removesuffix("\n").split("\n")
    if new[: len(old)] == old:
        added = new[len(old) :]
    elif new[-len(old) :] == old:
        added = new[: -len(old)]
    else:
        return False
    return all(_IMPORT.match(line) or not line.strip() for line in added)

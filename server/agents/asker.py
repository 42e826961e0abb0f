"""Answers questions about code, and explains findings: every statement about code cites where it stands."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec

from server.agents.answer import Answer
from server.agents.asking import ask_for
from server.agents.assembly import Assembled, finding_text, of_finding, of_project
from server.agents.bill import Billed
from server.agents.citations import problem_of
from server.agents.code import Code
from server.agents.equipment import Equipment, told_flags
from server.agents.hostile import Gate, redact
from server.agents.loop import converse
from server.agents.model import Model
from server.agents.prompts import ASK, EXPLAIN, Prompt
from server.agents.steps import Progress, Step, Steps
from server.reviews.asks import Citation, FindingQuestion, Question, Told
from server.reviews.snapshot import Snapshot

MAX_TURNS = 20
SHOWN_TOKENS = 24_000


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=12_000)]
    citations: Annotated[tuple[Citation, ...], msgspec.Meta(max_length=40)] = ()


async def answer_question(asked: Question, model: Model, equipment: Equipment, progress: Progress) -> Told:
    """Raises `AnswerRefused` when no answer holds, and what `Model.reply` raises."""
    code = Code(asked.snapshot)
    shown = await asyncio.to_thread(of_project, asked.snapshot, code, asked.question, SHOWN_TOKENS)
    question = f"The question of the person whom you answer:\n\n{redact(asked.question)}"
    return await _tell(ASK, asked.snapshot, code, shown, question, model, equipment, progress)


async def explain(asked: FindingQuestion, model: Model, equipment: Equipment, progress: Progress) -> Told:
    """As `answer_question`."""
    code = Code(asked.snapshot)
    shown = await asyncio.to_thread(of_finding, asked.snapshot, code, asked.finding, SHOWN_TOKENS)
    wants = f"The person wants to know of it:\n\n{redact(asked.question)}" if asked.question else ""
    finding = f"Explain this finding.\n\n{finding_text('The finding', asked.finding)}\n\n{wants}".rstrip()
    return await _tell(EXPLAIN, asked.snapshot, code, shown, finding, model, equipment, progress)


async def _tell(
    prompt: Prompt,
    snapshot: Snapshot,
    code: Code,
    shown: Assembled,
    wanted: str,
    model: Model,
    equipment: Equipment,
    progress: Progress,
) -> Told:
    billed = Billed(model)
    step = Steps(progress, billed)
    gate = Gate(snapshot)

    async def check(answered: Answered) -> Sequence[str]:
        said = await asyncio.to_thread(gate.problems, answered.text)
        return said + [problem for cited in answered.citations if (problem := problem_of(cited, code))]

    answer = Answer(Answered, "Your answer, and the lines that it rests on.", check=check)
    ask = ask_for(prompt, shown.text, wanted)
    step("reading")
    heard = _Heard(step)
    answered = await converse(billed, equipment.tools, ask, answer, max_turns=MAX_TURNS, heard=heard, step=step)
    return Told(
        redact(answered.text),
        tuple(msgspec.structs.replace(cited, quote=redact(cited.quote)) for cited in answered.citations),
        billed.bill,
        shown.left_out,
        told_flags((*shown.flags, *equipment.flags(), *gate.flags)),
    )


class _Heard:
    """What the model says while it looks, as a step: its last line."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._line = ""

    def __call__(self, piece: str) -> None:
        self._line = f"{self._line}{piece}".rpartition("\n")[2][-120:]
        if self._line.strip():
            self._step(redact(self._line.strip()))

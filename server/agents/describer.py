"""Describes a change for who will review it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec

from server.agents.answer import Answer
from server.agents.asking import ask_for
from server.agents.assembly import of_change
from server.agents.bill import Billed
from server.agents.code import Code
from server.agents.equipment import Equipment, told_flags
from server.agents.hostile import Gate, redact
from server.agents.loop import converse
from server.agents.model import Model
from server.agents.prompts import DESCRIBE
from server.agents.steps import Progress, Steps
from server.reviews.asks import DescribedFile, Description
from server.reviews.snapshot import Snapshot

MAX_TURNS = 8
SHOWN_TOKENS = 40_000

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*title*: at most 72 characters, in the imperative."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=72)]
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=3_000)]
    files: Annotated[tuple[DescribedFile, ...], msgspec.Meta(max_length=50)] = ()
    risks: Annotated[tuple[Line, ...], msgspec.Meta(max_length=20)] = ()


async def describe(snapshot: Snapshot, model: Model, equipment: Equipment, progress: Progress) -> Description:
    """Raises `AnswerRefused` when no answer holds, and what `Model.reply` raises."""
    billed = Billed(model)
    paths = {file.path for file in snapshot.files}
    shown = await asyncio.to_thread(of_change, snapshot, Code(snapshot), [], paths, SHOWN_TOKENS)
    gate = Gate(snapshot)
    changed = paths | {file.path for file in snapshot.skipped}

    async def check(described: Described) -> Sequence[str]:
        texts = (described.title, described.summary, *described.risks, *(file.what for file in described.files))
        said = await asyncio.to_thread(gate.problems, *texts)
        return said + [f"{file.path} is not part of the change" for file in described.files if file.path not in changed]

    step = Steps(progress, billed)
    step("reading the change")
    answer = Answer(Described, "The description of the change.", check=check)
    ask = ask_for(DESCRIBE, shown.text, strength="fast", max_tokens=4096)
    described = await converse(billed, equipment.tools, ask, answer, max_turns=MAX_TURNS, step=step)
    return Description(
        redact(described.title),
        redact(described.summary),
        tuple(DescribedFile(file.path, redact(file.what)) for file in described.files),
        tuple(map(redact, described.risks)),
        billed.bill,
        shown.left_out,
        told_flags((*shown.flags, *equipment.flags(), *gate.flags)),
    )

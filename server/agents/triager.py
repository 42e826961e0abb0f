"""Sorts an issue, as a suggestion: labels that the project has, a severity, issues that say the same."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec

from server.agents.answer import Answer
from server.agents.asking import ask_for
from server.agents.bill import Billed
from server.agents.equipment import Equipment, told_flags
from server.agents.hostile import Gate, as_data, clean, redact
from server.agents.loop import converse
from server.agents.model import Model
from server.agents.prompts import TRIAGE
from server.agents.steps import Progress, Steps
from server.reviews.asks import Issue, Triage
from server.reviews.finding import Severity

MAX_TURNS = 6
MAX_SHOWN = 20_000


class Sorted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=600)]
    labels: tuple[str, ...] = ()
    severity: Severity | None = None
    duplicates: tuple[int, ...] = ()


async def triage(issue: Issue, model: Model, equipment: Equipment, progress: Progress) -> Triage:
    """Raises `AnswerRefused` when no answer holds, and what `Model.reply` raises."""
    billed = Billed(model)
    cleaned = clean(f"{issue.title}\n\n{issue.body}", "the issue")
    gate = Gate(issue.snapshot)
    others = {other.number: other for other in issue.others}

    async def check(sorted_: Sorted) -> Sequence[str]:
        wrong = [f"the project has no label {label!r}" for label in sorted_.labels if label not in issue.labels]
        wrong += [f"issue {number} was not shown to you" for number in sorted_.duplicates if number not in others]
        return wrong + await asyncio.to_thread(gate.problems, sorted_.why)

    listed = "\n".join(f"#{number}: {clean(other.title).text}" for number, other in others.items())
    ask = ask_for(
        TRIAGE,
        as_data(redact(cleaned.text)[:MAX_SHOWN], "the issue"),
        "Labels of the project:\n" + as_data("\n".join(issue.labels), "labels") if issue.labels else "",
        "Other issues:\n" + as_data(redact(listed)[:MAX_SHOWN], "other issues") if others else "",
        strength="fast",
        max_tokens=2048,
    )
    step = Steps(progress, billed)
    step("reading the issue")
    answer = Answer(Sorted, "Your suggestion.", check=check)
    found = await converse(billed, equipment.tools, ask, answer, max_turns=MAX_TURNS, step=step)
    return Triage(
        tuple(dict.fromkeys(found.labels)),
        found.severity,
        tuple(dict.fromkeys(found.duplicates)),
        redact(found.why),
        billed.bill,
        told_flags((*cleaned.notable, *equipment.flags(), *gate.flags)),
    )

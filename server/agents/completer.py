"""Suggests what comes next where somebody types: one short request to the fast model, whose text is the suggestion.

Never fails: a suggestion that does not come in time is none, and the next pause asks anew. What of the model's text may
stand at the cursor is `insertion.py`'s affair.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec.structs import replace

from server.agents.asking import ask_for
from server.agents.bill import Billed
from server.agents.hostile import as_data, redact, reveal
from server.agents.insertion import Gap, insertion
from server.agents.model import Ask, BudgetSpent, Model, ModelAway
from server.agents.prompts import COMPLETE
from server.agents.showing import lines_to_show
from server.cancellation import stop_if_cancelled
from server.errors import HiveError
from server.reviews.asks import Completion, CompletionWish
from server.reviews.snapshot import Memory

MAX_TOKENS = 600
"""Of the answer, and of what the model thinks before: who types on pays for all of it."""

SECONDS = 8.0
"""Nobody waits for longer at a cursor."""

SHOWN_BEFORE = 6_000
SHOWN_AFTER = 2_000
SHOWN_ALIKE = 1_200
"""Characters; the beginning of each piece of code that is alike."""

PAUSE_SECONDS = 60.0
"""After a failure that the next pause in typing would meet again."""

HIDDEN = "the line holds a secret, or characters that nobody sees"


async def complete(wish: CompletionWish, model: Model) -> Completion:
    billed = Billed(model)
    try:
        gap = await asyncio.to_thread(shown, wish)
        if gap is None:
            return Completion("", billed.bill, HIDDEN)
        async with asyncio.timeout(SECONDS):
            reply = await billed.reply(_ask(gap, wish.alike))
        is_cut = reply.stop_reason == "max_tokens"
        return Completion(await asyncio.to_thread(insertion, reply.text, gap, is_cut=is_cut), billed.bill)
    except TimeoutError:
        stop_if_cancelled()
        return Completion("", billed.bill, f"the model did not answer within {SECONDS:g} s")
    except HiveError as error:
        is_lasting = isinstance(error, BudgetSpent | ModelAway)
        return Completion("", billed.bill, str(error), PAUSE_SECONDS if is_lasting else 0.0)


def shown(wish: CompletionWish) -> Gap | None:
    """What of the file a model may see; None where the line of the cursor is nothing to be shown."""
    lines = lines_to_show(f"{wish.before}{wish.after}\n")
    at = wish.before.count("\n")
    line_before = wish.before.rpartition("\n")[2]
    if line_before + wish.after.partition("\n")[0] != lines[at]:
        return None
    above = [*_within(reversed(lines[:at]), SHOWN_BEFORE - len(line_before))]
    below = _within(iter(lines[at + 1 :]), SHOWN_AFTER)
    before = "\n".join([*reversed(above), line_before])
    return Gap(wish.path, before, "\n".join([lines[at][len(line_before) :], *below]))


def _within(lines: Iterable[str], room: int) -> Iterator[str]:
    """As many whole ones as there is room for."""

    def fits(line: str) -> bool:
        nonlocal room
        room -= len(line) + 1
        return room >= 0

    return takewhile(fits, lines)


def _ask(gap: Gap, alike: Iterable[Memory]) -> Ask:
    pieces = (as_data(redact(reveal(one.text).text)[:SHOWN_ALIKE], f"code of the project, {one.path}") for one in alike)
    ask = ask_for(
        COMPLETE,
        *pieces,
        as_data(gap.after, f"{gap.path}, from the cursor on"),
        as_data(gap.before, f"{gap.path}, up to the cursor"),
        "What comes next at the cursor?",
        strength="fast",
        max_tokens=MAX_TOKENS,
    )
    return replace(ask, is_brief=True)

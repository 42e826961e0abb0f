"""A hub's door for editors with a model behind it that always says the same."""

import asyncio
from uuid import UUID

import msgspec

from server.jobs.job import EventType, JobRequest, encode
from server.reviews.asks import Bill, Completion, CompletionWish, FileFix, FixOffer, Question, RewriteWish, Told
from server.reviews.finding import Edit, Fix
from server.reviews.workflow import COMPLETION
from tests.lsp.scripted import ScriptedDoor, report_of, source_of

LONG = "The total is the sum of all prices.\n" * 40
SLOW = "Why?"
"""A question that is answered by nobody."""


class ModelDoor(ScriptedDoor):
    """Reviews find nothing; *suggested* is what comes next, wherever somebody types.

    Of lines to be rewritten, the first becomes what the person asks for. *instructions*: what that was. *before*: what
    stood before the cursor, each time.
    """

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested
        self.instructions: list[str] = []
        self.before: list[str] = []

    async def submit(self, request: JobRequest) -> UUID:
        asyncio.get_running_loop().call_soon(self._do, request)
        return request.id

    def _do(self, request: JobRequest) -> None:
        if request.kind == COMPLETION:
            self.before.append(msgspec.json.decode(request.args, type=CompletionWish).before)
            self.end(request, EventType.SUCCEEDED, data=encode(Completion(self._suggested, Bill())))
        elif request.kind == "ask":
            if (question := msgspec.json.decode(request.args, type=Question).question) != SLOW:
                told = Told(f"# {question}\n\n{LONG}", (), Bill("claude-x", 12_300))
                self.end(request, EventType.SUCCEEDED, data=encode(told))
        elif request.kind == "rewrite":
            self.end(request, EventType.SUCCEEDED, data=encode(self._rewritten(request)))
        else:
            self.answer(request, report_of(source_of(request).path))

    def _rewritten(self, request: JobRequest) -> FixOffer:
        wish = msgspec.json.decode(request.args, type=RewriteWish)
        self.instructions.append(wish.instruction)
        path, lines = wish.selected
        old = wish.snapshot.files[0].text.split("\n")[lines.start - 1]
        fix = Fix("Rewrite it", (Edit(lines.start, 1, lines.start, len(old) + 1, wish.instruction),), safe=False)
        return FixOffer((FileFix(path, fix, ""),), "Look at the name.", (), (), (), "not run", Bill())

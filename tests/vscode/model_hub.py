"""A hub's door for editors with a model behind it that always says the same."""

import asyncio
from uuid import UUID

from server.jobs.job import EventType, JobRequest, encode
from server.reviews.asks import Bill, Completion
from server.reviews.workflow import COMPLETION
from tests.lsp.scripted import ScriptedDoor, report_of, source_of


class ModelDoor(ScriptedDoor):
    """Reviews find nothing; *suggested* is what comes next, wherever somebody types."""

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    async def submit(self, request: JobRequest) -> UUID:
        asyncio.get_running_loop().call_soon(self._do, request)
        return request.id

    def _do(self, request: JobRequest) -> None:
        if request.kind == COMPLETION:
            self.end(request, EventType.SUCCEEDED, data=encode(Completion(self._suggested, Bill())))
        else:
            self.answer(request, report_of(source_of(request).path))

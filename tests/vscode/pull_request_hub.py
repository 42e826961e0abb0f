"""A hub's door for editors with one pull request behind it: what GitHub and the jobs would do is scripted."""

import asyncio
from uuid import UUID

import msgspec

from server.jobs.job import EventType, JobRequest, encode
from server.reviews.open_pull_request import (
    ACT,
    READ,
    Acted,
    OpenPullRequest,
    Read,
    ReviewThread,
    ThreadAct,
    ThreadComment,
    Verb,
)
from tests.lsp.scripted import ScriptedDoor, report_of, source_of


class PullRequestDoor(ScriptedDoor):
    """Reviews find nothing; what is done in a thread is done to *pull_request*."""

    def __init__(self, pull_request: OpenPullRequest) -> None:
        super().__init__()
        self.pull_request = pull_request

    async def watch(self, project: str, branch: str) -> OpenPullRequest | None:
        return self.pull_request

    async def submit(self, request: JobRequest) -> UUID:
        asyncio.get_running_loop().call_soon(self._do, request)
        return request.id

    def _do(self, request: JobRequest) -> None:
        if request.kind == READ:
            self.end(request, EventType.SUCCEEDED, data=encode(Read(self.pull_request)))
        elif request.kind == ACT:
            self._act(msgspec.json.decode(request.args, type=ThreadAct))
            self.end(request, EventType.SUCCEEDED, data=encode(Acted(True, "", self.pull_request)))
        else:
            self.answer(request, report_of(source_of(request).path))

    def _act(self, act: ThreadAct) -> None:
        threads = [self._acted(thread, act) for thread in self.pull_request.threads]
        self.pull_request = msgspec.structs.replace(self.pull_request, threads=tuple(threads))

    def _acted(self, thread: ReviewThread, act: ThreadAct) -> ReviewThread:
        if thread.id != act.thread_id:
            return thread
        if act.verb is Verb.REPLY:
            said = ThreadComment(len(thread.comments) + 1, act.who, act.body, "https://github.com/c/2", NOW)
            return msgspec.structs.replace(thread, comments=(*thread.comments, said))
        return msgspec.structs.replace(thread, is_resolved=act.verb is Verb.RESOLVE)


NOW = "2026-11-22T12:00:00Z"

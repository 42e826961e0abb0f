"""The `memory.index` job in the agent: off the event loop, beside the reviews, and without a credential."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec

from server.analysis.redaction import redact
from server.jobs.job import GiveUp
from server.jobs.worker import Work
from server.memory.indexing import Indexer
from server.memory.wire import MAX_FILES, MAX_TEXT_BYTES, Indexed, IndexedFile, Indexing


class IndexingDesk:
    """One thread. Make it before privileges are dropped: its word list is a file."""

    def __init__(self) -> None:
        self._indexer = Indexer(redact)
        self._indexer.index(Indexing("warm", (IndexedFile("a.py", "def f(a):\n    return a + b + c + d\n"),)))
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="indexer")

    async def handle(self, work: Work) -> Indexed:
        try:
            indexing = msgspec.json.decode(work.args, type=Indexing)
        except msgspec.MsgspecError as error:
            raise GiveUp(f"not files to index: {error}") from error
        if len(indexing.files) > MAX_FILES or sum(len(file.text.encode()) for file in indexing.files) > MAX_TEXT_BYTES:
            raise GiveUp(f"one job indexes at most {MAX_FILES} files of {MAX_TEXT_BYTES >> 20} MiB together")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._indexer.index, indexing)

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

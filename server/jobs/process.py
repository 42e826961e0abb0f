"""A worker process: what the hub hands it at its start, and its life.

The hub starts it with an empty environment and writes one JSON line to its standard input: its own keys, its Redis URL,
and nothing of the hub. The pipe stays open for as long as the hub lives: new keys come through it after a rotation, and
when it closes, the process ends.
"""

import asyncio
import contextlib
import os
import pwd
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

import msgspec
import structlog

from server.cancellation import stop_if_cancelled
from server.errors import HiveError, RedisUnavailable
from server.faults import arm
from server.jobs.job import NULL, new_job_id
from server.jobs.life import SLEEP_AFTER_SECONDS, Sleeper
from server.jobs.worker import BEAT_SECONDS, AgentRetired, Handler, Hear, Worker
from server.messaging import Identity, InboxReader, StreamWriter, connect, inbox, role_of
from server.messaging.connection import redis_errors
from server.messaging.identity import LiveIdentity
from server.messaging.live_keys import follow_pipe
from server.messaging.post import Letter, Post
from server.messaging.rehearsal import rehearse

EXIT_RETIRED = 70
"""The exit code of a process that an admin retired: it is not to be started again."""

MAX_LINE_BYTES = 1024 * 1024
LETTERS_AGAIN_SECONDS = 1.0

ReadLetter = Callable[[Letter], Awaitable[None]]

log = structlog.get_logger()


class LetterRefused(HiveError):
    """No agent of this process deals with letters of this kind."""


class Bootstrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*identity*: `Identity.export()`. *settings*: whatever the process's own handlers need, as JSON. *also*: queues
    that it serves besides its own.

    *fault*: a point at which a test lets the process fail.
    """

    queue: str
    name: str
    capacity: int
    redis_url: str
    identity: bytes
    log: str
    log_level: str = "info"
    run_as: str = ""
    also: tuple[str, ...] = ()
    settings: msgspec.Raw = NULL
    sleep_after_seconds: float = SLEEP_AFTER_SECONDS
    beat_seconds: float = BEAT_SECONDS
    fault: str = ""


def read_bootstrap() -> Bootstrap:
    """Blocks for the line; ends the process with a plain message when it was started by hand."""
    if sys.stdin.isatty():
        sys.exit("this process is started by `hive up`, which writes its keys to standard input")
    line = _read_line(sys.stdin.fileno())
    if not line:
        sys.exit("the hub went away before it handed over the keys")
    return msgspec.json.decode(line, type=Bootstrap)


def _read_line(descriptor: int) -> bytes:
    """Byte by byte: what is behind it, new keys perhaps, is for `_told_to_end` to read."""
    line = bytearray()
    while (byte := os.read(descriptor, 1)) and byte != b"\n":
        line += byte
    return bytes(line)


async def _drop_privileges(bootstrap: Bootstrap) -> None:
    """As root, become the user that the hub named, for good. Otherwise nothing.

    Our own program files may lie where that user cannot read them, so what loads code lazily is done once before.
    """
    if not bootstrap.run_as or os.geteuid() != 0:
        return
    rehearse()
    redis = connect(bootstrap.redis_url)
    with redis_errors("starting"):
        await redis.ping()
    await redis.aclose()
    entry = pwd.getpwnam(bootstrap.run_as)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.chdir("/")


async def run_worker(
    bootstrap: Bootstrap,
    handlers: Callable[[], AbstractAsyncContextManager[Mapping[str, Handler]]],
    sleeper: Sleeper | None = None,
    letters: Mapping[str, ReadLetter] | None = None,
    hears: Mapping[str, Hear] | None = None,
) -> None:
    """Work until the hub closes the pipe or a signal comes. *handlers* are entered without our first privileges.

    *letters*: who deals with what other agents write, by kind; a letter of another kind stays unacknowledged. *hears*:
    who deals with messages of the hub that only the handlers know.

    What a person can mend ends the process with one line in the log; the hub starts it again.
    """
    try:
        await _work(bootstrap, handlers, sleeper, letters or {}, hears or {})
    except AgentRetired:
        log.info("a worker process retires", name=bootstrap.name)
        sys.exit(EXIT_RETIRED)
    except HiveError as error:
        log.error("a worker process cannot work", queue=bootstrap.queue, reason=str(error), hint=error.hint or None)
        sys.exit(1)


async def _work(
    bootstrap: Bootstrap,
    handlers: Callable[[], AbstractAsyncContextManager[Mapping[str, Handler]]],
    sleeper: Sleeper | None,
    letters: Mapping[str, ReadLetter],
    hears: Mapping[str, Hear],
) -> None:
    await _drop_privileges(bootstrap)
    identity = LiveIdentity(Identity.load(bootstrap.identity))
    redis = connect(bootstrap.redis_url)
    writer = StreamWriter(redis, identity)
    role, agent_id = role_of(bootstrap.queue), new_job_id()
    inbox_reader = InboxReader(bootstrap.redis_url, identity, inbox(role, agent_id))
    post = Post(bootstrap.redis_url, identity, agent_id, partial(_read_letter, letters))
    if bootstrap.fault:
        arm(bootstrap.fault)
    async with handlers() as table:
        worker = Worker(
            agent_id,
            bootstrap.name,
            (bootstrap.queue, *bootstrap.also),
            table,
            role=role,
            writer=writer,
            inbox=inbox_reader,
            capacity=bootstrap.capacity,
            beat_seconds=bootstrap.beat_seconds,
            sleeper=sleeper,
            sleep_after_seconds=bootstrap.sleep_after_seconds,
            post=post,
            hears=hears,
        )
        _introduce(worker)
        work = asyncio.create_task(worker.run())
        mail = asyncio.create_task(_get_letters(post))
        ended = asyncio.create_task(_told_to_end(identity))
        try:
            await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, ended, mail):
                task.cancel()
            await asyncio.gather(ended, mail, return_exceptions=True)
            with contextlib.suppress(asyncio.CancelledError):
                await work
            await post.close()
            await inbox_reader.close()
            await writer.close()
            await redis.aclose()


async def _get_letters(post: Post) -> None:
    """Until cancelled. While Redis is away at the start, nobody can write to us yet."""
    while True:
        try:
            await post.begin()
            break
        except RedisUnavailable:
            stop_if_cancelled()
            await asyncio.sleep(LETTERS_AGAIN_SECONDS)
    await post.run()


async def _read_letter(letters: Mapping[str, ReadLetter], letter: Letter) -> None:
    read = letters.get(letter.kind)
    if read is None:
        raise LetterRefused(f"nobody here reads letters of the kind {letter.kind}")
    await read(letter)


def _introduce(worker: Worker) -> None:
    """The hub reads it: by this id it knows whose leases to give back. When it is gone, `_told_to_end` sees so too."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{worker.id}\n".encode())  # no print: what it keeps fails again at the exit


async def _told_to_end(identity: LiveIdentity) -> None:
    """Return when a signal comes or the hub closes the pipe; until then new keys come through it."""
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, end.set)
    pipe = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(pipe), sys.stdin)
    closed = asyncio.create_task(follow_pipe(pipe, identity))
    signalled = asyncio.create_task(end.wait())
    try:
        await asyncio.wait({closed, signalled}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        transport.close()
        closed.cancel()
        signalled.cancel()

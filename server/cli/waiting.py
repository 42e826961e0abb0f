"""Wait for a job before a person: its progress on a terminal, cancelled with Ctrl-C, its result as a value."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, named_or_started_hub
from server.cli.output import plain
from server.errors import HiveError
from server.jobs import job as jobs

T = TypeVar("T")


class JobFailed(HiveError):
    """The job ended without a result."""


class Interrupted(Exception):
    """Ctrl-C, and the job has been told."""


def started_hub(terminal: Console) -> HubClient:
    """The hub, which is started if none runs."""
    return HubClient(
        lambda: named_or_started_hub(os.environ, lambda text: say(terminal, f"{text}; hive down stops it"))
    )


def result_of(client: HubClient, job_id: str, shape: type[T], terminal: Console, *, what: str) -> T:
    """*what* the job is, for people. Raises `Interrupted`, `JobFailed`."""
    try:
        with _progress(terminal, what) as show:
            job = _wait(client, job_id, show)
    except KeyboardInterrupt:
        with suppress(HiveError):
            client.cancel(job_id)
        say(terminal, f"{what} cancelled")
        raise Interrupted from None
    if job.state is not jobs.JobState.SUCCEEDED:
        why = f": {job.error}" if job.error else ""
        raise JobFailed(f"the {what} is {job.state.value}{why}", hint=f"hive jobs show {job_id}")
    return client.result(job_id, shape)


def say(terminal: Console, text: str) -> None:
    terminal.print(Text(plain(text), style="dim"))


def _wait(client: HubClient, job_id: str, show: Callable[[jobs.Progress], None]) -> jobs.Job:
    for happened in client.follow(job_id, just_started=True):
        if isinstance(happened, jobs.Job):
            job = happened
        elif happened.type is jobs.EventType.PROGRESS:
            show(msgspec.json.decode(happened.data, type=jobs.Progress))
    return job


@contextmanager
def _progress(terminal: Console, what: str) -> Iterator[Callable[[jobs.Progress], None]]:
    """A bar while the block runs, on a terminal; nothing of it stays."""
    if not terminal.is_terminal:
        yield lambda progress: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    count = TextColumn("{task.fields[count]}", markup=False)
    note = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (SpinnerColumn(), BarColumn(), count, TimeElapsedColumn(), note)
    with Progress(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task(f"waiting for the {what}", total=None, count="")

        def show(progress: jobs.Progress) -> None:
            done, total = progress.done, progress.total
            told = f"{done}/{total}" if total else ""
            bar.update(task, completed=done, total=total or None, count=told, description=plain(progress.note) or what)

        yield show

"""What kinds of job there are, as data. The hub builds one `Kinds` and hands it to whoever needs it."""

from collections.abc import Iterable

import msgspec

from server.errors import HiveError


class Kind(msgspec.Struct, frozen=True):
    """A job that one agent of *queue* runs in one go. *max_attempts* counts failures, neither snoozes nor crashes."""

    name: str
    queue: str
    max_attempts: int = 5
    timeout_seconds: float = 600.0


class Step(msgspec.Struct, frozen=True):
    """A job within a workflow; *needs* are the steps whose results it gets as inputs."""

    name: str
    kind: str
    needs: tuple[str, ...] = ()


class WorkflowKind(msgspec.Struct, frozen=True):
    """A DAG of jobs, asked for like one job. Every step gets the workflow's args."""

    name: str
    steps: tuple[Step, ...]


class UnknownKind(HiveError):
    """Nobody here knows this kind of job."""


class Kinds:
    def __init__(self, kinds: Iterable[Kind], workflows: Iterable[WorkflowKind] = ()) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._workflows = {workflow.name: workflow for workflow in workflows}
        for workflow in self._workflows.values():
            for step in workflow.steps:
                self.get(step.kind)

    def knows(self, name: str) -> bool:
        return name in self._kinds or name in self._workflows

    def get(self, name: str) -> Kind:
        if name not in self._kinds:
            raise UnknownKind(f"unknown kind of job: {name}")
        return self._kinds[name]

    def workflow(self, name: str) -> WorkflowKind | None:
        return self._workflows.get(name)

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(sorted({kind.queue for kind in self._kinds.values()}))

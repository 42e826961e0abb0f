"""What kinds of job there are, as data. The hub builds one `Kinds` and hands it to whoever needs it.

What cannot work is refused here, before anything runs: `dag.py` knows order, `passing.py` how values pass.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from server.errors import HiveError
from server.jobs.dag import Cycle, in_order
from server.jobs.passing import (
    UNKNOWN,
    FromArgs,
    FromItem,
    FromStep,
    NoSuchField,
    Place,
    is_no_list,
    type_at,
)

USUAL_TIMEOUT_SECONDS = 600.0


class Kind(msgspec.Struct, frozen=True):
    """A job that one agent of *queue* runs in one go. *max_attempts* counts failures, neither snoozes nor crashes.

    *max_running*, *max_running_per_project*: how many attempts of the kind may be under way at a time; None for any.
    *is_brief*: what it is given is of no use once it has succeeded: such jobs are kept no longer than an editor's.
    """

    name: str
    queue: str
    max_attempts: int = 5
    timeout_seconds: float = USUAL_TIMEOUT_SECONDS
    max_running: int | None = None
    max_running_per_project: int | None = None
    is_brief: bool = False

    @property
    def slot(self) -> str | None:
        """The limit under which its jobs run."""
        return self.name if self.max_running or self.max_running_per_project else None


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job within a workflow, or with *for_each* one job for every item of a list in an earlier result.

    *needs*: the steps whose whole results it gets as inputs; of a fan-out it gets the list, in the order of the items.
    *after*: checkpoints that must be reached before it begins. *checkpoint*: the one at which it meets others.
    *args*: an object, field by field from its place; without them a step gets the workflow's args, and a job of a
    fan-out its item. *result*: the name of its result's type (each job's, in a fan-out); a result that does not fit it
    is refused. *compensate*: the kind of job that undoes it when a later step fails; it gets this step's args, and its
    result as the input of this step's name.
    """

    name: str
    kind: str
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    args: dict[str, Place] | None = None
    for_each: FromStep | None = None
    max_items: int = 1000
    checkpoint: str = ""
    compensate: str = ""
    result: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where its values come from, but for its needs."""
        return (*(self.args or {}).values(), *((self.for_each,) if self.for_each else ()))

    @property
    def reads(self) -> frozenset[str]:
        """The steps from whose results its args or its items are taken."""
        return frozenset(place.step for place in self.places if isinstance(place, FromStep))


class WorkflowKind(msgspec.Struct, frozen=True, omit_defaults=True):
    """A DAG of jobs, asked for like one job. Its result is that of its last step.

    A running workflow keeps the definition with which it began; whoever changes one counts its *version* up. *args*:
    the name of the type of its args; others are refused. Raises `WorkflowInvalid` when it can never work.
    """

    name: str
    steps: tuple[Step, ...]
    version: int = 1
    args: str = ""

    def __post_init__(self) -> None:
        if self.version < 1:
            raise WorkflowInvalid(self.name, f"its version is {self.version}", hint="versions count up from 1")
        if not self.steps:
            raise WorkflowInvalid(self.name, "it has no step")
        self._check_names()
        for step in self.steps:
            self._check_places(step)
        try:
            in_order(self.dependencies)
        except Cycle as cycle:
            raise WorkflowInvalid(self.name, f"its steps wait for each other: {cycle}") from cycle

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    @property
    def checkpoints(self) -> dict[str, tuple[str, ...]]:
        """By name the steps that meet there."""
        names = dict.fromkeys(step.checkpoint for step in self.steps if step.checkpoint)
        return {name: tuple(step.name for step in self.steps if step.checkpoint == name) for name in names}

    @property
    def dependencies(self) -> dict[str, frozenset[str]]:
        """By step all that must have succeeded before it begins."""
        meeting = self.checkpoints
        return {
            step.name: frozenset(step.needs) | step.reads | {name for point in step.after for name in meeting[point]}
            for step in self.steps
        }

    def _check_names(self) -> None:
        names = [step.name for step in self.steps]
        for name in names:
            if not _STEP_NAME.fullmatch(name):
                hint = "letters, digits, dots, dashes and underlines"
                raise WorkflowInvalid(self.name, f"{name!r} is no name of a step", hint=hint)
            if names.count(name) > 1:
                raise WorkflowInvalid(self.name, f"two of its steps are called {name}")

    def _check_places(self, step: Step) -> None:
        for needed in (*step.needs, *step.reads):
            self._check_known(needed, [other.name for other in self.steps], f"step {step.name} needs", "step")
        for point in step.after:
            self._check_known(point, list(self.checkpoints), f"step {step.name} comes after", "checkpoint")
        if step.max_items < 1:
            raise WorkflowInvalid(self.name, f"step {step.name} allows {step.max_items} items", hint="at least one")
        if step.for_each is None and any(isinstance(place, FromItem) for place in step.places):
            hint = "name the list with for_each"
            raise WorkflowInvalid(
                self.name, f"step {step.name} takes from an item, but fans out over nothing", hint=hint
            )
        for place in step.places:
            if isinstance(place, FromStep) and place.path and self.step(place.step).for_each is not None:
                taken = ".".join(place.path)
                raise WorkflowInvalid(
                    self.name,
                    f"step {step.name} takes {taken} of {place.step}, which is a list",
                    hint="take the whole list, or fan out over it",
                )

    def _check_known(self, name: str, known: Sequence[str], what: str, noun: str) -> None:
        if name not in known:
            raise WorkflowInvalid(
                self.name, f"{what} {name}, but there is no such {noun}", hint=_did_you_mean(name, known)
            )


class WorkflowInvalid(HiveError):
    """A workflow's definition can never work."""

    def __init__(self, workflow: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"workflow {workflow}: {reason}", hint=hint)


class UnknownKind(HiveError):
    """Nobody here knows this kind of job."""


class Kinds:
    """*types*: by the name that workflows use, the types of args and results.

    Raises `UnknownKind` or `WorkflowInvalid` when a workflow speaks of what is not there.
    """

    def __init__(
        self,
        kinds: Iterable[Kind],
        workflows: Iterable[WorkflowKind] = (),
        types: Mapping[str, Any] | None = None,
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._types = dict(types or {})
        self._workflows: dict[str, WorkflowKind] = {}
        for workflow in workflows:
            if workflow.name in self._workflows or workflow.name in self._kinds:
                raise WorkflowInvalid(workflow.name, "another kind has this name", hint="the newest version is enough")
            self._workflows[workflow.name] = workflow
            self._check(workflow)

    def knows(self, name: str) -> bool:
        return name in self._kinds or name in self._workflows

    def meant_by(self, name: str) -> str:
        """A hint for who named a kind that is not there."""
        names = sorted(self._kinds.keys() | self._workflows.keys())
        return _did_you_mean(name, names) or f"there are {', '.join(names)}"

    def get(self, name: str) -> Kind:
        if name not in self._kinds:
            raise UnknownKind(f"unknown kind of job: {name}")
        return self._kinds[name]

    def timeout_seconds(self, name: str) -> float:
        """Of an attempt. A kind of another release, which its agent may know, has the usual one."""
        kind = self._kinds.get(name)
        return USUAL_TIMEOUT_SECONDS if kind is None else kind.timeout_seconds

    def workflow(self, name: str) -> WorkflowKind | None:
        return self._workflows.get(name)

    def type(self, name: str) -> Any:
        """The type of this name, or None: a workflow of another release speaks of it."""
        return self._types.get(name)

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(sorted({kind.queue for kind in self._kinds.values()}))

    def limited(self, queue: str) -> tuple[Kind, ...]:
        """Those of *queue* that run under a limit."""
        return tuple(kind for kind in self._kinds.values() if kind.queue == queue and kind.slot)

    @property
    def all_limited(self) -> list[str]:
        """By name."""
        return [kind.name for kind in self._kinds.values() if kind.slot]

    @property
    def brief(self) -> frozenset[str]:
        """Kinds that are, and workflows that end with such a kind."""
        kinds = {kind.name for kind in self._kinds.values() if kind.is_brief}
        flows = {flow.name for flow in self._workflows.values() if flow.steps[-1].kind in kinds}
        return frozenset(kinds | flows)

    def _check(self, workflow: WorkflowKind) -> None:
        for step in workflow.steps:
            for kind in (step.kind, step.compensate):
                if kind:
                    self.get(kind)
        for name in (workflow.args, *(step.result for step in workflow.steps)):
            if name and name not in self._types:
                hint = _did_you_mean(name, list(self._types))
                raise WorkflowInvalid(workflow.name, f"there is no type {name}", hint=hint)
        for step in workflow.steps:
            for place in step.places:
                self._check_place(workflow, step, place)

    def _check_place(self, workflow: WorkflowKind, step: Step, place: Place) -> None:
        """As far as types were declared, what a step takes is there."""
        try:
            found = type_at(*self._declared(workflow, step, place))
        except NoSuchField as error:
            name = getattr(error.type_, "__name__", str(error.type_))
            hint = _did_you_mean(error.name, error.fields)
            raise WorkflowInvalid(
                workflow.name, f"step {step.name} takes {error.name}, which {name} does not have", hint=hint
            ) from error
        if place is step.for_each and is_no_list(found):
            what = getattr(found, "__name__", str(found))
            raise WorkflowInvalid(workflow.name, f"step {step.name} fans out over {what}, which is no list")

    def _declared(self, workflow: WorkflowKind, step: Step, place: Place) -> tuple[Any, tuple[str, ...]]:
        match place:
            case FromArgs(path):
                return self._types.get(workflow.args, UNKNOWN), path
            case FromStep(name, path):
                source = workflow.step(name)
                type_ = self._types.get(source.result, UNKNOWN)
                return (type_ if source.for_each is None else list), path
            case _:
                return UNKNOWN, ()


_STEP_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")  # without the marks that `workflows.py` puts into the names of jobs


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else ""

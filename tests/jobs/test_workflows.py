"""Workflows on the real store: definitions, fan-out and fan-in, failure and undoing, pause, retry, and their record.

After every scene all workflows and all jobs are folded again from their events and held against their rows.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db import known_migrations, migrate, open_pool
from server.jobs.changes import Changes
from server.jobs.coordinator import CheckpointUnreachable, WorkflowCoordinator
from server.jobs.dag import Cycle, in_order, layers, with_all_after
from server.jobs.job import Event, EventType, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, UnknownKind, WorkflowInvalid, WorkflowKind
from server.jobs.layout import lay_out
from server.jobs.passing import Constant, FromArgs, FromItem, FromStep
from server.jobs.projections import replay
from server.jobs.replay import JOBS, WORKFLOWS
from server.jobs.step_job import StepJob
from server.jobs.store import JobStore
from server.jobs.views import JobViews
from server.jobs.wire import Beat, Held, Outcome, Outcomes, OutcomeType, WorkOrder
from server.jobs.workflow import CheckpointNotFound, StepNotFound, Workflow, WorkflowEventType, WorkflowNotFound
from server.jobs.workflow_views import EdgeType, WorkflowViews
from server.jobs.workflows import refusal_to_retry, refusal_to_revive
from server.messaging import Role
from tests.clock import Clock

AGENT, OTHER_AGENT = new_job_id(), new_job_id()
PROJECT = "github.com/o/r"
WHO_WAITS = (
    "select (select true from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1)"
    " from pg_sleep(0.01)"
)
WORK = (Kind("think", "thinking", max_attempts=2), Kind("act", "thinking"), Kind("undo", "thinking", max_attempts=1))


class Parts(msgspec.Struct):
    files: list[str]
    title: str = ""


def kinds_of(*steps: Step, version: int = 1, args: str = "", types: Mapping[str, Any] | None = None) -> Kinds:
    return Kinds(WORK, [WorkflowKind("build", steps, version, args)], types or {})


@dataclass
class Taken:
    """An attempt in an agent's hands."""

    job: StepJob
    order: WorkOrder
    agent: UUID

    @property
    def args(self) -> Any:
        return msgspec.json.decode(self.order.args)

    @property
    def inputs(self) -> dict[str, Any]:
        return {step: msgspec.json.decode(result) for step, result in self.order.inputs.items()}


class Fails(Exception):
    """An answer: the job gives up."""


Answer = Callable[[Taken], Any]


class Scene:
    """A store, and an agent that does what the test says."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.workflows = WorkflowViews(pool)
        self.jobs = JobViews(pool)
        self.events: list[Event] = []
        self.stopped: list[UUID] = []
        self.listeners: list[Callable[[Event], None]] = []

    async def define(self, *steps: Step, **how: Any) -> None:
        self.store = JobStore(self.pool, kinds_of(*steps, **how))
        await self.beat()

    async def beat(self) -> None:
        beats = [Beat(agent, "tester", Role.AGENT, ("thinking",), 1000) for agent in (AGENT, OTHER_AGENT)]
        await self.store.beat(beats)

    async def advance(self, seconds: float) -> None:
        """The database's clock goes on, and the agents are still there."""
        await Clock(self.pool).advance(seconds)
        await self.beat()

    async def begin(self, args: object = None, **fields: Any) -> UUID:
        request = JobRequest("build", PROJECT, msgspec.Raw(msgspec.json.encode(args)), id=new_job_id(), **fields)
        await self.carry_out(await self.store.accept([request]))
        return request.id

    async def take(self, agent: UUID = AGENT) -> dict[str, Taken]:
        """All that may run now, by the name of the job. For scenes with one workflow."""
        return {taken.job.name: taken for taken in await self.take_all(agent)}

    async def take_all(self, agent: UUID = AGENT) -> list[Taken]:
        await self.store.line_up_due()
        changes = await self.store.claim("thinking", [agent] * 1000, kept_for=Priority.BATCH)
        await self.carry_out(changes)
        taken: list[Taken] = []
        for of_agent, order in changes.work:
            step = await self.pool.fetchval("select step from jobs where id = $1", order.job_id)
            taken.append(Taken(StepJob.parse(step), order, of_agent))
        return taken

    async def end(self, taken: Taken, result: object = None) -> None:
        await self.finish(taken, OutcomeType.SUCCEEDED, result)

    async def give_up(self, taken: Taken) -> None:
        await self.finish(taken, OutcomeType.GAVE_UP)

    async def finish(
        self, taken: Taken, type_: OutcomeType, result: object = None, *, snooze_seconds: float = 0.0
    ) -> None:
        order = taken.order
        outcome = Outcome(
            order.job_id,
            order.attempt,
            type_,
            order.kind,
            msgspec.Raw(msgspec.json.encode(result)),
            error="" if type_ is OutcomeType.SUCCEEDED else "broken",
            snooze_seconds=snooze_seconds,
        )
        await self.carry_out(await self.store.finish([Outcomes(taken.agent, (outcome,))]))

    async def run(self, **answers: object) -> list[str]:
        """Work until nothing is left; *answers* by step: a result, `Fails()`, or what makes one. Returns what ran."""
        ran: list[str] = []
        while taken := await self.take_all():
            for one in taken:
                ran.append(one.job.name)
                answer = answers.get(one.job.step if not one.job.undoes else f"undo_{one.job.step}")
                if callable(answer):
                    answer = answer(one)
                if isinstance(answer, Fails):
                    await self.give_up(one)
                else:
                    await self.end(one, answer)
        return ran

    async def carry_out(self, changes: Changes) -> None:
        self.events += changes.events
        self.stopped += [held.job_id for agent in changes.stopped.values() for held in agent]
        for event in changes.events:
            for listener in self.listeners:
                listener(event)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    @property
    def coordinator(self) -> WorkflowCoordinator:
        return WorkflowCoordinator(self.store, self.workflows, carry_out=self.carry_out, listen=self.listen)

    async def get(self, workflow_id: UUID) -> Workflow:
        return await self.workflows.get(workflow_id)

    async def states(self, workflow_id: UUID) -> dict[str, str]:
        workflow = await self.get(workflow_id)
        return {"": workflow.state.value, **{name: step.state.value for name, step in workflow.steps.items()}}

    async def result(self, workflow_id: UUID) -> Any:
        result = await self.jobs.result(workflow_id)
        return None if result is None else msgspec.json.decode(result)

    async def job_states(self, workflow_id: UUID) -> dict[str, str]:
        rows = await self.pool.fetch("select step, state from jobs where workflow_id = $1", workflow_id)
        return {row["step"]: row["state"] for row in rows}

    async def types(self, workflow_id: UUID) -> list[str]:
        return [f"{event.type} {event.step}".strip() for event in await self.workflows.events(workflow_id)]

    async def check_the_record(self) -> None:
        same = "select count(*) from jobs join workflows using (id) where jobs.state <> case when workflows.state in "
        same += "('paused', 'compensating') then 'running' else workflows.state end"
        assert await self.pool.fetchval(same) == 0
        async with self.pool.acquire() as connection:
            for compared in await replay(connection, [JOBS, WORKFLOWS]):
                assert compared.is_equal, compared


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> AsyncIterator[Scene]:
    scene = Scene(pool)
    yield scene
    await scene.check_the_record()


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((), "it has no step"),
        ((Step("a", "think"), Step("a", "act")), "two of its steps are called a"),
        ((Step("a b", "think"),), "'a b' is no name of a step"),
        ((Step("a", "think", needs=("b",)),), "step a needs b, but there is no such step"),
        (
            (Step("a", "think", needs=("c",)), Step("b", "think", needs=("a",)), Step("c", "think", needs=("b",))),
            "its steps wait for each other: a -> b -> c -> a",
        ),
        (
            (Step("a", "think", checkpoint="built", after=("built",)),),
            "its steps wait for each other: a -> a",
        ),
        ((Step("a", "think", after=("built",)),), "comes after built, but there is no such checkpoint"),
        ((Step("a", "think", args={"x": FromItem()}),), "takes from an item, but fans out over nothing"),
        ((Step("a", "think"), Step("b", "think", for_each=FromStep("a"), max_items=0)), "step b allows 0 items"),
        (
            (
                Step("a", "think"),
                Step("b", "think", for_each=FromStep("a")),
                Step("c", "think", args={"x": FromStep("b", ("y",))}),
            ),
            "step c takes y of b, which is a list",
        ),
        ((Step("a", "think", result="Part"),), "there is no type Part"),
        (
            (Step("a", "think", result="Parts"), Step("b", "act", args={"x": FromStep("a", ("file",))})),
            "step b takes file, which Parts does not have",
        ),
        (
            (Step("a", "think", result="Parts"), Step("b", "act", for_each=FromStep("a", ("title",)))),
            "step b fans out over str, which is no list",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_never_work_is_refused_when_it_is_defined(steps: tuple[Step, ...], says: str) -> None:
    with pytest.raises(WorkflowInvalid, match=says.replace("(", r"\(")) as refused:
        kinds_of(*steps, types={"Parts": Parts})

    assert str(refused.value).startswith("workflow build: ")


def test_a_refusal_says_what_may_have_been_meant() -> None:
    with pytest.raises(WorkflowInvalid) as refused:
        kinds_of(Step("snapshot", "think"), Step("review", "think", needs=("snapshto",)))

    assert refused.value.hint == "did you mean snapshot?"


def test_a_step_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownKind):
        kinds_of(Step("a", "fly"))
    with pytest.raises(UnknownKind):
        kinds_of(Step("a", "think", compensate="fly"))


def test_a_definition_is_data() -> None:
    kind = WorkflowKind(
        "build",
        (
            Step("a", "think", result="Parts", compensate="undo", checkpoint="done"),
            Step(
                "b", "act", needs=("a",), for_each=FromStep("a", ("files",)), args={"n": Constant(3), "x": FromItem()}
            ),
            Step("c", "act", after=("done",), args={"y": FromArgs(("p", "q"))}),
        ),
        version=7,
        args="Parts",
    )

    assert msgspec.json.decode(msgspec.json.encode(kind), type=WorkflowKind) == kind


# --- order and values -------------------------------------------------------------------------------------------------


async def test_a_step_begins_when_all_it_needs_have_succeeded(scene: Scene) -> None:
    await scene.define(
        Step("left", "think"),
        Step("right", "think"),
        Step("meet", "act", needs=("left", "right")),
        Step("alone", "act"),
    )
    workflow = await scene.begin({"x": 1})

    first = await scene.take()
    await scene.end(first["left"], "l")
    assert await scene.take() == {}
    await scene.end(first["right"], "r")
    second = await scene.take()

    assert set(first) == {"left", "right", "alone"}
    assert set(second) == {"meet"}
    assert second["meet"].inputs == {"left": "l", "right": "r"}
    assert second["meet"].args == {"x": 1}
    assert await scene.states(workflow) == {
        "": "running",
        "left": "succeeded",
        "right": "succeeded",
        "meet": "running",
        "alone": "running",
    }


@pytest.mark.parametrize("later", [{"delay_seconds": 3600.0}, {"run_at": datetime.now(UTC) + timedelta(hours=1)}])
async def test_a_workflow_that_is_to_start_later_begins_its_first_steps_then(
    scene: Scene, later: dict[str, Any]
) -> None:
    await scene.define(Step("a", "think"), Step("b", "act"), Step("c", "act", needs=("a",)))
    workflow_id = await scene.begin(**later)

    at_once = await scene.run()
    await scene.advance(3601)

    assert at_once == []
    assert await scene.run() == ["a", "b", "c"]
    assert (await scene.states(workflow_id))[""] == "succeeded"


async def test_of_a_burst_of_debounced_workflows_only_the_last_begins_and_one_that_has_begun_is_left_alone(
    scene: Scene,
) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    burst = [await scene.begin(concurrency_group="o/r", debounce_seconds=5.0) for _ in range(3)]
    await scene.advance(6)
    await scene.store.line_up_due()  # its time has come, but nobody has room for it
    burst.append(await scene.begin(concurrency_group="o/r", debounce_seconds=5.0))
    await scene.advance(6)
    begun = await scene.take()
    later = await scene.begin(concurrency_group="o/r", debounce_seconds=5.0)
    await scene.end(begun["a"])
    await scene.advance(6)

    assert await scene.run() == ["b", "a", "b"]
    assert [(await scene.states(each))[""] for each in [*burst, later]] == [
        "cancelled",
        "cancelled",
        "cancelled",
        "succeeded",
        "succeeded",
    ]


async def test_the_result_is_that_of_the_last_step(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    workflow = await scene.begin()

    assert await scene.run(a=1, b={"done": True}) == ["a", "b"]

    assert await scene.states(workflow) == {"": "succeeded", "a": "succeeded", "b": "succeeded"}
    assert await scene.result(workflow) == {"done": True}
    assert (await scene.jobs.get(workflow)).state is JobState.SUCCEEDED


async def test_args_are_made_of_what_the_definition_names(scene: Scene) -> None:
    await scene.define(
        Step("split", "think", result="Parts"),
        Step(
            "publish",
            "act",
            args={
                "title": FromStep("split", ("title",)),
                "number": FromArgs(("pull", "number")),
                "all": FromArgs(),
                "loud": Constant({"yes": True}),
            },
        ),
        types={"Parts": Parts},
    )
    await scene.begin({"pull": {"number": 7}})
    await scene.end((await scene.take())["split"], Parts(["a"], "T"))

    published = (await scene.take())["publish"]

    assert published.args == {"title": "T", "number": 7, "all": {"pull": {"number": 7}}, "loud": {"yes": True}}
    assert published.inputs == {}


async def test_a_fan_out_is_a_job_for_each_item_and_whoever_needs_it_gets_the_list(scene: Scene) -> None:
    await scene.define(
        Step("split", "think", result="Parts"),
        Step(
            "check",
            "think",
            for_each=FromStep("split", ("files",)),
            args={"f": FromItem(), "t": FromStep("split", ("title",))},
        ),
        Step("join", "act", needs=("check",)),
        types={"Parts": Parts},
    )
    workflow = await scene.begin()
    await scene.end((await scene.take())["split"], Parts([f"{n}.py" for n in range(12)], "T"))

    checks = await scene.take()
    assert [checks[f"check[{n}]"].args for n in range(12)] == [{"f": f"{n}.py", "t": "T"} for n in range(12)]
    for name in sorted(checks, reverse=True):
        assert await scene.take() == {}
        await scene.end(checks[name], checks[name].args["f"].upper())
    joined = (await scene.take())["join"]
    await scene.end(joined, "joined")

    assert joined.inputs == {"check": [f"{n}.PY" for n in range(12)]}
    assert await scene.result(workflow) == "joined"


async def test_without_args_a_job_of_a_fan_out_gets_its_item(scene: Scene) -> None:
    await scene.define(Step("split", "think"), Step("check", "think", for_each=FromStep("split")))
    workflow = await scene.begin()

    ran = await scene.run(split=[{"n": 1}, None], check=lambda taken: taken.args)

    assert ran == ["split", "check[0]", "check[1]"]
    assert await scene.result(workflow) == [{"n": 1}, None]


async def test_a_fan_out_over_nothing_succeeds_at_once(scene: Scene) -> None:
    await scene.define(
        Step("split", "think"),
        Step("check", "think", for_each=FromStep("split")),
        Step("again", "think", for_each=FromStep("check")),
        Step("join", "act", needs=("check", "again")),
    )
    workflow = await scene.begin()

    assert await scene.run(split=[], join=lambda taken: taken.inputs) == ["split", "join"]

    assert await scene.result(workflow) == {"check": [], "again": []}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ({"files": 3}, "check: split.files is no list"),
        ({"file": []}, "check: the result of split has no files"),
        ([1], "check: the result of split has no files"),
        ({"files": [1, 2, 3, 4]}, "check: split.files has 4 items, more than the 3 that the step allows"),
    ],
    ids=["no list", "no such field", "no object", "too long"],
)
async def test_a_fan_out_over_what_is_not_there_is_dead(scene: Scene, result: object, says: str) -> None:
    await scene.define(
        Step("split", "think"), Step("beside", "act", needs=("split",)),
        Step("check", "think", for_each=FromStep("split", ("files",)), max_items=3),
    )  # fmt: skip
    workflow = await scene.begin()

    assert await scene.run(split=result) == ["split"]

    assert await scene.states(workflow) == {"": "dead", "split": "succeeded", "beside": "waiting", "check": "dead"}
    assert str((await scene.get(workflow)).error).startswith(says)


async def test_a_result_that_is_not_what_the_step_declares_is_refused(scene: Scene) -> None:
    await scene.define(Step("split", "think", result="Parts"), Step("next", "act"), types={"Parts": Parts})
    workflow = await scene.begin()
    taken = await scene.take()

    await scene.end(taken["split"], {"files": "a.py"})

    assert (await scene.get(workflow)).error == (
        "split: result refused: it is no Parts: Expected `array`, got `str` - at `$.files`"
    )
    assert (await scene.states(workflow))["next"] == "cancelled"
    assert taken["next"].order.job_id in scene.stopped


async def test_args_that_are_not_what_the_workflow_declares_are_refused(scene: Scene) -> None:
    await scene.define(Step("a", "think"), args="Parts", types={"Parts": Parts})

    workflow = await scene.begin({"files": 1})

    assert await scene.run() == []
    assert await scene.states(workflow) == {"": "dead", "a": "waiting"}
    assert "args refused: it is no Parts" in str((await scene.jobs.get(workflow)).error)


async def test_more_results_than_a_message_can_carry_kill_the_step_and_not_the_hub(scene: Scene) -> None:
    await scene.define(
        Step("split", "think"), Step("load", "think", for_each=FromStep("split")), Step("join", "act", needs=("load",))
    )
    workflow = await scene.begin()

    ran = await scene.run(split=[1, 2, 3, 4], load="x" * (13 << 20))

    assert ran == ["split", "load[0]", "load[1]", "load[2]", "load[3]"]
    assert (await scene.get(workflow)).error == "join: it needs 52 MiB of results, and may get 48"


async def test_many_jobs_of_a_fan_out_that_end_at_once_are_counted_once(scene: Scene) -> None:
    """As when several hubs share the work."""
    await scene.define(
        Step("split", "think"),
        Step("check", "think", for_each=FromStep("split")),
        Step("join", "act", needs=("check",)),
    )
    workflow = await scene.begin()
    await scene.end((await scene.take())["split"], list(range(60)))
    checks = await scene.take_all()

    async with asyncio.timeout(30), asyncio.TaskGroup() as hubs:
        for check in checks:
            hubs.create_task(scene.end(check, check.args))

    assert (await scene.take())["join"].inputs == {"check": list(range(60))}
    assert (await scene.types(workflow)).count("step_succeeded check") == 1


async def test_jobs_of_a_fan_out_that_end_at_once_while_one_fails_leave_nothing_behind(scene: Scene) -> None:
    """As when several hubs share the work: none of them waits for another in a circle."""
    await scene.define(
        Step("split", "think", compensate="undo"),
        Step("check", "think", for_each=FromStep("split")),
        Step("beside", "think", for_each=FromStep("split")),
    )
    workflow = await scene.begin()
    await scene.end((await scene.take())["split"], list(range(20)))
    checks = await scene.take_all()

    async with asyncio.timeout(30), asyncio.TaskGroup() as hubs:
        for check in checks:
            hubs.create_task(scene.give_up(check) if check.job.item in (3, 11, 17) else scene.end(check))

    assert await scene.run() == ["undo split"]
    states = await scene.states(workflow)
    assert (states[""], states["split"]) == ("dead", "compensated")
    assert not {"waiting", "queued", "running"} & {*(await scene.job_states(workflow)).values()}


# --- versions ---------------------------------------------------------------------------------------------------------


async def test_a_running_workflow_keeps_the_version_with_which_it_began(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    old = await scene.begin()

    await scene.define(Step("a", "think"), Step("c", "act", needs=("a",)), version=2)
    new = await scene.begin()
    await scene.run()

    assert await scene.states(old) == {"": "succeeded", "a": "succeeded", "b": "succeeded"}
    assert await scene.states(new) == {"": "succeeded", "a": "succeeded", "c": "succeeded"}
    assert [(await scene.get(id_)).version for id_ in (old, new)] == [1, 2]


async def test_a_type_that_this_release_does_not_know_any_more_lets_nothing_pass(scene: Scene) -> None:
    await scene.define(Step("a", "think", result="Parts"), Step("b", "act", needs=("a",)), types={"Parts": Parts})
    workflow = await scene.begin()

    await scene.define(Step("a", "think"), version=2)
    await scene.run(a=Parts([]))

    assert "nobody here knows the type Parts" in str((await scene.get(workflow)).error)


async def test_a_step_whose_kind_this_release_does_not_know_any_more_is_dead(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    workflow = await scene.begin()
    taken = await scene.take()

    scene.store = JobStore(scene.pool, Kinds([Kind("think", "thinking")]))
    await scene.end(taken["a"])

    assert (await scene.get(workflow)).error == "b: unknown kind of job: act"


# --- checkpoints ------------------------------------------------------------------------------------------------------


async def test_steps_after_a_checkpoint_begin_when_all_that_meet_there_have_succeeded(scene: Scene) -> None:
    await scene.define(
        Step("compile", "think", checkpoint="built"),
        Step("pack", "think", checkpoint="built"),
        Step("ship", "act", after=("built",)),
    )
    workflow = await scene.begin()
    taken = await scene.take()
    await scene.end(taken["compile"])
    before = await scene.types(workflow)

    await scene.end(taken["pack"])

    assert "checkpoint_reached built" not in before
    assert (await scene.types(workflow))[-3:] == ["step_succeeded pack", "checkpoint_reached built", "step_began ship"]
    assert (await scene.take())["ship"].inputs == {}


async def test_whoever_synchronizes_at_a_checkpoint_gets_its_results(scene: Scene) -> None:
    await scene.define(
        Step("split", "think"),
        Step("check", "think", for_each=FromStep("split"), checkpoint="checked"),
        Step("lint", "think", checkpoint="checked"),
        Step("join", "act", after=("checked",)),
    )
    workflow = await scene.begin()
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(scene.coordinator.synchronize_checkpoint(workflow, "checked"))
        await scene.run(split=[1, 2], check=lambda taken: taken.args * 10, lint="clean")

    assert {step: msgspec.json.decode(result) for step, result in waiting.result().items()} == {
        "check": [10, 20],
        "lint": "clean",
    }
    assert await scene.coordinator.synchronize_checkpoint(workflow, "checked") == waiting.result()


async def test_a_checkpoint_that_will_never_be_reached_is_said_to_whoever_waits(scene: Scene) -> None:
    await scene.define(Step("a", "think", checkpoint="built"), Step("b", "think", checkpoint="built"))
    workflow = await scene.begin()
    taken = await scene.take()
    waiting = asyncio.ensure_future(scene.coordinator.synchronize_checkpoint(workflow, "built"))
    await scene.end(taken["a"])
    await scene.give_up(taken["b"])

    async with asyncio.timeout(60):
        with pytest.raises(CheckpointUnreachable, match="did not succeed with b at built"):
            await waiting
    with pytest.raises(CheckpointNotFound, match="no checkpoint bilt"):
        await scene.coordinator.synchronize_checkpoint(workflow, "bilt")
    with pytest.raises(WorkflowNotFound):
        await scene.coordinator.synchronize_checkpoint(new_job_id(), "built")


# --- failure ----------------------------------------------------------------------------------------------------------


async def test_a_dead_step_stops_the_workflow_and_whoever_runs_beside_it(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act"), Step("c", "act", needs=("a", "b")))
    workflow = await scene.begin()
    taken = await scene.take()

    await scene.give_up(taken["a"])

    assert await scene.states(workflow) == {"": "dead", "a": "dead", "b": "cancelled", "c": "waiting"}
    assert scene.stopped == [taken["b"].order.job_id]
    assert (await scene.jobs.get(workflow)).error == "a: broken"
    await scene.end(taken["b"])  # too late
    assert (await scene.states(workflow))["b"] == "cancelled"


async def test_what_succeeded_is_undone_in_reverse_order_one_step_at_a_time(scene: Scene) -> None:
    await scene.define(
        Step("book", "act", compensate="undo"),
        Step("split", "think", needs=("book",)),
        Step("pay", "act", for_each=FromStep("split"), compensate="undo"),
        Step("ship", "act", needs=("pay",)),
    )
    workflow = await scene.begin({"trip": 1})
    await scene.end((await scene.take())["book"], "booked")
    await scene.end((await scene.take())["split"], [7, 8])
    for pay in (await scene.take()).values():
        await scene.end(pay, pay.args * 100)
    await scene.give_up((await scene.take())["ship"])

    assert await scene.states(workflow) == {
        "": "compensating", "book": "succeeded", "split": "succeeded", "pay": "compensating", "ship": "dead",
    }  # fmt: skip
    assert (await scene.jobs.get(workflow)).state is JobState.RUNNING
    paid = await scene.take()
    assert {name: (one.args, one.inputs) for name, one in paid.items()} == {
        "undo pay[0]": (7, {"pay": 700}),
        "undo pay[1]": (8, {"pay": 800}),
    }
    await scene.end(paid["undo pay[0]"])
    assert await scene.take() == {}
    await scene.end(paid["undo pay[1]"])
    booked = await scene.take()
    assert {name: (one.args, one.inputs) for name, one in booked.items()} == {
        "undo book": ({"trip": 1}, {"book": "booked"})
    }
    await scene.end(booked["undo book"])

    assert await scene.states(workflow) == {
        "": "dead", "book": "compensated", "split": "succeeded", "pay": "compensated", "ship": "dead",
    }  # fmt: skip
    assert (await scene.jobs.get(workflow)).error == "ship: broken"
    assert refusal_to_retry(await scene.get(workflow), "ship") == "what its steps did was undone"


async def test_when_undoing_fails_a_person_may_let_it_go_on(scene: Scene) -> None:
    await scene.define(
        Step("a", "act", compensate="undo"),
        Step("b", "act", needs=("a",), compensate="undo"),
        Step("c", "act", needs=("b",)),
    )
    workflow = await scene.begin()
    assert await scene.run(c=Fails(), undo_b=Fails()) == ["a", "b", "c", "undo b"]
    assert (await scene.get(workflow)).error == "c: broken; b could not be undone: broken"

    await scene.carry_out(await scene.store.retry_dead([workflow], by="ann"))

    assert await scene.run() == ["undo b", "undo a"]
    assert await scene.states(workflow) == {"": "dead", "a": "compensated", "b": "compensated", "c": "dead"}


async def test_a_failure_that_somebody_saw_is_handled_as_one_of_its_job(scene: Scene) -> None:
    await scene.define(Step("a", "act", compensate="undo"), Step("b", "think", needs=("a",)))
    workflow = await scene.begin()
    await scene.end((await scene.take())["a"])
    stuck = (await scene.take())["b"]

    handled = await scene.coordinator.handle_workflow_failure(workflow, "b", reason="it looks stuck", by="ann")
    again = await scene.coordinator.handle_workflow_failure(workflow, "b", by="ann")

    assert (handled.state, handled.error) == ("compensating", "b: it looks stuck")
    assert again == handled
    assert scene.stopped == [stuck.order.job_id]
    assert await scene.run() == ["undo a"]
    with pytest.raises(StepNotFound):
        await scene.coordinator.handle_workflow_failure(workflow, "z")


async def test_a_step_that_a_person_cancels_fails_its_workflow(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    workflow = await scene.begin()
    taken = await scene.take()

    await scene.carry_out(await scene.store.cancel([taken["a"].order.job_id], by="ann"))

    assert (await scene.get(workflow)).error == "a: cancelled by ann"


async def test_a_failed_agents_work_goes_to_others_at_once(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "think"))
    workflow, other = await scene.begin(), await scene.begin()
    held = await scene.take_all(AGENT)

    assert await scene.coordinator.redistribute_work(workflow, AGENT) == 2
    assert await scene.coordinator.redistribute_work(other, OTHER_AGENT) == 0
    assert len(held) == 4
    assert len(scene.stopped) == 2

    moved = await scene.take_all(OTHER_AGENT)
    assert {one.order.attempt for one in moved} == {2}
    assert {one.order.job_id for one in moved} <= {*scene.stopped}


# --- people's wishes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["agents ended", "discarded"])
async def test_whoever_changes_its_jobs_takes_the_workflow_first(scene: Scene, change: str) -> None:
    """Else two hubs wait in a circle, until Postgres ends one of them a second later."""
    await scene.define(Step("a", "think"))
    workflow = await scene.begin()
    taken = (await scene.take())["a"]
    if change == "discarded":
        await scene.give_up(taken)

    async def act() -> None:
        acts = {
            "agents ended": lambda: scene.store.agents_ended([AGENT], vanished=True),
            "discarded": lambda: scene.store.discard_dead([workflow], by="ann"),
        }
        await scene.carry_out(await acts[change]())

    async with scene.pool.acquire() as other_hub, other_hub.transaction():
        await other_hub.fetch("select from workflows for update")
        acting = asyncio.create_task(act())
        while not await scene.pool.fetchval(WHO_WAITS):
            pass  # Postgres tells nobody who waits
        await other_hub.fetch("select from jobs where workflow_id is not null for update nowait")
    await acting


async def test_a_paused_workflow_ends_what_runs_and_begins_nothing(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "think"), Step("c", "act", needs=("a",)))
    workflow = await scene.begin()
    running = await scene.take()
    await scene.finish(running["b"], OutcomeType.FAILED)  # it will be tried again

    await scene.carry_out(await scene.store.pause([workflow], by="ann"))
    await scene.end(running["a"])
    await scene.pool.execute("insert into clock (ahead) values ('1 hour')")
    while_paused = await scene.take()
    states = await scene.states(workflow)
    await scene.carry_out(await scene.store.resume([workflow], by="ann"))

    assert while_paused == {}
    assert states == {"": "paused", "a": "succeeded", "b": "running", "c": "waiting"}
    assert set(await scene.run()) == {"b", "c"}
    assert (await scene.states(workflow))[""] == "succeeded"


async def test_what_waits_while_it_is_paused_waits_on_when_it_is_resumed(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "think"))
    workflow = await scene.begin()
    running = await scene.take()
    await scene.finish(running["a"], OutcomeType.SNOOZED, snooze_seconds=3600.0)

    await scene.carry_out(await scene.store.pause([workflow], by="ann"))
    await scene.carry_out(await scene.store.resume([workflow], by="ann"))

    assert await scene.take() == {}
    await scene.check_the_record()
    await scene.pool.execute("insert into clock (ahead) values ('1 hour')")
    assert set(await scene.take()) == {"a"}


async def test_what_fails_while_paused_is_faced_when_it_is_resumed(scene: Scene) -> None:
    await scene.define(Step("a", "act", compensate="undo"), Step("b", "think"))
    workflow = await scene.begin()
    running = await scene.take()
    await scene.carry_out(await scene.store.pause([workflow], by="ann"))
    await scene.end(running["a"])
    await scene.give_up(running["b"])
    assert await scene.states(workflow) == {"": "paused", "a": "succeeded", "b": "dead"}

    await scene.carry_out(await scene.store.resume([workflow], by="ann"))

    assert await scene.run() == ["undo a"]
    assert await scene.states(workflow) == {"": "dead", "a": "compensated", "b": "dead"}


async def test_what_a_lost_agent_held_of_a_paused_workflow_waits(scene: Scene) -> None:
    await scene.define(Step("a", "think"))
    workflow = await scene.begin()
    await scene.take()
    await scene.carry_out(await scene.store.pause([workflow], by="ann"))

    await scene.carry_out(await scene.store.agents_ended([AGENT], vanished=True))

    assert await scene.take(OTHER_AGENT) == {}
    assert await scene.job_states(workflow) == {"a": "waiting"}
    await scene.carry_out(await scene.store.resume([workflow], by="ann"))
    assert set(await scene.take(OTHER_AGENT)) == {"a"}


async def test_a_cancelled_workflow_takes_its_steps_along(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    workflow = await scene.begin()
    taken = await scene.take()

    await scene.carry_out(await scene.store.cancel([workflow], by="ann"))

    assert await scene.states(workflow) == {"": "cancelled", "a": "cancelled", "b": "waiting"}
    assert scene.stopped == [taken["a"].order.job_id]


async def test_a_superseded_or_overdue_workflow_ends_as_one(scene: Scene) -> None:
    await scene.define(Step("a", "think"))
    older = await scene.begin(concurrency_group="pr 7")
    newer = await scene.begin(concurrency_group="pr 7", deadline_seconds=60.0)

    await scene.pool.execute("insert into clock (ahead) values ('1 hour')")
    await scene.carry_out(await scene.store.sweep())

    assert await scene.states(older) == {"": "cancelled", "a": "cancelled"}
    assert await scene.states(newer) == {"": "dead", "a": "cancelled"}
    assert (await scene.get(newer)).error == "not finished by its deadline"


async def test_a_workflow_of_which_no_step_starts_within_its_time_to_live_is_cancelled(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    started = await scene.begin(ttl_seconds=30.0)
    await scene.take()
    late = await scene.begin(ttl_seconds=30.0)
    paused = await scene.begin(ttl_seconds=30.0)
    await scene.carry_out(await scene.store.pause([paused], by="ann"))

    await scene.pool.execute("insert into clock (ahead) values ('31 seconds')")
    await scene.carry_out(await scene.store.sweep())

    assert (await scene.states(started))[""] == "running"
    for workflow in (late, paused):
        assert await scene.states(workflow) == {"": "cancelled", "a": "cancelled", "b": "waiting"}
        assert (await scene.jobs.get(workflow)).error == "not started within its time to live"
        assert EventType.EXPIRED in [event.type for event in scene.events if event.job_id == workflow]


async def test_what_an_overdue_workflow_did_is_undone(scene: Scene) -> None:
    await scene.define(Step("a", "act", compensate="undo"), Step("b", "think", needs=("a",)))
    workflow = await scene.begin(deadline_seconds=60.0)
    await scene.end((await scene.take())["a"])
    late = (await scene.take())["b"]
    await scene.pool.execute("insert into clock (ahead) values ('1 hour')")

    for _ in range(2):
        await scene.carry_out(await scene.store.sweep())

    assert scene.stopped == [late.order.job_id]
    assert await scene.run() == ["undo a"]
    assert await scene.states(workflow) == {"": "dead", "a": "compensated", "b": "cancelled"}
    assert (await scene.jobs.get(workflow)).error == "not finished by its deadline"


async def test_an_overdue_workflow_goes_on_where_it_stopped_when_a_person_retries_it(scene: Scene) -> None:
    await scene.define(Step("a", "act"), Step("b", "think", needs=("a",)), Step("c", "act", needs=("b",)))
    workflow = await scene.begin(deadline_seconds=60.0)
    await scene.end((await scene.take())["a"])
    await scene.take()
    await scene.advance(3600)
    await scene.carry_out(await scene.store.sweep())

    await scene.carry_out(await scene.store.retry_dead([workflow], by="ann"))

    assert await scene.run() == ["b", "c"]
    assert (await scene.states(workflow))[""] == "succeeded"


async def test_a_step_that_could_not_begin_is_planned_anew_when_a_person_retries_its_workflow(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)), Step("c", "think", needs=("b",)))
    workflow = await scene.begin()
    whole = scene.store
    scene.store = JobStore(scene.pool, Kinds([Kind("think", "thinking")]))  # this release lacks a kind
    await scene.run()
    assert await scene.states(workflow) == {"": "dead", "a": "succeeded", "b": "dead", "c": "waiting"}

    scene.store = whole
    await scene.carry_out(await scene.store.retry_dead([workflow], by="ann"))

    assert await scene.run() == ["b~2", "c"]
    assert (await scene.states(workflow))[""] == "succeeded"


async def test_what_was_refused_or_undone_is_not_retried(scene: Scene) -> None:
    await scene.define(
        Step("a", "act", compensate="undo"), Step("b", "think", needs=("a",)), args="Parts", types={"Parts": Parts}
    )
    refused, undone = await scene.begin(args=1), await scene.begin(args=Parts([]))
    await scene.run(b=Fails())
    before = [await scene.types(workflow) for workflow in (refused, undone)]

    await scene.carry_out(await scene.store.retry_dead([refused, undone], by="ann"))

    assert [await scene.types(workflow) for workflow in (refused, undone)] == before
    assert refusal_to_revive(await scene.get(refused)) == "its args were refused"
    assert refusal_to_revive(await scene.get(undone)) == "what its steps did was undone"


async def test_a_dead_step_stays_a_dead_letter_though_its_workflow_was_cancelled_long_ago(scene: Scene) -> None:
    await scene.define(Step("a", "act", compensate="undo"), Step("b", "think", needs=("a",)))
    workflow = await scene.begin()
    await scene.end((await scene.take())["a"])
    await scene.give_up((await scene.take())["b"])
    await scene.carry_out(await scene.store.cancel([workflow], by="ann"))
    await scene.advance(31 * 86400)

    kept = await scene.store.clean()
    dead = await scene.pool.fetchval("select id from jobs where state = 'dead'")
    await scene.carry_out(await scene.store.discard_dead([dead], by="ann"))

    assert (kept, await scene.store.clean()) == (0, 4)


async def test_retrying_from_a_step_does_it_and_all_after_it_anew_and_keeps_what_was_before(scene: Scene) -> None:
    await scene.define(
        Step("fetch", "think"),
        Step("split", "think", needs=("fetch",)),
        Step("check", "think", for_each=FromStep("split")),
        Step("join", "act", needs=("fetch", "check")),
    )
    workflow = await scene.begin()
    await scene.run(fetch="f", split=[1, 2], join=Fails())

    await scene.carry_out(await scene.store.retry_from(workflow, "split", by="ann"))

    assert (await scene.states(workflow)) == {
        "": "running", "fetch": "succeeded", "split": "running", "check": "waiting", "join": "waiting",
    }  # fmt: skip
    ran = await scene.run(split=[3], check=lambda taken: taken.args + 1, join=lambda taken: taken.inputs)
    assert ran == ["split~2", "check~2[0]", "join~2"]
    assert await scene.result(workflow) == {"fetch": "f", "check": [4]}
    assert "dead" not in (await scene.job_states(workflow)).values()  # the old one is no dead letter any more


async def test_a_running_workflow_can_be_retried_too(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "act", needs=("a",)))
    workflow = await scene.begin()
    await scene.end((await scene.take())["a"], 1)
    late = (await scene.take())["b"]

    await scene.carry_out(await scene.store.retry_from(workflow, "a", by="ann"))
    await scene.end(late, "late")

    assert scene.stopped == [late.order.job_id]
    assert await scene.run(a=2, b=lambda taken: taken.inputs) == ["a~2", "b~2"]
    assert await scene.result(workflow) == {"a": 2}


async def test_what_stopped_beside_a_retried_step_goes_on(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "think"), Step("c", "act", needs=("a", "b")))
    workflow = await scene.begin()
    taken = await scene.take()
    await scene.give_up(taken["a"])

    await scene.carry_out(await scene.store.retry_from(workflow, "a", by="ann"))

    assert set(await scene.run()) == {"a~2", "b", "c"}
    assert (await scene.states(workflow))[""] == "succeeded"


async def test_a_dead_letter_of_a_step_is_retried_where_it_is(scene: Scene) -> None:
    await scene.define(Step("split", "think"), Step("check", "think", for_each=FromStep("split")), Step("b", "act"))
    workflow = await scene.begin()
    first = await scene.take()
    await scene.end(first["split"], [1, 2, 3])
    checks = await scene.take()
    await scene.end(checks["check[0]"], "kept")
    await scene.give_up(checks["check[1]"])

    await scene.carry_out(await scene.store.retry_dead([checks["check[1]"].order.job_id], by="ann"))

    assert set(await scene.run(check="new")) == {"check[1]", "check[2]", "b"}
    results = await scene.workflows.results(await scene.get(workflow), ["check"])
    assert bytes(results["check"]) == b'["kept","new","new"]'


async def test_a_workflow_whose_key_is_taken_meanwhile_stays_as_it_is(scene: Scene) -> None:
    await scene.define(Step("a", "think"))
    workflow = await scene.begin(key="one")
    await scene.run(a=Fails())
    await scene.begin(key="one")

    await scene.carry_out(await scene.store.retry_from(workflow, "a", by="ann"))
    await scene.carry_out(await scene.store.retry_dead([workflow], by="ann"))

    assert await scene.states(workflow) == {"": "dead", "a": "dead"}


async def test_a_discarded_workflow_rests(scene: Scene) -> None:
    await scene.define(Step("a", "think"))
    workflow = await scene.begin()
    await scene.run(a=Fails())

    await scene.carry_out(await scene.store.discard_dead([workflow], by="ann"))

    assert await scene.states(workflow) == {"": "cancelled", "a": "dead"}
    assert await scene.job_states(workflow) == {"a": "cancelled"}


async def test_what_cannot_be_granted_changes_nothing(scene: Scene) -> None:
    await scene.define(Step("a", "think"), Step("b", "think", needs=("a",)))
    workflow = await scene.begin()
    before = await scene.types(workflow)

    for grant in (
        scene.store.resume([workflow], by="ann"),
        scene.store.retry_from(workflow, "b", by="ann"),
        scene.store.retry_from(workflow, "z", by="ann"),
        scene.store.pause([new_job_id()], by="ann"),
        scene.store.retry_from(new_job_id(), "a", by="ann"),
    ):
        await scene.carry_out(await grant)

    assert await scene.types(workflow) == before


# --- earlier releases -------------------------------------------------------------------------------------------------


async def test_a_workflow_of_the_first_release_goes_on_where_it_was(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, [m for m in known_migrations() if m.name < "0006"])
    pool = await open_pool(empty_postgres_url, max_size=4)
    scene = Scene(pool)
    running, failed = new_job_id(), new_job_id()
    for workflow, state in ((running, "running"), (failed, "dead")):
        await old_job(pool, workflow, "build", state)
        await old_job(pool, new_job_id(), "think", "succeeded", workflow=workflow, step="a", result=b'"old"')
        middle = "queued" if state == "running" else "dead"
        await old_job(pool, new_job_id(), "think", middle, workflow=workflow, step="b", needs=["a"])
        last = "waiting" if state == "running" else "cancelled"
        await old_job(pool, new_job_id(), "act", last, workflow=workflow, step="c", needs=["a", "b"])

    await pool.close()
    await migrate(empty_postgres_url)
    scene.pool = pool = await open_pool(empty_postgres_url, max_size=4)
    scene.workflows, scene.jobs = WorkflowViews(pool), JobViews(pool)
    await scene.define(Step("other", "think"), version=2)
    before = [await scene.states(workflow) for workflow in (running, failed)]
    await scene.carry_out(await scene.store.retry_dead([failed], by="ann"))
    ran = await scene.run(b="new", c=lambda taken: {**taken.inputs, "args": taken.args})

    assert before == [
        {"": "running", "a": "succeeded", "b": "running", "c": "waiting"},
        {"": "dead", "a": "succeeded", "b": "dead", "c": "waiting"},
    ]
    assert sorted(ran) == ["b", "b", "c", "c"]
    for workflow in (running, failed):
        assert (await scene.states(workflow))[""] == "succeeded"
        assert await scene.result(workflow) == {"a": "old", "b": "new", "args": {"x": 1}}
    await scene.check_the_record()
    await pool.close()


async def old_job(
    pool: asyncpg.Pool,
    job_id: UUID,
    kind: str,
    state: str,
    *,
    workflow: UUID | None = None,
    step: str | None = None,
    needs: Sequence[str] = (),
    result: bytes | None = None,
) -> None:
    """A row as the first release wrote it."""
    began = state in ("running", "succeeded", "dead")
    ended = state in ("succeeded", "dead", "cancelled")
    await pool.execute(
        "insert into jobs (id, kind, project, queue, state, priority, attempt, max_attempts, workflow_id, step, needs,"
        " args, result, error, started_at, finished_at)"
        " values ($1, $2, $3, $4, $5, 1, $6, 3, $7, $8, $9, $10, $11, $12,"
        " case when $13 then hive_now() end, case when $14 then hive_now() end)",
        job_id, kind, PROJECT, "thinking" if workflow else "", state, int(began), workflow, step, list(needs),
        b'{"x": 1}', result, "broken" if state == "dead" else None, began, ended,
    )  # fmt: skip


# --- the graph --------------------------------------------------------------------------------------------------------


async def test_the_graph_says_how_every_step_stands_and_where_to_draw_it(scene: Scene) -> None:
    await scene.define(
        Step("split", "think", checkpoint="begun"),
        Step("check", "think", for_each=FromStep("split")),
        Step("title", "act", args={"t": FromStep("split")}),
        Step("join", "act", needs=("check", "title"), after=("begun",)),
    )
    workflow = await scene.begin()
    await scene.end((await scene.take())["split"], [1, 2, 3])
    await scene.end((await scene.take())["check[1]"])

    (graph,) = await scene.workflows.graphs([await scene.get(workflow)])

    nodes = {node.step: node for node in graph.nodes}
    assert {step: (node.x, node.y, node.state) for step, node in nodes.items()} == {
        "split": (0, 0.0, "succeeded"),
        "check": (1, nodes["check"].y, "running"),
        "title": (1, nodes["title"].y, "running"),
        "join": (2, nodes["join"].y, "waiting"),
    }
    assert (nodes["check"].jobs, nodes["check"].succeeded, len(nodes["check"].job_ids)) == (3, 1, 3)
    assert {(edge.source, edge.target): edge.type for edge in graph.edges} == {
        ("split", "check"): EdgeType.EACH,
        ("split", "title"): EdgeType.VALUE,
        ("split", "join"): EdgeType.AFTER,
        ("check", "join"): EdgeType.RESULT,
        ("title", "join"): EdgeType.RESULT,
    }
    assert (graph.width, graph.height) == (3, 3)


dags = (
    st.integers(1, 9)
    .flatmap(
        lambda size: st.tuples(*(st.sets(st.integers(0, node - 1) if node else st.nothing()) for node in range(size)))
    )
    .map(lambda needs: {str(node): sorted(map(str, before)) for node, before in enumerate(needs)})
)


@given(dags)
def test_every_node_has_a_place_of_its_own_and_every_edge_runs_to_the_right(needs: Mapping[str, Sequence[str]]) -> None:
    layout = lay_out(needs)

    assert len({*layout.nodes.values()}) == len(needs)
    assert set(layout.edges) == {(before, node) for node in needs for before in needs[node]}
    lanes = []
    for (source, target), points in layout.edges.items():
        assert (points[0], points[-1]) == (layout.nodes[source], layout.nodes[target])
        assert [point.x for point in points] == list(range(points[0].x, points[-1].x + 1))
        lanes += points[1:-1]
    assert not {*lanes} & {*layout.nodes.values()}
    assert all(abs(point.y) <= (layout.height - 1) / 2 for point in (*lanes, *layout.nodes.values()))


@given(dags, st.randoms(use_true_random=False))
def test_an_order_has_every_node_after_what_it_needs(needs: dict[str, Sequence[str]], chance: random.Random) -> None:
    shuffled = {node: needs[node] for node in chance.sample(list(needs), len(needs))}
    ordered = in_order(shuffled)

    assert sorted(ordered) == sorted(needs)
    assert all(ordered.index(before) < ordered.index(node) for node in needs for before in needs[node])
    assert all(layers(needs)[before] < layers(needs)[node] for node in needs for before in needs[node])
    start = ordered[0]
    assert all(start in (node, *needs[node]) or with_all_after(needs, [start]) & {*needs[node]}
               for node in with_all_after(needs, [start]))  # fmt: skip


@given(dags, st.integers(0, 8), st.integers(0, 8))
def test_a_circle_is_found_and_named(needs: dict[str, Sequence[str]], one: int, other: int) -> None:
    first, last = str(one % len(needs)), str(other % len(needs))
    if last not in with_all_after(needs, [first]):
        first, last = last, first
    if last not in with_all_after(needs, [first]):
        return
    circular = {**needs, first: [*needs[first], last]}

    with pytest.raises(Cycle) as found:
        in_order(circular)

    nodes = found.value.nodes
    assert nodes[0] == nodes[-1]
    assert all(before in circular[node] for before, node in pairwise(nodes))


# --- whatever happens -------------------------------------------------------------------------------------------------


class Life:
    """A random definition, and whatever may happen to a workflow of it, by chance."""

    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self.scene = scene
        self.chance = chance
        self.agent = new_job_id()
        self.running: dict[str, Taken] = {}
        self.wishes = 0

    async def beat(self) -> None:
        """As whoever lives: an agent that was given up begins anew, under another id."""
        held = tuple(Held(taken.order.job_id, taken.order.attempt) for taken in self.running.values())
        beat = Beat(self.agent, "tester", Role.AGENT, ("thinking",), 1000, held=held)
        changes, _ = await self.scene.store.beat([beat])
        if changes.gone:
            self.agent = new_job_id()
            self.running = {}
            await self.beat()

    async def live(self) -> UUID:
        await self.scene.define(*self.steps())
        await self.beat()
        workflow = await self.scene.begin({"x": 1})
        for _ in range(300):
            await self.step(workflow)
            if not self.running and (await self.scene.get(workflow)).state.is_final:
                break
        return workflow

    def steps(self) -> list[Step]:
        chance, steps = self.chance, list[Step]()
        for number in range(chance.randint(1, 8)):
            earlier = [step.name for step in steps]
            needs = tuple(name for name in earlier if chance.random() < 0.35)
            over = chance.choice(earlier) if earlier and chance.random() < 0.3 else None
            steps.append(
                Step(
                    f"s{number}",
                    "think",
                    needs=needs,
                    for_each=FromStep(over) if over else None,
                    compensate="undo" if chance.random() < 0.4 else "",
                    checkpoint="half" if number < 3 and chance.random() < 0.3 else "",
                    after=("half",) if number > 3 and any(step.checkpoint for step in steps) else (),
                )
            )
        return steps

    async def step(self, workflow: UUID) -> None:
        chance, scene = self.chance, self.scene
        if self.wishes < 4 and chance.random() < 0.08:
            self.wishes += 1
            step = chance.choice(list((await scene.get(workflow)).steps))
            wish = chance.choice(
                [
                    lambda: scene.store.pause([workflow], by="ann"),
                    lambda: scene.store.retry_from(workflow, step, by="ann"),
                    lambda: scene.store.retry_dead([workflow], by="ann"),
                    lambda: scene.store.agents_ended([self.agent], vanished=True),
                    lambda: scene.store.take_from(self.agent, workflow),
                    lambda: scene.store.fail_step(workflow, step, "it looks stuck", by="ann"),
                ]
            )
            await scene.carry_out(await wish())
            await self.beat()
        if chance.random() < 0.5:
            await scene.carry_out(await scene.store.resume([workflow], by="ann"))
        self.running |= await scene.take(self.agent)
        await scene.pool.execute(
            "insert into clock (ahead) values ('10 min')"
            " on conflict (single) do update set ahead = clock.ahead + excluded.ahead"
        )
        await self.beat()
        for name in [name for name in self.running if chance.random() < 0.6]:
            taken = self.running.pop(name)
            type_ = chance.choices(
                [OutcomeType.SUCCEEDED, OutcomeType.FAILED, OutcomeType.GAVE_UP], [20, 2, 1 if self.wishes else 2]
            )[0]
            await scene.finish(taken, type_, list(range(chance.randint(0, 3))))


@pytest.mark.parametrize("_", range(20))
async def test_whatever_happens_it_ends_right_and_every_step_ran_after_its_needs(scene: Scene, _: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    workflow_id = await Life(scene, random.Random(seed)).live()

    workflow = await scene.get(workflow_id)
    states = {step.state.value for step in workflow.steps.values()}
    assert workflow.state.is_final
    assert (workflow.state == "succeeded") == (states == {"succeeded"})
    if workflow.state == "dead":
        assert "dead" in states
        undoing_failed = "could not be undone" in str(workflow.error)
        undoable = {step.name for step in workflow.definition.steps if step.compensate}
        left = {name for name in undoable if workflow.steps[name].state == "succeeded" and workflow.steps[name].jobs}
        assert undoing_failed or not left
    live = await scene.pool.fetchval(
        "select count(*) from jobs where workflow_id = $1 and state in ('waiting', 'queued', 'running')", workflow_id
    )
    assert live == 0
    await every_step_began_after_its_needs(scene, workflow)


async def every_step_began_after_its_needs(scene: Scene, workflow: Workflow) -> None:
    dependencies = workflow.definition.dependencies
    succeeded: list[str] = []
    for event in await scene.workflows.events(workflow.id):
        match event.type:
            case WorkflowEventType.STEP_BEGAN:
                assert dependencies[event.step] <= {*succeeded}
            case WorkflowEventType.STEP_SUCCEEDED:
                succeeded.append(event.step)
            case WorkflowEventType.RETRIED:
                anew = with_all_after(dependencies, [event.step])
                succeeded = [step for step in succeeded if step not in anew]
            case WorkflowEventType.COMPENSATION_BEGAN:
                undoable = [step for step in succeeded if workflow.definition.step(step).compensate]
                later = with_all_after(dependencies, [event.step]) & {*undoable} - {event.step}
                assert all(workflow.steps[step].jobs == 0 for step in later)
                succeeded.remove(event.step)

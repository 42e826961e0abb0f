"""What a transaction changed, as messages: to agents what they are to do, to doors what has happened.

Made one by one, when the writer asks for the next: what comes first is on its way before the last is made.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

import msgspec

from server.jobs.changes import Changes
from server.jobs.job import Event
from server.jobs.wire import Orders, WorkOrder
from server.messaging import EVENTS, Message, Role, Route, StreamWriter, inbox

MAX_ORDERS_BYTES = 16 * 1024 * 1024

_encode = msgspec.json.Encoder().encode


async def tell_doors(writer: StreamWriter, events: Sequence[Event]) -> None:
    """Broadcast what is true already."""
    await writer.append_each(for_doors(events))


def for_doors(events: Sequence[Event]) -> Iterator[tuple[Route, Message]]:
    if events:
        yield EVENTS, Message("events", _encode(events))


def for_agents(changes: Changes, role_of: Callable[[UUID], Role | None]) -> Iterator[tuple[Route, Message]]:
    """Work first. *role_of*: None for an agent that is gone, which is told nothing of work any more."""
    for agent_id, message in _about_work(changes):
        role = role_of(agent_id)
        if role is not None:
            yield inbox(role, agent_id), message
    for agent_id, role, wish in changes.wishes:
        yield inbox(role, agent_id), Message(wish, _encode(agent_id))
    for role, ping in changes.pings:
        yield inbox(role, ping.agent_id), Message("ping", _encode(ping))
    for agent_id, role in changes.gone:
        yield inbox(role, agent_id, closing=True), Message("gone", b"null")


def _about_work(changes: Changes) -> Iterator[tuple[UUID, Message]]:
    for agent_id, orders in _by_agent(changes.work):
        for message in _messages(agent_id, orders):
            yield agent_id, message
    for agent_id, held in changes.stopped.items():
        yield agent_id, Message("stops", _encode(held))


def _by_agent(work: Iterable[tuple[UUID, WorkOrder]]) -> Iterable[tuple[UUID, list[WorkOrder]]]:
    orders: dict[UUID, list[WorkOrder]] = {}
    for agent_id, order in work:
        orders.setdefault(agent_id, []).append(order)
    return orders.items()


def _messages(agent_id: UUID, orders: Sequence[WorkOrder]) -> Iterator[Message]:
    """At least one for each project: an envelope belongs to one tenant."""
    by_project: dict[str, list[WorkOrder]] = {}
    for order in orders:
        by_project.setdefault(order.project, []).append(order)
    for project, of_project in by_project.items():
        for batch in _in_messages(of_project):
            job_id = batch[0].job_id if len(batch) == 1 else None
            yield Message("work", _encode(Orders(agent_id, tuple(batch))), tenant=project, job_id=job_id)


def _in_messages(orders: Sequence[WorkOrder]) -> list[list[WorkOrder]]:
    """Batches that fit into one message each."""
    batches: list[list[WorkOrder]] = [[]]
    size_bytes = 0
    for order in orders:
        order_bytes = len(order.args) + sum(map(len, order.inputs.values()))
        if batches[-1] and size_bytes + order_bytes > MAX_ORDERS_BYTES:
            batches.append([])
            size_bytes = 0
        batches[-1].append(order)
        size_bytes += order_bytes
    return batches

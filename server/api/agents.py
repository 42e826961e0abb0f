"""`/api/v1/agents`: who works here, who is expected, and what an admin wishes of each.

To announce a name gives nobody anything: a process has its keys from who starts it, and none travels here. What was
announced limits the process that comes under the name.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from server.api.reading import Line
from server.api.route import Answer, Call
from server.team.members import AgentEvent, Member


class AgentsList(msgspec.Struct, frozen=True):
    """One for each process; several may have a name."""

    agents: list[Member]


class AgentWithHistory(msgspec.Struct, frozen=True):
    """*agents*: the processes of the name, or the one that is expected; none when all have ended.

    *events*: the newest first.
    """

    agents: list[Member]
    events: list[AgentEvent]


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*queues*, *capacity* null: whatever its process is made for."""

    name: Line
    queues: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=50)] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None


async def list_agents(call: Call[Any, None]) -> AgentsList:
    return AgentsList([*await call.parts.members.list()])


async def get_agent(call: Call[Any, None]) -> AgentWithHistory:
    name = call.path("name")
    return AgentWithHistory([*await call.parts.members.get(name)], [*await call.parts.members.events(name)])


async def announce_agent(call: Call[Any, Announcement]) -> Answer:
    wish = call.body
    agents = await call.parts.members.announce(
        wish.name, by=call.principal.name, queues=wish.queues, capacity=wish.capacity
    )
    return Answer(AgentsList([*agents]), HTTPStatus.CREATED)


async def drain_agent(call: Call[Any, None]) -> AgentsList:
    return AgentsList([*await call.parts.members.drain(call.path("name"), by=call.principal.name)])


async def resume_agent(call: Call[Any, None]) -> AgentsList:
    return AgentsList([*await call.parts.members.resume(call.path("name"), by=call.principal.name)])


async def retire_agent(call: Call[Any, None]) -> AgentsList:
    return AgentsList([*await call.parts.members.retire(call.path("name"), by=call.principal.name)])

"""What the HTTP door is built of: the hub fills it in, handlers read it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from prometheus_client import CollectorRegistry

from server.agents.transcripts import Transcripts
from server.api.dead_messages import DeadMessages
from server.hubs.leader import Leader
from server.ide.driving import Driving
from server.jobs.coordinator import WorkflowCoordinator
from server.jobs.door import Door
from server.jobs.failures import FailureViews
from server.jobs.feed import EventFeed
from server.jobs.meter import Meter
from server.jobs.schedules import Schedules
from server.jobs.views import JobViews
from server.jobs.workflow_views import WorkflowViews
from server.memory.accepted import AcceptedFixes
from server.memory.contexts import Contexts
from server.reviews.deliveries import DeliveryStore
from server.reviews.feedback import FeedbackStore
from server.reviews.findings import FindingStore
from server.security.api_keys import ApiKeys
from server.security.devices import DeviceLogins
from server.security.limits import Limits
from server.team.members import Members
from server.team.quorum import Quorums
from server.team.sessions import Sessions


class PartState(msgspec.Struct, frozen=True):
    """How one part of the hub is. *note* is a phrase for people, without secrets: `3 editors`, `no answer for 5 s`."""

    ready: bool
    note: str = ""


async def nobody() -> None:
    """Where no leader is elected."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """*on_loopback*: only this machine can reach us. *doors*: where people may knock, name to address, to be shown.

    *thinks*: there is a model. *github*: the site of the GitHub on which we are an App; "" where we are none.
    """

    door: Door
    jobs: JobViews
    workflows: WorkflowViews
    coordinator: WorkflowCoordinator
    feed: EventFeed
    failures: FailureViews
    meter: Meter
    findings: FindingStore
    feedback: FeedbackStore
    keys: ApiKeys
    deliveries: DeliveryStore
    contexts: Contexts
    accepted_fixes: AcceptedFixes
    decisions: Quorums
    schedules: Schedules
    members: Members
    sessions: Sessions
    dead_messages: DeadMessages
    driving: Driving
    devices: DeviceLogins
    transcripts: Transcripts
    readiness: Callable[[], Awaitable[Mapping[str, PartState]]]
    registry: CollectorRegistry
    on_loopback: bool
    thinks: bool = False
    github: str = ""
    leader: Callable[[], Awaitable[Leader | None]] = nobody
    doors: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

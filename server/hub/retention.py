"""What a hub forgets, and when: a table. Each part knows how its own rows are forgotten; the orchestrator asks them."""

from collections.abc import Awaitable, Callable

from server.hub.stores import Stores
from server.hubs.hubs import forget_hubs
from server.hubs.locks import forget_locks
from server.jobs.awaited import AwaitedResults
from server.memory.consolidation import Consolidation
from server.memory.learning import Learning
from server.reviews.watched_branches import WatchedBranches
from server.security.devices import DeviceLogins
from server.team.quorum import close_overdue_decisions, forget_decisions

FIXED_KEPT_SECONDS = 7 * 86400.0
"""For how long a fixed finding about which nobody decided anything is remembered."""

DELIVERIES_KEPT_SECONDS = 90 * 86400.0
DECISIONS_KEPT_SECONDS = 90 * 86400.0
UNUSED_KEPT_SECONDS = 86400.0
"""Of locks that nobody takes any more, and hubs that were killed."""


def retention(stores: Stores) -> list[Callable[[], Awaitable[object]]]:
    return [
        stores.sessions.forget,
        stores.members.forget,
        lambda: stores.findings.forget_fixed(older_than_seconds=FIXED_KEPT_SECONDS),
        lambda: stores.deliveries.forget(older_than_seconds=DELIVERIES_KEPT_SECONDS),
        Learning(stores.pool, stores.contexts).learn,
        Consolidation(stores.pool).consolidate,
        lambda: close_overdue_decisions(stores.pool),
        lambda: forget_decisions(stores.pool, older_than_seconds=DECISIONS_KEPT_SECONDS),
        stores.transcripts.forget,
        WatchedBranches(stores.pool).forget,
        AwaitedResults(stores.pool).forget,
        DeviceLogins(stores.pool, stores.keys).forget,
        lambda: forget_locks(stores.pool, unused_seconds=UNUSED_KEPT_SECONDS),
        lambda: forget_hubs(stores.pool, silent_seconds=UNUSED_KEPT_SECONDS),
    ]

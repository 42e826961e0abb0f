"""What every test of messages has."""

from hypothesis import settings

from server.messaging import Role, Route

URGENT, SOON, LATER = (
    Route(f"hive:{{outcomes}}:{rank}", frozenset({Role.AGENT}), Role.ORCHESTRATOR) for rank in range(3)
)
"""Streams of one reader, in order of urgency."""

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

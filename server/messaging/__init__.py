"""Sealed messages over Redis: what is said, who may say it, and how it gets there and survives the way.

Knows nothing of jobs. Redis sees stream names, sender roles, message kinds, job ids, sizes and times; nothing else.
"""

from server.messaging.acl import acl_rules
from server.messaging.routes import EVENTS, INTAKE, OUTCOMES, Role, Route, work_route

__all__ = ["EVENTS", "INTAKE", "OUTCOMES", "Role", "Route", "acl_rules", "work_route"]

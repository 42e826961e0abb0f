"""Who asks, and what they may do.

Pure values: how a principal shows who it is stands in `api_keys.py`.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Permission(StrEnum):
    """Each includes the ones before it. `admin` is for keys and dead letters."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def includes(self, other: "Permission") -> bool:
        order = list(Permission)
        return order.index(self) >= order.index(other)


class Principal(msgspec.Struct, frozen=True):
    """*project*: the only one it may see; None is all of them, and the hub itself. *key_id* is for limits and logs.

    *is_local*: it showed what only the hub's own account can read, so the hub may read this machine's files for it.
    """

    name: str
    scopes: frozenset[Permission]
    project: str | None = None
    key_id: str = ""
    is_local: bool = False

    def may(self, permission: Permission) -> bool:
        return any(scope.includes(permission) for scope in self.scopes)

    def may_see(self, project: str) -> bool:
        return self.project is None or self.project == project


def permissions(names: Iterable[str]) -> frozenset[Permission]:
    """Raises ValueError for a name that is none."""
    return frozenset(Permission(name) for name in names)

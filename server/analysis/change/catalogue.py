"""All checks that compare head and base."""

from server.analysis.change.change import ChangeCheck
from server.analysis.change.complexity import complexity_rose
from server.analysis.change.dead_code import dead_code
from server.analysis.change.defaults import unsafe_default
from server.analysis.change.dependencies import changed_dependencies
from server.analysis.change.duplicates import duplicated_code
from server.analysis.change.locks import changed_locks
from server.analysis.change.migrations import migrations
from server.analysis.change.public_api import public_api
from server.analysis.change.public_exports import public_exports
from server.analysis.change.untested import untested_change

CHECKS: tuple[ChangeCheck, ...] = (
    changed_dependencies,
    changed_locks,
    migrations,
    public_api,
    public_exports,
    unsafe_default,
    complexity_rose,
    duplicated_code,
    dead_code,
    untested_change,
)

"""Every check for SQL."""

from typing import Any

from server.analysis.rule import Check
from server.analysis.sql import building, statements

CHECKS: tuple[Check[Any], ...] = (*building.CHECKS, *statements.CHECKS)

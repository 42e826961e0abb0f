"""All checks for go."""

from typing import Any

from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = ()

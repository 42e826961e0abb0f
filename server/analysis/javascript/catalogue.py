"""All checks for javascript."""

from typing import Any

from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = ()

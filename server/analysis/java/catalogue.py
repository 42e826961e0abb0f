"""All checks for Java."""

from typing import Any

from server.analysis.java import trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = trust.CHECKS

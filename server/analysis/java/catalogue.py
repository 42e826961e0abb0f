"""All checks for Java."""

from typing import Any

from server.analysis.java import randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*randomness.CHECKS, *trust.CHECKS)

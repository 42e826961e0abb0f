"""All checks for Ruby."""

from typing import Any

from server.analysis.ruby import randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*randomness.CHECKS, *trust.CHECKS)

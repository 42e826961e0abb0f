"""All checks for Ruby."""

from typing import Any

from server.analysis.ruby import disclosure, rails, randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*disclosure.CHECKS, *rails.CHECKS, *randomness.CHECKS, *trust.CHECKS)

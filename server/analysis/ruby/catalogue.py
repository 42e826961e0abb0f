"""All checks for Ruby."""

from typing import Any

from server.analysis.ruby import trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = trust.CHECKS

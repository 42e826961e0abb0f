"""All checks for Go."""

from typing import Any

from server.analysis.go import bugs, randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*bugs.CHECKS, *randomness.CHECKS, *trust.CHECKS)

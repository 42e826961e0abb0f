"""All checks for Go."""

from typing import Any

from server.analysis.go import bugs, disclosure, exposure, randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*bugs.CHECKS, *disclosure.CHECKS, *exposure.CHECKS, *randomness.CHECKS, *trust.CHECKS)

"""All checks for PHP."""

from typing import Any

from server.analysis.php import randomness, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*randomness.CHECKS, *trust.CHECKS)

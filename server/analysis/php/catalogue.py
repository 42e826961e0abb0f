"""All checks for PHP."""

from typing import Any

from server.analysis.php import disclosure, misuse, randomness, trust, wordpress
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *disclosure.CHECKS,
    *randomness.CHECKS,
    *trust.CHECKS,
    *misuse.CHECKS,
    *wordpress.CHECKS,
)

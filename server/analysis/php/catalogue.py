"""All checks for PHP."""

from typing import Any

from server.analysis.php import disclosure, laravel, loose, misuse, randomness, settings, trust, wordpress
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *disclosure.CHECKS,
    *randomness.CHECKS,
    *trust.CHECKS,
    *misuse.CHECKS,
    *laravel.CHECKS,
    *loose.CHECKS,
    *settings.CHECKS,
    *wordpress.CHECKS,
)

"""All checks for PHP."""

from typing import Any

from server.analysis.php import trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = trust.CHECKS

"""All checks for Python."""

from typing import Any

from server.analysis.python import errors, injection
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*errors.CHECKS, *injection.CHECKS)

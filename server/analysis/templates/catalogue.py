"""All checks for templates and pages."""

from typing import Any

from server.analysis.rule import Check
from server.analysis.templates import checks

CHECKS: tuple[Check[Any], ...] = checks.CHECKS

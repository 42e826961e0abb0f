"""All checks for plain text."""

from typing import Any

from server.analysis.rule import Check
from server.analysis.text import marks, secrets

CHECKS: tuple[Check[Any], ...] = (*marks.CHECKS, *secrets.CHECKS)

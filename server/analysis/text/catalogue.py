"""All checks for plain text."""

from typing import Any

from server.analysis.rule import Check
from server.analysis.text import credentials, marks, secrets

CHECKS: tuple[Check[Any], ...] = (*credentials.CHECKS, *marks.CHECKS, *secrets.CHECKS)

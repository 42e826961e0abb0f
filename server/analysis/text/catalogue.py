"""All checks for plain text."""

from typing import Any

from server.analysis.rule import Check
from server.analysis.text import secrets

CHECKS: tuple[Check[Any], ...] = secrets.CHECKS

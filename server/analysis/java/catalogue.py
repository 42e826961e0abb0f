"""All checks for Java."""

from typing import Any

from server.analysis.java import disclosure, randomness, trust, xml
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*disclosure.CHECKS, *randomness.CHECKS, *trust.CHECKS, *xml.CHECKS)

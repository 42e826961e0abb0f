"""All checks for Java."""

from typing import Any

from server.analysis.java import crypto, disclosure, randomness, trust, xml
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*crypto.CHECKS, *disclosure.CHECKS, *randomness.CHECKS, *trust.CHECKS, *xml.CHECKS)

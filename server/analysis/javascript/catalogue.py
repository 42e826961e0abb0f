"""All checks for JavaScript and TypeScript."""

from typing import Any

from server.analysis.javascript import bugs, injection, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (*bugs.CHECKS, *injection.CHECKS, *trust.CHECKS)

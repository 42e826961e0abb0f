"""All checks for JavaScript and TypeScript."""

from typing import Any

from server.analysis.javascript import (
    accounts,
    bugs,
    cookies,
    disclosure,
    expressions,
    injection,
    misuse,
    objects,
    randomness,
    tokens,
    trust,
)
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *bugs.CHECKS,
    *expressions.CHECKS,
    *injection.CHECKS,
    *trust.CHECKS,
    *cookies.CHECKS,
    *tokens.CHECKS,
    *disclosure.CHECKS,
    *accounts.CHECKS,
    *objects.CHECKS,
    *misuse.CHECKS,
    *randomness.CHECKS,
)

"""All checks for JavaScript and TypeScript."""

from typing import Any

from server.analysis.javascript import (
    accounts,
    bugs,
    cookies,
    disclosure,
    electron,
    expressions,
    injection,
    leaks,
    misuse,
    objects,
    pollution,
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
    *electron.CHECKS,
    *leaks.CHECKS,
    *pollution.CHECKS,
    *misuse.CHECKS,
    *randomness.CHECKS,
)

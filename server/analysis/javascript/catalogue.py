"""All checks for JavaScript and TypeScript."""

from typing import Any

from server.analysis.javascript import (
    accounts,
    bugs,
    cookies,
    disclosure,
    electron,
    expressions,
    identity,
    injection,
    leaks,
    misuse,
    next_config,
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
    *identity.CHECKS,
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
    *next_config.CHECKS,
    *randomness.CHECKS,
)

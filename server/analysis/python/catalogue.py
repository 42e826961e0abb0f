"""All checks for Python."""

from typing import Any

from server.analysis.python import calls, coroutines, errors, flow, functions, injection, texts, trust
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *calls.CHECKS,
    *coroutines.CHECKS,
    *errors.CHECKS,
    *flow.CHECKS,
    *functions.CHECKS,
    *injection.CHECKS,
    *texts.CHECKS,
    *trust.CHECKS,
)

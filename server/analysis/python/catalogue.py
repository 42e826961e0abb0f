"""All checks for Python."""

from typing import Any

from server.analysis.python import (
    browser,
    bugs,
    calls,
    coroutines,
    credentials,
    crypto,
    debug,
    errors,
    exposure,
    flow,
    functions,
    injection,
    randomness,
    settings,
    texts,
    tls,
    tokens,
)
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *browser.CHECKS,
    *bugs.CHECKS,
    *calls.CHECKS,
    *coroutines.CHECKS,
    *credentials.CHECKS,
    *crypto.CHECKS,
    *debug.CHECKS,
    *errors.CHECKS,
    *exposure.CHECKS,
    *flow.CHECKS,
    *functions.CHECKS,
    *injection.CHECKS,
    *randomness.CHECKS,
    *settings.CHECKS,
    *texts.CHECKS,
    *tls.CHECKS,
    *tokens.CHECKS,
)

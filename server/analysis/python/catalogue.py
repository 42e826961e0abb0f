"""All checks for Python."""

from typing import Any

from server.analysis.python import (
    accounts,
    browser,
    bugs,
    calls,
    coroutines,
    credentials,
    crypto,
    debug,
    errors,
    files,
    flow,
    functions,
    injection,
    logs,
    passwords,
    randomness,
    requests,
    settings,
    storage,
    texts,
    tls,
    tokens,
)
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *accounts.CHECKS,
    *browser.CHECKS,
    *bugs.CHECKS,
    *calls.CHECKS,
    *coroutines.CHECKS,
    *credentials.CHECKS,
    *crypto.CHECKS,
    *debug.CHECKS,
    *errors.CHECKS,
    *files.CHECKS,
    *flow.CHECKS,
    *functions.CHECKS,
    *injection.CHECKS,
    *logs.CHECKS,
    *passwords.CHECKS,
    *randomness.CHECKS,
    *requests.CHECKS,
    *settings.CHECKS,
    *storage.CHECKS,
    *texts.CHECKS,
    *tls.CHECKS,
    *tokens.CHECKS,
)

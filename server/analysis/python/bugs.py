"""Checks for defects of Python code, in the modules that look for one family of them each."""

from typing import Any

from server.analysis.python import classes, concurrency, iteration, nones, operands, races, resources, results
from server.analysis.rule import Check

CHECKS: tuple[Check[Any], ...] = (
    *classes.CHECKS,
    *concurrency.CHECKS,
    *iteration.CHECKS,
    *nones.CHECKS,
    *operands.CHECKS,
    *races.CHECKS,
    *resources.CHECKS,
    *results.CHECKS,
)

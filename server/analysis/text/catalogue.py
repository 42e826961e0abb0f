"""All checks for plain text."""

from typing import Any

from server.analysis.config import frameworks, policies, protections
from server.analysis.rule import Check
from server.analysis.text import (
    accounts,
    archives,
    cookies,
    credentials,
    expressions,
    kept_passwords,
    links,
    mappers,
    marks,
    passwords,
    rights,
    secrets,
    trust,
)

CHECKS: tuple[Check[Any], ...] = (
    *accounts.CHECKS,
    *archives.CHECKS,
    *frameworks.CHECKS,
    *protections.CHECKS,
    *cookies.CHECKS,
    *credentials.CHECKS,
    *expressions.CHECKS,
    *kept_passwords.CHECKS,
    *links.CHECKS,
    *mappers.CHECKS,
    *marks.CHECKS,
    *passwords.CHECKS,
    *policies.CHECKS,
    *rights.CHECKS,
    *secrets.CHECKS,
    *trust.CHECKS,
)

"""Every check across files, in one place."""

from typing import Any

from server.analysis.project import ProjectCheck
from server.analysis.templates.escaping import ESCAPING


def project_checks() -> tuple[ProjectCheck[Any], ...]:
    """New ones at each call: a check may keep what it knows of a project between two reviews."""
    return (ESCAPING,)

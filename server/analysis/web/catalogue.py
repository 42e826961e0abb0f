"""All checks of web applications."""

from typing import Any

from server.analysis.project import ProjectCheck
from server.analysis.web.check import WEB

PROJECT_CHECKS: tuple[ProjectCheck[Any], ...] = (WEB,)

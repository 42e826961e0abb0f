"""Every check across files, in one place."""

from typing import Any

from server.analysis.flow.analysis import FlowAnalysis
from server.analysis.flow.check import flow_check
from server.analysis.javascript.access import ACCESS
from server.analysis.javascript.functions import FUNCTIONS
from server.analysis.project import ProjectCheck
from server.analysis.python.calls_across_files import CallsAcrossFiles, arguments_check
from server.analysis.templates.escaping import ESCAPING
from server.analysis.web.check import WebAnalysis, web_check


def project_checks() -> tuple[ProjectCheck[Any], ...]:
    """New ones at each call: a check may keep what it knows of a project between two reviews."""
    return (
        flow_check(FlowAnalysis()),
        ESCAPING,
        ACCESS,
        FUNCTIONS,
        arguments_check(CallsAcrossFiles()),
        web_check(WebAnalysis()),
    )

"""A real sandbox for tests, or the reason why this machine has none."""

from uuid import uuid4

import pytest

from server.agents.sandbox import Limits, Runner, Sandbox, SandboxUnavailable
from server.jobs.children import Children

MEBIBYTE = 1024 * 1024

try:
    SANDBOX: Sandbox | None = Sandbox.find()
    REASON = ""
except SandboxUnavailable as missing:
    SANDBOX, REASON = None, f"{missing}; {missing.hint}"

needs_sandbox = pytest.mark.skipif(SANDBOX is None, reason=REASON)


def a_runner(limits: Limits | None = None) -> Runner:
    assert SANDBOX is not None
    return Runner(SANDBOX, Children(uuid4()), limits)

"""What the stand-in of GitHub serves: a module for each group of endpoints, each with its table."""

from tests.github.answering import Endpoint
from tests.github.endpoints import (
    app,
    branches,
    checks,
    code_scanning,
    contents,
    conversation,
    deployments,
    git_data,
    issues,
    merging,
    pulls,
)

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    (endpoint.method, endpoint.path): endpoint
    for group in (
        app,
        branches,
        checks,
        code_scanning,
        contents,
        conversation,
        deployments,
        git_data,
        issues,
        merging,
        pulls,
    )
    for endpoint in group.ENDPOINTS
}

SERVED_PATHS = tuple(sorted({path for _, path in ENDPOINTS}))
"""GitHub's whole description has 1,223 operations and takes seconds to load."""

"""Who loads a hub runs in a process of its own, as clients do: what that says is one JSON value."""

import json
import sys
from typing import Any

from bench import environments


async def said_by(module: str, *arguments: str) -> Any:
    """Raises `PeerFailed`."""
    return json.loads(await environments.run(sys.executable, "-m", module, *arguments))

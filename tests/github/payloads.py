"""GitHub's own example deliveries, from npm `@octokit/webhooks-examples`."""

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

NODE_MODULES = Path(__file__).parent / "node_modules"


class Example(NamedTuple):
    """*name* is the event and its place among that event's examples: `pull_request-3`."""

    name: str
    event: str
    payload: dict[str, Any]


@functools.cache
def examples() -> tuple[Example, ...]:
    """All 329, of 58 events."""
    index = NODE_MODULES / "@octokit/webhooks-examples/api.github.com/index.json"
    if not index.exists():
        raise FileNotFoundError("GitHub's examples are not installed: npm ci --ignore-scripts --prefix tests/github")
    events = json.loads(index.read_bytes())
    return tuple(
        Example(f"{event['name']}-{place}", event["name"], payload)
        for event in events
        for place, payload in enumerate(event["examples"])
    )


def example(event: str, action: str) -> dict[str, Any]:
    """The first example of that event and action that came from an App's installation."""
    return next(
        e.payload
        for e in examples()
        if e.event == event and e.payload.get("action") == action and "installation" in e.payload
    )

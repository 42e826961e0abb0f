"""What nobody may say to the orchestrator: it would stand in Postgres, on people's screens, or in everybody's way."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from server.jobs.job import JobRequest, new_job_id
from server.jobs.wire import Beat, Outcomes, OutcomeType, ProgressTold, StateTold, Wish

ID = str(new_job_id())
REQUEST = {"kind": "review", "project": "github.com/o/r", "args": {}, "id": ID}
BEAT = {"agent_id": ID, "name": "review@host", "role": "agent", "queues": ["review"], "capacity": 8}
STATE = {"agent_id": ID, "state": "awake"}
PROGRESS = {"job_id": ID, "attempt": 1, "kind": "review", "project": "p", "done": 1, "total": 2, "note": ""}
OUTCOME = {"job_id": ID, "attempt": 1, "type": OutcomeType.FAILED}
WISH = {"job_ids": [ID], "by": "ann"}


@pytest.mark.parametrize(
    ("type_", "said", "odd"),
    [
        (JobRequest, REQUEST, {"kind": "k" * 301}),
        (JobRequest, REQUEST, {"project": "o\0r"}),
        (JobRequest, REQUEST, {"project": "p" * 301}),
        (JobRequest, REQUEST, {"requested_by": "\x1b[2Jann"}),
        (JobRequest, REQUEST, {"requested_by": "a" * 1_000_000}),
        (JobRequest, REQUEST, {"key": "k" * 301}),
        (JobRequest, REQUEST, {"concurrency_group": "g" * 301}),
        (JobRequest, REQUEST, {"delay_seconds": 1e308}),
        (JobRequest, REQUEST, {"delay_seconds": -1}),
        (JobRequest, REQUEST, {"run_at": "9999-12-31T23:59:59Z"}),
        (JobRequest, REQUEST, {"run_at": "0001-01-01T00:00:00+14:00"}),
        (JobRequest, REQUEST, {"run_at": "2026-11-22T12:00:00"}),
        (Beat, BEAT, {"name": "two\nlines"}),
        (Beat, BEAT, {"name": "n" * 301}),
        (Beat, BEAT, {"queues": ["one,two"]}),
        (Beat, BEAT, {"queues": [""]}),
        (Beat, BEAT, {"queues": ["q"] * 101}),
        (Beat, BEAT, {"capacity": -1}),
        (Beat, BEAT, {"capacity": 2**31}),
        (Beat, BEAT, {"held": [[ID, 2**31]]}),
        (Beat, BEAT, {"public_key": "A" * 100}),
        (StateTold, STATE, {"note": "a\0b"}),
        (ProgressTold, PROGRESS, {"done": 2**70}),
        (ProgressTold, PROGRESS, {"note": "n" * 301}),
        (Outcomes, OUTCOME, {"attempt": -1}),
        (Outcomes, OUTCOME, {"error": "a\0b"}),
        (Outcomes, OUTCOME, {"error": "e" * 4001}),
        (Outcomes, OUTCOME, {"error_class": "Error\x1b[31m"}),
        (Outcomes, OUTCOME, {"snooze_seconds": 1e308}),
        (Wish, WISH, {"job_ids": [ID] * 10_001}),
        (Wish, WISH, {"by": "\0"}),
    ],
)
def test_what_is_beyond_its_limits_is_refused(type_: type, said: Mapping[str, Any], odd: Mapping[str, Any]) -> None:
    msgspec.json.decode(_as_json(type_, said), type=type_)

    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(_as_json(type_, {**said, **odd}), type=type_)


def _as_json(type_: type, said: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"agent_id": ID, "outcomes": [said]} if type_ is Outcomes else said)

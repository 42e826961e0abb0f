"""What we and our extension say to each other beyond LSP: the hub's names and shapes are the extension's."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp import messages
from lsp.line import CONNECTION
from lsp.overview import JobNews, ShownAgent, ShownDocument, ShownFinding, ShownJob
from lsp.reviewing import Status
from server.jobs.job import Progress

PROTOCOL = (Path(__file__).parents[2] / "vscode-extension" / "src" / "protocol.ts").read_text()

SHAPES: dict[str, Any] = {
    "HiveStatus": Status,
    "CallersTold": messages.CallersTold,
    "Checkout": messages.CheckoutTold,
    "ThreadComment": messages.CommentTold,
    "PullRequestThread": messages.ThreadTold,
    "PullRequest": messages.PullRequestTold,
    "ConsentAsked": messages.ConsentAsked,
    "ConsentTold": messages.ConsentTold,
    "EditPart": messages.EditPart,
    "EditAsked": messages.EditAsked,
    "RunAsked": messages.RunAsked,
    "RunDone": messages.RunDone,
    "ShownFinding": ShownFinding,
    "ShownDocument": ShownDocument,
    "ShownJob": ShownJob,
    "ShownAgent": ShownAgent,
    "JobNews": JobNews,
    "Progress": Progress,
}


def test_both_sides_call_the_messages_alike() -> None:
    ours = {name for name in vars(messages).values() if isinstance(name, str) and "hive/" in name and " " not in name}

    assert ours | {CONNECTION} == set(re.findall(r"'((?:\$/)?hive/\w+)'", PROTOCOL))


@pytest.mark.parametrize("name", SHAPES)
def test_both_sides_mean_the_same_shape(name: str) -> None:
    interface = re.search(rf"^export interface {name} \{{\n(.*?)^\}}", PROTOCOL, re.MULTILINE | re.DOTALL)
    assert interface is not None

    theirs = re.findall(r"^  (\w+)\??: ", interface[1], re.MULTILINE)

    assert theirs == [field.encode_name for field in msgspec.structs.fields(SHAPES[name])]

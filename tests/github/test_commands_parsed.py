"""Which comments command something, and what."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs.job import JobRequest
from server.reviews.commands import (
    Command,
    CommandRef,
    Name,
    NotUnderstood,
    answer_body,
    help_text,
    is_answer_to,
    parse,
)
from tests.github.payloads import example
from webhooks.events import Declined, decide

SHA = "0123456789abcdef0123456789abcdef"

UNDERSTOOD = {
    "alone": ("/hive", Command(Name.HELP)),
    "help": ("/hive help", Command(Name.HELP)),
    "in capitals": ("/hive Review FULL", Command(Name.REVIEW)),
    "below other words": ("Thanks!\r\n\r\n  /hive config  \r\n\r\nBye", Command(Name.CONFIG)),
    "below a quote": ("> /hive review\n\n/hive help", Command(Name.HELP)),
    "below a block of code": ("```\n/hive review\n```\n/hive help", Command(Name.HELP)),
    "a dismissal": (f"/hive dismiss {SHA} It is a test.", Command(Name.DISMISS, SHA, "It is a test.")),
    "by some digits": ("/hive dismiss 0123ABC why", Command(Name.DISMISS, "0123abc", "why")),
    "in a thread": ("/hive dismiss It is a test.", Command(Name.DISMISS, "", "It is a test.")),
    "a reopening": (f"/hive reopen {SHA}", Command(Name.REOPEN, SHA)),
    "a merge": ("/hive merge", Command(Name.MERGE)),
    "a merge taken back": ("/hive merge Cancel", Command(Name.MERGE, cancel=True)),
    "a question": ("/hive ask Who\nchecks it?", Command(Name.ASK, question="Who\nchecks it?")),
    "a question by its mark": ("/hive Who checks it?", Command(Name.ASK, question="Who checks it?")),
    "an explanation": (f"/hive explain {SHA}", Command(Name.EXPLAIN, SHA)),
    "a fix": (f"/hive fix {SHA}", Command(Name.FIX, SHA)),
    "a fix in a thread": ("/hive fix", Command(Name.FIX)),
    "all fixes": ("/hive fix ALL", Command(Name.FIX, all=True)),
    "a description": ("/hive describe", Command(Name.DESCRIBE)),
    "without a name": ("/hive reopen", Command(Name.REOPEN)),
}


@pytest.mark.parametrize(("body", "command"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_a_command_stands_on_a_line_of_its_own(body: str, command: Command) -> None:
    assert parse(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "Nice!",
        "Try /hive review",
        "/hivemind review",
        "> /hive review",
        "```\n/hive review\n```",
        "~~~~\n~~~\n/hive review\n~~~~",
        "```\n/hive review",
        "    /hive review",
        "`/hive review`",
        "<!-- \n/hive review\n-->",
        "<!--\n/hive review",
    ],
)
def test_what_is_quoted_or_code_or_hidden_commands_nothing(body: str) -> None:
    assert parse(body) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("/hive frobnicate", "`frobnicate` is no command"),
        ("/hive `<b>@all", "`ball` is no command"),
        ("/hive review everything", "does not take that"),
        ("/hive dismis 0123abc It is fine.", "`dismis` is no command"),
        ("/hive fix it", "does not take that"),
        ("/hive ask", "Ask what?"),
        (f"/hive ask {'x' * 3501}", "longer than 3,500"),
        ("/hive explain it all", "does not take that"),
        ("/hive dismiss", "Say why"),
        (f"/hive dismiss {SHA}", "Say why"),
        (f"/hive dismiss {SHA} {'x' * 1001}", "longer than 1,000"),
        ("/hive review\n/hive help", "one command"),
    ],
)
def test_what_is_not_understood_is_told(body: str, why: str) -> None:
    told = parse(body)

    assert isinstance(told, NotUnderstood)
    assert why in told.why


@given(st.text(max_size=200).map(lambda text: f"/hive {text}") | st.text(alphabet="/hive dsm`~>\n\t0a", max_size=80))
def test_whatever_is_written_is_read_and_never_repeated_as_a_command(body: str) -> None:
    read = parse(body)

    assert read is None or msgspec.json.decode(msgspec.json.encode(read), type=Command | NotUnderstood) == read
    if isinstance(read, NotUnderstood):
        assert parse(answer_body("comment 1", help_text(read.why))) is None


def test_an_answer_names_its_comment() -> None:
    assert is_answer_to(answer_body("comment 42", "Done."), "comment 42")
    assert not is_answer_to(answer_body("comment 42", "Done."), "comment 4")
    assert not is_answer_to(f"> {answer_body('comment 42', 'Done.')}", "comment 42")


def said(body: str, event: str = "issue_comment", **changes: Any) -> dict[str, Any]:
    payload = copy.deepcopy(example(event, "created"))
    payload["comment"] |= {"body": body} | changes
    if event == "issue_comment":
        payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/1"}
    return dict(payload)


def test_a_command_in_the_conversation_is_one_job() -> None:
    payload = said("/hive help")

    request = decide("issue_comment", payload)

    assert isinstance(request, JobRequest)
    ref = msgspec.json.decode(request.args, type=CommandRef)
    assert (request.kind, ref.command, ref.thread_id) == ("comment.command", Command(Name.HELP), None)
    assert (ref.login, ref.number) == ("Codertocat", payload["issue"]["number"])
    assert request.key == f"Codertocat/Hello-World#{ref.number} comment {ref.comment_id}"


def test_a_command_in_a_thread_is_answered_where_the_thread_began() -> None:
    request = decide("pull_request_review_comment", said("/hive help", "pull_request_review_comment", in_reply_to_id=7))

    assert isinstance(request, JobRequest)
    ref = msgspec.json.decode(request.args, type=CommandRef)
    assert ref.thread_id == 7
    assert request.key == f"Codertocat/Hello-World#{ref.number} line comment {ref.comment_id}"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (said("Nice!"), "asks nothing of us"),
        (said("/hive help") | {"action": "edited"}, "edits are not heard"),
        (said("/hive help") | {"sender": {"login": "x", "type": "Bot"}}, "bots command nothing"),
        (said("/hive help") | {"sender": {"login": "../..", "type": "User"}}, "not as GitHub describes"),
        (said("/hive help") | {"issue": {"number": 1}}, "said of an issue"),
    ],
    ids=["nothing", "edited", "a bot", "no name", "an issue"],
)
def test_other_comments_begin_no_job(payload: dict[str, Any], reason: str) -> None:
    declined = decide("issue_comment", payload)

    assert isinstance(declined, Declined)
    assert reason in declined.reason

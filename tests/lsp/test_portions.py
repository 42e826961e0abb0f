"""A long message is read a portion at a time, and means what it meant."""

import json
from typing import Any

import pytest

from lsp.framing import MAX_WHOLE_BYTES, NotJson, Refused
from lsp.portions import MAX_OURS, MAX_PORTION, SHORT_BYTES, about, messages_in

URI = "file:///a%20b.py"
DOCUMENT = {"uri": URI, "version": 7}
HERE = {"start": {"line": 1, "character": 2}, "end": {"line": 3, "character": 4}}
CHANGES: list[dict[str, Any]] = [{"range": HERE, "text": f"{number}"} for number in range(3_000)]
FILES: list[dict[str, Any]] = [{"uri": f"file:///{number}.py", "type": 1 + number % 3} for number in range(3_000)]
ITEM = {"uri": URI, "languageId": "python", "version": 1, "text": "x,[{\n" * SHORT_BYTES}

IN_PORTIONS = {
    "changes": ("textDocument/didChange", {"textDocument": DOCUMENT}, "contentChanges", CHANGES),
    "a whole text among them": (
        "textDocument/didChange", {"textDocument": DOCUMENT}, "contentChanges", [*CHANGES, {"text": "all"}, *CHANGES],
    ),
    "files": ("workspace/didChangeWatchedFiles", {}, "changes", FILES),
}  # fmt: skip


def a_message(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


@pytest.mark.parametrize("case", IN_PORTIONS)
@pytest.mark.parametrize("carried", ["bytes", "text"])
def test_very_many_changes_come_as_messages_of_some_of_them(case: str, carried: str) -> None:
    method, rest, name, changes = IN_PORTIONS[case]
    frame = json.dumps(a_message(method, {**rest, name: changes}))

    messages = list(messages_in(frame.encode() if carried == "bytes" else frame))

    assert {message["method"] for message in messages} == {method}
    assert all({**message["params"], name: None} == {**rest, name: None} for message in messages)
    assert [change for message in messages for change in message["params"][name]] == changes
    assert max(len(message["params"][name]) for message in messages) <= MAX_PORTION


HALF = {"text": "\ud800" + "," * SHORT_BYTES}
WHOLE = {
    "a file": a_message("textDocument/didOpen", {"textDocument": ITEM}),
    "one change of very much": a_message(
        "textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": [ITEM]}
    ),
    "few changes": a_message("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": CHANGES[:9]}),
    "half a surrogate pair": a_message("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": [HALF]}),
    "a question": {**a_message("x", {"text": ITEM["text"]}), "id": 5},
}


@pytest.mark.parametrize("case", WHOLE)
def test_any_other_message_stays_one(case: str) -> None:
    (message,) = messages_in(json.dumps(WHOLE[case]))

    if case == "one change of very much":
        assert message["params"]["contentChanges"] == [{"text": ITEM["text"]}]
    elif case == "half a surrogate pair":
        assert message["params"]["contentChanges"] == [{"text": HALF["text"].replace("\ud800", "\ufffd")}]
    else:
        assert message == WHOLE[case]


def test_of_what_is_asked_about_code_actions_only_our_diagnostics_are_read() -> None:
    ours = {"range": HERE, "message": "m", "source": "hive", "data": {"fingerprint": "a"}}
    context = {"diagnostics": [{"range": HERE, "message": "m", "source": "eslint"}, ours] * 5_000, "only": ["quickfix"]}
    params = {"textDocument": DOCUMENT, "range": HERE, "context": context}

    (message,) = messages_in(json.dumps({**a_message("textDocument/codeAction", params), "id": 5}))

    expected = {**params, "context": {"diagnostics": [ours] * MAX_OURS, "only": ["quickfix"]}}
    assert message == {**a_message("textDocument/codeAction", expected), "id": 5}


NO_MESSAGES = {
    "another protocol": json.dumps({**WHOLE["a file"], "jsonrpc": "1.0"}),
    "no list of changes": json.dumps(
        a_message("textDocument/didChange", {"contentChanges": 1, "x": [1] * SHORT_BYTES})
    ),
    "cut": json.dumps(WHOLE["a file"])[:-1],
    "a deep nest": '{"jsonrpc":"2.0","method":"textDocument/didChange","params":' + "[" * SHORT_BYTES,
    "a deep nest of changes": json.dumps(a_message("textDocument/didChange", {"contentChanges": 0})).replace(
        "0}", "[" * SHORT_BYTES + "]" * SHORT_BYTES + "}"
    ),
    "a question of many parts": json.dumps({**a_message("x", [0] * SHORT_BYTES), "id": 5}),
    "a change of many parts": json.dumps(
        a_message("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": [[0] * SHORT_BYTES]})
    ),
    "a question of very much": json.dumps({**a_message("x", "x" * MAX_WHOLE_BYTES), "id": 5}),
}


@pytest.mark.parametrize("case", NO_MESSAGES)
def test_what_cannot_be_read_in_a_moment_is_refused(case: str) -> None:
    with pytest.raises((NotJson, Refused)) as refused:
        list(messages_in(NO_MESSAGES[case]))

    if "question" in case:
        assert isinstance(refused.value, Refused)
        assert refused.value.request == 5, "who asks must be answered"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (WHOLE["a file"], URI),
        (WHOLE["few changes"], URI),
        (a_message("textDocument/didOpen", {"textDocument": {"uri": 'a"b', "text": ""}}), 'a"b'),
        (a_message("x", {"text": '"method":"textDocument/didOpen","uri":"file:///x"', "uri": URI}), None),
        (a_message("textDocument/didOpen", {"textDocument": {"text": '"uri":"file:///x"', "uri": URI}}), URI),
        (a_message("textDocument/didOpen", {"textDocument": {}}), None),
    ],
    ids=["a file", "changes", "a quote in it", "neither", "its text names another", "none named"],
)
def test_of_a_message_that_is_refused_the_document_is_known(message: dict[str, Any], expected: str | None) -> None:
    assert about(json.dumps(message).encode()[: 64 * 1024]) == expected

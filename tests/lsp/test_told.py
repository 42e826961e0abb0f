"""What another hub is told, and what an editor hears when the first one is gone."""

from typing import Any

import pytest

from lsp.told import INTRODUCTION, MAX_MESSAGES, Told

INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
ACCEPTED = {"jsonrpc": "2.0", "id": 1, "result": {"capabilities": {"positionEncoding": "utf-8"}}}


@pytest.fixture
def told() -> Told:
    told = Told()
    told.note(INITIALIZE)
    told.answered(ACCEPTED)
    return told


def says(method: str, number: int | None = None, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", **({"id": number} if number else {}), "method": method, "params": params}


def opened(uri: str, text: str = "one\n") -> dict[str, Any]:
    return says("textDocument/didOpen", textDocument={"uri": uri, "languageId": "python", "version": 1, "text": text})


def typed(uri: str, version: int, column: int, text: str) -> dict[str, Any]:
    at = {"line": 0, "character": column}
    change = {"range": {"start": at, "end": at}, "text": text}
    return says("textDocument/didChange", textDocument={"uri": uri, "version": version}, contentChanges=[change])


def test_only_what_still_holds_is_told_again(told: Told) -> None:
    kept = [
        says("initialized"),
        says("workspace/didChangeWorkspaceFolders", event={}),
        opened("a"),
        typed("a", 2, 0, "x"),
    ]
    for message in (*kept, says("hive/trust", trusted=False), opened("b"), says("textDocument/hover", 7)):
        told.note(message)
    told.note(says("textDocument/didClose", textDocument={"uri": "b"}))
    told.note(says("hive/trust", trusted=True))
    told.answered({"jsonrpc": "2.0", "id": 7, "result": None})
    told.note(says("textDocument/codeAction", 8))

    first, *others = told.again()

    assert first == {**INITIALIZE, "id": INTRODUCTION}
    initialized, folders, *document = kept
    asked = says("textDocument/codeAction", 8)
    assert others == [initialized, says("hive/trust", trusted=True), folders, *document, asked]


def test_who_was_never_let_in_is_not_told_of() -> None:
    told = Told()
    told.note(INITIALIZE)
    assert not told.can_be_told_again

    told.answered({"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": "who?"}})

    assert not told.can_be_told_again


def test_a_command_that_was_under_way_fails_and_its_progress_ends(told: Told) -> None:
    told.note(says("workspace/executeCommand", 5, command="hive.fixAll"))
    for token, kind in (("a", "begin"), ("b", "begin"), ("b", "end")):
        told.answered(says("$/progress", token=token, value={"kind": kind}))

    failed, ended = told.lost()

    assert (failed["id"], failed["error"]["code"]) == (5, -32803)
    assert ended["params"] == {"token": "a", "value": {"kind": "end", "message": "the hub was restarted"}}
    assert list(told.lost()) == []


def test_a_review_that_was_under_way_goes_on_at_the_next_hub_but_not_at_a_third(told: Told) -> None:
    review = says("workspace/executeCommand", 5, command="hive.reviewWorkspace", workDoneToken="a")
    told.note(review)
    told.answered(says("$/progress", token="a", value={"kind": "begin"}))

    assert list(told.lost()) == []
    assert list(told.again())[-1] == review

    failed, ended = told.lost()
    assert (failed["id"], ended["params"]["value"]["kind"]) == (5, "end")
    assert review not in told.again()


def test_what_is_taken_back_while_there_is_no_hub_is_not_asked_again(told: Told) -> None:
    told.note(says("textDocument/hover", 7))

    answer = told.cancelled(says("$/cancelRequest", id=7))

    assert answer is not None
    assert (answer["id"], answer["error"]["code"]) == (7, -32800)
    assert told.cancelled(says("$/cancelRequest", id=7)) is None
    assert len(list(told.again())) == 1


def test_a_document_in_which_much_was_typed_is_told_as_it_is_now(told: Told) -> None:
    told.note(opened("file:///a.py", "é\n"))
    for version in range(2, MAX_MESSAGES + 2):
        told.note(typed("file:///a.py", version, 2, "x"))

    _, *messages = told.again()

    assert len(messages) == 1
    item = messages[0]["params"]["textDocument"]
    assert item["text"] == "é" + "x" * MAX_MESSAGES + "\n"
    assert item["version"] == MAX_MESSAGES + 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"method": 7},
        {"id": [], "method": "x"},
        {"method": "textDocument/didOpen", "params": []},
        {"method": "textDocument/didChange", "params": {"textDocument": {"uri": {}}}},
        {"method": "$/cancelRequest", "params": {"id": {}}},
        {"method": "$/progress", "params": {"token": "x", "value": 7}},
    ],
    ids=str,
)
def test_odd_messages_are_passed_over(told: Told, message: dict[str, Any]) -> None:
    told.note(message)
    told.answered(message)

    assert told.cancelled(message) is None
    assert len(list(told.again())) == 1

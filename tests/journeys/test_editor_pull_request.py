"""A pull request in the editor with its branch: from the review to what a person, and then a program, does there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from tests.journeys.scene import CODE, PROJECT, RULES, Scene
from tests.lsp.wire import Editor

pytestmark = pytest.mark.journey

Json = dict[str, Any]

IDE = "/api/v1/ide/vscode"


@pytest.fixture
async def editor(scene: Scene) -> AsyncIterator[Editor]:
    """One that draws threads itself."""
    scene.github.permissions["contents"] = "write"
    scene.project.branch("feature")
    editor = await Editor.connect(scene.hub.lsp[1])
    options = {"pull_requests": True, "programs": True, "trusted": True}
    await editor.start(scene.hub.token, scene.project.directory, options=options)
    yield editor
    await editor.close()


async def told(editor: Editor, matches: Callable[[Json], bool]) -> Json:
    """The first notification that matches, of those heard from now on or since the last of these."""

    def is_meant(message: Json) -> bool:
        return message.get("method") == "$/hive/pullRequest" and matches(message["params"])

    params: Json = (await editor.until(is_meant))["params"]
    return params


async def command(editor: Editor, name: str, *arguments: str) -> Json:
    done: Json = await editor.ask("workspace/executeCommand", {"command": name, "arguments": [*arguments]})
    return done


async def test_a_review_shows_in_the_editor_and_what_is_dismissed_there_is_dismissed_on_the_pull_request(
    scene: Scene, editor: Editor
) -> None:
    await told(editor, lambda pull: "no pull request" in pull["note"])

    # Opened and reviewed: the editor is told without asking.
    scene.project.commit({"shop.py": CODE})
    payload = await scene.github.open_pull_request(scene.repository, head="feature")
    await scene.reviewed(scene.github.signed_delivery("pull_request", payload))
    pull = await told(editor, lambda pull: len(pull["threads"]) == len(RULES))
    threads = {thread["start_line"] + 1: thread for thread in pull["threads"]}
    assert threads.keys() == RULES.keys()
    assert (pull["number"], pull["head_sha"], pull["reviewed_sha"]) == (1, scene.head_sha, scene.head_sha)
    assert all(thread["is_exact"] and thread["comments"][0]["is_ours"] for thread in threads.values())

    # Dismissed in the editor: everywhere, and its thread is resolved.
    dismissed = threads[14]
    assert (await command(editor, "hive.dismissThread", dismissed["id"], "Only a demo runs it."))["done"]
    await told(editor, lambda pull: [t["id"] for t in pull["threads"] if t["is_resolved"]] == [dismissed["id"]])
    assert {f"PRRT_{number}" for number in scene.github.resolved(scene.repository, 1)} == {dismissed["id"]}
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&status=dismissed")
    (known,) = page["findings"]
    assert (known["finding"]["fingerprint"], known["dismissal"]["by"]) == (dismissed["fingerprint"], "local")

    # A reply is a comment on the pull request.
    assert await command(editor, "hive.replyToThread", threads[10]["id"], "It is asked by us.") == {
        "done": True,
        "note": "",
    }
    assert "It is asked by us." in scene.comments()[-1]["body"]

    # A push that mends something is reviewed: the editor sees it.
    await scene.reviewed(await scene.push({"shop.py": CODE.replace("seen=[]", "seen=()")}))
    pull = await told(editor, lambda pull: pull["reviewed_sha"] == scene.head_sha)
    assert {t["id"] for t in pull["threads"] if t["is_resolved"]} == {dismissed["id"], threads[4]["id"]}

    # A program, with a key of its own, mends the rest in the editor: the person is asked, and it is written down.
    editor.answers_requests = False
    _, made = await scene.hub.call("POST", "/api/v1/keys", {"name": "robot", "scopes": ["write"]})
    program = partial(scene.hub.call, token=made["token"])
    connecting = asyncio.create_task(program("POST", f"{IDE}/connect", {"why": "to mend shop.py"}))
    assert "to mend shop.py" in (await answer(editor, "hive/consent", {"allowed": True}))["text"]
    _, seen = await connecting
    change = {"start_line": 10, "start_column": 12, "end_line": 10, "end_column": 16, "old_text": "eval"}
    edit = {"editor": seen["id"], "path": "shop.py", "changes": [change | {"new_text": "int"}]}
    editing = asyncio.create_task(program("POST", f"{IDE}/edit-file", edit))
    await answer(editor, "hive/consent", {"allowed": True}, kind="edit")
    asked = await answer(editor, "hive/editFile", {"applied": True, "reason": ""})
    assert asked["edits"][0]["old_text"] == "eval"
    assert await editing == (200, {"applied": True, "reason": ""})
    status, refused = await program("POST", f"{IDE}/run-command", {"editor": seen["id"], "argv": ["rm", "-r", "."]})
    assert (status, "HIVE_IDE_COMMANDS" in refused["hint"]) == (403, True)
    _, page = await scene.hub.call("GET", f"{IDE}/audit")
    assert [(one["act"], one["outcome"], one["asker_name"]) for one in page["audit"]] == [
        ("run", "refused", "robot"),
        ("edit", "done", "robot"),
        ("consent", "done", "robot"),
        ("connect", "done", "robot"),
        ("consent", "done", "robot"),
    ]


async def answer(editor: Editor, method: str, result: Json, **wanted: str) -> Json:
    """Of the request of that method whose params are as wanted: its params."""

    def is_meant(message: Json) -> bool:
        return message.get("method") == method and wanted.items() <= message["params"].items()

    asked = await editor.until(is_meant)
    editor.send({"id": asked["id"], "result": result})
    params: Json = asked["params"]
    return params
